"""The tables of articles: the page, its revisions, and the hosts that are visited for them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback.db import Key, Model
from feedback.sites import Site


class Article(Model):
    """A page of a site, known by its canonical address."""

    __tablename__ = "article"
    __table_args__ = (sa.UniqueConstraint("site_id", "address"),)

    id: Mapped[Key]
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id", ondelete="CASCADE"))
    #: Canonical: no fragment, no tracking parameters (`addresses.Address.article`).
    address: Mapped[str]
    #: As the page calls itself: as we read it, before that as the last report says.
    title: Mapped[str]
    #: BCP 47, as the page states it; empty where it does not.
    lang: Mapped[str]
    #: As the page states them; empty where it does not, or was not read yet.
    author: Mapped[str] = mapped_column(default="")
    section: Mapped[str] = mapped_column(default="")
    #: The address that the page itself calls canonical; empty where it names none.
    canonical: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    #: When it is to be looked at next; while it is being looked at, when that is given up.
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    #: How many looks there were since something last happened to it or to its spots.
    step: Mapped[int] = mapped_column(default=0)
    #: When it was last asked for, and when it was last had.
    looked_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    #: What the last looks in a row failed by (`looking.Failure`), and how many they are.
    trouble: Mapped[str] = mapped_column(default="")
    failures: Mapped[int] = mapped_column(default=0)
    #: What the page that was read last is known by (`looking.Known`).
    etag: Mapped[str] = mapped_column(default="")
    last_modified: Mapped[str] = mapped_column(default="")
    digest: Mapped[str] = mapped_column(default="")

    site: Mapped[Site] = relationship()


class Revision(Model):
    """An article's normal text as it was at a look."""

    __tablename__ = "revision"
    __table_args__ = (sa.Index("ix_revision_article", "article_id", "id"),)

    id: Mapped[Key]
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("article.id", ondelete="CASCADE"))
    #: When a look first found it, and when one last did.
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    #: Of the text (`page.Page.digest`): two looks that read the same found one revision.
    digest: Mapped[str]
    #: Length of the text in code points.
    length: Mapped[int]
    #: The text and what links to it need, compressed (`revisions`).
    packed: Mapped[bytes]


class Host(Model):
    """A server that is visited: politely, so all that visit it share this row."""

    __tablename__ = "host"

    #: Scheme, host and port.
    origin: Mapped[str] = mapped_column(primary_key=True)
    #: When it may be asked for something again.
    free_at: Mapped[datetime]
    #: Its robots.txt as it was read last; None where that could not be had.
    robots: Mapped[str | None]
    #: When that was; None if never.
    robots_at: Mapped[datetime | None]
