"""The timeline: what became of a report, step by step, as its reader is told.

Nobody outside hears of a decision before the time to undo it is over; one that was undone within
that time was never made. What editors write to each other, and who they are, is not part of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import dropwhile

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from feedback.desk import queue
from feedback.desk.models import Decision, Kind, Move
from feedback.reports.models import Report, Spot, Status

#: How many of a spot's newest decisions are read.
MOST = 200


class Step(StrEnum):
    """Something that a reader is told of a report."""

    RECEIVED = "received"
    SEEN = "seen"
    ACCEPTED = "accepted"
    FIXED = "fixed"
    KEPT = "kept"
    BACK = "back"
    #: It went to the spot of other reports, or from it to a spot of its own.
    MERGED = "merged"
    SPLIT = "split"


#: What a reader is told of a status. Whether a spot is snoozed is the editors' business.
_STEPS = {
    Status.WAITING: Step.BACK,
    Status.ACCEPTED: Step.ACCEPTED,
    Status.FIXED: Step.FIXED,
    Status.REJECTED: Step.KEPT,
}
_TOLD = {Status.SNOOZED: Status.WAITING}
_STATUSES = {step: status for status, step in _STEPS.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """A step, and when it was."""

    step: Step
    at: datetime
    #: Whether it was before the report came: others had reported the place.
    earlier: bool = False
    #: The decision that it comes from.
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """What a reader is told of a report."""

    #: The spot that the report is on, as far as is told.
    spot: Spot
    #: Waiting, accepted, fixed or rejected.
    status: Status
    #: What the status comes from; None while the spot has never been decided on.
    decision: Decision | None
    #: Oldest first, but for the report's arrival, which is the first one.
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class _Way:
    """How a report came to the spot that it is on."""

    spot_id: int
    by: Decision | None = None


def of(session: Session, report: Report, at: datetime, undo: timedelta) -> Timeline:
    """Give what is told of a report by `at`, where decisions can be undone for as long as `undo`.

    Reads only.
    """
    way = _way(session, report, at - undo, undo)
    spot = report.spot if way.spot_id == report.spot_id else session.get_one(Spot, way.spot_id)
    decisions = _told(_record(session, spot.id), at - undo, undo)
    steps = _steps(decisions)
    last = steps[-1] if steps else None
    entries = [
        Entry(Step.RECEIVED, report.at),
        *sorted(_since(report, spot, steps, way.by), key=lambda entry: entry.at),
    ]
    if last is None:
        return Timeline(spot, Status.WAITING, None, entries)
    return Timeline(spot, _STATUSES[last.step], last.decision, entries)


def _way(session: Session, report: Report, told_by: datetime, undo: timedelta) -> _Way:
    """Find the spot that a report was on when all that is told had happened."""
    undone = aliased(Decision)
    moves = session.execute(
        sa.select(Decision, Move.from_id, Move.to_id, undone.at)
        .join(Move, Move.decision_id == Decision.id)
        .outerjoin(undone, undone.undoes_id == Decision.id)
        .where(Move.report_id == report.id)
        .order_by(Decision.id)
    ).all()
    hidden = any(
        decision.at > told_by or (undone_at is not None and undone_at > told_by)
        for decision, _from_id, _to_id, undone_at in moves
    )
    way = _Way(moves[0][1] if hidden else report.spot_id)
    for decision, from_id, to_id, undone_at in moves:
        stands = undone_at is None or (undone_at > told_by and undone_at - decision.at > undo)
        if decision.at > told_by or not stands:
            way = _Way(from_id) if hidden else way
        elif hidden or to_id == report.spot_id:
            way = _Way(to_id, decision)
    return way


def _record(session: Session, spot_id: int) -> Sequence[Decision]:
    """Give a spot's newest decisions, oldest first."""
    return session.scalars(queue.record(spot_id).limit(MOST)).all()[::-1]


def _told(record: Iterable[Decision], told_by: datetime, undo: timedelta) -> list[Decision]:
    """Leave out what was undone before anybody heard of it, and what nobody hears of yet."""
    decisions = list(record)
    by_id = {decision.id: decision for decision in decisions}
    unmade: set[int] = set()
    for decision in decisions:
        taken_back = by_id.get(decision.undoes_id or 0)
        if taken_back is not None and decision.at - taken_back.at <= undo:
            unmade |= {decision.id, taken_back.id}
    return [each for each in decisions if each.id not in unmade and each.at <= told_by]


def _steps(decisions: Sequence[Decision]) -> list[Entry]:
    """Make a step of each decision that changes what a reader is told."""
    entries: list[Entry] = []
    said: dict[Status, Decision] = {}
    shown = Status.WAITING
    for decision in decisions:
        status = _TOLD.get(decision.status_after, decision.status_after)
        if status is shown or status not in _STEPS:
            continue
        if decision.kind is not Kind.UNDO:  # an undo brings back what was said before
            said[status] = decision
        told = said.get(status, decision)
        entries.append(Entry(_STEPS[status], decision.at, decision=told))
        shown = status
    return entries


def _since(
    report: Report, spot: Spot, steps: Sequence[Entry], by: Decision | None
) -> Iterator[Entry]:
    """Give what happened since the report came to its spot, and how the spot stood then."""
    joined = by.at if by is not None else report.at
    if by is not None:
        yield Entry(Step.MERGED if by.kind is Kind.MERGE else Step.SPLIT, by.at)
    before = [entry for entry in steps if entry.at < joined]
    if before and before[-1].step is not Step.BACK:
        stood = before[-1]
        yield Entry(stood.step, stood.at, stood.at < report.at, stood.decision)
    since = list(dropwhile(lambda entry: entry.at < joined, steps))
    yield from since
    seen = spot.noticed_at
    if seen is not None and not any(entry.at < seen for entry in since):
        yield Entry(Step.SEEN, seen, seen < report.at)
