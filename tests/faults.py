"""A service that is hurt while readers report: what the tests of faults share.

The service is `feedback serve` in a process of its own, forked from one that has loaded all there
is to load: so it starts in a tenth of the time, and can be killed a hundred times.
"""

import ctypes
import json
import logging
import multiprocessing
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from feedback.cli import feedback
from feedback.config import Settings
from feedback.reports.models import Report, Spot
from tests.command import a_port
from tests.makers import ORIGIN, TEXT, a_body

#: Seconds to wait for what must come, at the most.
PATIENCE = 60.0
#: How many articles readers report on, and what they select there.
ARTICLES = 40
WORDS = ("wrold", "teh", "round", "captain", "deck", "sailed")

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["feedback.app", "tests.faults"])

Answer = tuple[int, dict[str, str], bytes]


def wait_until(holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.02)  # between two looks


def without_rights() -> None:
    """Be bound by the modes of files even as root."""
    if os.geteuid() == 0:
        header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
        assert ctypes.CDLL(None, use_errno=True).capset(header, none) == 0


def run(args: list[str], env: dict[str, str], constants: dict[str, float], log: str) -> None:
    """Be the `feedback` command; `constants` are ours, by module and name, for tests in a hurry."""
    os.dup2(os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), 2)
    logging.basicConfig(force=True)
    if env.pop("rights", "") == "none":
        without_rights()
    os.environ.update(env)
    for name, value in constants.items():
        module, _, constant = name.rpartition(".")
        setattr(__import__(module, fromlist=[constant]), constant, value)
    try:
        feedback(args, standalone_mode=False)
    except Exception as error:
        os.write(2, f"{error}\n".encode())
        os._exit(1)


def environment(settings: Settings) -> dict[str, str]:
    """Say settings as the environment does."""
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    return {f"FEEDBACK_{name.upper()}": str(value) for name, value in given.items()}


def begun(settings: Settings, log: Path, *args: str) -> ForkServerProcess:
    """Begin a command in a process of its own."""
    process = _FORKS.Process(
        target=run, args=(list(args), environment(settings), {}, str(log)), daemon=True
    )
    process.start()
    return process


@dataclass
class Service:
    """A service on one port, started and killed again and again."""

    settings: Settings
    log: Path
    constants: dict[str, float] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=a_port)
    process: ForkServerProcess | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.begin()
        wait_until(self.answers)

    def begin(self) -> None:
        env = environment(self.settings) | {"FEEDBACK_CHECK_DELAYS": "off"} | self.env
        command = ["serve", "--bind", f"127.0.0.1:{self.port}"]
        args = (command, env, self.constants, str(self.log))
        self.process = _FORKS.Process(target=run, args=args, daemon=True)
        self.process.start()

    def answers(self) -> bool:
        assert self.process
        assert self.process.exitcode is None, self.log.read_text()
        with suppress(OSError, HTTPException):
            return self.get("/healthz")[0] == 200
        return False

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.join(PATIENCE)

    def stop(self) -> float:
        """Ask it to end by SIGTERM; give the seconds that it took. It must end well."""
        assert self.process
        begun = time.monotonic()
        self.process.terminate()
        self.process.join(PATIENCE)
        assert self.process.exitcode == 0, self.log.read_text()
        return time.monotonic() - begun

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, body: dict[str, Any]) -> Answer:
        """Report, as the embed does, once."""
        return self._ask("POST", "/api/v1/reports", json.dumps(body))

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            return asked(connection, method, path, body)
        finally:
            connection.close()


def asked(connection: HTTPConnection, method: str, path: str, body: str | None = None) -> Answer:
    headers = {"Origin": ORIGIN, "Content-Type": "text/plain;charset=UTF-8"} if body else {}
    connection.request(method, path, body, headers)
    answer: HTTPResponse = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()


@contextmanager
def a_service(settings: Settings, **more: Any) -> Iterator[Service]:
    """A service that runs; it is killed in the end."""
    service = Service(settings, settings.home / "log", **more)
    try:
        service.start()
        yield service
    finally:
        service.kill()


@dataclass
class Burst:
    """Readers who report one thing after another, each until it is acknowledged.

    Whatever goes wrong on the way, the same report goes again, under the same id.
    """

    port: int
    seed: int = 0
    #: What readers were told, by the id of their report, and when.
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    #: Requests without an answer.
    broken: int = 0
    #: The longest that an answer took, in seconds.
    longest: float = 0.0
    wrong: list[bytes] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def by(self, readers: int) -> Iterator["Burst"]:
        """Let so many report at once while the block runs; then each ends with its last report."""
        threads = [
            threading.Thread(target=self._report, args=(random.Random(self.seed + n),))
            for n in range(readers)
        ]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stopping.set()
            for thread in threads:
                thread.join(PATIENCE)
            assert not any(thread.is_alive() for thread in threads)

    def wait_for_more(self, count: int) -> None:
        """Wait until so many more were acknowledged."""
        enough = len(self.acknowledged) + count
        wait_until(lambda: len(self.acknowledged) >= enough)

    def _report(self, chance: random.Random) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        while not self._stopping.is_set():
            word = chance.choice(WORDS)
            url = f"{ORIGIN}/news/{chance.randrange(ARTICLES)}"
            body = a_body(word, text=TEXT, url=url)
            self.sent[body["id"]] = body
            until = time.monotonic() + PATIENCE
            while time.monotonic() < until and not self._told(connection, body):
                time.sleep(0.05)  # as a client does between two tries
        connection.close()

    def _told(self, connection: HTTPConnection, body: dict[str, Any]) -> bool:
        """Send a report once; tell whether it is settled."""
        begun = time.monotonic()
        try:
            status, headers, text = asked(connection, "POST", "/api/v1/reports", json.dumps(body))
        except (OSError, HTTPException):
            connection.close()
            with self._lock:
                self.broken += 1
            return False
        with self._lock:
            self.longest = max(self.longest, time.monotonic() - begun)
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status in {200, 201}:
                self.acknowledged[body["id"]] = json.loads(text)
            elif status != 503 or "Retry-After" not in headers:
                self.wrong.append(text)
        return status != 503


def kept(engine: sa.Engine) -> list[str]:
    """The ids of all reports in the database, as often as they are there."""
    with engine.connect() as connection:
        return [str(uid) for uid in connection.scalars(sa.select(Report.uid))]


def miscounted(engine: sa.Engine) -> list[Any]:
    """The spots that say they have other than their reports."""
    reports = sa.func.count(Report.id)
    each = (
        sa.select(Spot.id, Spot.readers, reports)
        .outerjoin(Report, Report.spot_id == Spot.id)
        .group_by(Spot.id, Spot.readers)
        .having(Spot.readers != reports)
    )
    with engine.connect() as connection:
        return list(connection.execute(each))
