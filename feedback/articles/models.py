"""The table of articles."""

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
    #: As the page of the last report called itself.
    title: Mapped[str]
    #: BCP 47, as the page states it; empty where it does not.
    lang: Mapped[str]
    created_at: Mapped[datetime]

    site: Mapped[Site] = relationship()
