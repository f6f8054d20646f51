"""The APIs' document: it is OpenAPI 3.1 and names every route (`test_openapi_tried` tries it)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from feedback.web.api import document

DOCUMENT = document.document("https://feedback.example")
PATH = "/api/v1/openapi.json"


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def test_the_document_is_open_to_all(client: FlaskClient) -> None:
    answer = client.get(PATH)

    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json == DOCUMENT
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_document_is_openapi() -> None:
    faults = [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()]

    assert DOCUMENT["openapi"].startswith("3.1")
    assert faults == []


def test_the_document_names_every_route(app: Flask) -> None:
    routes = {
        (rule.rule.replace("<int:spot_id>", "{id}"), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert {(path, method) for path, method, _ in operations()} == routes


def test_every_part_of_the_document_is_described() -> None:
    for path, method, operation in operations():
        assert operation["summary"], (path, method)
        assert operation["description"], (path, method)
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (path, parameter["name"])
        for status, answer in operation["responses"].items():
            assert answer["description"], (path, status)
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert schema["description"], name


def test_the_page_for_people_names_what_the_document_does() -> None:
    docs = Path(__file__).parent.parent / "docs"
    page = "".join((docs / name).read_text("utf-8") for name in ("api.md", "webhooks.md"))
    said = set(re.findall(r"\w+(?:\.\w+)*", page))
    elsewhere = {"Document", "Schemas", "AnnotationPage", "AnnotationCollection"}
    names = {
        name
        for title, schema in DOCUMENT["components"]["schemas"].items()
        for name in schema.get("properties", {})
        if title not in elsewhere
    }
    for *_, operation in operations():
        names |= {parameter["name"] for parameter in operation.get("parameters", [])}

    assert {path for path, *_ in operations() if path not in page} == set()
    assert names - said - {"@context"} == set()


def test_every_component_is_used() -> None:
    text = json.dumps(DOCUMENT)

    names = DOCUMENT["components"]["schemas"]
    assert [name for name in names if f'"#/components/schemas/{name}"' not in text] == []


def bodies(node: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Each schema with each example of it."""
    if isinstance(node, list):
        for value in node:
            yield from bodies(value)
    if isinstance(node, dict):
        for example in node.get("examples", {}).values() if "schema" in node else ():
            yield node["schema"], example["value"]
        yield from bodies(list(node.values()))


def test_every_example_is_as_its_schema_says() -> None:
    found = list(bodies([*DOCUMENT["paths"].values(), *DOCUMENT["webhooks"].values()]))

    assert len(found) > 10
    for schema, example in found:
        validator = Draft202012Validator(schema | {"components": DOCUMENT["components"]})
        assert [error.message for error in validator.iter_errors(example)] == []
