"""What can be asked of both APIs and what is answered: the table behind the document.

A test holds it against the routes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from feedback.desk import bodies
from feedback.reports.schema import Submission
from feedback.web import problems
from feedback.web.api import annotations, asks, examples
from feedback.web.problems import FieldProblem, Problem


@dataclass(frozen=True, slots=True)
class Part:
    """A body: its model, and what it may look like."""

    model: type[BaseModel]
    examples: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: when it is given, and its bodies by media type."""

    description: str
    content: Mapping[str, Part]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """What can be asked by a method of a path, and what is answered."""

    method: str
    path: str
    name: str
    tag: str
    summary: str
    description: str
    answers: dict[int, Answer]
    #: The statuses of `PROBLEMS` that can come.
    problems: tuple[int, ...]
    parameters: tuple[Mapping[str, Any], ...] = ()
    query: type[BaseModel] | None = None
    body: Part | None = None
    #: Whether the body may also come as text/plain, which spares a browser a request.
    plain: bool = False


class StaleProblem(Problem):
    """Somebody decided meanwhile."""

    spot: bodies.WholeSpot | None = None


def _problem(
    description: str, model: type[Problem] = Problem, headers: Mapping[str, str] | None = None
) -> Answer:
    return Answer(description, {problems.TYPE: Part(model)}, headers or {})


_LATER = {"Retry-After": "Seconds until it makes sense to try again."}

PROBLEMS = {
    400: _problem("`not-json`: the body is not one JSON object in UTF-8."),
    401: _problem(
        "`token`: no token is shown, or one that opens nothing.",
        headers={"WWW-Authenticate": "How to show one."},
    ),
    403: _problem("`scope`: the token, or its editor, may only read."),
    404: _problem("`not-found`: there is no such spot at the token's site."),
    409: _problem(
        "`stale-version`: somebody decided meanwhile, and `spot` is how it stands now; or "
        "`no-looks`: this service does not look at articles.",
        StaleProblem,
    ),
    413: _problem("`request-entity-too-large`: the body is larger than is taken."),
    415: _problem("`media-type`: the body is neither application/json nor text/plain."),
    422: _problem("A field, or a parameter, is not as it must be: `field` names it.", FieldProblem),
    429: _problem("`too-many`: a rate limit is reached.", headers=_LATER),
    500: _problem("`error`: our fault. It is logged."),
    503: _problem(
        "`unavailable`: the database is busy, full or away.",
        headers=_LATER,
    ),
}

#: What can come whatever is asked with a token; and besides with a body.
_ALWAYS = (401, 429, 500, 503)
_DECIDING = (403, 404, 409, *_ALWAYS)

_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The spot's id.",
    "schema": {"type": "integer", "format": "int64", "minimum": 1, "maximum": 2**63 - 1},
    "example": 1,
}
_ORIGIN = {
    "name": "Origin",
    "in": "header",
    "required": True,
    "description": "The page's origin, which a site must admit. Browsers send it.",
    "schema": {"type": "string"},
    "example": "https://www.paper.example",
}
_ARTICLE = {
    "name": "url",
    "in": "query",
    "required": True,
    "description": "The page's address.",
    "schema": {"type": "string"},
    "example": "https://www.paper.example/news/captain",
}
_CANONICAL = {
    "name": "canonical",
    "in": "query",
    "description": "What the page calls its canonical address. It counts if it is the site's own.",
    "schema": {"type": "string"},
}
_VARY = {"Vary": "`Accept`: the answer is what was asked for."}


def _json(model: type[BaseModel], *shown: Any) -> dict[str, Part]:
    named = {f"example{number or ''}": value for number, value in enumerate(shown)}
    return {"application/json": Part(model, named)}


_TAKEN = _json(bodies.Received, examples.RECEIVED)

