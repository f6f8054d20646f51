"""The desk's duties: batches go on, snoozed spots come back, claims end."""

from feedback.db import db, now
from feedback.desk import batches, claims, waking

#: How many spots wake in one transaction.
_SOME = 50


def go_on_with_batches() -> bool:
    """Take the batch that is longest due a step further; True if there was one."""
    at = now()
    batch = db.session.scalar(batches.due(at).limit(1))
    if batch is None:
        return False
    mine = batches.claim(db.session, batch, at)
    db.session.commit()
    if mine:
        batches.proceed(db.session, batch)
        db.session.commit()
    return True


def wake_what_was_snoozed() -> bool:
    """Let spots wait again whose time is over; True if there may be more."""
    spots = db.session.scalars(waking.due(now()).limit(_SOME)).all()
    for spot in spots:
        waking.wake(db.session, spot)
        db.session.commit()
    return len(spots) == _SOME


def forget_ended_claims() -> None:
    """Delete the claims that have ended."""
    claims.forget_ended(db.session, now())
    db.session.commit()
