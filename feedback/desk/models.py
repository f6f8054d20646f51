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
    MERGE = "merge"
    SPLIT = "split"
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
    """What was concluded on a spot, by whom, when and why. It is never changed afterwards.

    Its record is the spot's whatever becomes of its reports.
    """

    __tablename__ = "decision"

    id: Mapped[Key]
    spot_id: Mapped[int] = mapped_column(sa.ForeignKey("spot.id", ondelete="CASCADE"), index=True)
    kind: Mapped[Kind] = mapped_column(names(Kind, "kind"))
    reason: Mapped[Reason | None] = mapped_column(names(Reason, "reason"))
    #: For colleagues.
    note: Mapped[str]
    at: Mapped[datetime]
    #: Who decided; None for the article check.
    editor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("editor.id"))
    #: What the article check read at the spot's place.
    became: Mapped[str] = mapped_column(default="")
    #: The spot that this one was merged into, or that was split off.
    into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("spot.id"), index=True)
    #: The spot before and after, so that an undo is exact.
    status_before: Mapped[Status] = mapped_column(names(Status, "status_before"))
    status_after: Mapped[Status] = mapped_column(names(Status, "status_after"))
    correction_before: Mapped[str]
    settled_before: Mapped[bool]
    #: The decision that this one takes back; each is taken back once.
    undoes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("decision.id"), unique=True)

    spot: Mapped[Spot] = relationship(foreign_keys=[spot_id])
    editor: Mapped[Editor | None] = relationship()


class Move(Model):
    """A report that a merge or a split took from one spot to another: it can return."""

    __tablename__ = "move"

    decision_id: Mapped[int] = mapped_column(
        sa.ForeignKey("decision.id", ondelete="CASCADE"), primary_key=True
    )
    report_id: Mapped[int] = mapped_column(
        sa.ForeignKey("report.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    from_id: Mapped[int] = mapped_column(sa.ForeignKey("spot.id", ondelete="CASCADE"), index=True)
    to_id: Mapped[int] = mapped_column(sa.ForeignKey("spot.id", ondelete="CASCADE"), index=True)


class Parting(Model):
    """Two spots that an editor holds to be two: the article check leaves them apart."""

    __tablename__ = "parting"

    #: The older and the newer spot.
    spot_id: Mapped[int] = mapped_column(
        sa.ForeignKey("spot.id", ondelete="CASCADE"), primary_key=True
    )
    other_id: Mapped[int] = mapped_column(
        sa.ForeignKey("spot.id", ondelete="CASCADE"), primary_key=True, index=True
    )
