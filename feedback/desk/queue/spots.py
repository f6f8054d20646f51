"""What is known of single spots, as selects. The caller executes them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from feedback.desk.models import Decision, Kind
from feedback.reports.models import Report, Spot, Status


def whole(spot_id: int) -> sa.Select[Spot]:
    """Select a spot with its article and site."""
    return (
        sa.select(Spot)
        .where(Spot.id == spot_id)
        .options(joinedload(Spot.article), joinedload(Spot.site))
    )


def reports(spot_id: int) -> sa.Select[Report]:
    """Select a spot's reports, newest first. The caller limits."""
    return sa.select(Report).where(Report.spot_id == spot_id).order_by(Report.id.desc())


def record(spot_id: int) -> sa.Select[Decision]:
    """Select a spot's decisions with who made them, newest first."""
    return (
        sa.select(Decision)
        .where(Decision.spot_id == spot_id)
        .order_by(Decision.id.desc())
        .options(joinedload(Decision.editor))
    )


def history(spot_id: int) -> sa.Select[Decision]:
    """Select a spot's decisions, and those on other spots that brought reports here.

    Newest first. A merge stands in the record of the spot that it took the reports from, a
    split in that of the spot that lost them: both are part of this one's history.
    """
    return (
        sa.select(Decision)
        .where((Decision.spot_id == spot_id) | (Decision.into_id == spot_id))
        .order_by(Decision.id.desc())
        .options(joinedload(Decision.editor), joinedload(Decision.spot))
    )


def standing(spot_id: int, at: datetime | None = None) -> sa.Select[Decision]:
    """Select the decision that an undo would take back: the last one not taken back, `at` then."""
    theirs = Decision.spot_id == spot_id
    if at is not None:
        theirs &= Decision.at <= at
    return record(spot_id).where(theirs, *_not_taken_back(theirs)).limit(1)


def concluded(spot_id: int, at: datetime | None = None) -> sa.Select[Decision]:
    """Select the decision that a spot's status comes from, or came from `at` an earlier time.

    Splitting a spot leaves its status.
    """
    return standing(spot_id, at).where(Decision.kind != Kind.SPLIT)


def after(spot_id: int, at: datetime) -> sa.Select[Decision]:
    """Select the first decision on a spot after a time: it tells what the spot was at then."""
    later = (Decision.spot_id == spot_id) & (Decision.at > at)
    return sa.select(Decision).where(later).order_by(Decision.id).limit(1)


def latest(spot_ids: Sequence[int]) -> sa.Select[Decision]:
    """Select the last decision on each of these spots, with who made it."""
    last = sa.select(sa.func.max(Decision.id)).where(Decision.spot_id.in_(spot_ids))
    newest = last.group_by(Decision.spot_id)
    return sa.select(Decision).where(Decision.id.in_(newest)).options(joinedload(Decision.editor))


def verdicts(spot_ids: Sequence[int]) -> sa.Select[Decision]:
    """Select, of each of these spots, the decision that its status comes from."""
    theirs = Decision.spot_id.in_(spot_ids)
    last = (
        sa.select(sa.func.max(Decision.id))
        .where(theirs, Decision.kind != Kind.SPLIT, *_not_taken_back(theirs))
        .group_by(Decision.spot_id)
    )
    return sa.select(Decision).where(Decision.id.in_(last)).options(joinedload(Decision.editor))


def _not_taken_back(theirs: sa.ColumnElement[bool]) -> tuple[sa.ColumnElement[bool], ...]:
    """Tell the decisions that stand from those that do not, among those that `theirs` names."""
    undone = sa.select(Decision.undoes_id).where(theirs, Decision.undoes_id.is_not(None))
    return Decision.kind.not_in([Kind.UNDO, Kind.WAKE]), Decision.id.not_in(undone)


def undone(decision_ids: Sequence[int]) -> sa.Select[int | None]:
    """Select which of these decisions were taken back."""
    return sa.select(Decision.undoes_id).where(Decision.undoes_id.in_(decision_ids))


def beside(spot: Spot) -> sa.Select[Spot]:
    """Select the other spots of a spot's article that have reports, nearest first.

    The caller limits.
    """
    return (
        sa.select(Spot)
        .where(Spot.article_id == spot.article_id, Spot.id != spot.id, Spot.status != Status.MERGED)
        .order_by(sa.func.abs(Spot.start - spot.start), Spot.id)
    )


def named(spot_ids: Sequence[int]) -> sa.Select[Spot]:
    """Select spots by their ids."""
    return sa.select(Spot).where(Spot.id.in_(spot_ids))


def numbers(spot_id: int, uids: Sequence[UUID]) -> sa.Select[int]:
    """Select the ids of those reports of a spot that readers' browsers called so."""
    return sa.select(Report.id).where(Report.spot_id == spot_id, Report.uid.in_(uids))
