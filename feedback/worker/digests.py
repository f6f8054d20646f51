"""The duties of digests and alarms: what was gathered becomes a letter, what piles up as well."""

from flask import current_app

from feedback.db import db, now
from feedback.delivery.contract import Office
from feedback.desk.letters import alarms, digests

#: How many carriers are looked at in one transaction.
_SOME = 20
#: How many alarms are forgotten in one.
_MANY = 500


def _office() -> Office:
    return Office.of(current_app.extensions["settings"])


def write_digests() -> bool:
    """Write the digest that is longest due; True if there was one."""
    at = now()
    with db.reading.connect() as connection:
        if connection.execute(digests.ready(at)).first() is None:
            return False
    carrier = db.session.scalar(digests.due(at).limit(1))
    if carrier is not None:
        digests.write(db.session, carrier, _office(), at)
    db.session.commit()
    return carrier is not None


def raise_alarms() -> None:
    """Alarm those who want it where spots pile up, or a page gets many reports."""
    office, last = _office(), 0
    while True:
        at = now()
        with db.reading.connect() as connection:
            heard = connection.execute(alarms.watching(last).limit(_SOME)).all()
            wanted = [each.id for each in heard if alarms.rings(connection, *each[1:], at)]
        for carrier_id in wanted:
            alarms.ring(db.session, carrier_id, office, at)
            db.session.commit()
        if len(heard) < _SOME:
            return
        last = heard[-1].id


def forget_old_alarms() -> bool:
    """Delete alarms that keep nobody from hearing any more; True if there may be more."""
    more = alarms.forget(db.session, now(), _MANY)
    db.session.commit()
    return more
