"""Rounds: many articles are looked at now, one after another, because a person asks.

As polite as the worker, and beside it:

1. The articles of each host stand in a line. The line whose host is free first is next.
2. An article that a worker is looking at goes to the end of its line.
3. A host that is busy for a moment is waited for; one that asked for more is left alone, and its
   articles have failed by that.
"""

import heapq
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from feedback import addresses
from feedback.articles import hosts, schedule
from feedback.articles.looking import Failed, Failure
from feedback.articles.models import Article, Host
from feedback.articles.robots import Robots
from feedback.db import db, now
from feedback.reports.models import Spot, Status
from feedback.worker import looks
from feedback.worker.looks import Looked, Turn

#: The spots for which a round is made.
MATTERING = (Status.WAITING, Status.SNOOZED, Status.ACCEPTED, Status.FIXED)
#: How long a host is waited for. No pause is longer, so it has asked to be left alone.
_PATIENCE = timedelta(minutes=2)
#: How long to leave an article that a worker is looking at.
_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Stop:
    """An article on a round."""

    article_id: int
    address: str

    @property
    def origin(self) -> str:
        """The host that is visited for it."""
        return addresses.parse(self.address).origin


@dataclass(order=True, slots=True)
class _Line:
    """The articles of one host that are still to be looked at."""

    ready: datetime
    origin: str
    stops: deque[Stop] = field(compare=False)


def wanted(site_id: int | None = None) -> sa.Select[int, str]:
    """Select the id and address of all articles, or a site's, with spots that matter.

    What was not looked at for longest comes first: a round that was ended goes on in the next.
    """
    spots = sa.select(Spot.id).where(Spot.article_id == Article.id, Spot.status.in_(MATTERING))
    articles = sa.select(Article.id, Article.address).where(spots.exists())
    if site_id is not None:
        articles = articles.where(Article.site_id == site_id)
    return articles.order_by(Article.looked_at.asc().nulls_first(), Article.id)


def estimate(stops: Sequence[Stop], pause: float) -> float:
    """Give the seconds that the pauses of a round take: those of the host with most of them."""
    count = Counter(stop.origin for stop in stops)
    asking = sa.select(Host.origin, Host.robots).where(Host.robots.icontains("crawl-delay"))
    with db.reading.connect() as connection:
        rows = [row for row in connection.execute(asking) if row.origin in count]
    asked = {row.origin: min(Robots(row.robots).delay, hosts.LONGEST) for row in rows}
    return max((n * max(pause, asked.get(host, 0.0)) for host, n in count.items()), default=0.0)


def go(stops: Sequence[Stop], stopping: threading.Event) -> Iterator[Looked]:
    """Look at all these articles; give each look as it is made. Ends early once `stopping` is set.

    Needs an application context. Commits.
    """
    lines: dict[str, deque[Stop]] = defaultdict(deque)
    for stop in stops:
        lines[stop.origin].append(stop)
    waiting = [_Line(now(), origin, line) for origin, line in lines.items()]
    heapq.heapify(waiting)
    while waiting and not stopping.is_set():
        line = heapq.heappop(waiting)
        wait = line.ready - now()
        if wait <= _PATIENCE and stopping.wait(max(0.0, wait.total_seconds())):
            return
        yield from _advance(line)
        if line.stops:
            heapq.heappush(waiting, line)


def _advance(line: _Line) -> Iterator[Looked]:
    """Look at the first article of a line if that can be, and say when the line is ready again."""
    free = _free(line.origin)
    at, stop = now(), line.stops[0]
    if free > at + _PATIENCE:
        yield from _left_alone(line, free)
        return
    if free > at:
        line.ready = free
        return
    turn = _turn(stop, at)
    if isinstance(turn, Turn):
        looked = looks.look(turn)
        line.ready = _free(line.origin)
        if looked is not None:
            line.stops.popleft()
            yield looked
    elif turn is None:  # it was removed meanwhile
        line.stops.popleft()
    else:
        line.ready = turn
        line.stops.rotate(-1)


def _free(origin: str) -> datetime:
    """Tell when a host may be asked for something."""
    with db.reading.connect() as connection:
        known = connection.scalar(sa.select(Host.free_at).where(Host.origin == origin))
    return known or now()


def _turn(stop: Stop, at: datetime) -> Turn | datetime | None:
    """Claim an article, due or not; give when to try again if a worker has it, None if it is gone.

    A host that somebody else has taken in this very moment is another worker's too.
    """
    article = db.session.get(Article, stop.article_id, populate_existing=True)
    if article is None:
        db.session.commit()
        return None
    taken = None if _looked_at_now(article, at) else looks.take(article, at)
    db.session.commit()
    return taken or at + _MOMENT


def _looked_at_now(article: Article, at: datetime) -> bool:
    """Tell whether a claim on an article stands."""
    if article.due_at is None or article.looked_at is None or article.due_at <= at:
        return False
    return article.due_at == article.looked_at + schedule.LEASE


def _left_alone(line: _Line, free: datetime) -> Iterator[Looked]:
    """Give up a host that asked to be left alone."""
    detail = f"its server asked to be left alone until {free:%Y-%m-%d %H:%M} UTC"
    for stop in line.stops:
        yield Looked(stop.address, Failed(Failure.BUSY, detail))
    line.stops.clear()
