"""Revisions: what an article said at our looks, kept small, and thinned as they age."""

import json
import zlib
from dataclasses import asdict
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.anchoring import NormalText
from feedback.articles.models import Revision
from feedback.articles.page import Page

#: How many of an article's newest revisions are kept whatever their age.
NEWEST = 3
#: How long one revision a day is kept; all are for the first of these days.
DAILY = timedelta(days=14)


def newest(article_id: int) -> sa.Select[Revision]:
    """Select the revision that the last look found."""
    return (
        sa.select(Revision)
        .where(Revision.article_id == article_id)
        .order_by(Revision.id.desc())
        .limit(1)
    )


def keep(session: Session, article_id: int, page: Page, at: datetime) -> Revision:
    """Keep what the page says as the article's newest revision, unless it is that already."""
    revision = session.scalar(newest(article_id))
    if revision is None or revision.digest != page.digest:
        revision = Revision(
            article_id=article_id,
            first_at=at,
            digest=page.digest,
            length=len(page.text),
            packed=pack(page.normal),
        )
        session.add(revision)
    revision.last_at = at
    session.flush()  # spots refer to it by its id
    return revision


def pack(normal: NormalText) -> bytes:
    """Write a normal text as compressed JSON, in ASCII: no surrogate is refused."""
    return zlib.compress(json.dumps(asdict(normal), separators=(",", ":")).encode())


def unpack(packed: bytes) -> NormalText:
    """Read what `pack` wrote."""
    return NormalText.of(json.loads(zlib.decompress(packed)))


def thinned(article_id: int, at: datetime) -> sa.Select[Revision]:
    """Select the article's revisions that are too many by `at`, whoever refers to them.

    What stays: the newest few, the first day's, and of two weeks each day's last.
    """
    numbered = (
        sa.select(
            Revision.id,
            Revision.first_at,
            sa.func.row_number().over(order_by=Revision.id.desc()).label("age"),
            sa.func.row_number()
            .over(partition_by=sa.func.date(Revision.first_at), order_by=Revision.id.desc())
            .label("of_day"),
        )
        .where(Revision.article_id == article_id)
        .subquery()
    )
    day_old = numbered.c.first_at < at - timedelta(days=1)
    too_many = sa.and_(day_old, numbered.c.of_day > 1)
    too_old = numbered.c.first_at < at - DAILY
    ids = sa.select(numbered.c.id).where(numbered.c.age > NEWEST, too_many | too_old)
    return sa.select(Revision).where(Revision.id.in_(ids))
