"""Waking: snoozed spots come back when their time is over, as decisions by nobody."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.desk.decisions import AlreadyDecided, Verdict, decide
from feedback.desk.models import Kind
from feedback.reports.models import Spot, Status


def due(at: datetime) -> sa.Select[Spot]:
    """Select the spots that are snoozed until `at` at the latest. The caller limits."""
    return (
        sa.select(Spot)
        .where(Spot.snoozed_until <= at, Spot.status == Status.SNOOZED)
        .order_by(Spot.snoozed_until)
    )


def wake(session: Session, spot: Spot) -> bool:
    """Let a spot wait again; tell whether nobody decided meanwhile. The caller commits."""
    try:
        decide(session, spot, None, Verdict(Kind.WAKE, spot.version))
    except AlreadyDecided:
        return False
    return True
