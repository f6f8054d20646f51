"""What open desks cost the server, and the readers' reports meanwhile."""

import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import sqlalchemy as sa

from bench import desk, filling, load, postgres, servers
from bench.desk import Newsroom
from bench.parts import Run, Void, turns
from bench.polling import Job, polling
from bench.servers import Running
from bench.tables import Table
from feedback.db import db, now
from feedback.desk import news
from feedback.reports.models import Spot

#: How many desks are open, and how often each asks what is new, in seconds: as `live.js` does.
DESKS, EVERY = 200, 5.0
#: How many reports are behind them, and how many readers send more.
_REPORTS, _READERS = 10_000, 8

_NEWS = f"/desk/sites/{filling.SITE}/news"
#: A desk that hears of much each time is shown what is older than so many seconds.
_AGO = 3600
_BASE = "healthz"
_NAMES = {
    "nobody": "no desk open",
    "healthz": "as many requests of /healthz (= 1)",
    "quiet": "{desks} desks, nothing new",
    "busy": "{desks} desks, each hears of {most} decisions each time",
}
_HEAD = ("", "requests", "ended", "processor", "ms each", "ratio", "p50 ms", "p99 ms")
_INTAKE = ("", "per second", "least-most", "ratio", "p99 ms", "desks' p99 ms")


@dataclass(slots=True)
class Turns:
    """What one kind of visitors cost, turn by turn."""

    requests: list[int] = field(default_factory=list)
    #: How many connections the server ended.
    ended: int = 0
    #: Seconds of a processor, and of the clock.
    worked: list[float] = field(default_factory=list)
    lasted: list[float] = field(default_factory=list)
    #: Each answer's time, in microseconds.
    times: list[int] = field(default_factory=list)

    def each(self) -> list[float]:
        """Give the processor's seconds for a request."""
        return [a / b for a, b in zip(self.worked, self.requests, strict=True) if b]

    def cells(self, base: "Turns") -> list[str]:
        """Write the figures."""
        share = f"{sum(self.worked) / sum(self.lasted):.1%}"
        if not self.times:
            return ["0", "0", share, "", "", "", ""]
        hundredths = quantiles(self.times, n=100, method="inclusive")
        each, least = median(self.each()), median(base.each())
        return [
            f"{sum(self.requests):,}",
            f"{self.ended:,}",
            share,
            f"{each * 1000:.2f}",
            f"{each / least:.1f}" if least else "",
            f"{hundredths[49] / 1000:.1f}",
            f"{hundredths[98] / 1000:.1f}",
        ]


def open_desks(run: Run) -> list[Table]:
    """Measure open desks on both databases."""
    return [*on_sqlite(run), *on_postgres(run)]


def on_sqlite(run: Run) -> list[Table]:
    """Measure open desks on SQLite."""
    home = run.folder / "desks" / "sqlite"
    return _on("SQLite", run, home, servers.sqlite(home))


def on_postgres(run: Run) -> list[Table]:
    """Measure open desks on PostgreSQL, where one can be had."""
    try:
        with postgres.databases() as made:
            return _on("PostgreSQL", run, run.folder / "desks" / "postgresql", made.make())
    except postgres.Absent as error:
        return [Table("Open desks, on PostgreSQL", (), (), f"Not measured: {error}.")]


def _on(name: str, run: Run, home: Path, database: str) -> list[Table]:
    reports, desks = (_REPORTS, DESKS) if run.rounds > 1 else (300, 5)
    made = desk.newsroom(home, database, reports, desks)
    try:
        _stir(made)
        with made.serving(worker=True) as server:
            cookies = desk.signed_in(server.port, desks)
            return [
                _costs(name, run, server, cookies),
                _intake(name, run, server, cookies),
            ]
    finally:
        made.close()


def _stir(made: Newsroom) -> None:
    """Let as many spots be decided on just now as a desk is told of at once."""
    decided = sa.select(Spot.id).where(Spot.site_id == filling.SITE, Spot.moved_at.is_not(None))
    with made.app.app_context(), db.writing() as connection:
        ids = connection.scalars(decided.order_by(Spot.id.desc()).limit(news.MOST)).all()
        connection.execute(sa.update(Spot).where(Spot.id.in_(ids)).values(moved_at=now()))


