"""The tables of reports and of the spots they point at."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback.anchoring.locate import Presence
from feedback.articles.models import Article, Revision
from feedback.db import Key, Model, names
from feedback.sites import Site


class Status(StrEnum):
    """Where a spot stands at the desk."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    FIXED = "fixed"
    REJECTED = "rejected"
    MERGED = "merged"
    SNOOZED = "snoozed"


class Kind(StrEnum):
    """What a reader says that a mistake is, where the site asks."""

    TYPO = "typo"
    FACT = "fact"
    LINK = "link"
    OTHER = "other"


class About(StrEnum):
    """What a report is about, where that is not the words it quotes."""

    IMAGE = "image"
    LINK = "link"


class Subject:
    """What is wrong: the words that are quoted, or the image or link that stands there."""

    exact: Mapped[str]
    #: `image`, `link`, or empty for the words themselves; then the other two are empty as well.
    about: Mapped[str] = mapped_column(default="")
    #: An image's alternative text, a link's words.
    about_text: Mapped[str] = mapped_column(default="")
    #: Where the image comes from, where the link leads, as the page has it. Never to be followed.
    about_url: Mapped[str] = mapped_column(default="")

    @property
    def faulty(self) -> str:
        """What a correction corrects."""
        return faulty(self.exact, self.about, self.about_text, self.about_url)


def faulty(exact: str, about: str, about_text: str, about_url: str) -> str:
    """Give what a correction corrects: the words quoted, an alternative text, an address."""
    if about == About.IMAGE:
        return about_text
    return about_url if about == About.LINK else exact


class Spot(Subject, Model):
    """A place in an article that readers point at: the unit of the queue."""

    __tablename__ = "spot"
    __table_args__ = (
        sa.Index("ix_spot_newest", "site_id", "status", "last_at", "id"),
        sa.Index("ix_spot_most_reported", "site_id", "status", "readers", "id"),
        sa.Index("ix_spot_urgent", "site_id", "status", "urgency", "id"),
        sa.Index("ix_spot_by_article", "site_id", "status", "article_id"),
        sa.Index("ix_spot_moved", "site_id", "moved_at"),
        sa.Index("ix_spot_article", "article_id", "start"),
        sa.Index("ix_spot_merged", "merged_into_id"),
    )

    id: Mapped[Key]
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id", ondelete="CASCADE"))
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("article.id", ondelete="CASCADE"))
    status: Mapped[Status] = mapped_column(names(Status, "status"))
    presence: Mapped[Presence] = mapped_column(names(Presence, "presence"))
    #: The first reader's quote is `exact`. Its context and its place (code points of normal text)
    #: follow the article: where the quote stands, or would stand if it were not changed.
    prefix: Mapped[str]
    suffix: Mapped[str]
    start: Mapped[int]
    end: Mapped[int]
    length: Mapped[int]
    #: What it should read: an editor's word, else what most readers say; empty if nobody said.
    correction: Mapped[str]
    #: Whether `correction` is an editor's word, which no report changes.
    settled: Mapped[bool]
    #: How many reports the spot has.
    readers: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    #: Grows with each decision: who decides must have seen the newest.
    version: Mapped[int]

    #: How many looks in a row have said the same of it.
    looks: Mapped[int] = mapped_column(default=0)
    #: What stands at its place instead of the quote, where that was changed.
    reads: Mapped[str] = mapped_column(default="")
    #: What leads to it, after the `#` of the article's address; empty until it was found.
    place: Mapped[str] = mapped_column(default="")
    #: The revision in which it was looked for last, and the one in which its quote stood last.
    seen_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("revision.id", ondelete="SET NULL"), index=True
    )
    stood_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("revision.id", ondelete="SET NULL"), index=True
    )
    #: Since when a fixed spot's quote is known to be away; if it comes back, the spot reopens.
    left_at: Mapped[datetime | None]
    #: The spot that its reports went to, while it is merged.
    merged_into_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("spot.id", ondelete="SET NULL")
    )

    #: Until when it is out of the way, while it is snoozed.
    snoozed_until: Mapped[datetime | None]
    #: When it was decided on last.
    moved_at: Mapped[datetime | None]
    #: When an editor first had it open.
    noticed_at: Mapped[datetime | None]
    #: What kind of slip its correction mends (`anchoring.slips.Slip`); empty where none is known.
    slip: Mapped[str] = mapped_column(default="")
    #: What the queue is ordered by (`desk.index.urgency`), in seconds.
    urgency: Mapped[int] = mapped_column(default=0)
    #: Whether the last two, and what search finds it by, are older than what is known of it.
    stale: Mapped[bool] = mapped_column(default=True)

    site: Mapped[Site] = relationship()
    article: Mapped[Article] = relationship()
    seen: Mapped[Revision | None] = relationship(foreign_keys=[seen_id])
    stood: Mapped[Revision | None] = relationship(foreign_keys=[stood_id])
    reports: Mapped[list["Report"]] = relationship(back_populates="spot", order_by="Report.id")


sa.Index("ix_spot_stale", Spot.id, sqlite_where=Spot.stale, postgresql_where=Spot.stale)
_SNOOZED = Spot.snoozed_until.is_not(None)
sa.Index("ix_spot_snoozed", Spot.snoozed_until, sqlite_where=_SNOOZED, postgresql_where=_SNOOZED)
#: What is told to everybody of what was corrected. The status, though it is always the same, makes
#: SQLite choose these before `ix_spot_moved`.
_TOLD = sa.and_(Spot.status == Status.FIXED, Spot.about == "")
for _name, _whose in (("ix_spot_told", Spot.site_id), ("ix_spot_told_of", Spot.article_id)):
    _keys = (_whose, Spot.status, Spot.moved_at, Spot.id)
    sa.Index(_name, *_keys, sqlite_where=_TOLD, postgresql_where=_TOLD)


class Report(Subject, Model):
    """What one reader sent. Only its spot may change afterwards, and its vote there."""

    __tablename__ = "report"

    id: Mapped[Key]
    #: Made once in the reader's browser: the same is the same report.
    uid: Mapped[UUID] = mapped_column(unique=True)
    #: SHA-256 of what was sent, to tell a retry from another report under the same id.
    digest: Mapped[bytes]
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id", ondelete="CASCADE"), index=True)
    spot_id: Mapped[int] = mapped_column(sa.ForeignKey("spot.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    url: Mapped[str]
    lang: Mapped[str]
    prefix: Mapped[str]
    suffix: Mapped[str]
    start: Mapped[int]
    end: Mapped[int]
    length: Mapped[int]
    correction: Mapped[str]
    comment: Mapped[str]
    #: What the reader says that the spot's very words should read; empty if nothing.
    vote: Mapped[str]
    #: One of `Kind`, as far as the site asked and the reader said.
    kind: Mapped[str] = mapped_column(default="")
    #: For the answer; empty if the reader left none.
    email: Mapped[str]
    #: What the reader was told, and is told again on a retry.
    told_readers: Mapped[int]
    told_status: Mapped[Status] = mapped_column(names(Status, "told_status"))

    spot: Mapped[Spot] = relationship(back_populates="reports")


_ASKED = Report.email != ""
sa.Index("ix_report_asked", Report.email, sqlite_where=_ASKED, postgresql_where=_ASKED)


class Answered(Model):
    """A reader's address, known only by a digest, to which an answer went: for a day."""

    __tablename__ = "answered"

    #: HMAC-SHA-256 of the address.
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
