"""The receipt: the secret link by which a reader sees what became of the report."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, abort, current_app, render_template
from sqlalchemy.orm import joinedload

from feedback.config import Settings
from feedback.db import db
from feedback.desk import queue
from feedback.reports.models import Report, Spot

bp = Blueprint("receipts", __name__)


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
    decision = db.session.scalar(queue.standing(report.spot_id))
    return render_template("receipt.html", report=report, spot=report.spot, decision=decision)


def _uid(receipt: str) -> UUID:
    text, _, proof = receipt.partition(".")
    try:
        uid = UUID(hex=text)
    except ValueError:
        abort(404)
    expected = _proof(current_app.extensions["settings"], uid)
    if not hmac.compare_digest(expected.encode(), proof.encode("utf-8", "replace")):
        abort(404)
    return uid
