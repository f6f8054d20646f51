"""Decisions: what an editor concludes on a spot, kept with who, when and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import Editor
from feedback.anchoring.locate import Presence
from feedback.articles import schedule
from feedback.db import now
from feedback.delivery import events
from feedback.delivery.models import Happening
from feedback.desk import claims, merging, queue, reasons
from feedback.desk.models import Decision, Kind
from feedback.reports.models import Spot, Status

#: What each decision makes of a spot, by the status that it had. What is not here is refused.
OUTCOMES: dict[Kind, dict[Status, Status]] = {
    Kind.ACCEPT: {
        Status.WAITING: Status.ACCEPTED,
        Status.REJECTED: Status.ACCEPTED,
        Status.SNOOZED: Status.ACCEPTED,
    },
    Kind.FIX: {
        Status.WAITING: Status.FIXED,
        Status.ACCEPTED: Status.FIXED,
        Status.REJECTED: Status.FIXED,
        Status.SNOOZED: Status.FIXED,
    },
    Kind.REJECT: {
        Status.WAITING: Status.REJECTED,
        Status.ACCEPTED: Status.REJECTED,
        Status.SNOOZED: Status.REJECTED,
    },
    Kind.SNOOZE: {
        Status.WAITING: Status.SNOOZED,
        Status.SNOOZED: Status.SNOOZED,
    },
    Kind.REOPEN: {
        Status.ACCEPTED: Status.WAITING,
        Status.FIXED: Status.WAITING,
        Status.REJECTED: Status.WAITING,
        Status.SNOOZED: Status.WAITING,
    },
    Kind.WAKE: {
        Status.SNOOZED: Status.WAITING,
    },
    Kind.MERGE: {
        Status.WAITING: Status.MERGED,
        Status.ACCEPTED: Status.MERGED,
        Status.FIXED: Status.MERGED,
        Status.REJECTED: Status.MERGED,
        Status.SNOOZED: Status.MERGED,
    },
    Kind.SPLIT: {
        Status.WAITING: Status.WAITING,
        Status.ACCEPTED: Status.ACCEPTED,
        Status.FIXED: Status.FIXED,
        Status.REJECTED: Status.REJECTED,
        Status.SNOOZED: Status.SNOOZED,
    },
}

#: How long a spot is out of the way where nobody says until when, and at the longest.
SNOOZE = timedelta(days=1)
LONGEST = timedelta(days=366)

#: The presences in which a spot's quote stands no more.
AWAY = frozenset({Presence.CHANGED, Presence.GONE})


class AlreadyDecided(Exception):
    """Somebody decided meanwhile: the spot is not at the version that was seen."""


class NotPossible(Exception):
    """This decision makes no sense now; the message says why, `field` what to change.

    The message has a place, `%(name)s`, for each of the values: whoever shows it translates it.
    """

    def __init__(self, message: str, field: str = "kind", **values: str) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values
        self.field = field


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision as an editor states it."""

    kind: Kind
    #: The spot's version that the editor saw.
    version: int
    #: For a rejection: the code of one of the site's reasons.
    reason: str | None = None
    note: str = ""
    #: What it should read; None to leave that as it is.
    correction: str | None = None
    #: For a merge: the id of the spot that gets the reports.
    into: int | None = None
    #: For a split: the ids of the reports that go to a spot of their own.
    reports: tuple[int, ...] = ()
    #: For a snooze: until when; None for `SNOOZE` from now.
    until: datetime | None = None
    #: The batch that it is part of.
    batch_id: int | None = None
    #: For the article check: what it read at the spot's place.
    became: str = ""


def decide(session: Session, spot: Spot, editor: Editor | None, verdict: Verdict) -> Decision:
    """Decide on a spot; without an `editor` the article check does.

    The caller commits, or rolls back. Raises AlreadyDecided and NotPossible.

    1. The article is locked, so that which reports are on which spot stays as it is until
       the end; and it is to be looked at soon, unless the spot is rejected.
    2. What becomes of the spot is worked out from the spot as it was seen.
    3. One UPDATE moves it there if it is still at the version that was seen:
       of two editors at once, one wins.
    4. The decision is recorded, and its reports go where it says.
    5. What happened is written down for whoever hears of it. Of a decision that is taken back
       before it was told, and of its undo, nobody hears.
    """
    if spot.version != verdict.version:
        raise AlreadyDecided
    schedule.lock(session, spot.article_id)
    if editor is not None and verdict.kind is not Kind.REJECT:
        schedule.hasten(session, spot.article_id, now())
    try:
        if verdict.kind is Kind.UNDO:
            return _undo(session, spot, editor, verdict)
        return _proceed(session, spot, editor, verdict)
    except merging.CannotMove as error:
        raise NotPossible(str(error), error.field) from None


def _proceed(session: Session, spot: Spot, editor: Editor | None, verdict: Verdict) -> Decision:
    outcome = OUTCOMES[verdict.kind].get(spot.status)
    if outcome is None:
        raise NotPossible(
            "A spot that is %(status)s cannot be decided so: %(kind)s.",
            status=spot.status,
            kind=verdict.kind,
        )
    if verdict.kind is Kind.WAKE and editor is not None:
        raise NotPossible("A snoozed spot wakes by itself; reopen it to have it back now.")
    decision = _recorded(spot, editor, verdict, outcome)
    if verdict.kind is Kind.REJECT:
        _explain(session, spot, decision, verdict.reason)
    elif verdict.kind is Kind.SNOOZE:
        decision.until = _until(decision.at, verdict.until)
    until = spot.snoozed_until if verdict.kind is Kind.SPLIT else decision.until
    changes = {"left_at": _left(spot, outcome), **_wording(spot, verdict)}
    _move(session, spot, status=outcome, snoozed_until=until, **changes)
    session.add(decision)
    _carry_out(session, spot, decision, verdict)
    _tell(session, spot, decision)
    return decision


