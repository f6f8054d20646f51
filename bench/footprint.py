"""What the service takes up: memory, and the time to start."""

import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from statistics import median

from bench import load, servers
from bench.load import Job
from bench.parts import Run, Void
from bench.servers import Running
from bench.tables import Table

#: How hard the service is pressed while its memory is watched.
_CROWD, _REQUESTS = 200, 10_000

Start = Callable[[], AbstractContextManager[Running]]


def memory(run: Run) -> list[Table]:
    """Measure the resident set at rest, at its peak under load, and after it."""
    head = ("MiB resident", "at rest", "peak under load", "after", "reports taken")
    rows = [[name, *_watched(run, start)] for name, start in _starts(run, "memory").items()]
    note = f"Load: {_CROWD} connections, up to {_REQUESTS:,} reports. SQLite, worker inside."
    return [Table("Memory", head, rows, note)]


def _starts(run: Run, part: str) -> dict[str, Start]:
    home, other = run.folder / part / "service", run.folder / part / "orm"
    return {
        "feedback": lambda: servers.service(home, servers.sqlite(home)),
        "bare view, one ORM insert": lambda: servers.alone(other, servers.sqlite(other)),
    }


def _watched(run: Run, start: Start) -> list[str]:
    with start() as server:
        server.get("/healthz")
        time.sleep(1)  # the worker's first round
        rest, _ = servers.resident(server.pid)
        taken = _press(run, server)
        time.sleep(min(run.seconds, 2))
        after, peak = servers.resident(server.pid)
    return [*(f"{figure:.1f}" for figure in (rest, peak, after)), f"{taken:,}"]


def _press(run: Run, server: Running) -> int:
    """Have a crowd send reports; tell how many were taken. Raises Void if one was not."""
    job = Job(server.port, server.path, "crowd", _CROWD, 4 * run.seconds, _REQUESTS)
    outcome = load.run(job)
    if set(outcome.statuses) != {"201"}:
        raise Void(f"under {_CROWD} connections the answers were {outcome.statuses}")
    return len(outcome.times)


def start(run: Run) -> list[Table]:
    """Measure the time from the command to the first answer."""
    home, fresh, bare = (run.folder / "start" / name for name in ("service", "fresh", "orm"))
    with servers.service(home, servers.sqlite(home)):
        pass
    starts: dict[str, Start] = {
        "feedback serve": lambda: servers.restarted(home, servers.sqlite(home)),
        "the same, making its database": lambda: servers.restarted(fresh, servers.sqlite(fresh)),
        "bare view, one ORM insert": lambda: servers.alone(bare, servers.sqlite(bare)),
    }
    taken: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(run.rounds):
        shutil.rmtree(fresh, ignore_errors=True)
        for name, begin in starts.items():
            with begin() as server:
                taken[name].append(server.started_in)
    rows = [[name, f"{median(times):.2f}"] for name, times in taken.items()]
    return [Table("Start to first answer", ("", "seconds"), rows)]
