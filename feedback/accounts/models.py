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

    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="editor", cascade="all, delete-orphan", order_by="Membership.site_id"
    )

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

    editor: Mapped[Editor] = relationship()


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

    editor: Mapped[Editor] = relationship()
    site: Mapped[Site] = relationship()
