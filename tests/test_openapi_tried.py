"""The APIs do what their document says: asked thousands of things that it allows and forbids.

`FEEDBACK_TEST_CASES=20000 pytest tests/test_openapi_tried.py` asks so many on each database.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from schemathesis.engine import StopReason, events, from_schema
from schemathesis.generation import GenerationMode
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER

from feedback.web.api import document
from tests.makers import ORIGIN, a_body, a_site, a_token, an_editor, send

DOCUMENT = document.document("https://feedback.example")
PATH = "/api/v1/openapi.json"

#: The origin in the document's examples.
EXAMPLE = "https://www.paper.example"
#: How many cases are tried at the least on SQLite, and on PostgreSQL, where each takes longer.
CASES: Final = int(os.environ.get("FEEDBACK_TEST_CASES", "2000"))
CASES_ON_POSTGRESQL: Final = int(os.environ.get("FEEDBACK_TEST_CASES", "700"))
#: What each operation must have answered, among other things, for the trial to mean something.
ANSWERED = {
    ("POST", "/api/v1/reports"): {200, 201, 400, 403, 409, 415, 422},
    ("GET", "/api/v1/spots"): {200, 401, 422},
    ("GET", "/api/v1/spots/{id}"): {200, 401, 404},
    ("POST", "/api/v1/spots/{id}/decisions"): {201, 400, 401, 404, 409, 422},
    ("POST", "/api/v1/spots/{id}/look"): {202, 401, 404},
    ("GET", "/api/v1/reasons"): {200, 401},
    ("GET", "/api/v1/corrections"): {200, 403, 422},
    ("GET", "/api/v1/events.json"): {200},
}
#: How the document is tried. What a schema cannot say (an id that there is, a cursor that was
#: given) may be answered by 422. That a token is asked for is tested elsewhere.
TRIED: dict[str, Any] = {
    "phases": {"stateful": {"enabled": False}},
    "checks": {
        "ignored_auth": {"enabled": False},
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "400", "403", "404", "409", "422"]
        },
    },
    "operations": [{"include-operation-id": "report", "parameters": {"header.Origin": EXAMPLE}}],
}


@dataclass
class Trial:
    """What came of asking."""

    #: How many cases were tried.
    cases: int = 0
    #: The statuses that each operation answered, and how often.
    answers: dict[tuple[str, str], dict[int, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )
    #: What the document says and the API does not do.
    faults: list[str] = field(default_factory=list)
    end: StopReason | None = None

    def take(self, event: Any) -> None:
        """Take in what happened."""
        if isinstance(event, events.NonFatalError | events.FatalError):
            self.faults.append(str(event))
        elif isinstance(event, events.EngineFinished):
            self.end = event.stop_reason
        elif isinstance(event, events.ScenarioFinished):
            self._record(event.recorder)

    def _record(self, recorder: Any) -> None:
        for name, exchange in recorder.interactions.items():
            operation = recorder.cases[name].value.operation
            if exchange.response is not None:
                self.cases += 1
                answers = self.answers[operation.method.upper(), operation.path]
                answers[exchange.response.status_code] += 1
        for name, checks in recorder.checks.items():
            case = recorder.cases[name].value
            self.faults += (
                f"{case.as_curl_command()}: {check.name}: {check.failure_info.failure}"
                for check in checks
                if check.failure_info
            )


@pytest.fixture
def app(make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Flask:
    monkeypatch.chdir(tmp_path)  # nothing is read from here, and nothing left
    return make_app(limit_public="off")


@pytest.fixture
def token(app: Flask, client: FlaskClient) -> str:
    """A token to a site with some spots."""
    with app.app_context():
        site = a_site("Paper", ORIGIN, EXAMPLE)
        site.corrections = True
        token = a_token(an_editor(site), site)
    for word in ("wrold", "teh", "Nobody", "captain"):
        send(client, a_body(word, comment="hm"))
    return token


def tried(schema: Any, token: str, *, each: int = 15, seed: int = 7, **headers: str) -> Trial:
    """Ask all that a schema allows, and some of what it does not: `each` times at random."""
    given = TRIED | {
        "seed": seed,
        "generation": {"max-examples": each, "deterministic": True, "database": "none"},
        "headers": {"Authorization": f"Bearer {token}", **headers},
    }
    schema.config = schemathesis.Config.from_dict(given).projects.get_default()
    trial = Trial()
    for event in from_schema(schema).execute():
        trial.take(event)
    return trial


class Sense:
    """Makes most of what is valid such that it gets past the door: chance alone never does.

    A schema cannot say that a page's address is the site's, that an id is new, that a place lies
    in its text, or which version a spot is at.
    """

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"}
        self._count = 0
        self._last: dict[str, Any] = {}

    def __call__(self, context: Any, case: Any, kwargs: Any) -> None:
        """Change a case before it is asked."""
        valid = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
        change = {"report": self._report, "decide": self._decision}.get(
            case.operation.definition.raw["operationId"]
        )
        if valid and change and isinstance(case.body, dict):
            self._count += 1
            change(case)

    def _report(self, case: Any) -> None:
        body, turn = case.body, self._count % 8
        if turn == 0:
            return
        if turn == 1 and self._last:  # a retry
            body.clear()
            body.update(self._last)
            return
        if turn > 2:
            body["id"] = str(UUID(int=self._count, version=4))
        body["url"] = f"{EXAMPLE}/news/{self._count % 5}?{len(body.get('url', ''))}"
        start, end, length = sorted(body["position"][name] for name in ("start", "end", "length"))
        body["position"] = {"start": start, "end": end, "length": length}
        self._last = deepcopy(body)

    def _decision(self, case: Any) -> None:
        if self._count % 4 == 0:
            return
        number = 1 + self._count % 7
        spot = self._client.get(f"/api/v1/spots/{number}", headers=self._headers).get_json()
        if "version" in spot:
            case.path_parameters = case.path_parameters | {"id": number}
            case.body["version"] = spot["version"]


@contextmanager
def sense(client: FlaskClient, token: str) -> Iterator[None]:
    """Have what is valid changed before it is asked (`Sense`)."""
    sense = Sense(client, token)
    GLOBAL_HOOK_DISPATCHER.register_hook_with_name(sense, "before_call")
    try:
        yield
    finally:
        GLOBAL_HOOK_DISPATCHER.unregister(sense)


def test_the_api_does_what_its_document_says(
    app: Flask, client: FlaskClient, token: str, database_url: str
) -> None:
    on_sqlite = database_url.startswith("sqlite")
    wanted = CASES if on_sqlite else CASES_ON_POSTGRESQL
    schema = schemathesis.openapi.from_wsgi(PATH, app)

    with sense(client, token):
        trial = tried(schema, token, each=each_for(wanted), seed=1 + on_sqlite)

    assert trial.faults == []
    assert trial.end is StopReason.COMPLETED
    assert trial.cases >= wanted
    for operation, statuses in ANSWERED.items():
        assert statuses <= trial.answers[operation].keys(), operation


def each_for(wanted: int) -> int:
    """How often to ask each operation at random, so that all cases are as many as wanted.

    Those with a body take as many again of what is not allowed; and each has cases that are
    not at random.
    """
    return max(15, wanted // 6 - 80)


def test_annotations_are_as_the_document_says(app: Flask, token: str) -> None:
    schema = schemathesis.openapi.from_wsgi(PATH, app).include(
        operation_id=["listSpots", "getSpot"]
    )

    trial = tried(schema, token, Accept="application/ld+json")

    assert trial.faults == []
    assert {200, 422} <= trial.answers["GET", "/api/v1/spots"].keys()


def test_a_schema_that_lies_is_found(app: Flask, token: str) -> None:
    lie = json.loads(json.dumps(DOCUMENT))
    lie["components"]["schemas"]["Reason"]["properties"]["code"] = {"type": "integer"}
    schema = schemathesis.openapi.from_dict(lie).include(operation_id="listReasons")
    schema.app = app

    trial = tried(schema, token)

    assert any("response_schema_conformance" in fault for fault in trial.faults)
