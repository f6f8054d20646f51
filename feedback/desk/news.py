"""News: what happened to a site's spots since an editor's page was made, in two short queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.desk import queue
from feedback.desk.models import Claim, Decision
from feedback.reports.models import Spot, Status

#: How many spots are told of at once; a page that has missed more is loaded anew.
MOST = 60


@dataclass(frozen=True, slots=True)
class News:
    """What happened at a site."""

    #: How many waiting spots were opened, at most one more than `MOST`.
    opened: int
    #: The spots that were decided on, newest first, with what their status comes from.
    moved: Sequence[tuple[Spot, Decision | None]]
    #: Who is at which spot.
    claims: Sequence[Claim]

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.opened or self.moved or self.claims)


def since(session: Session, site_id: int, editor_id: int, at: datetime, by: datetime) -> News:
    """Tell what others did at a site since a time. `by` is now."""
    moved = session.scalars(
        sa.select(Spot)
        .where(Spot.site_id == site_id, Spot.moved_at > at)
        .order_by(Spot.moved_at.desc())
        .limit(MOST)
    ).all()
    verdicts = _last(session, [spot.id for spot in moved])
    return News(
        opened=session.scalar(_opened(site_id, at)) or 0,
        moved=[(spot, verdicts.get(spot.id)) for spot in moved],
        claims=session.scalars(_claims(site_id, editor_id, by)).all(),
    )


def _opened(site_id: int, at: datetime) -> sa.Select[int]:
    """Count, by the index of what is newest, the waiting spots of which the first report is new."""
    fresh = (
        sa.select(Spot.first_at)
        .where(Spot.site_id == site_id, Spot.status == Status.WAITING, Spot.last_at > at)
        .order_by(Spot.last_at.desc())
        .limit(10 * MOST)
        .subquery()
    )
    some = sa.select(fresh.c.first_at).where(fresh.c.first_at > at).limit(MOST + 1).subquery()
    return sa.select(sa.func.count()).select_from(some)


def _last(session: Session, spot_ids: Sequence[int]) -> dict[int, Decision]:
    if not spot_ids:
        return {}
    found = session.scalars(queue.latest(spot_ids))
    return {decision.spot_id: decision for decision in found}


def _claims(site_id: int, editor_id: int, by: datetime) -> sa.Select[Claim]:
    """Select the claims of others; there are never more than there are editors at work."""
    return (
        sa.select(Claim)
        .join(Spot, Spot.id == Claim.spot_id)
        .where(Spot.site_id == site_id, Claim.editor_id != editor_id, Claim.until > by)
        .options(joinedload(Claim.editor))
        .limit(MOST)
    )
