"""Letters: what happened is told, letters are carried, old ones forgotten.

A letter is carried in three steps, and no transaction is open while its far end is spoken to:

1. A carrier that is due is locked, and its first letter claimed for as long as the lease.
2. The notifier takes it to its far end.
3. What came of it is kept; owners are told of what will not arrive by itself.

A worker that dies on the way leaves a claim that ends by itself: the letter goes again, under the
same id.
"""

import logging
import threading
from datetime import timedelta

from flask import current_app

from feedback.config import Settings
from feedback.db import db, now
from feedback.delivery import events, notifiers, outbox
from feedback.delivery.contract import NotTaken, Office, Taken
from feedback.delivery.models import Carrier
from feedback.delivery.outbox import Claimed, Settled
from feedback.desk import retention
from feedback.desk.letters import fanning, owners

log = logging.getLogger("feedback.letters")

#: How many letters one process carries at once, and how many of them to far ends in trouble: those
#: never hold up the others.
HANDS = 6
PATIENT = 3
#: How many events are told, and letters forgotten, in one transaction.
_SOME = 100

_patient = threading.Semaphore(PATIENT)


def _settings() -> Settings:
    return current_app.extensions["settings"]  # type: ignore[no-any-return]  # ours


def tell_what_happened() -> bool:
    """Make letters of what happened; True if there may be more."""
    at, undo = now(), timedelta(seconds=_settings().undo_seconds)
    with db.reading.connect() as connection:
        if connection.execute(events.due(at, undo).limit(1)).first() is None:
            return False
    more = fanning.fan(db.session, at, undo, _SOME)
    db.session.commit()
    return more


def carry_next() -> bool:
    """Carry the letter that is due first, if any is; True if there may be more."""
    patient = _patient.acquire(blocking=False)
    try:
        carrier, claimed = _claim(troubled=patient)
        if patient and carrier is not None and carrier.rest_until is None:
            _patient.release()
            patient = False
        if claimed is not None:
            carry(claimed)
        return carrier is not None
    finally:
        if patient:
            _patient.release()


def _claim(*, troubled: bool) -> tuple[Carrier | None, Claimed | None]:
    """Claim the first letter of the carrier that is due first; the carrier, if one was."""
    at = now()
    with db.reading.connect() as connection:
        if connection.execute(outbox.due(at, troubled=troubled).limit(1)).first() is None:
            return None, None
    carrier = db.session.scalar(outbox.free(at, troubled=troubled))
    claimed = outbox.claim(db.session, carrier, at, _settings().lease_seconds) if carrier else None
    db.session.commit()
    return carrier, claimed


def carry(claimed: Claimed) -> Settled | None:
    """Take a letter to its far end and keep what came of it; None where the claim was lost."""
    begun, office = now(), Office.of(_settings())
    result = _sent(claimed, office)
    settled = outbox.settle(db.session, claimed, result, begun, now(), _settings().retry_delays)
    if settled is not None:
        owners.tell(db.session, settled, result.said, office, now())
    db.session.commit()
    return settled


def _sent(claimed: Claimed, office: Office) -> Taken | NotTaken:
    parcel = claimed.parcel
    try:
        return notifiers.by(claimed.means).send(parcel, office)
    except NotTaken as error:
        said = outbox.unnamed(error.said, parcel.address)
        log.info("letter %s (%s) was not taken: %s", parcel.uid, parcel.kind, said)
        return error
    except notifiers.NotInstalled as error:
        return NotTaken(str(error))
    except Exception:
        log.exception("letter %s (%s) could not be put for its far end", parcel.uid, parcel.kind)
        return NotTaken("it could not be put for its far end; see the log", resting=False)


def forget_old_letters() -> bool:
    """Delete letters that were kept long enough; True if there may be more."""
    letters, spots = _settings().keep_letters, _settings().keep_spots
    kept = retention.shorter(letters, spots)
    kept_dead = retention.shorter(letters * outbox.DEAD_TIMES, spots)
    more = outbox.forget(db.session, now(), _SOME, kept, kept_dead)
    db.session.commit()
    return more
