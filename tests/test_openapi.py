"""The APIs' document: it is OpenAPI 3.1, it names every route, and what it says is so."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.engine import StopReason, events, from_schema

from feedback.web.api import document
from tests.makers import ORIGIN, a_body, a_site, a_token, an_editor, send

DOCUMENT = document.document("https://feedback.example")
PATH = "/api/v1/openapi.json"

#: The origin in the document's examples.
EXAMPLE = "https://www.paper.example"
#: What each operation must have answered, among other things, for the trial to mean something.
ANSWERED = {
    ("POST", "/api/v1/reports"): {201, 403, 422},
    ("GET", "/api/v1/spots"): {200, 422},
    ("GET", "/api/v1/spots/{id}"): {200, 404},
    ("POST", "/api/v1/spots/{id}/decisions"): {201, 409, 422},
    ("POST", "/api/v1/spots/{id}/look"): {202, 404},
    ("GET", "/api/v1/reasons"): {200},
    ("GET", "/api/v1/corrections"): {200, 403, 422},
}
#: How the document is tried. What a schema cannot say (an id that there is, a cursor that was
#: given) may be answered by 422. That a token is asked for is tested elsewhere.
TRIED: dict[str, Any] = {
    "seed": 7,
    "generation": {"max-examples": 15, "deterministic": True, "database": "none"},
    "phases": {"stateful": {"enabled": False}},
    "checks": {
        "ignored_auth": {"enabled": False},
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "400", "403", "404", "409", "422"]
        },
    },
    "operations": [{"include-operation-id": "report", "parameters": {"header.Origin": EXAMPLE}}],
}


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


@pytest.fixture
def token(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A token to a site with some spots."""
    monkeypatch.chdir(tmp_path)  # nothing is read from here, and nothing left
    with app.app_context():
        site = a_site("Paper", ORIGIN, EXAMPLE)
        site.corrections = True
        token = a_token(an_editor(site), site)
    for word in ("wrold", "teh", "Nobody", "captain"):
        send(client, a_body(word, comment="hm"))
    return token


def tried(schema: Any, token: str, **headers: str) -> list[Any]:
    """What came of asking all that a schema allows, and some of what it does not."""
    given = TRIED | {"headers": {"Authorization": f"Bearer {token}", **headers}}
    schema.config = schemathesis.Config.from_dict(given).projects.get_default()
    return list(from_schema(schema).execute())


def test_the_api_does_what_its_document_says(app: Flask, token: str) -> None:
    found = tried(schemathesis.openapi.from_wsgi(PATH, app), token)

    assert list(faults(found)) == []
    assert found[-1].stop_reason is StopReason.COMPLETED
    given = answers(found)
    for operation, statuses in ANSWERED.items():
        assert statuses <= given[operation], operation


def test_annotations_are_as_the_document_says(app: Flask, token: str) -> None:
    schema = schemathesis.openapi.from_wsgi(PATH, app).include(
        operation_id=["listSpots", "getSpot"]
    )

    found = tried(schema, token, Accept="application/ld+json")

    assert list(faults(found)) == []
    assert {200, 422} <= answers(found)["GET", "/api/v1/spots"]


def answers(found: list[Any]) -> dict[tuple[str, str], set[int]]:
    """The statuses that each operation answered."""
    seen: dict[tuple[str, str], set[int]] = defaultdict(set)
    for event in found:
        if isinstance(event, events.ScenarioFinished):
            for name, exchange in event.recorder.interactions.items():
                operation = event.recorder.cases[name].value.operation
                if exchange.response is not None:
                    seen[operation.method.upper(), operation.path].add(
                        exchange.response.status_code
                    )
    return seen


def faults(found: list[Any]) -> Iterator[str]:
    """What the document says and the API does not do."""
    for event in found:
        if isinstance(event, events.NonFatalError | events.FatalError):
            yield str(event)
        elif isinstance(event, events.ScenarioFinished):
            for name, checks in event.recorder.checks.items():
                case = event.recorder.cases[name].value
                yield from (
                    f"{case.as_curl_command()}: {check.name}: {check.failure_info.failure}"
                    for check in checks
                    if check.failure_info
                )


def test_a_schema_that_lies_is_found(app: Flask, token: str) -> None:
    lie = json.loads(json.dumps(DOCUMENT))
    lie["components"]["schemas"]["Reason"]["properties"]["code"] = {"type": "integer"}
    schema = schemathesis.openapi.from_dict(lie).include(operation_id="listReasons")
    schema.app = app

    assert any("response_schema_conformance" in fault for fault in faults(tried(schema, token)))
