"""History: a carrier's letters, newest first, what came of them, and how many wait or are dead."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from feedback import pages
from feedback.delivery import outbox
from feedback.delivery.models import Attempt, Carrier, Letter, Means
from feedback.pages import Page, Place, Seen

#: Up to how many letters are counted.
MOST = 1000
#: How many carriers are asked about in one statement.
_TOGETHER = 100
#: Written out, not bound: so a database sees that its index of the dead serves.
_IS_DEAD = Letter.state == sa.literal_column("'dead'")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many letters of a carrier wait and are dead; one more than `MOST` stands for more."""

    waiting: int
    dead: int


def letters(
    session: Session, carrier_id: int, place: Place | None, limit: int, *, dead: bool = False
) -> Page[Letter]:
    """Give a page of a carrier's letters, or of its dead ones."""
    mine = sa.select(Letter).where(Letter.carrier_id == carrier_id)
    mine = mine.where(_IS_DEAD) if dead else mine

    def look(at: Place | None, most: int) -> Seen[Letter]:
        return pages.cut(list(session.scalars(_from(at, mine, most))), most)

    return pages.page(look, place, limit)


def _from(place: Place | None, mine: sa.Select[Letter], most: int) -> sa.Select[Letter]:
    """Select letters from a place on, and one more than `most`."""
    if place is not None and place.newer:
        return mine.where(Letter.id > place.id).order_by(Letter.id).limit(most + 1)
    mine = mine if place is None else mine.where(Letter.id < place.id)
    return mine.order_by(Letter.id.desc()).limit(most + 1)


def last_tries(session: Session, some: Sequence[Letter]) -> Mapping[int, Attempt]:
    """Give the last attempt of each of these letters that was tried, by the letter's id."""
    newest = (
        sa.select(sa.func.max(Attempt.id))
        .where(Attempt.letter_id.in_([letter.id for letter in some]))
        .group_by(Attempt.letter_id)
    )
    found = session.scalars(sa.select(Attempt).where(Attempt.id.in_(newest)))
    return {attempt.letter_id: attempt for attempt in found} if some else {}


def letter(session: Session, site_id: int, letter_id: int) -> Letter | None:
    """Give a letter of a site with its carrier, None where there is none; the post's are not."""
    return session.scalar(
        sa.select(Letter)
        .join(Letter.carrier)
        .where(Letter.id == letter_id, Carrier.site_id == site_id, Carrier.means != Means.POST)
        .options(contains_eager(Letter.carrier))
    )


def tallies(session: Session, carrier_ids: Iterable[int]) -> Mapping[int, Tally]:
    """Count what waits and what is dead, by the carrier's id."""
    found: dict[int, Tally] = {}
    ids = list(carrier_ids)
    for first in range(0, len(ids), _TOGETHER):
        some = map(_tally, ids[first : first + _TOGETHER])
        for each, waiting, lost in session.execute(sa.union_all(*some)):
            found[each] = Tally(waiting, lost)
    return found


def _tally(carrier_id: int) -> sa.Select[int, int, int]:
    waits = Letter.due_at.is_not(None)
    return sa.select(
        sa.literal(carrier_id, sa.BigInteger),
        _up_to(carrier_id, waits),
        _up_to(carrier_id, _IS_DEAD),
    )


def _up_to(carrier_id: int, which: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    some = sa.select(Letter.id).where(Letter.carrier_id == carrier_id, which).limit(MOST + 1)
    return sa.select(sa.func.count()).select_from(some.subquery()).scalar_subquery()


def dead(session: Session, carrier_id: int, most: int) -> Sequence[Letter]:
    """Give a carrier's oldest dead letters, at most so many."""
    mine = sa.select(Letter).where(Letter.carrier_id == carrier_id, _IS_DEAD)
    return session.scalars(mine.order_by(Letter.id).limit(most)).all()


def replay_dead(session: Session, carrier_id: int, at: datetime, most: int) -> int:
    """Carry a carrier's oldest dead letters once more; give how many. The caller commits."""
    some = dead(session, carrier_id, most)
    for each in some:
        outbox.replay(session, each, at)
    return len(some)


def drop_dead(session: Session, carrier_id: int, at: datetime, most: int) -> int:
    """Let a carrier's oldest dead letters go nowhere; give how many. The caller commits."""
    some = dead(session, carrier_id, most)
    for each in some:
        outbox.drop(each, at)
    return len(some)


def in_trouble(site_id: int) -> sa.Select[int]:
    """Select the ids of a site's carriers that are off by themselves or have dead letters."""
    lost = sa.select(Letter.id).where(Letter.carrier_id == Carrier.id, _IS_DEAD)
    off = Carrier.off_at.is_not(None) & (Carrier.off_why != "")
    return (
        sa.select(Carrier.id)
        .where(Carrier.site_id == site_id, Carrier.means != Means.POST, off | lost.exists())
        .order_by(Carrier.id)
    )


def masked(carrier: Carrier, text: str) -> str:
    """Take out of a text what a carrier's address keeps secret."""
    if carrier.means is Means.MAIL:
        return text
    text = text.replace(carrier.address, carrier.place)
    for part in _secrets(carrier):
        text = text.replace(part, "…")
    return text


#: A part of an address that is so long may be a secret.
_LONG = 9


def _secrets(carrier: Carrier) -> Iterator[str]:
    """Give the parts of an address that may be secrets, longest first."""
    scheme, _, rest = carrier.address.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2] if scheme in {"http", "https"} else ""
    parts = {rest, rest.removeprefix(host)}
    for mark in "/?&=@:":
        parts = {piece for part in parts for piece in part.split(mark)} | parts
    yield from sorted(
        (part for part in parts if len(part) >= _LONG and part != host and part not in host),
        key=len,
        reverse=True,
    )
