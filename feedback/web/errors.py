"""Errors: the one place where what went wrong becomes a status and a page.

Programs (everything under /api/ and /hooks/) get problem+json, people a page.
"""

import logging
from typing import cast

from flask import Flask, Response, g, jsonify, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as NoneFree
from werkzeug.exceptions import Forbidden, HTTPException, NotFound

from feedback.db import db
from feedback.desk.decisions import AlreadyDecided, NotPossible
from feedback.reports.intake import Conflict, Refused
from feedback.reports.schema import Invalid, NotJson
from feedback.web import guard, security_log
from feedback.web.limits import TooMany
from feedback.web.problems import later, problem, wants_json
from feedback.web.security_log import Event

log = logging.getLogger("feedback.web")

#: Seconds after which a program may try again when the database was busy.
_SOON = 5


def init_app(app: Flask) -> None:
    """Register a handler for each kind of error."""
    handlers = {
        NotJson: lambda error: problem(400, "not-json", str(error)),
        Invalid: lambda error: problem(422, "invalid", str(error), field=error.field),
        Refused: lambda error: problem(403, "not-admitted", str(error)),
        Conflict: lambda error: problem(409, "id-taken", str(error)),
        TooMany: _too_many,
        AlreadyDecided: _already_decided,
        NotPossible: _not_possible,
        DBAPIError: _database,
        NoneFree: _database_down,
        CSRFError: _stale_form,
        HTTPException: _http,
        Exception: _unforeseen,
    }
    for kind, handler in handlers.items():
        app.register_error_handler(kind, handler)  # type: ignore[arg-type]  # one handler a kind


def for_programs() -> bool:
    """Tell whether the request was made by a program rather than a person."""
    return request.path.startswith(("/api/", "/hooks/"))


def _nobody() -> None:
    """Show the page as to a stranger: who is asking can perhaps not be looked up now."""
    g.visitor = guard.Visitor()


def _page(status: int, title: str, text: str) -> Response:
    if wants_json():
        answer = jsonify(detail=text)
        answer.status_code = status
        return answer
    return Response(render_template("error.html", title=title, text=text), status)


def _too_many(error: TooMany) -> Response:
    security_log.limit(error)
    if for_programs():
        return later(429, "too-many", str(error), error.seconds)
    answer = _page(429, _("Too many attempts"), _("Please wait a little and try again."))
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _already_decided(_error: AlreadyDecided) -> Response:
    detail = "The spot was decided meanwhile; read it again and use its version."
    return problem(409, "stale-version", detail)


def _not_possible(error: NotPossible) -> Response:
    return problem(422, "not-possible", str(error), field=error.field)


#: What the database may say when it is at fault and not we: it is locked, full, read-only,
#: broken, restarting or gone.
_ITS_OWN = (OperationalError, InterfaceError, InternalError)


def _database(error: DBAPIError) -> Response:
    # SQLite says of a file that is broken no more than DatabaseError.
    if isinstance(error, _ITS_OWN) or type(error) is DatabaseError:
        return _database_down(error)
    return _unforeseen(error)


def _database_down(error: SQLAlchemyError) -> Response:
    log.error("The database does not answer as it should: %s", getattr(error, "orig", error))
    db.heal(error)
    if for_programs():
        detail = "The database is busy, full or away. Please try again in a moment."
        return later(503, "unavailable", detail, _SOON)
    _nobody()
    answer = _page(503, _("Just a moment"), _("The database is busy. Nothing was changed."))
    answer.headers["Retry-After"] = str(_SOON)
    return answer


def _stale_form(_error: CSRFError) -> Response:
    security_log.note(Event.FORM_REFUSED)
    text = _("The form was open for too long, or cookies are off. Go back, reload, and try again.")
    return _page(400, _("This form has expired"), text)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return cast("Response", error.get_response())
    if isinstance(error, Forbidden):
        guard.note_refusal()
    if for_programs():
        answer = problem(status, error.name.lower().replace(" ", "-"), error.description or "")
    elif isinstance(error, NotFound):
        answer = _page(404, _("Not found"), _("There is no such page, or it is not yours to see."))
    else:
        answer = _page(status, error.name, error.description or "")
    if getattr(error, "valid_methods", None):
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # type: ignore[attr-defined]
    return answer


def _unforeseen(error: Exception) -> Response:
    # A path may be somebody's key: receipts, links in letters.
    rule = request.url_rule.rule if request.url_rule else "what is not there"
    log.error("%s %s failed", request.method, rule, exc_info=error)
    if for_programs():
        return problem(500, "error", "Something went wrong here. It has been logged.")
    _nobody()
    text = _("It has been logged. Nothing that was acknowledged is lost.")
    return _page(500, _("Something went wrong here"), text)
