"""The servers under test, each a process of its own: the service, and the baselines."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import least
from bench.bodies import ORIGIN

#: Seconds a server has to give its first answer, and to end.
PATIENCE = 30.0
REPORTS = "/api/v1/reports"

_ROOT = Path(__file__).parent.parent
_FEEDBACK = Path(sys.executable).parent / "feedback"


class Broken(Exception):
    """A server does not start; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers at `port`."""

    pid: int
    port: int
    #: Where it takes reports.
    path: str
    #: Its database, as SQLAlchemy writes addresses.
    database: str
    #: Seconds from its start to its first answer.
    started_in: float

    def get(self, path: str, coding: str = "identity") -> bytes:
        """Give the body at `path`, in a content coding. Raises Broken if it is not served so."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", path, headers={"Accept-Encoding": coding})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200 or answer.headers.get("Content-Encoding", "identity") != coding:
            raise Broken(f"{path} as {coding} is answered with {answer.status}")
        return body


def sqlite(home: Path) -> str:
    """Give the address of the SQLite file that is kept in `home`."""
    return f"sqlite:///{home / 'feedback.sqlite3'}"


@contextmanager
def service(home: Path, database: str) -> Iterator[Running]:
    """Run the service, its worker inside, with a site and no limits."""
    environ = surroundings(home, database)
    if not database.startswith("sqlite"):
        _command(environ, "upgrade")
    _command(environ, "site", "add", "Paper", "--origin", ORIGIN)
    with restarted(home, database) as running:
        yield running


@contextmanager
def restarted(home: Path, database: str, *, worker: bool = True) -> Iterator[Running]:
    """Run the service on a home as it is, even an empty one; its worker inside, or without one."""
    command = [str(_FEEDBACK), "serve", "--worker" if worker else "--no-worker", "--bind"]
    with serving(surroundings(home, database), command, REPORTS) as running:
        yield running


@contextmanager
def bare(kind: str, home: Path, database: str) -> Iterator[Running]:
    """Run a baseline of the intake, one of `bench.baseline.KINDS`."""
    command = [sys.executable, "-m", "bench.baseline", kind, database]
    with serving(surroundings(home, database), command, least.PATH) as running:
        yield running


@contextmanager
def alone(home: Path, database: str) -> Iterator[Running]:
    """Run the least that keeps a report, with nothing of ours loaded."""
    command = [sys.executable, "-m", "bench.least", database]
    with serving(surroundings(home, database), command, least.PATH) as running:
        yield running


def surroundings(home: Path, database: str) -> dict[str, str]:
    """Give the environment without settings of whoever runs this; make the home."""
    home.mkdir(parents=True, exist_ok=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith("FEEDBACK_")}
    return own | {
        "PYTHONPATH": str(_ROOT),
        "FEEDBACK_HOME": str(home),
        "FEEDBACK_DATABASE_URL": database,
        "FEEDBACK_LIMIT_READER": "off",
        "FEEDBACK_LIMIT_SITE": "off",
        "FEEDBACK_LIMIT_SIGN_IN": "off",
        "FEEDBACK_CHECK_DELAYS": "off",  # there is no such newspaper
        "FEEDBACK_LOG_LEVEL": "WARNING",
    }


def _command(environ: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [str(_FEEDBACK), *arguments],
        env=environ,
        cwd=environ["FEEDBACK_HOME"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Broken(f"feedback {arguments[0]}: {_last(done.stderr)}")


@contextmanager
def serving(environ: dict[str, str], command: list[str], path: str) -> Iterator[Running]:
    """Run a server, whose command ends with HOST:PORT, from its first answer to SIGTERM."""
    home, port = Path(environ["FEEDBACK_HOME"]), _free_port()
    command = [*command, f"127.0.0.1:{port}"]
    began = time.perf_counter()
    with (home / "stderr").open("w") as log:
        process = subprocess.Popen(command, env=environ, cwd=home, stdout=log, stderr=log)
    try:
        _first_answer(process, port, home / "stderr")
        taken = time.perf_counter() - began
        yield Running(process.pid, port, path, environ["FEEDBACK_DATABASE_URL"], taken)
    finally:
        _end(process)


def _free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def _first_answer(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > until:
            raise Broken(f"a server does not start: {_last(log.read_text())}")
        time.sleep(0.005)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (ConnectionError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _last(text: str) -> str:
    """Give the last line of what a program said, without the paths of this machine."""
    lines = text.strip().splitlines() or ["no word"]
    return " ".join(word for word in lines[-1].split() if "/" not in word)


def worked(pid: int) -> float:
    """Give the seconds for which processors have worked for a process, in steps of some 10 ms.

    Where there is no /proc, in whole seconds.
    """
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        user, system = stat.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    text = subprocess.check_output(["ps", "-o", "time=", "-p", str(pid)], text=True)
    parts = reversed(text.strip().replace("-", ":").split(":"))
    return sum(float(part) * unit for part, unit in zip(parts, (1, 60, 3600, 86400), strict=False))


def resident(pid: int) -> tuple[float, float]:
    """Give a process's resident set and the largest it ever had, in MiB.

    Where there is no /proc the second is as the first.
    """
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        lines = (line.partition(":") for line in status.read_text().splitlines())
        words = {name: value.split() for name, _, value in lines}
        return int(words["VmRSS"][0]) / 1024, int(words["VmHWM"][0]) / 1024
    now = subprocess.check_output(["ps", "-o", "rss=", "-p", str(pid)], text=True)
    return int(now) / 1024, int(now) / 1024
