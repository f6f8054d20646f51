"""The duties of retention: what was kept long enough goes, and leaves no trace in the files."""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app

from feedback.config import Settings
from feedback.db import db, now
from feedback.desk import retention, search

#: How many pages of the full-text index are written anew in one transaction.
_PAGES = 200
#: Milliseconds to wait for who reads, where SQLite's log is to be emptied: writers wait as well.
_MOMENT = 200


@dataclass(slots=True)
class _Place:
    """Where a process has got to."""

    #: After which id the next spots are; None once all were gone through.
    after: int | None = 0
    #: Whether something may be gone that search keeps, and whether that is being seen to.
    gone: bool = True
    tidying: bool = False


def forget_decided_spots() -> bool:
    """Delete the next spots that were kept long enough; True if there may be more.

    At the end it goes over what search kept of what is gone, and so it does once after the start.
    """
    settings: Settings = current_app.extensions["settings"]
    if not settings.keep_spots:
        return False
    place: _Place = current_app.extensions.setdefault("retention", _Place())
    before = now() - timedelta(days=settings.keep_spots)
    if place.after is None:
        return _tidy(place)
    with db.reading.connect() as connection:
        found = retention.find(connection, place.after, before)
    if found.spot_ids:
        place.gone = retention.forget(db.session, found, before, now()) > 0 or place.gone
        db.session.commit()
    place.after = found.after
    if found.after is None:
        retention.forget_batches(db.session, before)
        db.session.commit()
    return True


def _tidy(place: _Place) -> bool:
    """Take out of the index what is gone, some pages at a time; then begin at the front."""
    if place.gone:
        begin, place.tidying = not place.tidying, True
        with db.writing() as connection:
            if search.tidy(connection, _PAGES, begin=begin):
                return True
    place.after, place.gone, place.tidying = 0, False, False
    return False


def empty_log() -> None:
    """Let SQLite's log begin anew: what was deleted stands in it until it is written over.

    It is left for another time where somebody reads for long.
    """
    if db.engine.dialect.name != "sqlite":
        return
    raw = db.engine.raw_connection()
    try:
        cursor = raw.cursor()
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout={_MOMENT}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            cursor.execute(f"PRAGMA busy_timeout={usual}")
    finally:
        raw.close()
