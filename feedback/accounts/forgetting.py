"""Forgetting: what opened a door once and does not any more is deleted, some at a time.

Who came and went, and by whose word, stays in the record of administration. Failed attempts are
only counted, by the rate limits, and end with their hour or day.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts import keys
from feedback.accounts.models import Invitation, SignIn, Token

#: How long invitations and tokens are kept after their end: a leaked one can still be told whose
#: it was.
KEPT = timedelta(days=30)


def forget(session: Session, at: datetime, idle: timedelta, most: int) -> bool:
    """Delete at most `most` of each that ended long enough ago; tell whether there may be more.

    Sign-ins go when they expire or were not used for `idle`, invitations and tokens `KEPT` after
    their end. The caller commits.
    """
    long_ago = at - KEPT
    ended: dict[Any, sa.ColumnElement[bool]] = {
        SignIn: keys.ended(at, idle),
        Invitation: Invitation.expires_at <= long_ago,
        Token: sa.or_(Token.expires_at <= long_ago, Token.revoked_at <= long_ago),
    }
    counts = [_delete(session, kind, which, most) for kind, which in ended.items()]
    return most in counts


def _delete(session: Session, kind: Any, which: sa.ColumnElement[bool], most: int) -> int:
    some = sa.select(kind.id).where(which).order_by(kind.id).limit(most)
    deleted = session.execute(
        sa.delete(kind).where(kind.id.in_(some)).returning(kind.id),
        execution_options={"synchronize_session": False},
    )
    return len(deleted.all())
