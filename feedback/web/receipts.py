"""The receipt: the secret link by which a reader sees what became of the report."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, abort, current_app, render_template, url_for
from flask_babel import format_date, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from feedback.anchoring.locate import Presence
from feedback.config import Settings
from feedback.db import db, now
from feedback.desk import timeline
from feedback.desk.letters import erasing
from feedback.desk.timeline import Step
from feedback.reports import receipts
from feedback.reports.models import Report, Spot, Status
from feedback.web import wording

bp = Blueprint("receipts", __name__)

#: What a look found, said to a reader.
FOUND = {
    Presence.STILL: lazy_gettext("the words were still there."),
    Presence.CHANGED: lazy_gettext("the words had been taken out."),
    Presence.GONE: lazy_gettext("the passage was not there any more."),
}

#: What a step was, said to a reader.
STEPS = {
    Step.RECEIVED: lazy_gettext("Received"),
    Step.SEEN: lazy_gettext("Seen by an editor"),
    Step.ACCEPTED: lazy_gettext("Accepted"),
    Step.FIXED: lazy_gettext("Corrected"),
    Step.KEPT: lazy_gettext("Kept as it is"),
    Step.BACK: lazy_gettext("The editors look at it again"),
    Step.MERGED: lazy_gettext("Put together with other reports of the same place"),
    Step.SPLIT: lazy_gettext("Looked at apart from other reports"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the article found."""

    at: datetime
    says: str
    #: What stood there instead.
    reads: str = ""


def address(settings: Settings, uid: UUID) -> str:
    """Give the address of a report's receipt."""
    return receipts.address(settings.base_url, settings.secret, uid)


@bp.after_request
def secret(response: Response) -> Response:
    """Let the address get to no search engine and to no site that the page links to."""
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/receipts/<receipt>")
def show(receipt: str) -> str:
    """Show the state of a report to whoever holds its receipt."""
    settings: Settings = current_app.extensions["settings"]
    report = _report(receipts.read(settings.secret, receipt))
    told = timeline.of(db.session, report, now(), _undo())
    return render_template(
        "receipt.html",
        report=report,
        told=told,
        found=_found(told.spot, told.status),
        sentences=wording.SENTENCES,
        steps=STEPS,
        erase=_erase(report, settings),
        day=format_date,
    )


def told_by() -> datetime:
    """Give since when decisions can still be undone before anybody outside hears of them."""
    return now() - _undo()


def _undo() -> timedelta:
    settings: Settings = current_app.extensions["settings"]
    return timedelta(seconds=settings.undo_seconds)


def _report(uid: UUID | None) -> Report:
    if uid is None:
        abort(404)
    found = db.session.scalar(
        sa.select(Report)
        .where(Report.uid == uid)
        .options(joinedload(Report.spot).joinedload(Spot.article))
    )
    return found or abort(404)


def _erase(report: Report, settings: Settings) -> str:
    """Give where the reader's address is erased; empty where there is none."""
    if not report.email:
        return ""
    return url_for("erasing.ask", token=erasing.token(settings.secret, report.email))


def _found(spot: Spot, status: Status) -> Found | None:
    """Give what the last look says, where that is of use to a reader."""
    article = spot.article
    lost = spot.presence is Presence.GONE and article.trouble
    at = article.looked_at if lost else article.read_at
    if spot.presence not in FOUND or status is Status.REJECTED or at is None:
        return None
    if spot.presence is Presence.CHANGED and spot.reads:
        return Found(at, _("it read"), spot.reads)
    if spot.presence is Presence.STILL and status is Status.FIXED:
        return Found(at, _("the old words were still there. A change may take a while to show."))
    return Found(at, str(FOUND[spot.presence]))
