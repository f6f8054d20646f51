"""Landing: which article and which spot a report belongs to.

The statements are written once: to write one costs more than to run it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from feedback.anchoring.grouping import Passage, narrowed, same_place
from feedback.anchoring.locate import Presence
from feedback.anchoring.words import changed
from feedback.articles.models import Article
from feedback.articles.schedule import BREATH
from feedback.db import Id
from feedback.delivery import events
from feedback.reports.models import Report, Spot, Status, faulty
from feedback.reports.schema import Submission
from feedback.statements import Statement

#: How far around a quote, in code points, spots are looked for.
_NEAR = 400
#: How many spots are compared at the most, of those near and of those with the same words.
_MOST = 40
#: How many of a spot's newest reports have a say in its correction.
VOTERS = 200


@dataclass(frozen=True, slots=True)
class Place:
    """An article's row, and whether somebody hears of what happens at its site."""

    id: int
    heard: bool


@dataclass(frozen=True, slots=True)
class Landed:
    """A spot with its newest report counted."""

    id: int
    #: What a correction of the spot corrects.
    faulty: str
    readers: int
    status: Status
    #: Whether it was there before.
    joined: bool


def article(
    connection: sa.Connection, site_id: int, address: str, submission: Submission, at: datetime
) -> Place:
    """Give the article at `address`, made if need be; its row is locked from here on.

    It is due for a look: at once, or as soon as decency allows.
    """
    row = _upsert(connection.dialect.name).one(
        connection,
        site_id=site_id,
        site=site_id,
        address=address,
        title=submission.title,
        lang=submission.lang,
        created_at=at,
        due_at=at,
        recently=at - BREATH,
        soon=at + BREATH,
    )
    return Place(row.id, row.heard)


@cache
def _upsert(dialect: str) -> Statement:
    """Insert an article, or lock the one there is; take over what no look has told of it."""
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(Article)
    new, unread = insert.excluded, Article.read_at.is_(None)
    next_look = sa.case(
        (Article.looked_at > sa.bindparam("recently"), sa.bindparam("soon")), else_=new.due_at
    )
    upsert = insert.on_conflict_do_update(
        index_elements=["site_id", "address"],
        set_={
            "title": sa.case((unread & (new.title != ""), new.title), else_=Article.title),
            "lang": sa.case((unread & (new.lang != ""), new.lang), else_=Article.lang),
            "step": 0,
            "due_at": sa.case((Article.due_at < next_look, Article.due_at), else_=next_look),
        },
    ).returning(Article.id, events.heard(sa.bindparam("site", type_=Id)).label("heard"))
    return Statement(upsert, ("site_id", "address", "title", "lang", "created_at", "due_at"))


def spot(
    connection: sa.Connection, site_id: int, article_id: int, submission: Submission, at: datetime
) -> Landed:
    """Put one more report on the spot it points at; make the spot if there is none."""
    passage, correction = submission.passage, submission.correction
    if submission.about is None:
        passage, correction = narrowed(passage, correction)
    subject = about(submission)
    found = _same(connection, article_id, passage, subject)
    if found is not None:
        return _join(connection, found, at)
    wrong = faulty(passage.exact, **subject)
    values = {
        **place(passage),
        **subject,
        # Of an image or a link the article's text cannot tell whether it was mended.
        "presence": Presence.UNVERIFIABLE if submission.about else Presence.UNCHECKED,
        "site_id": site_id,
        "article_id": article_id,
        "correction": "" if correction == wrong else correction,
        "first_at": at,
        "last_at": at,
        "urgency": int(at.timestamp()),
    }
    spot_id = _OPEN.one(connection, **values).id
    return Landed(spot_id, wrong, 1, Status.WAITING, joined=False)


def place(passage: Passage) -> dict[str, Any]:
    """Give a passage as columns."""
    return {name: getattr(passage, name) for name in _PASSAGE}


_PASSAGE = [field.name for field in fields(Passage)]


def about(submission: Submission) -> dict[str, str]:
    """Give what a report is about, as columns; empty for the words that it quotes."""
    subject = submission.about
    if subject is None:
        return {"about": "", "about_text": "", "about_url": ""}
    return {"about": subject.type, "about_text": subject.text, "about_url": subject.url}


_OPEN = Statement(
    sa.insert(Spot)
    .values(
        status=Status.WAITING,
        settled=False,
        readers=1,
        version=1,
        stale=True,
        slip="",
        **{
            name: sa.bindparam(name)
            for name in (
                "site_id article_id exact prefix suffix start end length correction"
                " about about_text about_url presence first_at last_at urgency".split()
            )
        },
    )
    .returning(Spot.id)
)


