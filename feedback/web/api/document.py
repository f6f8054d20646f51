"""The document of both APIs: OpenAPI 3.1, drawn from the models that check and answer.

https://spec.openapis.org/oas/v3.1.1
"""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from feedback.web.api.operations import OPERATIONS, PROBLEMS, Answer, Operation, Part

_REF = "#/components/schemas/"

_ABOUT = """Readers report mistakes; programs read the spots they point at, and decide.

All bodies are JSON in UTF-8, all times RFC 3339. An error is `application/problem+json` with a
stable `code`. New members may be added to any answer: pass over what you do not know."""

Schema = dict[str, Any]
Wanted = tuple[Any, JsonSchemaMode]


class _Untitled(GenerateJsonSchema):
    """Schemas without a title for each field, which only says its name again."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 -- pydantic's
        return False


def document(base_url: str) -> Schema:
    """Give the document of the service at `base_url`."""
    drawn, schemas = _drawn()
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
        ],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"bearer": bearer}},
    }


def _drawn() -> tuple[dict[Wanted, Schema], dict[str, Schema]]:
    """Draw each model that is sent or answered; give references to them, and what they name.

    Lists of words are put where they are used, as in the models, and each other model is called
    by its own name.
    """
    wanted = list(dict.fromkeys(_wanted()))
    references, drawn = models_json_schema(
        wanted, ref_template=_REF + "{model}", schema_generator=_Untitled
    )
    found: dict[str, Schema] = drawn["$defs"]
    words = {name: schema["enum"] for name, schema in found.items() if "enum" in schema}
    names = {name: name.rpartition("__")[2] for name in found if name not in words}
    schemas = {short: _tidy(found[name], words, names) for name, short in names.items()}
    if len(schemas) < len(names):
        raise AssertionError(f"two models have one name: {sorted(names.values())}")
    return {key: _tidy(each, words, names) for key, each in references.items()}, schemas


def _tidy(node: Any, words: dict[str, list[str]], names: dict[str, str]) -> Any:
    """Leave out titles, and put short names and words for what is referred to."""
    if isinstance(node, list):
        return [_tidy(each, words, names) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _tidy(value, words, names) for key, value in node.items() if not _is_title(key, value)
    }
    named = str(kept.get("$ref", "")).removeprefix(_REF)
    if named in words:
        del kept["$ref"]
        return {"type": "string", "enum": words[named], **kept}
    return kept | {"$ref": _REF + names[named]} if named in names else kept


def _is_title(key: str, value: object) -> bool:
    """Tell a title from a property that is called so."""
    return key == "title" and isinstance(value, str)


def _wanted() -> Iterator[Wanted]:
    for each in OPERATIONS:
        if each.body:
            yield each.body.model, "validation"
        for answer in each.answers.values():
            yield from ((part.model, "serialization") for part in answer.content.values())
    for problem in PROBLEMS.values():
        yield from ((part.model, "serialization") for part in problem.content.values())


def _operation(each: Operation, drawn: dict[Wanted, Schema]) -> Schema:
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
    drawn = each.query.model_json_schema(ref_template=_REF + "{model}", schema_generator=_Untitled)
    words = {name: schema["enum"] for name, schema in drawn.get("$defs", {}).items()}
    for name, untidy in drawn["properties"].items():
        schema = _tidy(untidy, words, {})
        description = schema.pop("description", "")
        yield {"name": name, "in": "query", "description": description, "schema": schema}


def _body(each: Operation, drawn: dict[Wanted, Schema]) -> Schema:
    part = each.body
    if part is None:
        return {}
    schema = drawn[part.model, "validation"]
    content: Schema = {"application/json": {"schema": schema, "examples": _examples(part)}}
    if each.plain:
        text = {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}
        content["text/plain"] = {"schema": text}
    return {"required": True, "content": content}


def _answer(answer: Answer, drawn: dict[Wanted, Schema]) -> Schema:
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


def _examples(part: Part) -> Schema:
    return {name: {"value": value} for name, value in part.examples.items()}
