"""The duty to readers who left an address: answers go out, and addresses do not stay.

The addresses are gone through again and again, a stretch at a time, so that none of it takes long
however many wait. Where a process has got to is its own business: what is due is in the database.
"""

from datetime import timedelta

from flask import current_app

from feedback.config import Settings
from feedback.db import db, now
from feedback.delivery.contract import Office
from feedback.desk.letters import answers, erasing

#: How many addresses are gone through at once.
_STRETCH = 500
#: How many reports lose an address for its age in one transaction.
_MOST = 1000


def answer_readers() -> bool:
    """Write the letters due to the next addresses; True while there are more addresses.

    Without a mail server nothing is written; what is too old is forgotten all the same.
    """
    settings: Settings = current_app.extensions["settings"]
    place = current_app.extensions.setdefault("answers", {"after": ""})
    db.only_reads()
    first = place["after"]
    some = db.session.scalars(erasing.between(first).limit(_STRETCH)).all()
    if some:
        _answer(first, some[-1], settings)
    place["after"] = some[-1] if len(some) == _STRETCH else ""
    return bool(place["after"])


def _answer(first: str, last: str, settings: Settings) -> None:
    at, office = now(), Office.of(settings)
    undo = timedelta(seconds=settings.undo_seconds)
    before = at - timedelta(days=settings.keep_addresses)
    due = answers.due(db.session, first, last, office, at, undo) if office.smtp_url else []
    old = db.session.scalars(answers.old(first, last, before).limit(_MOST)).all()
    db.writes_too()
    for address in due:
        answers.answer(db.session, address, office, now(), undo)
        db.session.commit()
    if old:
        answers.forget(db.session, old)
        db.session.commit()


def forget_answered() -> None:
    """Delete the digests of addresses that were answered more than a day ago."""
    answers.forget_answered(db.session, now())
    db.session.commit()