def _same(
    connection: sa.Connection, article_id: int, passage: Passage, subject: Mapping[str, str]
) -> int | None:
    """Give the id of the spot that `passage` points at: the oldest, one of the same words first.

    It must be about the same: the words, or one image or link among them, known by its address
    or, where it has none, by its text. Of a spot that was merged it is the one that has its
    reports now.
    """
    values = {
        "article": article_id,
        "from": passage.start - _NEAR,
        "to": passage.end + _NEAR,
        "words": passage.exact,
        **subject,
    }
    rows = _CANDIDATES.all(connection, **values)
    different = {row.id: row for row in rows}.values()
    known = sorted(different, key=lambda row: (row.exact != passage.exact, row.id))
    found = next((row for row in known if same_place(passage, Passage(*row[2:]))), None)
    return _head(connection, found.id, found.merged_into_id) if found else None


def _head(connection: sa.Connection, spot_id: int, into: int | None) -> int:
    """Follow a merged spot to where its reports are."""
    while into is not None:
        spot_id, into = into, _INTO.one(connection, spot=into)[0]
    return spot_id


_INTO = Statement(sa.select(Spot.merged_into_id).where(Spot.id == sa.bindparam("spot")))


def _candidates() -> sa.CompoundSelect[Any]:
    """Select the spots near a passage and those with the same words, wherever."""
    columns = (Spot.exact, Spot.prefix, Spot.suffix, Spot.start, Spot.end, Spot.length)
    spots = sa.select(Spot.id, Spot.merged_into_id, *columns).where(
        Spot.article_id == sa.bindparam("article"),
        Spot.about == sa.bindparam("about"),
        Spot.about_url == sa.bindparam("about_url"),
        (Spot.about_url != "") | (Spot.about_text == sa.bindparam("about_text")),
    )
    near = spots.where(Spot.start.between(sa.bindparam("from"), sa.bindparam("to")))
    alike = spots.where(Spot.exact == sa.bindparam("words"))
    return sa.union_all(
        sa.select(near.order_by(Spot.start).limit(_MOST).subquery()),
        sa.select(alike.order_by(Spot.id).limit(_MOST).subquery()),
    )


_CANDIDATES = Statement(_candidates())


def _join(connection: sa.Connection, spot_id: int, at: datetime) -> Landed:
    row = _COUNT.one(connection, spot=spot_id, at=at)
    return Landed(spot_id, faulty(*row[2:]), row.readers, row.status, joined=True)


_AT = sa.bindparam("at", type_=Spot.last_at.type)
_LEFT = Spot.readers == 0  # its reports have gone to other spots: it begins anew
_COUNT = Statement(
    sa.update(Spot)
    .where(Spot.id == sa.bindparam("spot"))
    .values(
        readers=Spot.readers + 1,
        first_at=sa.case((_LEFT, _AT), else_=Spot.first_at),
        last_at=_AT,
        correction=sa.case((_LEFT & ~Spot.settled, ""), else_=Spot.correction),
        stale=True,
    )
    .returning(Spot.readers, Spot.status, Spot.exact, Spot.about, Spot.about_text, Spot.about_url)
)


def vote(exact: str, correction: str, words: str) -> str:
    """Give what a reader's correction of `exact` says that `words` should read; empty if nothing.

    A reader who selected more has a say too, if those words are what the correction changes.
    """
    if correction in {"", exact}:
        return ""
    if exact == words:
        return correction
    change = changed(exact, correction)
    meant = change is not None and exact[change.start : change.end] == words
    return change.text if change is not None and meant else ""


def tally(connection: sa.Connection, spot_id: int) -> None:
    """Give a spot the correction that most of its newest readers vote for.

    An editor's word stands whatever readers say.
    """
    _TALLY.all(connection, spot=spot_id)


def _tally() -> sa.Update:
    votes = (
        sa.select(Report.id, Report.vote)
        .where(Report.spot_id == sa.bindparam("spot"))
        .order_by(Report.id.desc())
        .limit(VOTERS)
        .subquery()
    )
    leading = (
        sa.select(votes.c.vote)
        .where(votes.c.vote != "")
        .group_by(votes.c.vote)
        .order_by(sa.func.count().desc(), sa.func.min(votes.c.id))
        .limit(1)
        .scalar_subquery()
    )
    return (
        sa.update(Spot)
        .where(Spot.id == sa.bindparam("spot"), ~Spot.settled)
        .values(correction=sa.func.coalesce(leading, Spot.correction))
    )


_TALLY = Statement(_tally())
