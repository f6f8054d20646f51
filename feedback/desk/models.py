"""The tables of the desk: decisions and what they are made with."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback.accounts.models import Editor
from feedback.db import Key, Model, names
from feedback.delivery.models import Carrier, Happening
from feedback.reports.models import Spot, Status


class Kind(StrEnum):
    """What can be concluded on a spot."""

    ACCEPT = "accept"
    FIX = "fix"
    REJECT = "reject"
    REOPEN = "reopen"
    MERGE = "merge"
    SPLIT = "split"
    SNOOZE = "snooze"
    WAKE = "wake"
    UNDO = "undo"


class Reason(StrEnum):
    """Why a spot is rejected, where a site has no reasons of its own."""

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
    #: One of `Reason`, or the code of one of the site's own.
    reason: Mapped[str | None]
    #: Of the site's own reason, as they were: its name, and the sentence for the reader.
    label: Mapped[str] = mapped_column(default="")
    sentence: Mapped[str] = mapped_column(default="")
    #: For colleagues.
    note: Mapped[str]
    at: Mapped[datetime]
    #: Who decided; None for the article check.
    editor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("editor.id"))
    #: What the article check read at the spot's place.
    became: Mapped[str] = mapped_column(default="")
    #: The spot that this one was merged into, or that was split off.
    into_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("spot.id", ondelete="SET NULL"), index=True
    )
    #: Until when a snoozed spot is out of the way.
    until: Mapped[datetime | None]
    #: The batch that it was made in.
    batch_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("batch.id", ondelete="SET NULL"), index=True
    )
    #: The spot before and after, so that an undo is exact.
    status_before: Mapped[Status] = mapped_column(names(Status, "status_before"))
    status_after: Mapped[Status] = mapped_column(names(Status, "status_after"))
    correction_before: Mapped[str]
    settled_before: Mapped[bool]
    #: The decision that this one takes back; each is taken back once.
    undoes_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("decision.id", ondelete="SET NULL"), unique=True
    )

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


class Batch(Model):
    """One decision on many spots. Small ones are made at once, others bit by bit by a worker."""

    __tablename__ = "batch"

    id: Mapped[Key]
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id", ondelete="CASCADE"), index=True)
    editor_id: Mapped[int] = mapped_column(
        sa.ForeignKey("editor.id", ondelete="CASCADE"), index=True
    )
    #: What is decided, as JSON.
    verdict: Mapped[str]
    #: What it is about: a queue's query as it stands in its address, or the ids of spots, as JSON.
    query: Mapped[str]
    #: When the editor saw what the query finds: what came later, or changed since, is left out.
    shown_at: Mapped[datetime]
    at: Mapped[datetime]
    #: When it was done; None while it is going on.
    ended_at: Mapped[datetime | None]
    #: When it is to go on; while a worker is at it, when that is given up. None once it is done.
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    #: How many spots the query found, how many of them were decided, and how many could not be.
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    #: The id of the last spot that it came to.
    place: Mapped[int] = mapped_column(default=0)
    #: The batch that this one takes back; each is taken back once.
    undoes_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("batch.id", ondelete="SET NULL"), unique=True
    )

    editor: Mapped[Editor] = relationship()


class Claim(Model):
    """An editor is at a spot, for some minutes: others see it, and may decide all the same."""

    __tablename__ = "claim"

    spot_id: Mapped[int] = mapped_column(
        sa.ForeignKey("spot.id", ondelete="CASCADE"), primary_key=True
    )
    editor_id: Mapped[int] = mapped_column(
        sa.ForeignKey("editor.id", ondelete="CASCADE"), index=True
    )
    until: Mapped[datetime]

    editor: Mapped[Editor] = relationship()


class SiteReason(Model):
    """One of a site's own reasons for rejecting."""

    __tablename__ = "reason"
    __table_args__ = (sa.UniqueConstraint("site_id", "code"),)

    id: Mapped[Key]
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id", ondelete="CASCADE"))
    #: What decisions and programs call it; never changed.
    code: Mapped[str]
    #: What editors call it.
    label: Mapped[str]
    #: What its reader is told.
    sentence: Mapped[str]
    #: Its place in the list, from 1: the digit that chooses it.
    place: Mapped[int]
    #: Since when it is not offered any more.
    retired_at: Mapped[datetime | None]


class SavedView(Model):
    """A query of the queue that an editor keeps under a name."""

    __tablename__ = "saved_view"
    __table_args__ = (sa.UniqueConstraint("editor_id", "site_id", "name"),)

    id: Mapped[Key]
    editor_id: Mapped[int] = mapped_column(sa.ForeignKey("editor.id", ondelete="CASCADE"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    #: As it stands in the queue's address, after the `?`.
    query: Mapped[str]


class Gathered(Model):
    """A happening that a carrier hears of in its next digest."""

    __tablename__ = "gathered"
    __table_args__ = (sa.Index("ix_gathered_carrier", "carrier_id", "id"),)

    id: Mapped[Key]
    carrier_id: Mapped[int] = mapped_column(sa.ForeignKey("carrier.id", ondelete="CASCADE"))
    kind: Mapped[Happening] = mapped_column(names(Happening, "kind"))
    spot_id: Mapped[int] = mapped_column(sa.ForeignKey("spot.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]


class Subscription(Model):
    """A carrier that is an editor's own: it hears as long as the editor belongs to the site."""

    __tablename__ = "subscription"

    carrier_id: Mapped[int] = mapped_column(
        sa.ForeignKey("carrier.id", ondelete="CASCADE"), primary_key=True
    )
    editor_id: Mapped[int] = mapped_column(
        sa.ForeignKey("editor.id", ondelete="CASCADE"), index=True
    )

    carrier: Mapped[Carrier] = relationship()
    editor: Mapped[Editor] = relationship()


class ChatUser(Model):
    """Who an editor is in a chat, so that a button pressed there is the editor's decision."""

    __tablename__ = "chat_user"
    __table_args__ = (sa.UniqueConstraint("service", "user"),)

    id: Mapped[Key]
    #: `slack` or `telegram`, with what tells one workspace from another.
    service: Mapped[str]
    #: What the service calls the person: never changes there.
    user: Mapped[str]
    #: What people call the person there.
    name: Mapped[str]
    editor_id: Mapped[int] = mapped_column(
        sa.ForeignKey("editor.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]

    editor: Mapped[Editor] = relationship()


class Alarm(Model):
    """What a site's people were alarmed of, and when last: not again for some hours."""

    __tablename__ = "alarm"

    carrier_id: Mapped[int] = mapped_column(
        sa.ForeignKey("carrier.id", ondelete="CASCADE"), primary_key=True
    )
    #: An article's id; 0 for the whole queue.
    about: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
