"""Reasons: why a spot is rejected, and what its reader is told of that.

A site has the standard ones until it makes a list of its own. What was said in a decision stays
as it was: it keeps the reason's name and sentence.
"""

import re
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.db import now
from feedback.desk.models import Reason, SiteReason

#: How many reasons a site has at the most: each is chosen by a digit.
MOST = 9

_SLUG = re.compile(r"[^a-z0-9]+")


class TooMany(Exception):
    """A site has as many reasons as there are digits."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A reason as it is offered."""

    code: str
    #: Of the site's own reason, its name and its reader's sentence; empty for a standard one, whose
    #: words are translated.
    label: str = ""
    sentence: str = ""


STANDARD = tuple(Choice(reason.value) for reason in Reason)


def own(site_id: int) -> sa.Select[SiteReason]:
    """Select a site's own reasons, in their order."""
    return (
        sa.select(SiteReason)
        .where(SiteReason.site_id == site_id, SiteReason.retired_at.is_(None))
        .order_by(SiteReason.place, SiteReason.id)
        .limit(MOST)
    )


def of(session: Session, site_id: int) -> Sequence[Choice]:
    """Give the reasons that a site offers, in the order of their digits."""
    mine = session.scalars(own(site_id)).all()
    return [Choice(each.code, each.label, each.sentence) for each in mine] or STANDARD


def among(session: Session, site_ids: Sequence[int]) -> Mapping[int, Sequence[Choice]]:
    """Give the reasons that each of some sites offers, by the sites' ids, in one statement."""
    selected = (
        sa.select(SiteReason)
        .where(SiteReason.site_id.in_(site_ids), SiteReason.retired_at.is_(None))
        .order_by(SiteReason.place, SiteReason.id)
    )
    mine = defaultdict[int, list[Choice]](list)
    for each in session.scalars(selected):
        mine[each.site_id].append(Choice(each.code, each.label, each.sentence))
    return {site_id: mine[site_id][:MOST] or STANDARD for site_id in site_ids}


def named(session: Session, site_id: int, code: str) -> Choice | None:
    """Give the reason that a site's decisions call `code`; None if it offers none of that name."""
    return next((each for each in of(session, site_id) if each.code == code), None)


def add(session: Session, site_id: int, label: str, sentence: str) -> SiteReason:
    """Put a reason at the end of a site's list. The caller commits. Raises TooMany."""
    mine = session.scalars(own(site_id)).all()
    if len(mine) >= MOST:
        raise TooMany
    code = f"{_SLUG.sub('-', label.lower()).strip('-')[:24] or 'reason'}-{secrets.token_hex(2)}"
    reason = SiteReason(
        site_id=site_id,
        code=code,
        label=label,
        sentence=sentence,
        place=max((each.place for each in mine), default=0) + 1,
    )
    session.add(reason)
    session.flush()
    return reason


def retire(reason: SiteReason) -> None:
    """Offer a reason no more. The caller commits."""
    reason.retired_at = now()


def move(session: Session, reason: SiteReason, step: int) -> None:
    """Move a reason up (`step` -1) or down (1) in its list. The caller commits."""
    mine = list(session.scalars(own(reason.site_id)))
    here = mine.index(reason)
    there = min(max(here + step, 0), len(mine) - 1)
    mine.insert(there, mine.pop(here))
    for place, each in enumerate(mine, start=1):
        each.place = place
