"""The receipt: the secret link by which a reader sees what became of the report."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, abort, current_app, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import joinedload

from feedback.anchoring.locate import Presence
from feedback.config import Settings
from feedback.db import db, now
from feedback.desk import queue
from feedback.reports.models import Report, Spot, Status
from feedback.web import wording

bp = Blueprint("receipts", __name__)

#: What a look found, said to a reader.
FOUND = {
    Presence.STILL: lazy_gettext("the words were still there."),
    Presence.CHANGED: lazy_gettext("the words had been taken out."),
    Presence.GONE: lazy_gettext("the passage was not there any more."),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the article found."""

    at: datetime
    says: str
    #: What stood there instead.
    reads: str = ""


def address(settings: Settings, uid: UUID) -> str:
    """Give the receipt's address. Nothing is stored: it carries its own proof."""
    return f"{settings.base_url}/receipts/{uid.hex}.{_proof(settings, uid)}"


def _proof(settings: Settings, uid: UUID) -> str:
    mac = hmac.digest(settings.secret.encode(), b"receipt:" + uid.bytes, sha256)
    return urlsafe_b64encode(mac[:15]).decode()


@bp.after_request
def secret(response: Response) -> Response:
    """Let the address get to no search engine and to no site that the page links to."""
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/receipts/<receipt>")
def show(receipt: str) -> str:
    """Show the state of a report to whoever holds its receipt."""
    uid = _uid(receipt)
    report = db.session.scalar(
        sa.select(Report)
        .where(Report.uid == uid)
        .options(joinedload(Report.spot).joinedload(Spot.article))
    )
    if report is None:
        abort(404)
    at = told_by()
    later = db.session.scalar(queue.after(report.spot_id, at))
    decision = db.session.scalar(queue.concluded(report.spot_id, at))
    status = later.status_before if later else report.spot.status
    return render_template(
        "receipt.html",
        report=report,
        spot=report.spot,
        status=Status.WAITING if status is Status.SNOOZED else status,
        decision=decision,
        found=_found(report.spot, status),
        sentences=wording.SENTENCES,
    )


def told_by() -> datetime:
    """Give since when decisions can still be undone before anybody outside hears of them."""
    settings: Settings = current_app.extensions["settings"]
    return now() - timedelta(seconds=settings.undo_seconds)


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


def _uid(receipt: str) -> UUID:
    text, _dot, proof = receipt.partition(".")
    try:
        uid = UUID(hex=text)
    except ValueError:
        abort(404)
    expected = _proof(current_app.extensions["settings"], uid)
    if not hmac.compare_digest(expected.encode(), proof.encode("utf-8", "replace")):
        abort(404)
    return uid
