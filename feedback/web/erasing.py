"""Erasing: by a link in a letter to a reader, or on a receipt, the reader's address is deleted.

Whoever opens the link is asked first: programs that look at links in mail open it, too. A mail
program's own way to unsubscribe posts to the same address (RFC 8058).
"""

from flask import Blueprint, Response, abort, current_app, render_template, request

from feedback.config import Settings
from feedback.db import db, now
from feedback.desk.letters import erasing
from feedback.web.forms import csrf
from feedback.web.limits import here, limits

bp = Blueprint("erasing", __name__)
# No cookie is asked for: who holds the link may do it, and a mail program has nothing else.
csrf.exempt(bp)


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


@bp.get("/erase/<token>")
def ask(token: str) -> str:
    """Ask whether the address is to be erased."""
    _digest(token)
    return render_template("erase.html", done=False)


@bp.post("/erase/<token>")
def erase(token: str) -> str:
    """Erase the address wherever it is kept, and say so: also where it was not kept any more."""
    digest = _digest(token)
    db.only_reads()  # many addresses may be looked through: nobody waits for that
    addresses = erasing.held(db.session, _secret(), digest)
    db.writes_too()
    erasing.erase(db.session, addresses, now())
    db.session.commit()
    return render_template("erase.html", done=True)


def _digest(token: str) -> bytes:
    return erasing.read(_secret(), token) or abort(404)


def _secret() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.secret
