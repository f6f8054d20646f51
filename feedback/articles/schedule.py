"""When an article is looked at: soon after something happened to it, then ever more rarely."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.articles.models import Article

#: How soon at the earliest reports have an article looked at again.
BREATH = timedelta(seconds=10)
#: After so long a look that was begun and not ended is given up: its worker is gone.
LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Claim:
    """An article that is ours to look at."""

    article_id: int
    site_id: int
    address: str
    #: What `due_at` holds while the claim stands.
    until: datetime
    #: When the last look before this one was.
    looked_at: datetime | None = None


def due(at: datetime) -> sa.Select[Article]:
    """Select the articles that are due by `at`, longest due first. The caller limits."""
    return sa.select(Article).where(Article.due_at <= at).order_by(Article.due_at)


def free(at: datetime) -> sa.Select[Article]:
    """Select and lock what is due by `at` and what no other worker is about to claim.

    So no two workers wait for each other's articles. Loaded anew: a claim is on what `due_at` is
    in the database.
    """
    locked = due(at).with_for_update(skip_locked=True)
    return locked.execution_options(populate_existing=True)


def claim(session: Session, article: Article, at: datetime) -> Claim | None:
    """Claim an article as it was loaded; None if another has. The caller commits.

    One UPDATE moves `due_at` to the claim's end if it is what was loaded.
    """
    until = at + LEASE
    mine = session.execute(
        sa.update(Article)
        .where(Article.id == article.id, Article.due_at.is_not_distinct_from(article.due_at))
        .values(due_at=until, looked_at=at)
        .returning(Article.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if mine is None:
        return None
    return Claim(article.id, article.site_id, article.address, until, article.looked_at)


def finish(session: Session, claim: Claim, due_at: datetime | None) -> None:
    """End a claim: look again at `due_at`, or sooner if something happened meanwhile.

    The caller commits.
    """
    mine = Article.due_at == claim.until
    ours_or_later = mine if due_at is None else mine | (Article.due_at > due_at)
    session.execute(
        sa.update(Article)
        .where(Article.id == claim.article_id, ours_or_later)
        .values(due_at=due_at)
        .execution_options(synchronize_session=False)
    )


def postpone(session: Session, claim: Claim, due_at: datetime) -> None:
    """End a claim without a look. The caller commits."""
    session.execute(
        sa.update(Article)
        .where(Article.id == claim.article_id)
        .values(looked_at=claim.looked_at)
        .execution_options(synchronize_session=False)
    )
    finish(session, claim, due_at)


def lock(session: Session, article_id: int) -> Article:
    """Load an article anew and lock its row, which comes before those of its spots."""
    return session.scalars(
        sa.select(Article)
        .where(Article.id == article_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def hasten(session: Session, article_id: int, at: datetime) -> None:
    """Have an article looked at by `at`, and often again after that. The caller commits."""
    session.execute(
        sa.update(Article)
        .where(Article.id == article_id)
        .values(step=0, due_at=sa.case((Article.due_at < at, Article.due_at), else_=at))
        .execution_options(synchronize_session=False)
    )


def after(delays: Sequence[float], step: int) -> timedelta:
    """Give how long to wait after the look at `step`; the last delay goes on for ever."""
    return timedelta(seconds=delays[min(step, len(delays) - 1)])
