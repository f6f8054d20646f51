"""Sites: publications whose pages embed the script, and the origins they admit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from feedback import addresses
from feedback.db import Key, Model, now
from feedback.statements import Statement


class Taken(Exception):
    """An origin belongs to another site; the message says to which."""


class Unknown(Exception):
    """There is no such thing; the message names it and how to make it."""


class Site(Model):
    """A publication."""

    __tablename__ = "site"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    #: Whether all may see what was corrected.
    corrections: Mapped[bool] = mapped_column(default=False)
    #: What a CMS signs with when it says that an article was updated; empty: it cannot.
    hook_secret: Mapped[str] = mapped_column(default="")

    origins: Mapped[list["Origin"]] = relationship(
        back_populates="site", cascade="all, delete-orphan", order_by="Origin.id"
    )


class Origin(Model):
    """A scheme, host and port whose pages may report to a site."""

    __tablename__ = "origin"

    id: Mapped[Key]
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id", ondelete="CASCADE"), index=True)
    origin: Mapped[str] = mapped_column(unique=True)

    site: Mapped[Site] = relationship(back_populates="origins")


@dataclass(frozen=True, slots=True)
class Door:
    """What admits a report: a site by its id, and the origin that its reader's page has."""

    site_id: int
    origin: str


def admitting(origin: str | sa.BindParameter[str]) -> sa.Select[int]:
    """Select the id of the site that admits `origin`, stated as browsers do."""
    return sa.select(Origin.site_id).where(Origin.origin == origin)


_ADMITTING = Statement(admitting(sa.bindparam("origin", type_=sa.Text)))


def door(connection: sa.Connection, origin: str | None) -> Door | None:
    """Give the door for an `Origin` header, None where no site admits it.

    The header is compared as it stands: browsers send one spelling only.
    """
    if not origin or len(origin) > addresses.LONGEST or "\0" in origin:
        return None
    found = _ADMITTING.first(connection, origin=origin)
    return Door(found.site_id, origin) if found else None


def admits(connection: sa.Connection, site_id: int, origin: str) -> bool:
    """Tell whether the site with `site_id` admits `origin`."""
    found = _ADMITTING.first(connection, origin=origin)
    return found is not None and found.site_id == site_id


def named(session: Session, name: str) -> Site:
    """Give the site called `name`. Raises Unknown."""
    site = session.scalar(sa.select(Site).where(Site.name == name))
    if site is None:
        raise Unknown(f"no site is called {name!r}; see `feedback site list`")
    return site


def admitted(session: Session) -> dict[str, str]:
    """Give the name of the site that admits an origin, by each origin that one admits."""
    rows = session.execute(sa.select(Origin.origin, Site.name).join(Origin.site))
    return dict(rows.tuples().all())


def add(session: Session, name: str, origins: Iterable[str]) -> Site:
    """Make a site that admits `origins`, or let the one of that name admit them too.

    The caller commits. Raises Taken, BadAddress.
    """
    wanted = dict.fromkeys(addresses.origin(text) for text in origins)
    site = session.scalar(sa.select(Site).where(Site.name == name))
    if site is None:
        site = Site(name=name, created_at=now())
        session.add(site)
    for text in wanted:
        _admit(session, site, text)
    return site


def _admit(session: Session, site: Site, origin: str) -> None:
    held = session.scalar(
        sa.select(Origin).where(Origin.origin == origin).options(joinedload(Origin.site))
    )
    if held is None:
        site.origins.append(Origin(origin=origin))
    elif held.site is not site:
        raise Taken(f"{origin} belongs to the site {held.site.name!r} already")


def remove(session: Session, site: Site) -> None:
    """Remove a site with all that belongs to it; the database cascades. The caller commits."""
    session.execute(sa.delete(Site).where(Site.id == site.id))
