"""Retention: what was decided long ago is deleted, with all that readers sent of it.

A spot goes once it is fixed or rejected and nothing has happened to it for as long as it is kept:
with its reports, its record, what search finds it by, and the spots that were merged into it. An
article goes with the last of its spots, and so does what it said at our looks.

Spots are gone through in the order of their ids, a stretch at a time; those younger than what is
kept come last, and are not looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.articles import schedule
from feedback.articles.models import Article
from feedback.db import Instant
from feedback.delivery.models import Event
from feedback.desk.models import Batch
from feedback.reports.models import Spot, Status

#: Where a spot is to be when it goes: nobody has to see to it any more.
DONE = (Status.FIXED, Status.REJECTED)
#: How many spots are looked at together.
STRETCH = 500
_PLAIN = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Found:
    """What a stretch has: the spots that may go, and after which id the next one begins."""

    spot_ids: Sequence[int]
    article_ids: Sequence[int]
    #: None where no later spot is old enough.
    after: int | None


def find(connection: sa.Connection, after: int, before: datetime) -> Found:
    """Look through the spots that come after an id for those with which all was over `before`."""
    stretch = sa.select(Spot.id, Spot.article_id, Spot.first_at, _over(before).label("over"))
    stretch = stretch.where(Spot.id > after).order_by(Spot.id).limit(STRETCH)
    rows = connection.execute(stretch).all()
    going = [row for row in rows if row.over]
    more = len(rows) == STRETCH and any(row.first_at < before for row in rows)
    return Found(
        [row.id for row in going],
        sorted({row.article_id for row in going}),
        rows[-1].id if more else None,
    )


def _over(before: datetime) -> sa.ColumnElement[bool]:
    moved_at = sa.func.coalesce(Spot.moved_at, Spot.last_at, type_=Instant)
    return sa.and_(Spot.status.in_(DONE), Spot.last_at < before, moved_at < before)


def forget(session: Session, found: Found, before: datetime, at: datetime) -> int:
    """Delete the spots that were found, if they still may go; tell how many. The caller commits.

    1. Their articles are locked, as by whoever lands a report there. What somebody else has locked,
       or looks at in this moment, is left for another time.
    2. Of their spots those go that are still as they were found.
    3. An article without spots goes as well.
    """
    articles = session.scalars(_articles(found.article_ids)).all()
    free = [article.id for article in articles if not _looked_at(article, at)]
    heads = sa.select(Spot.id).where(
        Spot.id.in_(found.spot_ids), Spot.article_id.in_(free), _over(before)
    )
    spot_ids = _with_merged(session, session.scalars(heads.with_for_update()).all())
    untold = sa.select(Event.id).where(Event.spot_id.in_(spot_ids))
    event_ids = session.scalars(untold.with_for_update(skip_locked=True)).all()
    _delete(session, sa.delete(Event).where(Event.id.in_(event_ids)))
    gone = _delete(session, sa.delete(Spot).where(Spot.id.in_(spot_ids)))
    left = sa.select(Spot.id).where(Spot.article_id == Article.id)
    _delete(session, sa.delete(Article).where(Article.id.in_(free), ~left.exists()))
    session.expunge_all()
    return gone


def _articles(ids: Iterable[int]) -> sa.Select[Article]:
    locked = sa.select(Article).where(Article.id.in_(ids)).order_by(Article.id)
    return locked.with_for_update(skip_locked=True).execution_options(populate_existing=True)


def _looked_at(article: Article, at: datetime) -> bool:
    """Tell whether a look at an article is under way."""
    if article.due_at is None or article.looked_at is None:
        return False
    return at < article.due_at == article.looked_at + schedule.LEASE


def _with_merged(session: Session, spot_ids: Iterable[int]) -> list[int]:
    """Give spots and all that were merged into them."""
    found, more = list(spot_ids), list(spot_ids)
    while more:
        merged = sa.select(Spot.id).where(Spot.merged_into_id.in_(more))
        more = list(session.scalars(merged.with_for_update()))
        found += more
    return found


def _delete(session: Session, which: sa.Delete) -> int:
    done: Any = session.execute(which, execution_options=_PLAIN)
    return int(done.rowcount)


def forget_batches(session: Session, before: datetime) -> None:
    """Delete the batches that ended `before`: they quote what was decided. The caller commits."""
    _delete(session, sa.delete(Batch).where(Batch.ended_at < before))


def shorter(days: int, spots: int) -> timedelta:
    """Give how long is kept what quotes spots: no longer than these, where they are not for ever.

    Both are in days; no `spots` are for ever.
    """
    return timedelta(days=min(days, spots) if spots else days)
