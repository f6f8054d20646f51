"""Editors: made, invited, disabled, and let in."""

import hashlib
import re
import unicodedata
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from feedback.accounts.models import Editor, Membership, Role, SignIn, Token
from feedback.accounts.passwords import chosen, fits
from feedback.db import now
from feedback.sealing import sealer
from feedback.sites import Site, Unknown

#: How long a link to choose a password works.
INVITATION = timedelta(days=7)

_EMAIL = re.compile(
    r"[^\s@\x00-\x1f\x7f\ud800-\udfff]{1,64}@[^\s@\x00-\x1f\x7f\ud800-\udfff]{1,190}"
)


class NotAnEmail(ValueError):
    """What was given is not an e-mail address."""


class Known(Exception):
    """There is an editor with this address already."""


class Expired(Exception):
    """A link that is not valid, not any more, or was used."""


def known(session: Session, email: str) -> Editor | None:
    """Give the editor with this address, in whatever case it is written."""
    if "\0" in email:  # no database takes it
        return None
    return session.scalar(
        sa.select(Editor)
        .where(Editor.email == email.strip().lower())
        .options(selectinload(Editor.memberships).joinedload(Membership.site))
    )


def number(session: Session, email: str) -> int | None:
    """Give the id of the editor with this address; it takes as long where there is none."""
    if "\0" in email:
        return None
    return session.scalar(sa.select(Editor.id).where(Editor.email == email.strip().lower()))


def named(session: Session, email: str) -> Editor:
    """Give the editor with this address. Raises Unknown."""
    editor = known(session, email)
    if editor is None:
        raise Unknown(f"no editor has the address {email!r}; see `feedback editor add --help`")
    return editor


def add(session: Session, email: str, site: Site, role: Role) -> Editor:
    """Give the editor with this address a role at a site; make the editor if need be.

    The caller commits. Raises NotAnEmail.
    """
    editor = known(session, email) or _make(session, email)
    held = next((m for m in editor.memberships if m.site_id == site.id), None)
    if held is None:
        editor.memberships.append(Membership(site=site, site_id=site.id, role=role))
    else:
        held.role = role
    editor.disabled_at = None
    return editor


def join(session: Session, email: str, password: str, site: str) -> Editor:
    """Make an editor who belongs to no site yet; `site` is the name of the first.

    The caller commits. Raises NotAnEmail, Known, TooWeak.
    """
    kept = chosen(password, (email, site))  # takes long: before anything is locked
    if known(session, email) is not None:
        raise Known
    editor = _make(session, email)
    editor.password = kept
    try:
        session.flush()
    except IntegrityError:  # somebody was faster
        raise Known from None
    return editor


def _make(session: Session, email: str) -> Editor:
    email = email.strip().lower()
    if not _EMAIL.fullmatch(email):
        raise NotAnEmail(f"{email!r} is not an e-mail address")
    editor = Editor(email=email, created_at=now(), memberships=[])
    session.add(editor)
    return editor


def choose_password(session: Session, editor: Editor, password: str) -> None:
    """Set a password and end the editor's sign-ins. The caller commits. Raises TooWeak."""
    editor.password = chosen(password, context(editor))
    if editor.id is not None:
        session.execute(sa.delete(SignIn).where(SignIn.editor_id == editor.id))


def context(editor: Editor) -> list[str]:
    """Give what others know of an editor, and so try as a password."""
    return [editor.email, editor.name or "", *(each.site.name for each in editor.memberships)]


def poses(name: str) -> bool:
    """Tell whether a name could be taken for an address, which would be somebody else's.

    Colleagues and the record say an address of who has no name. Other signs that look like an at
    sign are taken for one (UAX #15, compatibility).
    """
    return "@" in unicodedata.normalize("NFKC", name)


def disable(session: Session, editor: Editor) -> None:
    """Let an editor in no more, nor any program in the editor's name. The caller commits."""
    editor.disabled_at = now()
    session.execute(sa.delete(SignIn).where(SignIn.editor_id == editor.id))
    session.execute(
        sa.update(Token)
        .where(Token.editor_id == editor.id, Token.revoked_at.is_(None))
        .values(revoked_at=now())
    )


def recognise(session: Session, email: str, password: str) -> Editor | None:
    """Give the editor whom address and password let in; None, in the same time, for nobody."""
    editor = known(session, email)
    let_in = fits(editor.password if editor else None, password)
    return editor if let_in and editor and editor.disabled_at is None else None


def invitation(secret: str, editor: Editor) -> str:
    """Give what a link to choose a password carries. It works once and for `INVITATION`."""
    return _signer(secret).dumps([editor.id, state(editor)])


def invited(session: Session, secret: str, text: str) -> Editor:
    """Give the editor whom an invitation is for. Raises Expired."""
    editor_id, mark = _unsigned(secret, text)
    editor = session.get(Editor, editor_id)
    if editor is None or editor.disabled_at or mark != state(editor):
        raise Expired
    return editor


def _unsigned(secret: str, text: str) -> tuple[int, str]:
    try:
        value: Any = _signer(secret).loads(text, max_age=int(INVITATION.total_seconds()))
    except BadSignature:
        raise Expired from None
    return int(value[0]), str(value[1])


def _signer(secret: str) -> URLSafeTimedSerializer:
    return sealer(secret, "invitation")


def state(editor: Editor) -> str:
    """Give what changes with the password: a mark of it."""
    return hashlib.sha256((editor.password or "").encode()).hexdigest()[:16]
