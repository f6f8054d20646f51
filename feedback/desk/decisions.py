"""Decisions: what an editor concludes on a spot, kept with who, when and why."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import Editor
from feedback.db import now
from feedback.desk import queue
from feedback.desk.models import Decision, Kind, Reason
from feedback.reports.models import Spot, Status

#: What each decision makes of a spot, by the status that it had. What is not here is refused.
OUTCOMES: dict[Kind, dict[Status, Status]] = {
    Kind.ACCEPT: {
        Status.WAITING: Status.ACCEPTED,
        Status.REJECTED: Status.ACCEPTED,
    },
    Kind.FIX: {
        Status.WAITING: Status.FIXED,
        Status.ACCEPTED: Status.FIXED,
        Status.REJECTED: Status.FIXED,
    },
    Kind.REJECT: {
        Status.WAITING: Status.REJECTED,
        Status.ACCEPTED: Status.REJECTED,
    },
    Kind.REOPEN: {
        Status.ACCEPTED: Status.WAITING,
        Status.FIXED: Status.WAITING,
        Status.REJECTED: Status.WAITING,
    },
}


class AlreadyDecided(Exception):
    """Somebody decided meanwhile: the spot is not at the version that was seen."""


class NotPossible(Exception):
    """This decision makes no sense now; the message says why, `field` what to change."""

    def __init__(self, message: str, field: str = "kind") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision as an editor states it."""

    kind: Kind
    #: The spot's version that the editor saw.
    version: int
    reason: Reason | None = None
    note: str = ""
    #: What it should read; None to leave that as it is.
    correction: str | None = None


def decide(session: Session, spot: Spot, editor: Editor, verdict: Verdict) -> Decision:
    """Decide on a spot. The caller commits. Raises AlreadyDecided and NotPossible.

    1. What becomes of the spot is worked out from the spot as it was seen.
    2. One UPDATE moves it there if it is still at the version that was seen:
       of two editors at once, one wins.
    3. The decision is recorded.
    """
    if spot.version != verdict.version:
        raise AlreadyDecided
    decision = _undo(session, spot) if verdict.kind is Kind.UNDO else _proceed(spot, verdict)
    decision.spot_id, decision.editor_id, decision.at = spot.id, editor.id, now()
    decision.note = verdict.note
    session.add(decision)
    return decision


def _proceed(spot: Spot, verdict: Verdict) -> Decision:
    outcome = OUTCOMES[verdict.kind].get(spot.status)
    if outcome is None:
        raise NotPossible(f"A spot that is {spot.status} cannot be decided so: {verdict.kind}.")
    if verdict.kind is Kind.REJECT and verdict.reason is None:
        raise NotPossible("A rejection needs a reason.", field="reason")
    decision = Decision(
        kind=verdict.kind,
        reason=verdict.reason if verdict.kind is Kind.REJECT else None,
        status_before=spot.status,
        status_after=outcome,
        correction_before=spot.correction,
        settled_before=spot.settled,
    )
    _move(spot, verdict.version, status=outcome, **_wording(spot, verdict))
    return decision


def _wording(spot: Spot, verdict: Verdict) -> dict[str, object]:
    if verdict.correction is None or verdict.correction == spot.correction:
        return {}
    return {"correction": verdict.correction, "settled": True}


def _undo(session: Session, spot: Spot) -> Decision:
    last = session.scalar(queue.standing(spot.id))
    if last is None:
        raise NotPossible("There is nothing to undo on this spot.")
    decision = Decision(
        kind=Kind.UNDO,
        status_before=spot.status,
        status_after=last.status_before,
        correction_before=spot.correction,
        settled_before=spot.settled,
        undoes_id=last.id,
    )
    wording: dict[str, object] = {}
    if spot.settled:  # an editor's word stands only as long as the decision that said it
        wording = {"correction": last.correction_before, "settled": last.settled_before}
    _move(spot, spot.version, status=last.status_before, **wording)
    return decision


def _move(spot: Spot, version: int, **values: object) -> None:
    """Move a spot that is still at `version`. Raises AlreadyDecided."""
    session = sa.orm.object_session(spot)
    assert session is not None  # noqa: S101 -- it was just loaded
    moved = session.execute(
        sa.update(Spot)
        .where(Spot.id == spot.id, Spot.version == version)
        .values(version=version + 1, **values)
        .returning(Spot.id)
        .execution_options(synchronize_session=False)
    )
    if moved.one_or_none() is None:
        raise AlreadyDecided
    session.refresh(spot)
