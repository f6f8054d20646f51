"""Keys: what a browser or a program shows to be let in, kept as digests only."""

import hashlib
import secrets
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from feedback.accounts.models import Editor, Membership, Scope, SignIn, Token
from feedback.db import now
from feedback.sites import Site

#: What every token begins with, so that a leaked one is recognised.
PREFIX = "fb_"


def digest(key: str) -> bytes:
    """Give what is kept of a key. Keys are random, so a plain hash is enough."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def sign_in(session: Session, editor: Editor, days: int) -> str:
    """Sign an editor in for some days and give the browser's key. The caller commits."""
    key = secrets.token_urlsafe(32)
    at = now()
    session.add(
        SignIn(
            digest=digest(key),
            editor_id=editor.id,
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
    )
    return key


def signed_in(session: Session, key: str) -> Editor | None:
    """Give the editor whose browser shows `key`, memberships and their sites loaded."""
    return session.scalar(
        sa.select(Editor)
        .join(SignIn, SignIn.editor_id == Editor.id)
        .where(SignIn.digest == digest(key), SignIn.expires_at > now())
        .where(Editor.disabled_at.is_(None))
        .options(selectinload(Editor.memberships).joinedload(Membership.site))
    )


def sign_out(session: Session, key: str) -> None:
    """End a sign-in, for whoever holds a copy of the key too. The caller commits."""
    session.execute(sa.delete(SignIn).where(SignIn.digest == digest(key)))


def forget_ended(session: Session) -> int:
    """Delete the sign-ins that have expired; tell how many. The caller commits."""
    ended = session.execute(
        sa.delete(SignIn).where(SignIn.expires_at <= now()).returning(SignIn.id)
    )
    return len(ended.all())


def make_token(session: Session, editor: Editor, site: Site, scope: Scope) -> str:
    """Make a token in an editor's name and give it, this once. The caller commits."""
    key = PREFIX + secrets.token_urlsafe(32)
    session.add(
        Token(
            digest=digest(key),
            editor_id=editor.id,
            site_id=site.id,
            scope=scope,
            created_at=now(),
        )
    )
    return key


def holder(session: Session, key: str) -> Token | None:
    """Give the token that is `key`, its editor and site loaded; None if it opens nothing."""
    return session.scalar(
        sa.select(Token)
        .join(Token.editor)
        .where(Token.digest == digest(key), Token.revoked_at.is_(None))
        .where(Editor.disabled_at.is_(None))
        .options(joinedload(Token.editor).selectinload(Editor.memberships), joinedload(Token.site))
    )


def revoke(session: Session, key: str) -> bool:
    """Make a token open nothing; tell whether it had been one. The caller commits."""
    revoked = session.execute(
        sa.update(Token)
        .where(Token.digest == digest(key), Token.revoked_at.is_(None))
        .values(revoked_at=now())
        .returning(Token.id)
    )
    return revoked.one_or_none() is not None
