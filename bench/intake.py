"""Reports taken per second, beside bare views that keep one row or none."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import sqlalchemy as sa

from bench import desk, isso, load, postgres, servers
from bench.load import Job, Outcome
from bench.parts import Run, Void, turns
from bench.servers import Running
from bench.tables import Table

#: More requests a second than any contender answers.
_FASTEST = 4000
_HEAD = ("", "at once", "per second", "least-most", "ratio", "p50 ms", "p99 ms")
_NAMES = {
    "service": "feedback: the whole intake",
    "orm": "bare view, one ORM insert (= 1)",
    "core": "bare view, one Core insert",
    "answer": "bare view, no database",
    "isso": "Isso: a comment (= 1)",
}
_GROWN = "feedback, with {:,} reports behind it"
#: The tables that each fills; in that of spots a place has one row, in the others a report.
_TABLES = {
    **dict.fromkeys(("service", "little", "much"), ("report", "spot")),
    **dict.fromkeys(("orm", "core"), ("note",)),
    "isso": ("comments",),
    "answer": (),
}


@dataclass(slots=True)
class Contender:
    """A server under load, and what it says it has kept."""

    name: str
    server: Running
    kept: int = 0
    places: int = 0
    #: The rows that its tables had at first.
    before: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.before = self._rows()

    def burst(self, seed: str, connections: int, seconds: float) -> Outcome:
        """Send reports for some seconds. Raises Void unless each was taken and is there."""
        most = int(_FASTEST * seconds) + connections
        at = self.server
        job = Job(at.port, at.path, seed, connections, seconds, most, comments=self.name == "isso")
        outcome = load.run(job)
        if set(outcome.statuses) != {"201"}:
            raise Void(f"{self.name} answered {outcome.statuses}")
        self.kept += len(outcome.times)
        self.places += outcome.places
        self._verify()
        return outcome

    def _verify(self) -> None:
        """Count the rows of what was acknowledged."""
        for table, found in self._rows().items():
            expected = self.before[table] + (self.places if table == "spot" else self.kept)
            if found != expected:
                raise Void(f"{self.name} has {found} rows in {table}, not {expected}")

    def _rows(self) -> dict[str, int]:
        if not _TABLES[self.name]:
            return {}
        engine = sa.create_engine(self.server.database)
        with engine.connect() as connection:
            counted = {
                table: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(table)))
                for table in _TABLES[self.name]
            }
        engine.dispose()
        return {table: rows or 0 for table, rows in counted.items()}


@dataclass(frozen=True, slots=True)
class Figures:
    """One contender's rounds at one number of connections."""

    rates: list[float] = field(default_factory=list)
    times: list[int] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Add a round."""
        self.rates.append(outcome.rate)
        self.times.extend(outcome.times)

    def cells(self, base: "Figures") -> list[str]:
        """Write the figures; the ratio is the median of the rounds' own ratios."""
        ratio = median(a / b for a, b in zip(self.rates, base.rates, strict=True))
        hundredths = quantiles(self.times, n=100, method="inclusive")
        return [
            f"{median(self.rates):,.0f}",
            f"{min(self.rates):,.0f}-{max(self.rates):,.0f}",
            f"{ratio:.2f}",
            f"{hundredths[49] / 1000:.1f}",
            f"{hundredths[98] / 1000:.1f}",
        ]


def on_sqlite(run: Run) -> list[Table]:
    """Measure the intake on SQLite."""
    run.facts["SQLite"] = sa.create_engine("sqlite://").dialect.dbapi.sqlite_version  # type: ignore[union-attr]
    names = ("service", "orm", "core", "answer")
    databases = {name: servers.sqlite(run.folder / "sqlite" / name) for name in names}
    with _contenders(run, "sqlite", databases) as contenders:
        return [_table("Reports taken, on SQLite", "orm", run, contenders)]


def beside_isso(run: Run) -> list[Table]:
    """Measure the intake beside Isso, where that can be installed."""
    databases = {name: servers.sqlite(run.folder / "beside" / name) for name in ("service", "isso")}
    try:
        with _contenders(run, "beside", databases) as contenders:
            return [_table("Reports taken, beside Isso", "isso", run, contenders)]
    except isso.Absent as error:
        return [Table("Reports taken, beside Isso", (), (), f"Not measured: {error}.")]


def with_history(run: Run) -> list[Table]:
    """Measure the intake with much behind it, beside hardly any, on SQLite."""
    with ExitStack() as stack:
        contenders, names = [], {}
        for name, reports in zip(("little", "much"), run.reports, strict=True):
            made = desk.newsroom(run.filled(reports), run.database(reports), reports)
            made.close()
            server = stack.enter_context(servers.restarted(made.home, made.database))
            contenders.append(Contender(name, server))
            names[name] = _GROWN.format(reports)
        names["little"] += " (= 1)"
        return [_table("Reports taken with a history, on SQLite", "little", run, contenders, names)]


def on_postgres(run: Run) -> list[Table]:
    """Measure the intake on PostgreSQL, where one can be had."""
    try:
        with postgres.databases() as made:
            run.facts["PostgreSQL"] = made.version()
            databases = {name: made.make() for name in ("service", "orm", "core")}
            with _contenders(run, "postgresql", databases) as contenders:
                return [_table("Reports taken, on PostgreSQL", "orm", run, contenders)]
    except postgres.Absent as error:
        return [Table("Reports taken, on PostgreSQL", (), (), f"Not measured: {error}.")]


@contextmanager
def _contenders(run: Run, folder: str, databases: dict[str, str]) -> Iterator[list[Contender]]:
    """Run all contenders at once: whose turn it is not, waits."""
    with ExitStack() as stack:
        found = []
        for name, database in databases.items():
            home = run.folder / folder / name
            found.append(Contender(name, stack.enter_context(_started(name, home, database))))
        yield found


def _started(name: str, home: Path, database: str) -> AbstractContextManager[Running]:
    if name == "service":
        return servers.service(home, database)
    return isso.serving(home) if name == "isso" else servers.bare(name, home, database)


def _table(
    title: str,
    base: str,
    run: Run,
    contenders: list[Contender],
    names: Mapping[str, str] = _NAMES,
) -> Table:
    for contender in contenders:
        contender.burst(f"{run.folder.name}-warm", 8, min(run.seconds, 1.0))
    rows = []
    for connections in run.connections:
        figures = _figures(run, contenders, connections)
        rows += [
            [names[name], str(connections), *found.cells(figures[base])]
            for name, found in figures.items()
        ]
    return Table(title, _HEAD, rows)


def _figures(run: Run, contenders: list[Contender], connections: int) -> dict[str, Figures]:
    """Let each contender have its turn in each round, each round beginning with another."""
    figures = {contender.name: Figures() for contender in contenders}
    for number in range(run.rounds):
        for contender in turns(contenders, number):
            seed = f"{run.folder.name}-{connections}-{number}"
            figures[contender.name].add(contender.burst(seed, connections, run.seconds))
    return figures
