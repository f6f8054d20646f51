"""The tables of accounts: editors, their roles, sign-ins and tokens.

Of what opens a door (a sign-in's key, a token) only the SHA-256 digest is
kept: whoever reads the database cannot use it.
"""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback.db import Key, Model, names
from feedback.sites import Site


class Role(StrEnum):
    """What an editor may do at a site; each may do what the next may."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"

    @property
    def decides(self) -> bool:
        """Whether this role may decide on spots."""
        return self is not Role.VIEWER


class Scope(StrEnum):
    """What a token may do at its site."""

    READ = "read"
    DECIDE = "decide"


class Editor(Model):
    """A person who works the queue."""

    __tablename__ = "editor"

    id: Mapped[Key]
    #: In lower case.
    email: Mapped[str] = mapped_column(unique=True)
    #: Argon2id in PHC form; None until the editor has chosen a password.
    password: Mapped[str | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    #: What colleagues see; empty for the address.
    name: Mapped[str] = mapped_column(default="")
    #: IANA name of the time zone, and BCP 47 tag of the desk's language; empty for the default.
    zone: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    #: The shared secret of the second factor, in base 32; None without one (RFC 6238).
    totp_secret: Mapped[str | None]
    #: The time step of the last code that was taken: none is taken twice.
    totp_step: Mapped[int | None]

    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="editor", cascade="all, delete-orphan", order_by="Membership.site_id"
    )

    @property
    def called(self) -> str:
        """What colleagues see."""
        return self.name or self.email

    def role_at(self, site_id: int) -> Role | None:
        """Give the role at a site, None where the site does not exist for this editor."""
        return next((m.role for m in self.memberships if m.site_id == site_id), None)


class Membership(Model):
    """An editor's role at a site."""

    __tablename__ = "membership"

    editor_id: Mapped[int] = mapped_column(
        sa.ForeignKey("editor.id", ondelete="CASCADE"), primary_key=True
    )
    site_id: Mapped[int] = mapped_column(
        sa.ForeignKey("site.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[Role] = mapped_column(names(Role, "role"))

    editor: Mapped[Editor] = relationship(back_populates="memberships")
    site: Mapped[Site] = relationship()


class SignIn(Model):
    """A browser in which an editor is signed in, until it is ended or expires."""

    __tablename__ = "sign_in"

    id: Mapped[Key]
    digest: Mapped[bytes] = mapped_column(unique=True)
    editor_id: Mapped[int] = mapped_column(
        sa.ForeignKey("editor.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    #: What the browser calls itself, and where it was when it signed in.
    agent: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    #: When it was seen last, to some minutes.
    seen_at: Mapped[datetime | None]

    editor: Mapped[Editor] = relationship()


class RecoveryCode(Model):
    """What lets an editor in, once, who has lost the second factor."""

    __tablename__ = "recovery_code"

    id: Mapped[Key]
    editor_id: Mapped[int] = mapped_column(
        sa.ForeignKey("editor.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[bytes]
    used_at: Mapped[datetime | None]


class Token(Model):
    """A program's key to a site, in an editor's name."""

    __tablename__ = "token"

    id: Mapped[Key]
    digest: Mapped[bytes] = mapped_column(unique=True)
    editor_id: Mapped[int] = mapped_column(
        sa.ForeignKey("editor.id", ondelete="CASCADE"), index=True
    )
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id", ondelete="CASCADE"), index=True)
    scope: Mapped[Scope] = mapped_column(names(Scope, "scope"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    #: What it is for, in its editor's words.
    name: Mapped[str] = mapped_column(default="")
    expires_at: Mapped[datetime | None]
    #: When it was used last, to some minutes.
    used_at: Mapped[datetime | None]

    editor: Mapped[Editor] = relationship()
    site: Mapped[Site] = relationship()


class FeedKey(Model):
    """What opens the feed of an editor's queues to a program that reads feeds."""

    __tablename__ = "feed_key"

    editor_id: Mapped[int] = mapped_column(
        sa.ForeignKey("editor.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]

    editor: Mapped[Editor] = relationship()


class Invitation(Model):
    """A link by which one person comes to a site, once, with a role."""

    __tablename__ = "invitation"

    id: Mapped[Key]
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(names(Role, "role"))
    digest: Mapped[bytes] = mapped_column(unique=True)
    #: For whom it is, as whoever made it says.
    note: Mapped[str]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("editor.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    used_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("editor.id", ondelete="SET NULL"))

    site: Mapped[Site] = relationship()
    by: Mapped[Editor] = relationship(foreign_keys=[by_id])
    used_by: Mapped[Editor | None] = relationship(foreign_keys=[used_by_id])


class Act(Model):
    """Something that was done to a site's people, keys or rules: the record of administration."""

    __tablename__ = "act"
    __table_args__ = (sa.Index("ix_act_site", "site_id", "id"),)

    id: Mapped[Key]
    #: None for what concerns an editor alone.
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id", ondelete="CASCADE"))
    #: Who did it; None for the command line.
    editor_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("editor.id", ondelete="SET NULL"), index=True
    )
    kind: Mapped[str]
    #: Whom or what it was done to, in words.
    subject: Mapped[str]
    at: Mapped[datetime]

    editor: Mapped[Editor | None] = relationship()
