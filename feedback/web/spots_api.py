"""The editors' API: spots and decisions, for programs with a token."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, TypeVar
from uuid import UUID

from flask import Blueprint, Response, current_app, g, json, request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from feedback.accounts import keys
from feedback.accounts.models import Scope, Token
from feedback.anchoring.locate import Presence
from feedback.articles.models import Article
from feedback.db import db, now
from feedback.desk import links, queue, watching
from feedback.desk.decisions import Verdict, decide
from feedback.desk.models import Decision, Kind, Reason
from feedback.desk.queue import BadCursor, Cursor, Order
from feedback.reports import schema
from feedback.reports.models import Report, Spot, Status
from feedback.reports.schema import Invalid, NotJson
from feedback.web.forms import csrf
from feedback.web.problems import problem

M = TypeVar("M", bound=BaseModel)

bp = Blueprint("spots_api", __name__, url_prefix="/api/v1")
csrf.exempt(bp)

#: Who decided where no editor did.
CHECK = "article check"
#: Most spots in one answer, and most reports of one spot.
MOST = 200


def _later(text: str) -> str:
    if text:
        raise ValueError("searching is not there yet")
    return text


class Ask(BaseModel):
    """The query of a list. `q` has its place, and finds nothing yet."""

    model_config = ConfigDict(extra="forbid")

    status: Status = Status.WAITING
    order: Order = Order.NEWEST
    cursor: Annotated[str, Field(max_length=200)] = ""
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50
    q: Annotated[str, AfterValidator(_later)] = ""


class Stated(BaseModel):
    """A decision, as a program states it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Annotated[Kind, Field(strict=False)]
    version: Annotated[int, Field(ge=0, lt=2**31)]
    reason: Annotated[Reason | None, Field(strict=False)] = None
    note: schema.Long = ""
    correction: schema.Long | None = None
    into: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    reports: Annotated[list[Annotated[UUID, Field(strict=False)]], Field(max_length=MOST)] = []


def _needs(scope: Scope) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Let only a token in that has `scope`; it is then `g.token`."""

    def wrap(view: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(view)
        def guarded(**values: Any) -> Response:
            g.token = _token()
            if g.token is None:
                return _unknown_token()
            if scope is Scope.DECIDE and not _decides(g.token):
                return problem(403, "scope", "This token, or its editor, may only read.")
            return view(**values)

        return guarded

    return wrap


def _token() -> Token | None:
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    token = keys.holder(db.session, key.strip()) if kind.lower() == "bearer" and key else None
    return token if token and token.editor.role_at(token.site_id) else None


def _decides(token: Token) -> bool:
    role = token.editor.role_at(token.site_id)
    return token.scope is Scope.DECIDE and role is not None and role.decides


def _unknown_token() -> Response:
    detail = "Send `Authorization: Bearer TOKEN`; see `feedback token create`."
    answer = problem(401, "token", detail)
    answer.headers["WWW-Authenticate"] = 'Bearer realm="feedback"'
    return answer


@bp.get("/spots")
@_needs(Scope.READ)
def spots() -> Response:
    """List the spots of the token's site in a status, a page at a time."""
    ask = _valid(Ask, request.args.to_dict())
    try:
        after = Cursor.read(ask.cursor) if ask.cursor else None
        found = queue.listed(g.token.site_id, ask.status, ask.order, after).limit(ask.limit + 1)
    except BadCursor as error:
        raise Invalid("cursor", str(error)) from None
    rows = db.session.scalars(found).all()
    more = len(rows) > ask.limit
    page = rows[: ask.limit]
    return _json(
        {
            "spots": [_spot(spot) for spot in page],
            "next": str(Cursor.after(page[-1], ask.order)) if more else None,
        }
    )


@bp.get("/spots/<int:spot_id>")
@_needs(Scope.READ)
def spot(spot_id: int) -> Response:
    """Give a spot with its reports and decisions."""
    found = _own(spot_id)
    return _json(_spot_whole(found)) if found else _not_here()


