"""The log: what goes wrong can be found in it, and nothing of readers or editors is."""

import io
import json
import logging
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback import worker
from feedback.cli.lines import Lines
from feedback.cli.records import Discreet, Json
from feedback.db import db
from feedback.delivery.models import Means
from tests.far_end import a_closed_port
from tests.makers import ORIGIN, a_body, a_carrier, csrf, newsroom, send

#: What stands in every field that is somebody's own.
MARK = "marker4711"
ADDRESS = f"{MARK}@reader.example"
CLIENT = "203.0.113.77"

Make = Callable[..., Flask]


@pytest.fixture
def logged() -> Iterator[Callable[[], str]]:
    """All that is logged, in both forms."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers = [logging.StreamHandler(stream) for _ in range(2)]
    for handler, formatter in zip(handlers, (Discreet(), Json()), strict=True):
        handler.setFormatter(formatter)
        root.addHandler(handler)
    level = root.level
    root.setLevel(logging.INFO)
    for name in ("feedback.letters", "feedback.looks"):  # a command may have hushed them
        logging.getLogger(name).setLevel(logging.NOTSET)
    yield stream.getvalue
    root.setLevel(level)
    for handler in handlers:
        root.removeHandler(handler)


def a_burst(app: Flask, count: int = 12) -> list[int]:
    """Reports of which every field is marked, from an address that is not to be known; statuses."""
    client = app.test_client()
    client.environ_base.update({"REMOTE_ADDR": CLIENT, "HTTP_USER_AGENT": f"Agent {MARK}"})
    bodies = [
        a_body(
            "wrold",
            nth=n % 2,
            url=f"{ORIGIN}/news/{n % 3}#{MARK}",
            title=f"Title {MARK}",
            correction=f"world {MARK}",
            comment=f"Comment {n} {MARK}",
            email=ADDRESS,
        )
        for n in range(count)
    ]
    bodies.append(bodies[0] | {"comment": f"another {MARK}"})  # the same id
    bodies.append(bodies[0] | {"id": str(uuid4()), "quote": MARK})
    statuses = [send(client, body).status_code for body in bodies]
    client.get(f"/receipts/{MARK}?{MARK}={MARK}", headers={"Referer": f"https://x.example/{MARK}"})
    page = client.get("/sign-in", base_url="https://feedback.example").text
    data = {"csrf_token": csrf(page), "email": ADDRESS, "password": MARK}
    headers = {"Referer": "https://feedback.example/sign-in"}
    client.post("/sign-in", data=data, base_url="https://feedback.example", headers=headers)
    return statuses


def test_a_burst_leaves_nothing_of_readers_in_the_log(
    make_app: Make, logged: Callable[[], str]
) -> None:
    closed = a_closed_port()
    app = make_app(
        smtp_url=f"smtp://127.0.0.1:{closed}?tls=off",
        fetch_allow=f"127.0.0.1:{closed}",
        check_delays="off",
    )
    with newsroom(app) as (site, _):
        a_carrier(site, Means.MAIL, ADDRESS)
        a_carrier(site, Means.WEBHOOK, f"http://127.0.0.1:{closed}/{MARK}")

        taken = a_burst(app)
        for duty in worker.DUTIES:
            if duty.name in {"tell what happened", "carry letters"}:
                worker.Worker(app, (duty,)).work()
        _break(app)
        broken = a_burst(app, 2)

    said = logged()
    assert taken == [201] * 12 + [409, 422]
    assert broken[:2] == [500, 500]
    assert "was not taken" in said
    assert "/api/v1/reports failed" in said
    assert MARK not in said
    assert CLIENT not in said


def _break(app: Flask) -> None:
    """Let the database refuse every report, and quote it where that is its way."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            rule = "ALTER TABLE report ADD CONSTRAINT no_more CHECK (comment = '') NOT VALID"
            connection.execute(sa.text(rule))
        else:
            connection.execute(
                sa.text(
                    "CREATE TRIGGER no_more BEFORE INSERT ON report "
                    "BEGIN SELECT RAISE(ABORT, 'no more'); END"
                )
            )


@pytest.fixture(autouse=True)
def _mended(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave the database that tests share as it was."""
    yield
    if "migrated_postgres" in request.fixturenames or request.node.name.endswith("[postgresql]"):
        engine = request.getfixturevalue("migrated_postgres")
        with engine.connect() as connection:
            connection.execute(sa.text("ALTER TABLE report DROP CONSTRAINT IF EXISTS no_more"))


def fail(error: Exception) -> None:
    raise error


def failed(error: Exception) -> logging.LogRecord:
    try:
        try:
            fail(error)
        except Exception as first:
            raise RuntimeError("second") from first
    except RuntimeError as caught:
        info = (type(caught), caught, caught.__traceback__)
        return logging.LogRecord("feedback.x", logging.ERROR, "x", 1, "%s fails", ("it",), info)


def test_an_error_is_told_without_what_it_quotes() -> None:
    said = Discreet().format(failed(ValueError(f"no number: '{MARK}'\nRow: {MARK}")))

    assert MARK not in said
    assert "builtins.ValueError: no number: …" in said
    assert (
        said.index("ValueError") < said.index("which led to") < said.index("RuntimeError: second")
    )
    assert "in failed" in said


def test_names_of_rules_may_be_told() -> None:
    said = Discreet().format(failed(ValueError('violates "uq_report_uid" by "A value"')))

    assert 'violates "uq_report_uid" by …' in said


def test_times_are_utc_wherever_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    record = failed(ValueError("first"))
    record.created, record.msecs = 1798804800.25, 250.0  # 2027-01-01, noon
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        told = json.loads(Json().format(record))["at"], Lines().format(record).split(" ")[0]
    finally:
        monkeypatch.undo()
        time.tzset()

    assert told == ("2027-01-01T12:00:00.250Z",) * 2


def test_json_is_an_object_a_line() -> None:
    (line,) = Json().format(failed(ValueError("first"))).splitlines()

    told = json.loads(line)
    assert told["message"] == "it fails"
    assert told["level"] == "ERROR"
    assert told["logger"] == "feedback.x"
    assert told["at"].endswith("Z")
    assert "ValueError: first" in told["error"]
