"""The duty that keeps what the queue is ordered and searched by up to date."""

from feedback.db import db
from feedback.desk import index

#: How many spots are brought up to date in one transaction: SQLite has one writer at a time, and
#: readers' reports wait behind it.
AT_ONCE = 20


def index_stale() -> bool:
    """Bring the next stale spots up to date; tell whether there may be more."""
    count = index.refresh(db.session, AT_ONCE)
    db.session.commit()
    return count == AT_ONCE
