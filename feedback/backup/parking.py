"""Parking: what waited to go out when a backup was made may have gone since, and is held back.

A restored database does not know what its original did after the backup. Nobody is told the same
twice for that:

- A letter that waits is dead: at the desk its owners see why, and send it again if it never came.
  One to a reader or an owner names whom it is to, which dead letters do not: it is dropped.
- What happened and was not told yet becomes such a letter.
- What was gathered for digests is forgotten. It stands in the queue.
- Readers to whom an answer was due get none: their addresses are forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.delivery import outbox
from feedback.delivery.models import Attempt, Carrier, Letter, Means, State
from feedback.desk.letters import answers, fanning
from feedback.desk.models import Gathered
from feedback.reports.models import Report

#: How many happenings become letters at once.
_SOME = 500
_PLAIN: Mapping[str, Any] = {"synchronize_session": False}
#: What a dead letter says it failed by.
SAID = "It waited when the backup of {at} was made, and may have arrived since."
#: Why a carrier of a drill is off.
DRILL = "This is a copy, restored to see whether that works."

_LASTING = sa.and_(Carrier.means != Means.POST, Letter.kind != outbox.TEST)


@dataclass(frozen=True, slots=True)
class Parked:
    """How many letters are dead, how many were dropped, and how many addresses are forgotten."""

    held: int
    dropped: int
    readers: int


def park(session: Session, made_at: str, at: datetime, undo: timedelta) -> Parked:
    """Hold back what waits to go out. The caller commits.

    `made_at`: when the backup was made. `undo`: how long a decision can be taken back.
    """
    while fanning.fan(session, at, timedelta(0), _SOME):
        session.expunge_all()
    session.flush()
    held = _hold(session, SAID.format(at=made_at), at)
    dropped = _end(session, State.DROPPED, sa.true(), at)
    session.execute(sa.delete(Gathered), execution_options=_PLAIN)
    none: Mapping[str, Any] = {"due_at": None, "gather_at": None, "rest_until": None}
    session.execute(sa.update(Carrier).values(none), execution_options=_PLAIN)
    return Parked(held, dropped, answers.forget_due(session, at - undo))


def _hold(session: Session, why: str, at: datetime) -> int:
    """Let the letters be dead that somebody can send again."""
    which = Letter.carrier_id == Carrier.id, Letter.due_at.is_not(None), _LASTING
    values = (Letter.id, sa.literal(at, Attempt.at.type), sa.literal(0), sa.false())
    waiting = sa.select(*values, sa.null(), sa.literal(why)).where(*which)
    columns = ["letter_id", "at", "took", "arrived", "status", "said"]
    session.execute(sa.insert(Attempt).from_select(columns, waiting))
    return _end(session, State.DEAD, sa.exists().where(*which[:1], _LASTING), at)


def _end(session: Session, state: State, which: sa.ColumnElement[bool], at: datetime) -> int:
    """Settle the letters that wait, as `outbox.end` does."""
    values: Mapping[str, Any] = {
        "state": state,
        "settled_at": at,
        "due_at": None,
        "leased_until": None,
        "address": "",
    }
    ended = sa.update(Letter).where(Letter.due_at.is_not(None), which).values(values)
    done: Any = session.execute(ended, execution_options=_PLAIN)
    return int(done.rowcount)


def silence(session: Session, at: datetime) -> None:
    """Let nothing leave a copy that stands beside its original. The caller commits."""
    off = sa.update(Carrier).where(Carrier.off_at.is_(None))
    session.execute(off.values(off_at=at, off_why=DRILL), execution_options=_PLAIN)
    some = sa.update(Report).where(Report.email != sa.literal_column("''"))
    session.execute(some.values(email=""), execution_options=_PLAIN)
