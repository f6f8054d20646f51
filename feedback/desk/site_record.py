"""A site's record: all of its decisions, newest first, a page at a time.

Decisions do not say whose site they are on; their spots do. So a page costs
the same however long the record is:

1. Of a site with few spots all decisions are at hand by those spots.
2. Of a larger one they are dense: the newest of all decisions are walked, so
   many at a time, and those of the site picked. A page may then be short, and
   says where it goes on.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from feedback.desk.models import Decision, Kind
from feedback.reports.models import Spot

#: How many spots are few.
FEW = 2000
#: How many decisions, of all sites, are walked for one page.
WALKED = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Which decisions: of a site, of a kind, by somebody, from `since` on and before `until`.

    Nobody, 0, is the article check.
    """

    site_id: int
    kind: Kind | None = None
    editor_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Decisions, and the id before which the record goes on; None at its end."""

    decisions: list[Decision]
    older: int | None


def page(session: Session, asked: Asked, before: int | None, limit: int) -> Page:
    """Give a page of a site's record: what was decided before the decision with id `before`."""
    if not _few(session, asked.site_id):
        return _walk(session, asked, before, limit)
    spots = sa.select(Spot.id).where(Spot.site_id == asked.site_id)
    theirs = _selected(asked, before).where(Decision.spot_id.in_(spots))
    # Adding nothing keeps the database from walking all decisions in the order of their ids.
    selected = theirs.order_by((Decision.id + 0).desc())
    return _cut(list(session.scalars(selected.limit(limit + 1))), limit, None)


def _few(session: Session, site_id: int) -> bool:
    some = sa.select(Spot.id).where(Spot.site_id == site_id).limit(FEW + 1).subquery()
    return (session.scalar(sa.select(sa.func.count()).select_from(some)) or 0) <= FEW


def _selected(asked: Asked, before: int | None) -> sa.Select[Decision]:
    wanted = {
        Decision.kind: asked.kind,
        Decision.editor_id: asked.editor_id or None,
    }
    selected = (
        sa.select(Decision)
        .where(*(column == value for column, value in wanted.items() if value is not None))
        .options(selectinload(Decision.spot), joinedload(Decision.editor))
    )
    if asked.editor_id == 0:
        selected = selected.where(Decision.editor_id.is_(None))
    if asked.since is not None:
        selected = selected.where(Decision.at >= asked.since)
    if asked.until is not None:
        selected = selected.where(Decision.at < asked.until)
    return selected if before is None else selected.where(Decision.id < before)


def _walk(session: Session, asked: Asked, before: int | None, limit: int) -> Page:
    if asked.until is not None:
        reached = _reached(session, asked.until) + 1
        before = reached if before is None else min(before, reached)
    beyond = session.scalar(_newest_first(before).offset(WALKED).limit(1))
    # Asked of each decision by itself, so that no database goes by all of the site's spots.
    site = sa.select(Spot.site_id).where(Spot.id == Decision.spot_id).scalar_subquery()
    theirs = _selected(asked, before).where(site == asked.site_id)
    selected = theirs.order_by(Decision.id.desc())
    if beyond is None:
        return _cut(list(session.scalars(selected.limit(limit + 1))), limit, None)
    found = list(session.scalars(selected.where(Decision.id > beyond).limit(limit + 1)))
    over = asked.since is not None and _at(session, beyond) < asked.since
    return _cut(found, limit, None if over else beyond + 1)


def _cut(found: list[Decision], limit: int, beyond: int | None) -> Page:
    """Give a page of `limit` decisions; where there are no more, it goes on at `beyond`."""
    if len(found) <= limit:
        return Page(found, beyond)
    return Page(found[:limit], found[limit - 1].id)


def _newest_first(before: int | None) -> sa.Select[int]:
    selected = sa.select(Decision.id).order_by(Decision.id.desc())
    return selected if before is None else selected.where(Decision.id < before)


def _at(session: Session, decision_id: int) -> datetime:
    return session.scalars(sa.select(Decision.at).where(Decision.id == decision_id)).one()


def _reached(session: Session, at: datetime) -> int:
    """Give the id of the last decision before a time, by halves: ids grow with the time."""
    low, high = 0, session.scalar(sa.select(sa.func.max(Decision.id))) or 0
    while low < high:
        middle = (low + high + 1) // 2
        there = session.scalar(_newest_first(middle + 1).limit(1))
        if there is None or _at(session, there) < at:
            low = middle
        else:
            high = middle - 1
    return low
