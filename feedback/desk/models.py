"""The record of decisions."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback.accounts.models import Editor
from feedback.db import Key, Model, names
from feedback.reports.models import Spot, Status


class Kind(StrEnum):
    """What can be concluded on a spot."""

    ACCEPT = "accept"
    FIX = "fix"
    REJECT = "reject"
    REOPEN = "reopen"
    UNDO = "undo"


class Reason(StrEnum):
    """Why a spot is rejected."""

    CORRECT = "correct"
    QUOTED = "quoted"
    STYLE = "style"
    UNCLEAR = "unclear"
    ABUSE = "abuse"
    OTHER = "other"


class Decision(Model):
    """What was concluded on a spot, by whom, when and why. It is never changed afterwards."""

    __tablename__ = "decision"

    id: Mapped[Key]
    spot_id: Mapped[int] = mapped_column(sa.ForeignKey("spot.id", ondelete="CASCADE"), index=True)
    kind: Mapped[Kind] = mapped_column(names(Kind, "kind"))
    reason: Mapped[Reason | None] = mapped_column(names(Reason, "reason"))
    #: For colleagues.
    note: Mapped[str]
    at: Mapped[datetime]
    editor_id: Mapped[int] = mapped_column(sa.ForeignKey("editor.id"))
    #: The spot before and after, so that an undo is exact.
    status_before: Mapped[Status] = mapped_column(names(Status, "status_before"))
    status_after: Mapped[Status] = mapped_column(names(Status, "status_after"))
    correction_before: Mapped[str]
    settled_before: Mapped[bool]
    #: The decision that this one takes back; each is taken back once.
    undoes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("decision.id"), unique=True)

    spot: Mapped[Spot] = relationship()
    editor: Mapped[Editor] = relationship()