@bp.post("/spots/<int:spot_id>/decisions")
@_needs(Scope.DECIDE)
def decisions(spot_id: int) -> Response:
    """Decide on a spot; 409 if it was decided since the version that is stated."""
    found = _own(spot_id)
    if found is None:
        return _not_here()
    stated = _valid(Stated, _object())
    decide(db.session, found, g.token.editor, _verdict(found, stated))
    db.session.commit()
    return _json(_spot_whole(found), 201)


def _verdict(found: Spot, stated: Stated) -> Verdict:
    """Make of what is stated a verdict. Raises Invalid where a report is not the spot's."""
    chosen = set(stated.reports)
    ids = tuple(db.session.scalars(queue.numbers(found.id, list(chosen)))) if chosen else ()
    if len(ids) < len(chosen):
        raise Invalid("reports", "Some of these are not reports of this spot.")
    return Verdict(
        stated.kind,
        stated.version,
        stated.reason,
        stated.note,
        stated.correction,
        into=stated.into,
        reports=ids,
    )


@bp.post("/spots/<int:spot_id>/look")
@_needs(Scope.DECIDE)
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
    return _json(_spot(found), 202)


def _own(spot_id: int) -> Spot | None:
    if spot_id >= 2**63:
        return None
    return db.session.scalar(queue.whole(spot_id).where(Spot.site_id == g.token.site_id))


def _not_here() -> Response:
    return problem(404, "not-found", "There is no such spot at this token's site.")


def _object() -> dict[str, Any]:
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise NotJson("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise NotJson("The body is not a JSON object.")
    return body


def _valid(model: type[M], values: dict[str, Any]) -> M:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise schema.first(error) from None


def _json(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")


def _spot(spot: Spot) -> dict[str, Any]:
    return {
        "id": spot.id,
        "site": spot.site.name,
        "status": spot.status.value,
        "presence": spot.presence.value,
        "reads": spot.reads if spot.presence is Presence.CHANGED else None,
        "looked_at": _time(spot.article.looked_at) if spot.article.looked_at else None,
        "merged_into": spot.merged_into_id,
        "article": _article(spot.article),
        "quote": {"exact": spot.exact, "prefix": spot.prefix, "suffix": spot.suffix},
        "correction": spot.correction,
        "about": _about(spot),
        "readers": spot.readers,
        "first_at": _time(spot.first_at),
        "last_at": _time(spot.last_at),
        "version": spot.version,
        "link": links.to(spot),
    }


def _about(said: Spot | Report) -> dict[str, str] | None:
    if not said.about:
        return None
    return {"type": said.about, "text": said.about_text, "url": said.about_url}


def _article(article: Article) -> dict[str, Any]:
    return {
        "url": article.address,
        "title": article.title,
        "author": article.author,
        "section": article.section,
        "lang": article.lang,
    }


def _spot_whole(spot: Spot) -> dict[str, Any]:
    found = db.session.scalars(queue.reports(spot.id).limit(MOST))
    record = db.session.scalars(queue.record(spot.id))
    return _spot(spot) | {
        "reports": [_report(report) for report in found],
        "decisions": [_decision(decision) for decision in record],
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "id": str(report.uid),
        "quote": {"exact": report.exact, "prefix": report.prefix, "suffix": report.suffix},
        "correction": report.correction,
        "comment": report.comment,
        "kind": report.kind,
        "about": _about(report),
        "at": _time(report.at),
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "kind": decision.kind.value,
        "reason": decision.reason.value if decision.reason else None,
        "note": decision.note,
        "by": decision.editor.email if decision.editor else CHECK,
        "became": decision.became,
        "into": decision.into_id,
        "at": _time(decision.at),
    }


def _time(at: datetime) -> str:
    """Write a time as RFC 3339, UTC."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
