"""The duty that works out the figures which take long."""

import time

from feedback.db import db, now
from feedback.desk import figures


def add_up() -> None:
    """Work out the totals if they are due: claimed, then read, then kept, each on its own."""
    mine = figures.claim(db.session, now())
    db.session.commit()
    if not mine:
        return
    begun = time.monotonic()
    with db.reading.connect() as connection:
        found = figures.add_up(connection)
    figures.keep(db.session, found, time.monotonic() - begun, now())
    db.session.commit()
