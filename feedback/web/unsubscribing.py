"""Unsubscribing: who gets mail stops it by a link in each, signed in or not.

To open the link asks first, since programs that look at mail open it too. A mail program's own
button posts to the same address at once (RFC 8058).
"""

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask_babel import force_locale

from feedback.config import Settings
from feedback.db import db, now
from feedback.delivery import carriers, stopping
from feedback.delivery.models import Carrier, Means
from feedback.delivery.wishes import Wishes
from feedback.web import locales
from feedback.web.forms import csrf
from feedback.web.limits import here, limits

bp = Blueprint("unsubscribing", __name__, url_prefix="/letters/stop")
# No cookie is asked for: who holds the link may do it, and a mail program has nothing else.
csrf.exempt(bp)

#: What is posted (RFC 8058, 3.2).
FIELD, ONE_CLICK = "List-Unsubscribe", "One-Click"
#: Why a carrier is off then, as its owners read it.
WHY = "Whoever gets this mail has stopped it."


@bp.before_request
def count() -> None:
    """Count what one network address does here. Raises TooMany."""
    if request.method == "POST":
        limits().count("public", here())


@bp.after_request
def secret(response: Response) -> Response:
    """Let the address get to no search engine and to no other site."""
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/<token>")
def ask(token: str) -> str:
    """Ask whether the mail is to stop."""
    return _page(_carrier(token))


@bp.post("/<token>")
def stop(token: str) -> str:
    """Stop the mail, and say so; also where it was stopped before."""
    carrier = _carrier(token)
    if request.form.get(FIELD) != ONE_CLICK:
        abort(400)
    carriers.off(carrier, now(), WHY)
    db.session.commit()
    return _page(carrier)


def _carrier(token: str) -> Carrier:
    """Give the carrier whose mail has this link, as long as it goes to the same address."""
    settings: Settings = current_app.extensions["settings"]
    try:
        locked = request.method == "POST"
        carrier_id = stopping.carrier_id(token)
        carrier = db.session.get(Carrier, carrier_id, with_for_update=locked) or abort(404)
        stopping.check(settings.secret, token, carrier.address)
    except stopping.Untrue:
        abort(404)
    return carrier if carrier.means is Means.MAIL else abort(404)


def _page(carrier: Carrier) -> str:
    lang = Wishes.read(carrier.wishes).lang
    with force_locale(lang if lang in locales.LANGUAGES else "en"):
        return render_template("stop.html", carrier=carrier, field=FIELD, click=ONE_CLICK)
