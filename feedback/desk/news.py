"""News: what happened to sites' spots since an editor's page was made, in one short query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.db import Id, Instant
from feedback.desk import queue
from feedback.desk.models import Claim, Decision
from feedback.reports.models import Spot, Status

#: How many spots are told of at once; a page that has missed more is loaded anew.
MOST = 60


@dataclass(frozen=True, slots=True)
class News:
    """What happened at some sites."""

    #: How many waiting spots were opened, at most one more than `MOST`.
    opened: int
    #: The spots that were decided on, newest first, with what their status comes from.
    moved: Sequence[tuple[Spot, Decision | None]]
    #: Who is at which spot.
    claims: Sequence[Claim]

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.opened or self.moved or self.claims)


def since(
    session: Session, site_ids: Sequence[int], editor_id: int, at: datetime, by: datetime
) -> News:
    """Tell what others did at some sites since a time. `by` is now.

    Mostly nothing happened, and one short query tells.
    """
    asked = {"sites": site_ids, "editor": editor_id, "at": at, "by": by}
    opened, moved, claimed = session.connection().execute(_ANYTHING, asked).one()
    spots = session.scalars(_MOVED, asked).all() if moved else []
    verdicts = _last(session, [spot.id for spot in spots])
    return News(
        opened=opened,
        moved=[(spot, verdicts.get(spot.id)) for spot in spots],
        claims=session.scalars(_CLAIMS, asked).all() if claimed else [],
    )


_SITES = sa.bindparam("sites", type_=Id, expanding=True)
_AT = sa.bindparam("at", type_=Instant)
_MOVED = (
    sa.select(Spot)
    .where(Spot.site_id.in_(_SITES), Spot.moved_at > _AT)
    .order_by(Spot.moved_at.desc())
    .limit(MOST)
)
#: The claims of others; there are never more than there are editors at work.
_HELD = (
    sa.select(Claim)
    .join(Spot, Spot.id == Claim.spot_id)
    .where(
        Spot.site_id.in_(_SITES),
        Claim.editor_id != sa.bindparam("editor", type_=Id),
        Claim.until > sa.bindparam("by", type_=Instant),
    )
)
_CLAIMS = _HELD.options(joinedload(Claim.editor)).limit(MOST)


def _opened() -> sa.Select[int]:
    """Count, by the index of what is newest, the waiting spots of which the first report is new."""
    fresh = (
        sa.select(Spot.first_at)
        .where(Spot.site_id.in_(_SITES), Spot.status == Status.WAITING, Spot.last_at > _AT)
        .order_by(Spot.last_at.desc())
        .limit(10 * MOST)
        .subquery()
    )
    some = sa.select(fresh.c.first_at).where(fresh.c.first_at > _AT).limit(MOST + 1).subquery()
    return sa.select(sa.func.count()).select_from(some)


_ANYTHING = sa.select(
    _opened().scalar_subquery(),
    _MOVED.with_only_columns(Spot.id).exists(),
    _HELD.with_only_columns(Claim.spot_id).exists(),
)


def _last(session: Session, spot_ids: Sequence[int]) -> dict[int, Decision]:
    if not spot_ids:
        return {}
    found = session.scalars(queue.latest(spot_ids))
    return {decision.spot_id: decision for decision in found}
