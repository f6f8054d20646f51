"""Members: who belongs to a site, and with which role. A site keeps an owner."""

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.accounts import acts, invitations
from feedback.accounts.acts import Deed
from feedback.accounts.models import Editor, Membership, Role, Token
from feedback.db import now


class LastOwner(Exception):
    """Nobody else owns the site: it would be without an owner."""


def of(site_id: int) -> sa.Select[Membership]:
    """Select a site's members, by their addresses."""
    return (
        sa.select(Membership)
        .join(Membership.editor)
        .where(Membership.site_id == site_id)
        .order_by(Editor.email)
        .options(joinedload(Membership.editor))
    )


def member(session: Session, site_id: int, editor_id: int) -> Membership | None:
    """Give somebody's membership of a site, None where there is none."""
    return session.scalar(of(site_id).where(Membership.editor_id == editor_id))


def change(session: Session, membership: Membership, role: Role, by: Editor) -> None:
    """Give a member another role. The caller commits. Raises LastOwner."""
    held = membership.role
    if role is held:
        return
    if held is Role.OWNER:
        _leave_an_owner(session, membership)
        invitations.revoke_of(session, membership.site_id, membership.editor, by)
    session.execute(sa.update(Membership).where(*_this(membership)).values(role=role))
    subject = f"{membership.editor.email} · {held.value} → {role.value}"
    acts.note(session, Deed.ROLE_CHANGED, subject, membership.site_id, by)


def remove(session: Session, membership: Membership, by: Editor) -> None:
    """Take somebody from a site, with invitations and tokens made there. The caller commits.

    What was decided stays. Raises LastOwner.
    """
    site_id, editor = membership.site_id, membership.editor
    if membership.role is Role.OWNER:
        _leave_an_owner(session, membership)
        invitations.revoke_of(session, site_id, editor, by)
    session.execute(
        sa.update(Token)
        .where(Token.editor_id == editor.id, Token.site_id == site_id, Token.revoked_at.is_(None))
        .values(revoked_at=now())
    )
    session.execute(sa.delete(Membership).where(*_this(membership)))
    acts.note(session, Deed.REMOVED, editor.email, site_id, by)


def _this(membership: Membership) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Membership.editor_id == membership.editor_id,
        Membership.site_id == membership.site_id,
    )


def _leave_an_owner(session: Session, leaving: Membership) -> None:
    """Raise LastOwner if nobody else owns the site.

    Two owners who remove each other at once: both lock all owners' rows in the same order, and
    the second reads what the first left. (SQLite has one writer, who is alone.)
    """
    owners = session.scalars(
        sa.select(Membership.editor_id)
        .join(Editor, Editor.id == Membership.editor_id)
        .where(Membership.site_id == leaving.site_id, Membership.role == Role.OWNER)
        .where(Editor.disabled_at.is_(None))
        .order_by(Membership.editor_id)
        .with_for_update(of=Membership)
    ).all()
    if not set(owners) - {leaving.editor_id}:
        raise LastOwner
