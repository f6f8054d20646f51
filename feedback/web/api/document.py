"""The document of both APIs: OpenAPI 3.1, drawn from the models that check and answer.

https://spec.openapis.org/oas/v3.1.1
"""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from feedback.web.api import drawing, happenings
from feedback.web.api.drawing import Drawn, Schema, Wanted
from feedback.web.api.operations import OPERATIONS, PROBLEMS, Answer, Operation, Part

_REF = "#/components/schemas/"

_ABOUT = """Readers report mistakes; programs read the spots they point at, and decide.

All bodies are JSON in UTF-8, all times RFC 3339. An error is `application/problem+json` with a
stable `code`. New members may be added to any answer: pass over what you do not know."""


def document(base_url: str) -> Schema:
    """Give the document of the service at `base_url`."""
    drawn, schemas = drawing.draw(_wanted(), _REF)
    paths: dict[str, dict[str, Any]] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method] = _operation(each, drawn)
    bearer = {"type": "http", "scheme": "bearer", "description": "See `feedback token create`."}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Reader Feedback",
            "version": version("reader-feedback"),
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": base_url}],
        "tags": [
            {"name": "readers", "description": "Open to the pages of a site."},
            {"name": "editors", "description": "For programs with a token."},
            {"name": "events", "description": "Sent to webhooks."},
        ],
        "paths": paths,
        "webhooks": {name: {"post": _event(name, drawn)} for name in happenings.MODELS},
        "components": {"schemas": schemas, "securitySchemes": {"bearer": bearer}},
    }


def _wanted() -> Iterator[Wanted]:
    for each in OPERATIONS:
        if each.body:
            yield each.body.model, "validation"
        for answer in each.answers.values():
            yield from ((part.model, "serialization") for part in answer.content.values())
    for problem in PROBLEMS.values():
        yield from ((part.model, "serialization") for part in problem.content.values())
    yield from ((model, "serialization") for model in happenings.MODELS.values())


def _operation(each: Operation, drawn: Drawn) -> Schema:
    said: Schema = {
        "operationId": each.name,
        "tags": [each.tag],
        "summary": each.summary,
        "description": each.description,
        "security": [{"bearer": []}] if each.tag == "editors" else [],
    }
    if parameters := [*each.parameters, *_query(each)]:
        said["parameters"] = parameters
    if each.body:
        said["requestBody"] = _body(each, drawn)
    answers = each.answers | {status: PROBLEMS[status] for status in each.problems}
    said["responses"] = {
        str(status): _answer(answer, drawn) for status, answer in sorted(answers.items())
    }
    return said


def _query(each: Operation) -> Iterator[Schema]:
    """Give each field of a query as a parameter."""
    if each.query is None:
        return
    for name, schema in drawing.fields(each.query, _REF):
        description = schema.pop("description", "")
        yield {"name": name, "in": "query", "description": description, "schema": schema}


def _body(each: Operation, drawn: Drawn) -> Schema:
    part = each.body
    if part is None:
        return {}
    schema = drawn[part.model, "validation"]
    content: Schema = {"application/json": {"schema": schema, "examples": _examples(part)}}
    if each.plain:
        text = {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}
        content["text/plain"] = {"schema": text}
    return {"required": True, "content": content}


def _answer(answer: Answer, drawn: Drawn) -> Schema:
    content = {}
    for media_type, part in answer.content.items():
        content[media_type] = {"schema": drawn[part.model, "serialization"]}
        if part.examples:
            content[media_type]["examples"] = _examples(part)
    said: Schema = {"description": answer.description, "content": content}
    if answer.headers:
        said["headers"] = {
            name: {"description": text, "required": True, "schema": {"type": "string"}}
            for name, text in answer.headers.items()
        }
    return said


def _event(name: str, drawn: Drawn) -> Schema:
    """Describe what is sent to webhooks."""
    model = happenings.MODELS[name]
    schema, example = drawn[model, "serialization"], happenings.example(name)
    content = {"schema": schema, "examples": {"example": {"value": example}}}
    return {
        "operationId": name,
        "tags": ["events"],
        "summary": name,
        "description": " ".join((model.__doc__ or "").split()),
        "security": [],
        "parameters": [
            {
                "name": header,
                "in": "header",
                "required": True,
                "description": text,
                "schema": {"type": "string"},
            }
            for header, text in happenings.HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": {status: {"description": text} for status, text in happenings.ANSWERS.items()},
    }


def _examples(part: Part) -> Schema:
    return {name: {"value": value} for name, value in part.examples.items()}
