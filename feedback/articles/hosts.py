"""Hosts: visited one request at a time, with a pause between, by all workers together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from feedback.articles.models import Host
from feedback.articles.robots import Robots, RobotsAnswer

#: How long a robots.txt is believed (RFC 9309, section 2.4), and how long its absence is.
_BELIEVED = timedelta(hours=24)
#: Longest pause that a robots.txt can ask for, in seconds.
LONGEST = 30.0


@dataclass(frozen=True, slots=True)
class Visit:
    """A host that is ours to ask for one thing; None for robots that have to be read first."""

    origin: str
    robots: Robots | None


def claim(session: Session, origin: str, at: datetime, pause: timedelta) -> Visit | datetime:
    """Take the turn at a host, or tell when it is free again. The caller commits.

    One UPDATE takes the turn if the host is free: of two workers at once, one gets it.
    """
    session.execute(_known(session.get_bind().dialect.name), {"origin": origin, "at": at})
    host = session.scalars(
        sa.update(Host)
        .where(Host.origin == origin, Host.free_at <= at)
        .values(free_at=at + pause)
        .returning(Host)
    ).one_or_none()
    if host is None:
        return session.scalars(sa.select(Host.free_at).where(Host.origin == origin)).one()
    fresh = host.robots_at is not None and at < host.robots_at + _BELIEVED
    robots = Robots(host.robots) if fresh and host.robots is not None else None
    if robots is not None and robots.delay > pause.total_seconds():
        host.free_at = at + timedelta(seconds=min(robots.delay, LONGEST))
    return Visit(origin, robots)


@cache
def _known(dialect: str) -> Any:
    """Insert a host that is free, unless it is there."""
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(Host)
    return insert.values(
        origin=sa.bindparam("origin"), free_at=sa.bindparam("at")
    ).on_conflict_do_nothing()


def learn(session: Session, origin: str, answer: RobotsAnswer, at: datetime) -> None:
    """Keep what a host's robots.txt says. The caller commits."""
    if answer.robots is not None:
        session.execute(
            sa.update(Host)
            .where(Host.origin == origin)
            .values(robots=answer.robots.text, robots_at=at)
        )


def rest(session: Session, origin: str, until: datetime) -> None:
    """Leave a host alone until then, as it asked. The caller commits."""
    session.execute(
        sa.update(Host).where(Host.origin == origin, Host.free_at < until).values(free_at=until)
    )
