"""`feedback recheck`: look at articles now."""

import logging
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import click
import sqlalchemy as sa

from feedback import addresses, signals, sites
from feedback.addresses import BadAddress
from feedback.articles.looking import Failed, Read
from feedback.articles.models import Article
from feedback.cli.installation import opened
from feedback.config import Settings
from feedback.db import db
from feedback.notations import OFF
from feedback.worker import rounds
from feedback.worker.looks import Looked
from feedback.worker.rounds import Stop

#: What is told of spots, in this order: as `desk.rechecks.Concluded` calls it.
_SEEN = ("still", "changed", "gone", "unsure")
_DONE = ("fixed", "reopened", "merged")


@dataclass(slots=True)
class Totals:
    """What came of a round."""

    looks: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    spots: Counter[str] = field(default_factory=Counter)

    def add(self, looked: Looked) -> None:
        """Count a look."""
        self.looks[_outcome(looked)] += 1
        if isinstance(looked.found, Failed):
            self.failures[looked.found.kind.value] += 1
        for name in (*_SEEN, *_DONE):
            self.spots[name] += getattr(looked.concluded, name, 0)

    @property
    def had(self) -> int:
        """How many articles could be looked at."""
        return self.looks["read"] + self.looks["unchanged"]

    def __str__(self) -> str:
        reasons = ", ".join(f"{n} {kind}" for kind, n in self.failures.most_common())
        why = f" ({reasons})" if reasons else ""
        articles = ", ".join(f"{self.looks[name]} {name}" for name in ("read", "unchanged"))
        seen, done = (
            ", ".join(f"{self.spots[name]} {name}" for name in names) for names in (_SEEN, _DONE)
        )
        failed = f"{self.looks['failed']} failed{why}"
        return f"Articles: {articles}, {failed}. Spots: {seen}; {done}."


@click.command()
@click.option("--site", "site_name", help="Only the articles of this site.")
@click.option("--article", "address", help="Only the article at this address, whatever its spots.")
def recheck(site_name: str | None, address: str | None) -> None:
    """Look at articles now: what do they say of their spots?

    At all articles with spots that wait, are accepted or fixed, whether or not they are due. Hosts
    are visited as politely as ever, so many articles of one host take their time. Ctrl+C ends it
    after the article at hand; the next round begins with those that are left.
    """
    with opened() as app:
        logging.getLogger("feedback.looks").setLevel(logging.WARNING)  # we tell it ourselves
        db.only_reads()
        site_id = sites.named(db.session, site_name).id if site_name else None
        stops = _article(address, site_id) if address else _all(site_id)
        db.writes_too()
        if not stops:
            click.echo("No article has a spot that waits, is accepted or was fixed: nothing to do.")
            return
        settings: Settings = app.extensions["settings"]
        click.echo(_announced(stops, settings))
        _conclude(_go(stops), stops, settings)


def _all(site_id: int | None) -> list[Stop]:
    return [Stop(*row) for row in db.session.execute(rounds.wanted(site_id))]


def _article(text: str, site_id: int | None) -> list[Stop]:
    """Find one article as reports name it. Raises BadAddress."""
    try:
        address = addresses.parse(text).article
    except BadAddress as error:
        raise BadAddress(f"{text!r} {error}") from None
    known = sa.select(Article.id, Article.address).where(Article.address == address)
    if site_id is not None:
        known = known.where(Article.site_id == site_id)
    stops = [Stop(*row) for row in db.session.execute(known)]
    if not stops:
        raise click.ClickException(
            f"no reader has reported on {address}; take the address from the spot's page at the"
            " desk, for a page may name another one as its own"
        )
    return stops


def _announced(stops: Sequence[Stop], settings: Settings) -> str:
    hosts = len({stop.origin for stop in stops})
    seconds = rounds.estimate(stops, settings.fetch_pause)
    off = "" if settings.check_delays else f" FEEDBACK_CHECK_DELAYS is {OFF}: only this once."
    text = f"{_counted(len(stops), 'article')} on {_counted(hosts, 'host')}"
    if seconds < 90:
        return f"{text}.{off}"
    return f"{text}: the pauses alone take {round(seconds / 60)} minutes.{off}"


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _go(stops: Sequence[Stop]) -> Totals:
    """Make the round, and tell how it goes."""
    totals = Totals()
    with _stopping() as stopping:
        looks = rounds.go(stops, stopping)
        for looked in _told(looks, len(stops)):
            totals.add(looked)
    return totals


def _told(looks: Iterator[Looked], length: int) -> Iterable[Looked]:
    """Show a bar on a terminal, and a line for each look elsewhere."""
    if sys.stdout.isatty():
        with click.progressbar(looks, length=length, label="Articles", show_pos=True) as bar:
            yield from bar
    else:
        for looked in looks:
            click.echo(_line(looked))
            yield looked


def _line(looked: Looked) -> str:
    """Tell of one look: what was found, and how many spots it says what of."""
    if isinstance(looked.found, Failed):
        return f"{looked.address}\tfailed: {looked.found.kind}, {looked.found.detail}"
    counts = [(getattr(looked.concluded, name), name) for name in (*_SEEN, *_DONE)]
    spots = ", ".join(f"{n} {name}" for n, name in counts if n)
    return f"{looked.address}\t{_outcome(looked)}: {spots or 'no spots'}"


def _outcome(looked: Looked) -> str:
    if isinstance(looked.found, Failed):
        return "failed"
    return "read" if isinstance(looked.found, Read) else "unchanged"


def _conclude(totals: Totals, stops: Sequence[Stop], settings: Settings) -> None:
    """Say what came of the round, and what is next. Fails if nothing could be looked at."""
    tried = totals.looks.total()
    if not totals.had:
        why = ", ".join(f"{n} {kind}" for kind, n in totals.failures.most_common())
        raise click.ClickException(f"no article could be looked at: {why or 'stopped before'}")
    click.echo(str(totals))
    if tried < len(stops):
        left = _counted(len(stops) - tried, "article")
        click.echo(f"Next: feedback recheck goes on with the {left} that are left")
    else:
        click.echo(f"Next: {settings.base_url}/desk/ (what two looks find changed is fixed)")


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Give what the first SIGINT or SIGTERM sets; a second one ends the command at once."""
    stopping = threading.Event()
    set_stopping = signals.setter(stopping)
    numbers = (signal.SIGINT, signal.SIGTERM)
    before: dict[signal.Signals, Any] = {each: signal.getsignal(each) for each in numbers}

    def stop(number: int, _frame: FrameType | None) -> None:
        set_stopping()
        signal.signal(number, before[signal.Signals(number)])

    for each in numbers:
        signal.signal(each, stop)
    try:
        yield stopping
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


COMMANDS = (recheck,)
