"""Landing: which article and which spot a report belongs to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from feedback.anchoring.grouping import Passage, narrowed, same_place
from feedback.articles.models import Article
from feedback.reports.models import Presence, Report, Spot, Status
from feedback.reports.schema import Submission

#: How far around a quote, in code points, spots are looked for.
_NEAR = 400
#: How many spots are compared at the most, of those near and of those with the same words.
_MOST = 100
#: How many of a spot's newest reports have a say in its correction.
_VOTERS = 200


@dataclass(frozen=True, slots=True)
class Landed:
    """A spot with its newest report counted."""

    id: int
    readers: int
    status: Status


def article(
    connection: sa.Connection, site_id: int, address: str, submission: Submission, at: datetime
) -> int:
    """Give the id of the article at `address`, made if need be; its row is locked from here on."""
    insert = _insert(connection)(Article).values(
        site_id=site_id,
        address=address,
        title=submission.title,
        lang=submission.lang,
        created_at=at,
    )
    new = insert.excluded
    upsert = insert.on_conflict_do_update(
        index_elements=["site_id", "address"],
        set_={
            "title": sa.case((new.title != "", new.title), else_=Article.title),
            "lang": sa.case((new.lang != "", new.lang), else_=Article.lang),
        },
    ).returning(Article.id)
    return int(connection.execute(upsert).scalar_one())


def _insert(connection: sa.Connection) -> Any:
    """Give the dialect's own insert, which knows ON CONFLICT."""
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert


def spot(
    connection: sa.Connection, site_id: int, article_id: int, submission: Submission, at: datetime
) -> Landed:
    """Put one more report on the spot it points at; make the spot if there is none."""
    passage, correction = narrowed(submission.passage, submission.correction)
    found = _same(connection, article_id, passage)
    if found is not None:
        return _join(connection, found, at)
    values = {
        "site_id": site_id,
        "article_id": article_id,
        "status": Status.WAITING,
        "presence": Presence.UNCHECKED,
        "exact": passage.exact,
        "prefix": passage.prefix,
        "suffix": passage.suffix,
        "start": passage.start,
        "end": passage.end,
        "length": passage.length,
        "correction": "" if correction == passage.exact else correction,
        "settled": False,
        "readers": 1,
        "first_at": at,
        "last_at": at,
        "version": 1,
    }
    spot_id = connection.execute(sa.insert(Spot).values(values).returning(Spot.id)).scalar_one()
    return Landed(spot_id, 1, Status.WAITING)


def _same(connection: sa.Connection, article_id: int, passage: Passage) -> int | None:
    """Give the id of the oldest spot that `passage` points at."""
    rows = connection.execute(_candidates(article_id, passage)).all()
    known = sorted({row.id: row for row in rows}.values(), key=lambda row: row.id)
    return next((row.id for row in known if same_place(passage, Passage(*row[1:]))), None)


def _candidates(article_id: int, passage: Passage) -> sa.CompoundSelect[Any]:
    """Select the spots near the passage and those with the same words, wherever."""
    columns = (Spot.id, Spot.exact, Spot.prefix, Spot.suffix, Spot.start, Spot.end, Spot.length)
    spots = sa.select(*columns).where(Spot.article_id == article_id)
    near = spots.where(Spot.start.between(passage.start - _NEAR, passage.end + _NEAR))
    alike = spots.where(Spot.exact == passage.exact)
    return sa.union_all(
        sa.select(near.order_by(Spot.start).limit(_MOST).subquery()),
        sa.select(alike.order_by(Spot.id).limit(_MOST).subquery()),
    )


def _join(connection: sa.Connection, spot_id: int, at: datetime) -> Landed:
    row = connection.execute(
        sa.update(Spot)
        .where(Spot.id == spot_id)
        .values(readers=Spot.readers + 1, last_at=at)
        .returning(Spot.readers, Spot.status)
    ).one()
    return Landed(spot_id, row.readers, row.status)


def tally(connection: sa.Connection, landed: Landed) -> None:
    """Give the spot the correction that most of its newest readers state.

    Only corrections of the very words that the spot quotes are counted; an
    editor's word stands whatever readers say.
    """
    if landed.readers == 1:
        return
    votes = (
        sa.select(Report.id, Report.exact, Report.correction)
        .where(Report.spot_id == landed.id)
        .order_by(Report.id.desc())
        .limit(_VOTERS)
        .subquery()
    )
    leading = (
        sa.select(votes.c.correction)
        .where(votes.c.correction.not_in(["", Spot.exact]), votes.c.exact == Spot.exact)
        .group_by(votes.c.correction)
        .order_by(sa.func.count().desc(), sa.func.min(votes.c.id))
        .limit(1)
        .correlate(Spot)
        .scalar_subquery()
    )
    connection.execute(
        sa.update(Spot)
        .where(Spot.id == landed.id, ~Spot.settled)
        .values(correction=sa.func.coalesce(leading, Spot.correction))
    )
