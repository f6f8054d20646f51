"""Keys: what a browser or a program shows to be let in, kept as digests only."""

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from feedback.accounts.models import Editor, FeedKey, Membership, Scope, SignIn, Token
from feedback.db import now
from feedback.sites import Site

#: What every token begins with, so that a leaked one is recognised.
PREFIX = "fb_"

#: How exactly it is kept when a key was used last: writing it each time would cost too much.
EXACT = timedelta(minutes=5)

#: Longest name of a browser that is kept.
LONGEST = 400

_seen = sa.func.coalesce(SignIn.seen_at, SignIn.created_at)


def digest(key: str) -> bytes:
    """Give what is kept of a key. Keys are random, so a plain hash is enough."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def sign_in(
    session: Session, editor: Editor, days: int, *, agent: str = "", address: str = ""
) -> str:
    """Sign an editor in for some days and give the browser's key. The caller commits.

    `agent` is what the browser calls itself, `address` where it is.
    """
    key = secrets.token_urlsafe(32)
    at = now()
    session.add(
        SignIn(
            digest=digest(key),
            editor_id=editor.id,
            created_at=at,
            expires_at=at + timedelta(days=days),
            agent="".join(filter(str.isprintable, agent))[:LONGEST],
            address=address,
            seen_at=at,
        )
    )
    return key


def signed_in(session: Session, key: str, idle: timedelta) -> SignIn | None:
    """Give the sign-in whose browser shows `key`, its editor, memberships and sites loaded.

    It ends once it was not used for `idle`, which is known to `EXACT`.
    """
    return session.scalar(
        sa.select(SignIn)
        .join(SignIn.editor)
        .where(SignIn.digest == digest(key), sa.not_(ended(now(), idle)))
        .where(Editor.disabled_at.is_(None))
        .options(
            contains_eager(SignIn.editor)
            .selectinload(Editor.memberships)
            .joinedload(Membership.site)
        )
    )


def sign_ins(editor: Editor, idle: timedelta) -> sa.Select[SignIn]:
    """Select where an editor is signed in, what was seen last first."""
    return (
        sa.select(SignIn)
        .where(SignIn.editor_id == editor.id, sa.not_(ended(now(), idle)))
        .order_by(_seen.desc(), SignIn.id.desc())
    )


def ended(at: datetime, idle: timedelta) -> sa.ColumnElement[bool]:
    """Tell the sign-ins that have ended by themselves: too old, or not used for `idle`."""
    return sa.or_(SignIn.expires_at <= at, _seen <= at - idle)


def end(session: Session, editor: Editor, sign_in_id: int) -> bool:
    """End one of an editor's sign-ins; tell whether there was such. The caller commits."""
    return _end(session, editor, SignIn.id == sign_in_id)


def end_others(session: Session, editor: Editor, key: str) -> bool:
    """End an editor's sign-ins but that of `key`; tell whether there were any.

    The caller commits.
    """
    return _end(session, editor, SignIn.digest != digest(key))


def end_all(session: Session, editor: Editor) -> bool:
    """End all of an editor's sign-ins; tell whether there were any. The caller commits."""
    return _end(session, editor, sa.true())


def signed_in_anywhere() -> sa.Select[Editor]:
    """Select the editors who have a sign-in."""
    return (
        sa.select(Editor)
        .where(Editor.id.in_(sa.select(SignIn.editor_id)))
        .order_by(Editor.id)
        .options(selectinload(Editor.memberships))
    )


def _end(session: Session, editor: Editor, which: sa.ColumnElement[bool]) -> bool:
    ended = session.execute(
        sa.delete(SignIn).where(SignIn.editor_id == editor.id, which).returning(SignIn.id)
    )
    return bool(ended.all())


def sign_out(session: Session, key: str) -> None:
    """End a sign-in, for whoever holds a copy of the key too. The caller commits."""
    session.execute(sa.delete(SignIn).where(SignIn.digest == digest(key)))


def make_token(
    session: Session,
    editor: Editor,
    site: Site,
    scope: Scope,
    *,
    name: str = "",
    days: int | None = None,
) -> str:
    """Make a token in an editor's name and give it, this once. The caller commits.

    It works for some days, or until it is revoked.
    """
    key = PREFIX + secrets.token_urlsafe(32)
    at = now()
    session.add(
        Token(
            digest=digest(key),
            editor_id=editor.id,
            site_id=site.id,
            scope=scope,
            created_at=at,
            name=name,
            expires_at=None if days is None else at + timedelta(days=days),
        )
    )
    return key


def holder(session: Session, key: str) -> Token | None:
    """Give the token that is `key`, its editor and site loaded; None if it opens nothing."""
    return session.scalar(
        sa.select(Token)
        .join(Token.editor)
        .where(Token.digest == digest(key), *_opens())
        .where(Editor.disabled_at.is_(None))
        .options(joinedload(Token.editor).selectinload(Editor.memberships), joinedload(Token.site))
    )


def tokens(site_id: int) -> sa.Select[Token]:
    """Select a site's tokens that open something, the newest first, with their editors."""
    return (
        sa.select(Token)
        .where(Token.site_id == site_id, *_opens())
        .order_by(Token.id.desc())
        .options(joinedload(Token.editor))
    )


def _opens() -> tuple[sa.ColumnElement[bool], ...]:
    lasts = sa.or_(Token.expires_at.is_(None), Token.expires_at > now())
    return Token.revoked_at.is_(None), lasts


def used(key: SignIn | Token, at: datetime) -> sa.Update | None:
    """Give the statement that keeps when a key was used, None where it is known well enough.

    It changes nothing where another process was faster.
    """
    kind, column = (SignIn, SignIn.seen_at) if isinstance(key, SignIn) else (Token, Token.used_at)
    last = key.seen_at if isinstance(key, SignIn) else key.used_at
    before = at - EXACT
    if last is not None and last > before:
        return None
    stale = sa.or_(column.is_(None), column <= before)
    return sa.update(kind).where(kind.id == key.id, stale).values({column: at})


def revoke(session: Session, key: str) -> Token | None:
    """Make a token open nothing; give what it was, None if it opened nothing.

    The caller commits.
    """
    token = session.scalar(
        sa.select(Token).where(Token.digest == digest(key), Token.revoked_at.is_(None))
    )
    if token is not None:
        token.revoked_at = now()
    return token


def make_feed_key(session: Session, editor: Editor) -> str:
    """Make what opens the feeds of an editor's queues and give it, this once. The caller commits.

    One that there was opens nothing any more. The editor is locked: of two at once, one stays.
    """
    key = secrets.token_urlsafe(32)
    session.execute(sa.select(Editor.id).where(Editor.id == editor.id).with_for_update())
    session.merge(FeedKey(editor_id=editor.id, digest=digest(key), created_at=now()))
    return key


def feed_key(session: Session, editor: Editor) -> FeedKey | None:
    """Give what is kept of the key to an editor's feeds."""
    return session.get(FeedKey, editor.id)


def follower(session: Session, key: str) -> Editor | None:
    """Give the editor whose feeds a key opens, memberships and sites loaded; None without one."""
    return session.scalar(
        sa.select(Editor)
        .join(FeedKey, FeedKey.editor_id == Editor.id)
        .where(FeedKey.digest == digest(key), Editor.disabled_at.is_(None))
        .options(selectinload(Editor.memberships).joinedload(Membership.site))
    )