OPERATIONS = (
    Operation(
        "post",
        "/api/v1/reports",
        "report",
        "readers",
        "Report a mistake",
        "Takes a report and puts it on the spot that it points at. A report is admitted when a "
        "site admits both the `Origin` and the origin of `url`. The same report again, by its "
        "`id`, is harmless.",
        {
            201: Answer("The report is committed.", _TAKEN),
            200: Answer("It had been taken before; the answer is the same.", _TAKEN),
            403: _problem(
                "`not-admitted`: no site admits the origin, or `url` is not that site's."
            ),
            409: _problem("`id-taken`: the id belongs to a report that says something else."),
        },
        (400, 413, 415, 422, 429, 500, 503),
        parameters=(_ORIGIN,),
        body=Part(Submission, {"correction": examples.REPORT, "image": examples.IMAGE}),
        plain=True,
    ),
    Operation(
        "get",
        "/api/v1/corrections",
        "listCorrections",
        "readers",
        "List an article's corrections",
        "Lists what was corrected in an article, of a site whose owners publish it. The page's "
        "origin, or without `Origin` that of `url`, must be one of the site's.",
        {
            200: Answer(
                "The corrections.",
                _json(bodies.Corrections, examples.CORRECTIONS),
                {"Vary": "`Origin`."},
            ),
            403: _problem("`not-admitted`: no site admits the origin, or `url` is not its."),
            404: _problem("`not-found`: the site keeps its corrections to itself."),
        },
        (422, 429, 500, 503),
        parameters=(_ARTICLE, _CANONICAL, {**_ORIGIN, "required": False}),
    ),
    Operation(
        "get",
        "/api/v1/spots",
        "listSpots",
        "editors",
        "List spots",
        "Lists the spots of the token's site that a query finds, a page at a time. Without "
        "`status`, those that wait. With `Accept: application/ld+json` it gives a W3C Web "
        "Annotation collection, and its further pages.",
        {
            200: Answer(
                "A page of spots.",
                {
                    **_json(bodies.Spots, examples.SPOTS),
                    annotations.TYPE: Part(annotations.Listed, {"first": examples.COLLECTION}),
                },
                _VARY,
            )
        },
        (422, *_ALWAYS),
        query=asks.Filters,
    ),
    Operation(
        "get",
        "/api/v1/spots/{id}",
        "getSpot",
        "editors",
        "Read a spot",
        "Gives a spot with its newest 200 reports and all its decisions, newest first. With "
        "`Accept: application/ld+json` it gives a W3C Web Annotation.",
        {
            200: Answer(
                "The spot.",
                {
                    **_json(bodies.WholeSpot, examples.WHOLE),
                    annotations.TYPE: Part(annotations.Annotation, {"spot": examples.ANNOTATION}),
                },
                _VARY,
            )
        },
        (404, *_ALWAYS),
        parameters=(_ID,),
    ),
    Operation(
        "post",
        "/api/v1/spots/{id}/decisions",
        "decide",
        "editors",
        "Decide on a spot",
        "Decides, in the name of the token's editor. State the `version` that you read: if "
        "somebody decided since, nothing is done and the answer is 409 with the spot as it is. "
        "So a decision can be sent again after a lost answer: it is not made twice. The body may "
        "have any media type.",
        {
            201: Answer(
                "It is decided. The spot as it is now.", _json(bodies.WholeSpot, examples.WHOLE)
            )
        },
        (400, 413, 422, *_DECIDING),
        parameters=(_ID,),
        body=Part(
            asks.Stated,
            {
                "accept": {"kind": "accept", "version": 1},
                "reject": {"kind": "reject", "version": 1, "reason": "quoted", "note": "A letter."},
                "snooze": {"kind": "snooze", "version": 1, "until": "2026-11-25T08:00:00Z"},
                "merge": {"kind": "merge", "version": 1, "into": 2},
                "undo": {"kind": "undo", "version": 2},
            },
        ),
    ),
    Operation(
        "post",
        "/api/v1/spots/{id}/look",
        "look",
        "editors",
        "Have the article looked at",
        "Has the spot's article looked at as soon as its server may be asked again. `looked_at` "
        "says when that has begun, `presence` soon after what was found.",
        {202: Answer("It is due. The spot as it is now.", _json(bodies.Spot, examples.SPOT))},
        _DECIDING,
        parameters=(_ID,),
    ),
    Operation(
        "get",
        "/api/v1/reasons",
        "listReasons",
        "editors",
        "List the reasons",
        "Lists the reasons for which a spot of the token's site can be rejected. Standard ones are "
        "in the language of `Accept-Language`.",
        {
            200: Answer(
                "The reasons, in their order.",
                _json(bodies.Reasons, examples.REASONS),
                {"Vary": "`Accept-Language`."},
            )
        },
        _ALWAYS,
    ),
    Operation(
        "get",
        "/api/v1/openapi.json",
        "describe",
        "readers",
        "Read this document",
        "Gives this document. Open to all.",
        {200: Answer("OpenAPI 3.1.", {"application/json": Part(bodies.Document)})},
        (500,),
    ),
    Operation(
        "get",
        "/api/v1/events.json",
        "describeEvents",
        "readers",
        "Read the schemas of events",
        "Gives one JSON schema that everything sent to webhooks fits; `$defs` has one for each "
        "event, by its `type`. Open to all.",
        {200: Answer("JSON Schema 2020-12.", {"application/json": Part(bodies.Schemas)})},
        (500,),
    ),
)