def _every(run: Run) -> float:
    return EVERY if run.rounds > 1 else 0.2


def _job(run: Run, server: Running, cookies: Sequence[str], kind: str, seconds: float) -> Job:
    path = "/healthz" if kind == "healthz" else _NEWS
    shown = [] if kind == "nobody" else list(cookies)
    busy = kind == "busy"
    return Job(server.port, path, shown, _every(run), seconds, _AGO if busy else 0, moves=not busy)


def _costs(name: str, run: Run, server: Running, cookies: Sequence[str]) -> Table:
    found = {kind: Turns() for kind in _NAMES}
    for number in range(run.rounds):
        for kind in turns(list(_NAMES), number):
            _turn(found[kind], server, _job(run, server, cookies, kind, 4 * run.seconds))
    desks = len(cookies)
    rows = [
        [_NAMES[kind].format(desks=desks, most=news.MOST), *turn.cells(found[_BASE])]
        for kind, turn in found.items()
    ]
    note = f"Each desk asks every {_every(run):g} s. Processor: of one core, worker inside."
    return Table(f"Open desks, on {name}", _HEAD, rows, note)


def _turn(found: Turns, server: Running, job: Job) -> None:
    """Have desks ask for some seconds. Raises Void if one is not answered as it should be."""
    worked, began = servers.worked(server.pid), time.perf_counter()
    with polling(job) as desks:
        if not job.cookies:
            time.sleep(job.seconds)
        outcome = desks.outcome()
    found.worked.append(servers.worked(server.pid) - worked)
    found.lasted.append(time.perf_counter() - began)
    found.requests.append(len(outcome.times))
    found.times.extend(outcome.times)
    found.ended += outcome.ended
    if not set(outcome.statuses) <= {"200", "204"}:
        raise Void(f"the desks were answered {outcome.statuses}")


def _intake(name: str, run: Run, server: Running, cookies: Sequence[str]) -> Table:
    """Have readers send reports while no desk is open, and while all are, in turn."""
    rates: dict[bool, list[float]] = {False: [], True: []}
    times: dict[bool, list[int]] = {False: [], True: []}
    answers: list[int] = []
    for number in range(run.rounds):
        for opened in turns([False, True], number):
            job = _job(run, server, cookies, "quiet", 2 * run.seconds + 1)
            with polling(job) if opened else nullcontext() as desks:
                outcome = _burst(server, f"{number}-{opened:d}", 2 * run.seconds)
                if desks:
                    answers += desks.outcome().times
            rates[opened].append(outcome.rate)
            times[opened] += outcome.times
    rows = []
    for opened, label in ((False, "no desk open (= 1)"), (True, f"{len(cookies)} desks open")):
        ratio = median(a / b for a, b in zip(rates[opened], rates[False], strict=True))
        theirs = f"{_last(answers):.1f}" if opened else ""
        rows.append(
            [label, *_rate(rates[opened]), f"{ratio:.2f}", f"{_last(times[opened]):.1f}", theirs]
        )
    return Table(f"Reports taken meanwhile, on {name}", _INTAKE, rows, f"{_READERS} at once.")


def _burst(server: Running, seed: str, seconds: float) -> load.Outcome:
    most = int(2000 * seconds) + _READERS
    outcome = load.run(load.Job(server.port, server.path, seed, _READERS, seconds, most))
    if set(outcome.statuses) != {"201"}:
        raise Void(f"reports were answered {outcome.statuses}")
    return outcome


def _rate(rates: Sequence[float]) -> tuple[str, str]:
    return f"{median(rates):,.0f}", f"{min(rates):,.0f}-{max(rates):,.0f}"


def _last(times: Sequence[int]) -> float:
    """Give the milliseconds that 99 of 100 took at most."""
    return quantiles(times, n=100, method="inclusive")[98] / 1000 if len(times) > 1 else 0
