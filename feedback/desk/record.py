"""The record: what became of a spot, decision by decision, as people read it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from feedback.desk import queue
from feedback.desk.models import Decision, Kind
from feedback.reports.models import Spot

#: How many of a spot's newest decisions are read.
MOST = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision as it stands in a spot's record."""

    decision: Decision
    #: Whether it was taken back.
    undone: bool
    #: Whether it was made on this spot; else on one that its reports came from.
    own: bool
    #: The spot at the other end of a merge or a split.
    other: Spot | None
    #: Whether it can be taken back now: by an undo on `decision.spot`.
    standing: bool


def of(session: Session, spot: Spot) -> list[Entry]:
    """Give a spot's record, newest first, with the merges and splits that brought reports here."""
    decisions = session.scalars(queue.history(spot.id).limit(MOST)).all()
    undone = set(session.scalars(queue.undone([each.id for each in decisions])))
    ends = [each.into_id for each in decisions if each.into_id is not None]
    others = {each.id: each for each in session.scalars(queue.named(ends))}
    standing = session.scalar(queue.standing(spot.id))
    return [
        Entry(
            decision=each,
            undone=each.id in undone,
            own=each.spot_id == spot.id,
            other=others.get(each.into_id or 0) if each.spot_id == spot.id else each.spot,
            standing=each.id not in undone and _last(each, spot, standing),
        )
        for each in decisions
    ]


def _last(decision: Decision, spot: Spot, standing: Decision | None) -> bool:
    """Tell whether an undo on the decision's spot takes back this very decision."""
    if decision.spot_id == spot.id:
        return decision is standing
    return decision.kind is Kind.MERGE  # nothing else can be decided on a merged spot
