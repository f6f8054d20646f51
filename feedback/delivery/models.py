"""The tables of delivery: what happened and is to be told, who takes it where, and the letters."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback.db import Key, Model, names
from feedback.sites import Site


class Happening(StrEnum):
    """What is told to the world outside, by the name that programs know it by."""

    OPENED = "spot.opened"
    GREW = "spot.grew"
    DECIDED = "spot.decided"
    FIXED = "spot.fixed"
    RETURNED = "spot.returned"
    CHANGED = "article.changed"


class Event(Model):
    """Something that happened and is still to be told; once it is, the row is gone.

    What it is about are plain ids: the tables that hold them are above this one.
    """

    __tablename__ = "event"

    id: Mapped[Key]
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id", ondelete="CASCADE"), index=True)
    kind: Mapped[Happening] = mapped_column(names(Happening, "kind"))
    article_id: Mapped[int]
    #: None for what happened to an article.
    spot_id: Mapped[int | None]
    report_id: Mapped[int | None]
    decision_id: Mapped[int | None]
    at: Mapped[datetime]
    #: From when on it is told; a decision once the time to undo it is over, counted from here.
    due_at: Mapped[datetime] = mapped_column(index=True)


class Means(StrEnum):
    """How a letter gets to where it is to go."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    CHAT = "chat"
    #: Mail to whom a letter itself names: readers who asked for an answer, owners.
    POST = "post"


class Carrier(Model):
    """Where a site's letters go: an address, and what it wants to hear."""

    __tablename__ = "carrier"

    id: Mapped[Key]
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id", ondelete="CASCADE"), index=True)
    means: Mapped[Means] = mapped_column(names(Means, "means"))
    #: What people call it; empty for where it goes.
    name: Mapped[str] = mapped_column(default="")
    #: A mail address, a webhook's URL, a chat's URL; the last two may hold secrets. Empty for POST.
    address: Mapped[str]
    #: What it wants to hear and when, as JSON (`wishes.Wishes`).
    wishes: Mapped[str]
    #: What its letters are signed with, and until when the one before that is good as well.
    secret: Mapped[str] = mapped_column(default="")
    old_secret: Mapped[str] = mapped_column(default="")
    old_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    #: Since when it is switched off, and why: in words for `gone` and the like, empty by a person.
    off_at: Mapped[datetime | None]
    off_why: Mapped[str] = mapped_column(default="")
    #: When one of its letters is to be carried next; None while there is none.
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    #: Until when its far end is left alone; None while it answers, and soon.
    rest_until: Mapped[datetime | None]
    #: When what was gathered for it becomes a letter; None while there is nothing.
    gather_at: Mapped[datetime | None] = mapped_column(index=True)
    #: When a letter of its last arrived.
    sent_at: Mapped[datetime | None]

    site: Mapped[Site] = relationship()

    @property
    def called(self) -> str:
        """What people call it."""
        return self.name or self.place

    @property
    def place(self) -> str:
        """Where its letters go, as far as that is no secret."""
        scheme, separator, rest = self.address.partition("://")
        if self.means is Means.MAIL or not separator:
            return self.address if self.means is Means.MAIL else self.means.value
        known = scheme in {"http", "https"}  # elsewhere what follows may be a key
        host = rest.partition("/")[0].rpartition("@")[2] if known else ""
        return f"{scheme}://{host}/…" if known else f"{scheme}://…"


class State(StrEnum):
    """Where a letter is."""

    WAITING = "waiting"
    SENT = "sent"
    #: It was refused, or tried for too long: a person decides what becomes of it.
    DEAD = "dead"
    DROPPED = "dropped"


class Letter(Model):
    """Something that must leave the house."""

    __tablename__ = "letter"
    __table_args__ = (sa.Index("ix_letter_carrier", "carrier_id", "id"),)

    id: Mapped[Key]
    #: What the far end knows it by, however often it comes.
    uid: Mapped[UUID] = mapped_column(unique=True)
    carrier_id: Mapped[int] = mapped_column(sa.ForeignKey("carrier.id", ondelete="CASCADE"))
    #: A happening, or what else it is: `digest`, `answer`, `test`.
    kind: Mapped[str]
    #: Letters of one carrier with one thread arrive in the order of their ids; empty: in any.
    thread: Mapped[str] = mapped_column(default="")
    #: To whom it goes where that is not the carrier's address; deleted once it is settled.
    address: Mapped[str] = mapped_column(default="")
    #: What it says, as JSON.
    body: Mapped[str]
    at: Mapped[datetime]
    state: Mapped[State] = mapped_column(names(State, "state"), default=State.WAITING)
    #: When it is carried next; while it is being carried, when that is given up. None once settled.
    due_at: Mapped[datetime | None]
    #: Until when a worker has it; None while none does.
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    settled_at: Mapped[datetime | None] = mapped_column(index=True)

    carrier: Mapped[Carrier] = relationship()
    attempts: Mapped[list["Attempt"]] = relationship(
        order_by="Attempt.id", cascade="all, delete-orphan"
    )


_WAITING = Letter.due_at.is_not(None)
sa.Index(
    "ix_letter_waiting",
    Letter.carrier_id,
    Letter.due_at,
    sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)
_DEAD = sa.text("state = 'dead'")
sa.Index(
    "ix_letter_dead",
    Letter.carrier_id,
    Letter.id,
    sqlite_where=_DEAD,
    postgresql_where=_DEAD,
)


class Attempt(Model):
    """One try to deliver a letter, and what came of it."""

    __tablename__ = "attempt"

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(
        sa.ForeignKey("letter.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    #: Milliseconds until the answer.
    took: Mapped[int]
    arrived: Mapped[bool]
    #: The far end's code (HTTP, SMTP); None where it gave none.
    status: Mapped[int | None]
    #: What it said, or what went wrong; at most 2,000 characters.
    said: Mapped[str]
