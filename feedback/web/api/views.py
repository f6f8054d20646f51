"""The routes of the API."""

from collections.abc import Iterable
from functools import cache

from flask import Blueprint, Response, current_app, g, json, request

from feedback.accounts.models import Scope
from feedback.config import Settings
from feedback.db import db, now
from feedback.desk import bodies, queue, reasons, watching
from feedback.desk.decisions import AlreadyDecided, Verdict, decide
from feedback.desk.models import Decision, Kind, Reason
from feedback.desk.queue import BadCursor, Cursor
from feedback.reports.models import Report, Spot
from feedback.reports.schema import Invalid
from feedback.web import wording
from feedback.web.api import annotations, asks, document, happenings
from feedback.web.api.door import needs
from feedback.web.forms import csrf
from feedback.web.problems import problem
from feedback.web.reader_strings import strings

bp = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(bp)

#: Seconds for which the document may be kept.
_DOCUMENT_AGE = 600


@bp.get("/openapi.json")
def openapi() -> Response:
    """Describe this API and the readers' one: OpenAPI 3.1. Open to all."""
    return _open(_document(current_app.extensions["settings"].base_url))


@bp.get("/events.json")
def events() -> Response:
    """Describe what is sent to webhooks: JSON Schema. Open to all."""
    return _open(_events(current_app.extensions["settings"].base_url))


def _open(document: str) -> Response:
    """Give a document that all may read, from every page."""
    answer = Response(document, mimetype="application/json")
    answer.headers["Cache-Control"] = f"public, max-age={_DOCUMENT_AGE}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@cache
def _document(base_url: str) -> str:
    return json.dumps(document.document(base_url))


@cache
def _events(base_url: str) -> str:
    return json.dumps(happenings.document(base_url))


@bp.get("/spots")
@needs(Scope.READ)
def spots() -> Response:
    """List the spots of the token's site that a query finds, a page at a time."""
    ask = asks.query(asks.Filters)
    try:
        cursor = Cursor.read(ask.cursor) if ask.cursor else None
        page = queue.page(db.session, ask.asked(g.token.site_id), cursor, ask.limit)
    except BadCursor as error:
        raise Invalid("cursor", str(error)) from None
    after = str(page.following) if page.following else None
    before = str(page.previous) if page.previous else None
    if annotations.wanted(request.accept_mimetypes):
        asked, name = request.args.to_dict(), g.token.site.name
        return _linked(annotations.listed(page.spots, name, _base(), asked, after, before))
    listed = [bodies.Spot.of(each) for each in page.spots]
    return _varied(_answer(bodies.Spots(spots=listed, next=after, previous=before)))


@bp.get("/spots/<int:spot_id>")
@needs(Scope.READ)
def spot(spot_id: int) -> Response:
    """Give a spot with its reports and decisions."""
    found = _own(spot_id)
    if found is None:
        return _not_here()
    if annotations.wanted(request.accept_mimetypes):
        return _linked(annotations.one(found, _reports(found), _base()))
    return _varied(_answer(_whole(found)))


@bp.post("/spots/<int:spot_id>/decisions")
@needs(Scope.DECIDE)
def decisions(spot_id: int) -> Response:
    """Decide on a spot; 409 if it was decided since the version that is stated."""
    found = _own(spot_id)
    if found is None:
        return _not_here()
    stated = asks.body(asks.Stated)
    try:
        decide(db.session, found, g.token.editor, _verdict(found, stated))
    except AlreadyDecided:
        db.session.rollback()
        return _stale(spot_id)
    db.session.commit()
    return _answer(_whole(found), 201)


def _verdict(found: Spot, stated: asks.Stated) -> Verdict:
    """Make of what is stated a verdict. Raises Invalid where a report is not the spot's."""
    chosen = set(stated.reports)
    ids = tuple(db.session.scalars(queue.numbers(found.id, list(chosen)))) if chosen else ()
    if len(ids) < len(chosen):
        raise Invalid("reports", "Some of these are not reports of this spot.")
    return Verdict(
        Kind(stated.kind),
        stated.version,
        stated.reason,
        stated.note,
        stated.correction,
        into=stated.into,
        reports=ids,
        until=stated.until,
    )


def _stale(spot_id: int) -> Response:
    """Say what happened meanwhile: the spot as it is now."""
    found = _own(spot_id)
    if found is None:
        return _not_here()
    detail = "The spot was decided meanwhile. `spot` is how it stands now; see its decisions."
    spot = _whole(found).model_dump(mode="json")
    return problem(409, "stale-version", detail, spot=spot)


@bp.post("/spots/<int:spot_id>/look")
@needs(Scope.DECIDE)
def look(spot_id: int) -> Response:
    """Have a spot's article looked at now; 202, for a worker does that."""
    found = _own(spot_id)
    if found is None:
        return _not_here()
    delays = current_app.extensions["settings"].check_delays
    try:
        watching.look_now(db.session, found.article_id, delays, now())
    except watching.Off:
        return problem(409, "no-looks", "This service does not look at articles.")
    db.session.commit()
    return _answer(bodies.Spot.of(found), 202)


@bp.get("/reasons")
@needs(Scope.READ)
def site_reasons() -> Response:
    """List the reasons for which the site's spots can be rejected."""
    offered = reasons.of(db.session, g.token.site_id)
    answer = _answer(bodies.Reasons(reasons=[_reason(choice) for choice in offered]))
    answer.vary.add("Accept-Language")
    return answer


def _reason(choice: reasons.Choice) -> bodies.Reason:
    """Give a reason; a standard one in the language that is asked for."""
    if choice.label:
        return bodies.Reason(code=choice.code, label=choice.label, sentence=choice.sentence)
    told = strings(request.accept_languages.best or "")["reasons"]
    label = str(wording.REASONS[Reason(choice.code)])
    return bodies.Reason(code=choice.code, label=label, sentence=told.get(choice.code, ""))


def _own(spot_id: int) -> Spot | None:
    if spot_id >= 2**63:
        return None
    return db.session.scalar(queue.whole(spot_id).where(Spot.site_id == g.token.site_id))


def _reports(spot: Spot) -> Iterable[Report]:
    return db.session.scalars(queue.reports(spot.id).limit(asks.MOST))


def _whole(spot: Spot) -> bodies.WholeSpot:
    record: Iterable[Decision] = db.session.scalars(queue.record(spot.id))
    return bodies.WholeSpot.whole(spot, _reports(spot), record)


def _base() -> str:
    settings: Settings = current_app.extensions["settings"]
    return f"{settings.base_url}{bp.url_prefix}/spots"


def _not_here() -> Response:
    return problem(404, "not-found", "There is no such spot at this token's site.")


def _answer(body: bodies.Body, status: int = 200) -> Response:
    return Response(body.model_dump_json(), status, mimetype="application/json")


def _linked(body: bodies.Body) -> Response:
    text = body.model_dump_json(by_alias=True, exclude_none=True)
    return _varied(Response(text, content_type=annotations.MEDIA_TYPE))


def _varied(answer: Response) -> Response:
    answer.vary.add("Accept")
    return answer