def _recorded(spot: Spot, editor: Editor | None, verdict: Verdict, outcome: Status) -> Decision:
    return Decision(
        spot_id=spot.id,
        kind=verdict.kind,
        note=verdict.note,
        at=now(),
        editor_id=editor.id if editor else None,
        status_before=spot.status,
        status_after=outcome,
        correction_before=spot.correction,
        settled_before=spot.settled,
        became=verdict.became,
        batch_id=verdict.batch_id,
    )


def _explain(session: Session, spot: Spot, decision: Decision, code: str | None) -> None:
    """Say why a spot is rejected, as the site words it now. Raises NotPossible."""
    if code is None:
        raise NotPossible("A rejection needs a reason.", field="reason")
    reason = reasons.named(session, spot.site_id, code)
    if reason is None:
        raise NotPossible("This site has no reason “%(code)s”.", field="reason", code=code)
    decision.reason, decision.label, decision.sentence = reason.code, reason.label, reason.sentence


def _until(at: datetime, until: datetime | None) -> datetime:
    """Give when a snoozed spot is back. Raises NotPossible."""
    if until is None:
        return at + SNOOZE
    if not at < until <= at + LONGEST:
        raise NotPossible("A spot is snoozed until a time within a year from now.", field="until")
    return until


def _carry_out(session: Session, spot: Spot, decision: Decision, verdict: Verdict) -> None:
    """Take the reports where a merge or a split says."""
    if verdict.kind is Kind.MERGE:
        merging.merge(session, spot, decision, merging.target(session, spot, verdict.into))
    elif verdict.kind is Kind.SPLIT:
        chosen = merging.chosen(session, spot, verdict.reports)
        merging.split(session, spot, decision, chosen)


def _left(spot: Spot, status: Status) -> datetime | None:
    """Give since when a spot's quote is away, if that matters: only while it is fixed."""
    if status is not Status.FIXED:
        return None
    return spot.left_at or (now() if spot.presence in AWAY else None)


def _wording(spot: Spot, verdict: Verdict) -> dict[str, object]:
    if verdict.correction is None or verdict.correction == spot.correction:
        return {}
    return {"correction": verdict.correction, "settled": True}


def _undo(session: Session, spot: Spot, editor: Editor | None, verdict: Verdict) -> Decision:
    last = session.scalar(queue.standing(spot.id))
    if last is None:
        raise NotPossible("There is nothing to undo on this spot.")
    decision = _recorded(spot, editor, verdict, last.status_before)
    decision.undoes_id = last.id
    wording: dict[str, object] = {}
    unsaid = spot.settled and not last.settled_before
    if spot.settled:  # an editor's word stands only as long as the decision that said it
        wording = {"correction": last.correction_before, "settled": last.settled_before}
    until = _snoozed(session, spot, last) if last.status_before is Status.SNOOZED else None
    _move(session, spot, status=last.status_before, left_at=None, snoozed_until=until, **wording)
    session.add(decision)
    if last.kind is Kind.MERGE:
        merging.unmerge(session, spot, last)
    elif last.kind is Kind.SPLIT:
        merging.unsplit(session, spot, last)
    elif unsaid:  # readers may have come meanwhile who say something else
        merging.settle(session, spot)
    if not events.forget(session, last.id):
        _tell(session, spot, decision)
    return decision


def _tell(session: Session, spot: Spot, decision: Decision) -> None:
    """Write down what happened by a decision."""
    session.flush()  # it is named by its id
    about = events.About(spot.site_id, spot.article_id, spot.id, decision_id=decision.id)
    for happening in _happenings(decision):
        events.happened(session, happening, about, decision.at)


def _happenings(decision: Decision) -> Iterator[Happening]:
    """Give what is told of a decision: that there is one first."""
    yield Happening.DECIDED
    if decision.status_after is Status.FIXED and decision.status_before is not Status.FIXED:
        yield Happening.FIXED
    if decision.editor_id is None and decision.kind in {Kind.WAKE, Kind.REOPEN}:
        yield Happening.RETURNED


def _snoozed(session: Session, spot: Spot, last: Decision) -> datetime | None:
    """Give until when a spot was snoozed before its last decision: by one that stands."""
    before = queue.standing(spot.id).where(Decision.until.is_not(None), Decision.id < last.id)
    snooze = session.scalar(before)
    return snooze.until if snooze else None


def _move(session: Session, spot: Spot, **values: object) -> None:
    """Move a spot that is still at the version that was seen. Raises AlreadyDecided."""
    moved = session.execute(
        sa.update(Spot)
        .where(Spot.id == spot.id, Spot.version == spot.version)
        .values(version=spot.version + 1, moved_at=now(), stale=True, **values)
        .returning(Spot.id)
        .execution_options(synchronize_session=False)
    )
    if moved.one_or_none() is None:
        raise AlreadyDecided
    claims.release(session, spot.id)
    session.refresh(spot)
