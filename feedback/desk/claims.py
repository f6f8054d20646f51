"""Claims: who is at a spot, so that two editors do not think about the same one.

A claim is soft: it tells others, and keeps nobody from deciding. It ends with a decision, when its
editor goes to another spot, or by itself.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload

from feedback.accounts.models import Editor
from feedback.desk.models import Claim
from feedback.reports.models import Spot

#: How long a claim stands without a sign of its editor.
LASTS = timedelta(minutes=5)


def take(session: Session, spot_id: int, editor: Editor, at: datetime) -> Claim | None:
    """Claim a spot, or hold on to it; give the claim of whoever else holds it instead.

    One statement takes it: of two editors at once, one gets it. What else the editor held at is
    let go. The caller commits.
    """
    session.execute(notice(spot_id, at), execution_options={"synchronize_session": False})
    values = {"spot_id": spot_id, "editor_id": editor.id, "until": at + LASTS, "at": at}
    mine = session.execute(_upsert(session.get_bind().dialect.name), values).one_or_none()
    if mine is None:
        return session.scalar(holding([spot_id], at))
    session.execute(
        sa.delete(Claim).where(Claim.editor_id == editor.id, Claim.spot_id != spot_id),
        execution_options={"synchronize_session": False},
    )
    return None


def notice(spot_id: int, at: datetime) -> sa.Update:
    """Give the statement that keeps when an editor first had a spot open."""
    unseen = sa.update(Spot).where(Spot.id == spot_id, Spot.noticed_at.is_(None))
    return unseen.values(noticed_at=at)


@cache
def _upsert(dialect: str) -> Any:
    """Insert a claim, or take over one's own or one that has ended."""
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(Claim)
    new = insert.excluded
    free = (Claim.editor_id == new.editor_id) | (
        Claim.until <= sa.bindparam("at", type_=Claim.until.type)
    )
    return insert.on_conflict_do_update(
        index_elements=["spot_id"],
        set_={"editor_id": new.editor_id, "until": new.until},
        where=free,
    ).returning(Claim.spot_id)


def holding(spot_ids: Iterable[int], at: datetime) -> sa.Select[Claim]:
    """Select the claims on these spots that stand, with their editors."""
    return (
        sa.select(Claim)
        .where(Claim.spot_id.in_(list(spot_ids)), Claim.until > at)
        .options(joinedload(Claim.editor))
    )


def release(session: Session, spot_id: int) -> None:
    """End the claim on a spot. The caller commits."""
    session.execute(
        sa.delete(Claim).where(Claim.spot_id == spot_id),
        execution_options={"synchronize_session": False},
    )


def forget_ended(session: Session, at: datetime) -> int:
    """Delete the claims that have ended; tell how many. The caller commits."""
    ended = session.execute(sa.delete(Claim).where(Claim.until <= at).returning(Claim.spot_id))
    return len(ended.all())
