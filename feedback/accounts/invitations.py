"""Invitations: links by which people come to a site, each once and for a week."""

import secrets
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.accounts import acts, people
from feedback.accounts.acts import Deed
from feedback.accounts.keys import digest
from feedback.accounts.models import Editor, Invitation, Membership, Role
from feedback.accounts.people import Expired
from feedback.db import now

#: How long an invitation works.
LASTS = timedelta(days=7)


class Member(Exception):
    """Who is invited belongs to the site already."""


def make(session: Session, site_id: int, role: Role, note: str, by: Editor) -> str:
    """Invite somebody to a site and give the link's key, this once. The caller commits."""
    key = secrets.token_urlsafe(32)
    at = now()
    invitation = Invitation(
        site_id=site_id,
        role=role,
        digest=digest(key),
        note=note,
        by_id=by.id,
        at=at,
        expires_at=at + LASTS,
    )
    session.add(invitation)
    acts.note(session, Deed.INVITED, _said(invitation), site_id, by)
    return key


def open_ones(site_id: int) -> sa.Select[Invitation]:
    """Select a site's invitations that still work, the newest first, with who made them."""
    return (
        sa.select(Invitation)
        .where(Invitation.site_id == site_id, *_works())
        .order_by(Invitation.id.desc())
        .options(joinedload(Invitation.by))
    )


def found(session: Session, key: str) -> Invitation:
    """Give the invitation that a link carries, with its site. Raises Expired."""
    invitation = session.scalar(
        sa.select(Invitation)
        .where(Invitation.digest == digest(key), *_works())
        .options(joinedload(Invitation.site), joinedload(Invitation.by))
    )
    if invitation is None:
        raise Expired
    return invitation


def accept(session: Session, invitation: Invitation, editor: Editor) -> None:
    """Let an editor join the site with the invitation's role; it is used up.

    Of two who open the link at once one joins. The caller commits. Raises Expired, Member.
    """
    if editor.role_at(invitation.site_id) is not None:
        raise Member
    session.flush()  # a new editor needs an id to be named by
    used = session.execute(
        sa.update(Invitation)
        .where(Invitation.id == invitation.id, *_works())
        .values(used_at=now(), used_by_id=editor.id)
        .returning(Invitation.id)
    )
    if used.one_or_none() is None:
        raise Expired
    people.add(session, editor.email, invitation.site, invitation.role)
    subject = f"{editor.email} · {invitation.role.value}"
    acts.note(session, Deed.JOINED, subject, invitation.site_id, editor)


def revoke(session: Session, site_id: int, invitation_id: int, by: Editor) -> bool:
    """Make a site's invitation open nothing; tell whether it had been open. The caller commits."""
    return _revoke(session, Invitation.id == invitation_id, site_id, by)


def revoke_of(session: Session, site_id: int, maker: Editor, by: Editor) -> None:
    """Make what `maker` invited to a site open nothing: it is the word of who may give it."""
    _revoke(session, Invitation.by_id == maker.id, site_id, by)


def _revoke(session: Session, which: sa.ColumnElement[bool], site_id: int, by: Editor) -> bool:
    revoked = session.scalars(
        sa.update(Invitation)
        .where(which, Invitation.site_id == site_id, *_works())
        .values(revoked_at=now())
        .returning(Invitation)
    ).all()
    for invitation in revoked:
        acts.note(session, Deed.INVITATION_REVOKED, _said(invitation), site_id, by)
    return bool(revoked)


def _works() -> Iterable[sa.ColumnElement[bool]]:
    """Tell the invitations that work: of those who could still make them."""
    owners = (
        sa.select(Membership.editor_id)
        .join(Editor, Editor.id == Membership.editor_id)
        .where(Membership.editor_id == Invitation.by_id, Membership.site_id == Invitation.site_id)
        .where(Membership.role == Role.OWNER, Editor.disabled_at.is_(None))
        .correlate(Invitation)
    )
    return (
        Invitation.used_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > now(),
        owners.exists(),
    )


def _said(invitation: Invitation) -> str:
    return " · ".join(filter(None, [invitation.note, invitation.role.value]))
