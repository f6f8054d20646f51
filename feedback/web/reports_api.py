"""The reader's API: `POST /api/v1/reports`.

Open to every reader, so it knows no cookie; what admits a report is the origin
of the page it is sent from. Cross-origin answers go to admitted origins only.
"""

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, g, request
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import RequestEntityTooLarge

from feedback import sites
from feedback.db import db
from feedback.desk import bodies, queue
from feedback.desk.models import Decision
from feedback.reports import intake, schema
from feedback.reports.intake import Acknowledgement, Admitted
from feedback.reports.models import Report, Status
from feedback.sites import Door
from feedback.web import receipts
from feedback.web.forms import csrf
from feedback.web.limits import here, limits
from feedback.web.problems import problem
from feedback.web.reader_strings import strings

bp = Blueprint("reports_api", __name__, url_prefix="/api/v1")
csrf.exempt(bp)

#: Both spare or cost a preflight, as the page's script likes.
_TYPES = frozenset({"text/plain", "application/json"})
#: Seconds for which a browser need not ask again.
_PREFLIGHT_AGE = "7200"


@bp.post("/reports", provide_automatic_options=False)
def take() -> Response:
    """Take a report; 201 once it is committed, 200 when it had been taken before."""
    if request.mimetype not in _TYPES:
        return problem(415, "media-type", "Send the report as application/json or text/plain.")
    with db.engine.connect() as connection:
        door = _door(connection)
        if door is None:
            return _not_admitted()
        limits().count("reader", here())
        submission = schema.read(_body())
        admitted = intake.admit(connection, door, submission)
        limits().count("site", str(door.site_id))
        told = received(connection, admitted)
    return _answer(told, submission.lang)


@bp.route("/reports", methods=["OPTIONS"], provide_automatic_options=False)
def preflight() -> Response:
    """Tell a browser that an admitted page may send JSON here."""
    with db.reading.connect() as connection:
        if _door(connection) is None:
            return _not_admitted()
    answer = Response(status=204)
    answer.headers["Access-Control-Allow-Methods"] = "POST"
    answer.headers["Access-Control-Allow-Headers"] = "content-type"
    answer.headers["Access-Control-Max-Age"] = _PREFLIGHT_AGE
    return answer


@bp.after_request
def share(response: Response) -> Response:
    """Let a page read the answer if its origin is admitted, whatever the answer is."""
    response.headers.add("Cross-Origin-Resource-Policy", "cross-origin")
    response.headers.add("Vary", "Origin")
    door: Door | None = g.get("door")
    if door is not None:
        response.headers.add("Access-Control-Allow-Origin", door.origin)
        response.headers.add("Access-Control-Expose-Headers", "Retry-After")
    return response


def _door(connection: sa.Connection) -> Door | None:
    g.door = sites.door(connection, request.headers.get("Origin"))
    return g.door  # type: ignore[no-any-return]  # set above


def _not_admitted() -> Response:
    detail = (
        "No site here admits the origin of this page. Its owner can add it: "
        "feedback site add NAME --origin ORIGIN."
    )
    return problem(403, "not-admitted", detail)


def _body() -> bytes:
    request.max_content_length = schema.LARGEST
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        text = f"A report has at most {schema.LARGEST} bytes."
        raise RequestEntityTooLarge(text) from None


def received(connection: sa.Connection, admitted: Admitted) -> Acknowledgement:
    """Commit a report; once more if another request took its id just now. Raises Conflict."""

    def receive(writing: sa.Connection) -> Acknowledgement:
        return intake.receive(writing, admitted)

    try:
        return db.commit(connection, receive)
    except IntegrityError:
        return db.commit(connection, receive)


#: What the spot of a report may have been decided to be.
_DECIDED = frozenset({Status.ACCEPTED, Status.FIXED, Status.REJECTED})


def _decided(told: Acknowledgement, lang: str) -> dict[str, str | None]:
    """Give when the spot was decided, and for what reason; asked for only where it was.

    What was decided after the report came is left out: a retry is told the same.
    """
    if told.status not in _DECIDED:
        return {}
    with db.reading.connect() as connection:
        landed = sa.select(Report.spot_id, Report.at).where(Report.uid == told.uid)
        concluded = queue.concluded(*connection.execute(landed).one())
        columns = (Decision.at, Decision.reason, Decision.sentence, Decision.status_after)
        decision = connection.execute(concluded.with_only_columns(*columns)).one_or_none()
    if decision is None or decision.status_after is not told.status:
        return {}
    reason = decision.reason
    because = decision.sentence or strings(lang)["reasons"].get(reason)
    return {
        "decided_at": decision.at.isoformat().replace("+00:00", "Z"),
        "reason": reason,
        "because": because if reason else None,
    }


def _answer(told: Acknowledgement, lang: str) -> Response:
    body = bodies.Received(
        id=told.uid,
        receipt=receipts.address(current_app.extensions["settings"], told.uid),
        readers=told.readers,
        # Whether editors put it off until later is theirs to know.
        status=Status.WAITING if told.status is Status.SNOOZED else told.status,
        **_decided(told, lang),
    )
    text = body.model_dump_json(exclude_unset=True)
    return Response(text, 201 if told.fresh else 200, mimetype="application/json")
