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
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from feedback import pages
from feedback.desk.models import Decision, Kind
from feedback.pages import Page, Place, Seen
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


def page(session: Session, asked: Asked, place: Place | None, limit: int) -> Page[Decision]:
    """Give a page of a site's record at a place, or the first one."""
    look = _look_at_few if _few(session, asked.site_id) else _walk
    return pages.page(lambda at, most: look(session, asked, at, most), place, limit)


def _look_at_few(session: Session, asked: Asked, place: Place | None, limit: int) -> Seen[Decision]:
    spots = sa.select(Spot.id).where(Spot.site_id == asked.site_id)
    theirs = _selected(asked, place).where(Decision.spot_id.in_(spots))
    # Adding nothing keeps the database from walking all decisions in the order of their ids.
    selected = theirs.order_by(*_order(place, Decision.id + 0))
    return pages.cut(list(session.scalars(selected.limit(limit + 1))), limit)


def _few(session: Session, site_id: int) -> bool:
    some = sa.select(Spot.id).where(Spot.site_id == site_id).limit(FEW + 1).subquery()
    return (session.scalar(sa.select(sa.func.count()).select_from(some)) or 0) <= FEW


def _selected(asked: Asked, place: Place | None) -> sa.Select[Decision]:
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
    return selected.where(*_beyond(place))


def _walk(session: Session, asked: Asked, place: Place | None, limit: int) -> Seen[Decision]:
    place = _clipped(session, asked, place)
    up = place is not None and place.newer
    ids = sa.select(Decision.id).where(*_beyond(place)).order_by(*_order(place, Decision.id))
    beyond = session.scalar(ids.offset(WALKED).limit(1))
    # Asked of each decision by itself, so that no database goes by all of the site's spots.
    site = sa.select(Spot.site_id).where(Spot.id == Decision.spot_id).scalar_subquery()
    theirs = _selected(asked, place).where(site == asked.site_id)
    selected = theirs.order_by(*_order(place, Decision.id)).limit(limit + 1)
    if beyond is None:
        return pages.cut(list(session.scalars(selected)), limit)
    near = Decision.id < beyond if up else Decision.id > beyond
    found = list(session.scalars(selected.where(near)))
    over = _over(session, asked, beyond, up)
    return pages.cut(found, limit, None if over else beyond + (-1 if up else 1))


def _clipped(session: Session, asked: Asked, place: Place | None) -> Place | None:
    """Move a place to where the days begin that are asked for."""
    if place is not None and place.newer:
        passed = 0 if asked.since is None else _reached(session, asked.since)
        return Place(max(place.id, passed), newer=True)
    if asked.until is None:
        return place
    reached = _reached(session, asked.until) + 1
    return Place(reached if place is None else min(place.id, reached))


def _over(session: Session, asked: Asked, decision_id: int, up: bool) -> bool:
    """Tell whether the days that are asked for are over at a decision, on the way."""
    if up:
        return asked.until is not None and _at(session, decision_id) >= asked.until
    return asked.since is not None and _at(session, decision_id) < asked.since


def _beyond(place: Place | None) -> tuple[sa.ColumnElement[bool], ...]:
    if place is None:
        return ()
    return (Decision.id > place.id if place.newer else Decision.id < place.id,)


def _order(place: Place | None, key: Any) -> tuple[Any, ...]:
    return (key.asc() if place is not None and place.newer else key.desc(),)


def _at(session: Session, decision_id: int) -> datetime:
    return session.scalars(sa.select(Decision.at).where(Decision.id == decision_id)).one()


def _reached(session: Session, at: datetime) -> int:
    """Give the id of the last decision before a time, by halves: ids grow with the time."""
    low, high = 0, session.scalar(sa.select(sa.func.max(Decision.id))) or 0
    last = sa.select(Decision.id).order_by(Decision.id.desc()).limit(1)
    while low < high:
        middle = (low + high + 1) // 2
        there = session.scalar(last.where(Decision.id <= middle))
        if there is None or _at(session, there) < at:
            low = middle
        else:
            high = middle - 1
    return low
