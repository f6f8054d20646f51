"""Choices: what the filters can be set to, from what waits now."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.articles.models import Article
from feedback.reports.models import Spot, Status

#: How many of a site's newest waiting spots are looked at, and how many values are offered.
_SOME = 300
_MOST = 50


@dataclass(frozen=True, slots=True)
class Choices:
    """What articles of waiting spots state, in the order of the alphabet."""

    sections: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()


def choices(session: Session, site_ids: Sequence[int]) -> Choices:
    """Give what can be asked for at these sites, in one statement that looks at a few spots."""
    rows = session.execute(_stated(site_ids)).all()
    return Choices(*(_listed([row[n] for row in rows]) for n in range(3)))


def _stated(site_ids: Sequence[int]) -> sa.Select[str, str, str]:
    newest = [
        sa.select(
            sa.select(Spot.article_id)
            .where(Spot.site_id == site_id, Spot.status == Status.WAITING)
            .order_by(Spot.last_at.desc(), Spot.id.desc())
            .limit(_SOME // len(site_ids) + 1)
            .subquery()
        )
        for site_id in site_ids
    ]
    return (
        sa.select(Article.section, Article.author, Article.lang)
        .where(Article.id.in_(sa.union_all(*newest)))
        .distinct()
    )


def _listed(values: Sequence[str]) -> tuple[str, ...]:
    stated = sorted({value for value in values if value}, key=str.casefold)
    return tuple(stated[:_MOST])
