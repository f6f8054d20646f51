"""Mail: whatever letters quote, it has our headers, parts and elements, and leads home."""

import random
from collections.abc import Callable
from functools import cache

from feedback.delivery.notifiers import mail
from fuzzing.drawn import Drawn
from fuzzing.letters import app, drawing, parcel
from tests import letters, outlets

#: How many plain letters of a kind tell what its mails are made of.
USUAL = 60


def check(data: bytes) -> None:
    """Put a letter into a mail and read it as a program for mail does."""
    drawn = Drawn(data)
    kind = drawn.choice(sorted(letters.BODIES))
    headers, patterns = _usual(kind)

    written = _written(kind, drawing(drawn))

    faults = outlets.mail_faults(written, patterns, headers)
    assert faults == [], faults
    written.decode("ascii")
    assert max(map(len, written.splitlines())) <= 998


def _written(kind: str, say: Callable[[str], str]) -> bytes:
    with app().app_context():
        told = parcel(kind, say)
        return bytes(mail.message(told, letters.an_office(), told.address))


@cache
def _usual(kind: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Give the headers of letters that quote nothing odd, and what their pages are made of."""
    chance = random.Random(1)
    plain = [_written(kind, _plainly(chance)) for _ in range(USUAL)]
    patterns = frozenset[str]().union(*map(outlets.mail_patterns, plain))
    return tuple(outlets.read_mail(plain[0]).keys()), patterns


def _plainly(chance: random.Random) -> Callable[[str], str]:
    return lambda text: chance.choice([text, text, "", "word", "en", "two words"])
