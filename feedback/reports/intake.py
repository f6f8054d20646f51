"""Intake: a report arrives, is admitted, and lands on its spot.

This one path is written in plain SQL: it is what readers wait for and what
floods come through, and the ORM's unit of work costs more than the disk.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from feedback import addresses, sites
from feedback.db import now
from feedback.delivery import events
from feedback.delivery.models import Happening
from feedback.reports import landing
from feedback.reports.models import Report, Status, faulty
from feedback.reports.schema import Submission
from feedback.sites import Door
from feedback.statements import Statement


class Refused(Exception):
    """A report that is not for this site; the message says why."""


class Conflict(Exception):
    """The id belongs to a report that says something else."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a reader is told: `readers` have reported this spot, which is at `status`."""

    uid: UUID
    readers: int
    status: Status
    #: False where the same report had been taken before.
    fresh: bool


@dataclass(frozen=True, slots=True)
class Admitted:
    """A report whose page belongs to the site; `address` is what its article is known by."""

    site_id: int
    address: str
    submission: Submission


def admit(connection: sa.Connection, door: Door, submission: Submission) -> Admitted:
    """Check that the page belongs to the site of `door`. Reads only. Raises Refused.

    A canonical address counts if it is one of the site's own; else the page's
    own address does.
    """
    page = addresses.parse(submission.url)
    if page.origin != door.origin and not sites.admits(connection, door.site_id, page.origin):
        raise Refused(f"The page's address, {page.origin}, is not one of this site's.")
    canonical = _canonical(connection, door, submission.canonical)
    return Admitted(door.site_id, (canonical or page).article, submission)


def _canonical(connection: sa.Connection, door: Door, text: str | None) -> addresses.Address | None:
    if not text:
        return None
    try:
        address = addresses.parse(text)
    except addresses.BadAddress:
        return None
    own = address.origin == door.origin or sites.admits(connection, door.site_id, address.origin)
    return address if own else None


def receive(connection: sa.Connection, admitted: Admitted) -> Acknowledgement:
    """Take a report. The caller commits, and only then answers. Raises Conflict.

    1. The article's row is made or locked: reports on one article go one after another.
    2. A report with this id is looked for; if there is one, its answer is given again.
    3. The spot is found or made, and the report is put on it.
    4. What happened is written down for whoever hears of it.

    Two requests with one id but different articles may both pass step 2; the
    second then fails on the unique id (IntegrityError), and finds it when tried again.
    """
    at, submission = now(), admitted.submission
    article = landing.article(connection, admitted.site_id, admitted.address, submission, at)
    earlier = _earlier(connection, submission)
    if earlier is not None:
        return earlier
    spot = landing.spot(connection, admitted.site_id, article.id, submission, at)
    report_id = _keep(connection, admitted, spot, at)
    if spot.joined:
        landing.tally(connection, spot.id)
    if article.heard:
        happening = Happening.GREW if spot.readers > 1 else Happening.OPENED
        about = events.About(admitted.site_id, article.id, spot.id, report_id)
        events.happened(connection, happening, about, at)
    return Acknowledgement(submission.id, spot.readers, spot.status, fresh=True)


def _earlier(connection: sa.Connection, submission: Submission) -> Acknowledgement | None:
    row = _KNOWN.first(connection, uid=submission.id)
    if row is None:
        return None
    if row.digest != submission.digest:
        raise Conflict(f"The id {submission.id} belongs to another report.")
    return Acknowledgement(submission.id, row.told_readers, row.told_status, fresh=False)


_KNOWN = Statement(
    sa.select(Report.digest, Report.told_readers, Report.told_status).where(
        Report.uid == sa.bindparam("uid")
    )
)


def _keep(connection: sa.Connection, admitted: Admitted, spot: landing.Landed, at: datetime) -> int:
    """Keep a report; give its row's id."""
    submission, subject = admitted.submission, landing.about(admitted.submission)
    wrong = faulty(submission.quote.exact, **subject)
    values = {
        **landing.place(submission.passage),
        **subject,
        "uid": submission.id,
        "digest": submission.digest,
        "site_id": admitted.site_id,
        "spot_id": spot.id,
        "at": at,
        "url": submission.url,
        "lang": submission.lang,
        "correction": submission.correction,
        "comment": submission.comment,
        "vote": landing.vote(wrong, submission.correction, spot.faulty),
        "kind": submission.kind,
        "email": submission.email,
        "told_readers": spot.readers,
        "told_status": spot.status,
    }
    return int(_KEEP.one(connection, **values).id)


_KEEP = Statement(
    sa.insert(Report).returning(Report.id),
    "uid digest site_id spot_id at url lang exact prefix suffix start end length about about_text"
    " about_url correction comment vote kind email told_readers told_status".split(),
)
