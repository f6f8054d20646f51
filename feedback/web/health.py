"""For those who operate the service: is the process up, can it work?"""

from flask import Blueprint, Response, current_app, json, redirect, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from feedback import migrations
from feedback.db import db
from feedback.web.limits import limits

bp = Blueprint("health", __name__)


@bp.get("/")
def front() -> AnyResponse:
    """Lead whoever types the service's address to the desk."""
    return redirect(url_for("desk.home"), 303)


@bp.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def readyz() -> Response:
    """Say whether the database answers and its tables are this version's; 503 if not.

    It says besides where rate limits are counted; without Redis or Valkey the service goes on.
    """
    try:
        state = "ok" if migrations.current(db.engine) else "run `feedback upgrade`"
    except SQLAlchemyError:
        current_app.logger.exception("The database does not answer")
        state = "away"
    body = json.dumps({"database": state, "limits": limits().where()}) + "\n"
    return Response(body, 200 if state == "ok" else 503, mimetype="application/json")
