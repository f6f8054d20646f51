"""Watching: what editors see of the looks at an article, and how they ask for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from feedback.articles import schedule
from feedback.articles.looking import Failure
from feedback.articles.models import Article


class Next(StrEnum):
    """When the next look at an article is."""

    OFF = "off"  #: this service does not look at articles
    NONE = "none"  #: nothing of the article is open, or nothing was ever reported
    SOON = "soon"  #: it is due, or on its way
    LATER = "later"


class Off(Exception):
    """This service does not look at articles."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How an article is looked at."""

    looked_at: datetime | None
    #: When its page was last had.
    read_at: datetime | None
    #: Why the last look, or the last few, gave no page.
    trouble: Failure | None
    #: How many those were.
    failures: int
    next: Next
    #: The next look's time, where that is later.
    due_at: datetime | None

    @classmethod
    def of(cls, article: Article, delays: Sequence[float], at: datetime) -> "Watch":
        """Say of an article how it is looked at as of `at`; `delays` are the settings'."""
        next_ = _next(article, delays, at)
        return cls(
            looked_at=article.looked_at,
            read_at=article.read_at,
            trouble=Failure(article.trouble) if article.trouble else None,
            failures=article.failures,
            next=next_,
            due_at=article.due_at if next_ is Next.LATER else None,
        )


def _next(article: Article, delays: Sequence[float], at: datetime) -> Next:
    if not delays:
        return Next.OFF
    if article.due_at is None:
        return Next.NONE
    begun = article.looked_at is not None and article.due_at == article.looked_at + schedule.LEASE
    return Next.SOON if begun or article.due_at <= at else Next.LATER


def look_now(session: Session, article_id: int, delays: Sequence[float], at: datetime) -> None:
    """Have an article looked at as soon as a worker is free. The caller commits. Raises Off."""
    if not delays:
        raise Off
    schedule.hasten(session, article_id, at)
