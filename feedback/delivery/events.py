"""Events: what happened, written down where it happens, for carriers to hear of.

One statement, which does nothing where a site has nobody who hears.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.delivery.models import Carrier, Event, Happening, Means

_COLUMNS = ("site_id", "kind", "article_id", "spot_id", "report_id", "decision_id", "at", "due_at")


@dataclass(frozen=True, slots=True)
class About:
    """What an event is about, by ids."""

    site_id: int
    article_id: int
    spot_id: int | None = None
    report_id: int | None = None
    decision_id: int | None = None


def heard(site_id: sa.ColumnElement[int]) -> sa.Exists:
    """Whether somebody hears of what happens at a site."""
    return (
        sa.select(Carrier.id)
        .where(Carrier.site_id == site_id, Carrier.means != Means.POST, Carrier.off_at.is_(None))
        .exists()
    )


def happened(on: sa.Connection | Session, kind: Happening, about: About, at: datetime) -> None:
    """Write down what happened, if somebody hears of it. The caller commits."""
    on.execute(_TELL, {**asdict(about), "kind": kind, "at": at, "due_at": at})


# Of the model itself a session would make objects.
_TABLE = cast("sa.Table", Event.__table__)


def _tell() -> sa.Insert:
    types = {name: _TABLE.c[name].type for name in _COLUMNS}
    given = {name: sa.bindparam(name, type_=types[name]) for name in _COLUMNS}
    values = sa.select(*(value.label(name) for name, value in given.items()))
    return sa.insert(_TABLE).from_select(list(given), values.where(heard(given["site_id"])))


_TELL = _tell()


def forget(session: Session, decision_id: int) -> bool:
    """Leave untold what is still to be told of a decision; say whether nobody has heard of it.

    The caller commits. What is being told at this moment is waited for, and then has been told.
    """
    gone = session.execute(
        sa.delete(Event)
        .where(Event.decision_id == decision_id)
        .returning(Event.kind)
        .execution_options(synchronize_session=False)
    )
    return Happening.DECIDED in gone.scalars()  # it is told first


def due(at: datetime, undo: timedelta) -> sa.Select[Event]:
    """Select what is to be told by `at`, as it happened: a decision `undo` later."""
    ready = Event.decision_id.is_(None) | (Event.due_at <= at - undo)
    return sa.select(Event).where(Event.due_at <= at, ready).order_by(Event.due_at, Event.id)
