"""What a page of the queue costs with a site's whole history behind it, beside hardly any."""

import http.client
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html import unescape
from statistics import median
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from bench import desk, filling, postgres, servers
from bench.desk import QUEUE, Newsroom
from bench.parts import Run, Void, turns
from bench.tables import Table
from feedback.db import db
from feedback.desk import queue
from feedback.desk.queue import Query
from feedback.reports.models import Report, Spot, Status

#: What a page may cost with much behind it, where it costs 1 with little.
BAR = 1.3
#: How often each page is asked for in a round.
_TIMES = 30

#: What is asked of the queue, as it stands in the address. `>`: the page after that one; `/`: a
#: spot of one reader.
PAGES = {
    "what waits": "",
    "its second page": ">",
    "most reported first": "order=most-reported",
    "newest first": "order=newest",
    "article by article": "order=article",
    "fixed, where most are": "status=fixed",
    "in English alone": "lang=en",
    "a word of every fourth spot": "q=the",
    "the same, among all spots": "q=the&status=any",
    f"a word of {filling.FEW} spots": f"q={filling.RARE}",
    "a phrase of every tenth spot": f"q={quote(chr(34) + filling.PHRASE + chr(34))}&status=any",
    f"a phrase of {filling.FEW} spots, of words of every tenth": "q="
    + quote(f'"{filling.RARE_PHRASE}"'),
    "the page of a spot of one reader": "/",
}

_HEAD = ("", "rows", "queries", "ms", "ms", "ratio", "least-most", "selects ms", "ms", "ratio")
_ROW, _NEXT = re.compile(r'id="spot-\d+"'), re.compile(r'rel="next" href="([^"]*)"')
_OPEN = re.compile(r'href="(/desk/spots/\d+)" data-key="o"')

#: A statement and its parameters, as the driver takes them.
Statement = tuple[str, Any]


@dataclass(slots=True)
class Times:
    """How long something took again and again, with little behind it and with much, in seconds."""

    little: list[float] = field(default_factory=list)
    much: list[float] = field(default_factory=list)

    def ratios(self) -> list[float]:
        """Give the ratio of each turn."""
        return [a / b for a, b in zip(self.much, self.little, strict=True)]

    def cells(self, *, whole: bool = True) -> list[str]:
        """Write the medians, and the median of the turns' own ratios; `whole`: their range, too."""
        ratios = sorted(self.ratios())
        tenth = len(ratios) // 10
        span = [f"{ratios[tenth]:.2f}-{ratios[-1 - tenth]:.2f}"] if whole else []
        taken = [f"{median(times) * 1000:.2f}" for times in (self.little, self.much)]
        return [*taken, f"{median(ratios):.2f}", *span]


class Reader:
    """An editor at a browser, on the running service; and the same in this process."""

    def __init__(self, newsroom: Newsroom, port: int) -> None:
        self._newsroom = newsroom
        self._cookie = {"Cookie": desk.signed_in(port, 1)[0]}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=servers.PATIENCE)

    def close(self) -> None:
        """Leave the service."""
        self._connection.close()

    def path(self, asked: str) -> str:
        """Give the address of one of `PAGES`."""
        if asked not in {">", "/"}:
            return f"{QUEUE}?{asked}"
        if asked == "/":
            _, _, shown = self.page(f"{QUEUE}?order=article")[0].partition("<li>1 reader</li>")
            found = _OPEN.search(shown)
        else:
            found = _NEXT.search(self.page(QUEUE)[0])
        if found is None:
            raise Void("the queue has too little in it")
        return unescape(found[1])

    def page(self, path: str) -> tuple[str, float]:
        """Give a page and the seconds it took. Raises Void."""
        began = time.perf_counter()
        self._connection.request("GET", path, headers=self._cookie)
        answer = self._connection.getresponse()
        body = answer.read()
        taken = time.perf_counter() - began
        if answer.status != 200:
            raise Void(f"{path} was answered with {answer.status}")
        return body.decode(), taken

    def statements(self, path: str) -> list[Statement]:
        """Give what a page asks of the database."""
        client = self._newsroom.app.test_client(use_cookies=False)
        return self._heard(lambda: client.get(path, headers=self._cookie))

    def counting(self) -> list[Statement]:
        """Give how the queue counts what has which status."""
        queries = [Query((filling.SITE,), (status,)) for status in Status]
        return self._heard(lambda: queue.counts(db.session, queries))

    def _heard(self, do: Callable[[], Any]) -> list[Statement]:
        heard: list[Statement] = []

        def hear(*args: Any) -> None:
            if args[2].startswith("SELECT"):
                heard.append((args[2], args[3]))

        with self._newsroom.app.app_context():
            sa.event.listen(db.engine, "before_cursor_execute", hear)
            try:
                do()
            finally:
                sa.event.remove(db.engine, "before_cursor_execute", hear)
        return heard

    def holds(self) -> str:
        """Say what the site has."""
        with self._newsroom.app.app_context():
            spots = dict(db.session.execute(_by_status()).all())
            reports = db.session.scalar(_count(Report)) or 0
        waiting = spots.get(Status.WAITING, 0)
        return f"{reports:,} reports of {sum(spots.values()):,} spots, of which {waiting:,} wait"

    def bare(self, statements: Sequence[Statement]) -> float:
        """Give the seconds that the database takes for statements that only read."""
        with self._newsroom.app.app_context(), db.reading.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
            cursor = connection.connection.cursor()
            began = time.perf_counter()
            for statement, parameters in statements:
                cursor.execute(statement, parameters)
                cursor.fetchall()
            taken = time.perf_counter() - began
            cursor.close()
        return taken


def paging(run: Run) -> list[Table]:
    """Measure the queue's pages on both databases."""
    return [on_sqlite(run), on_postgres(run)]


def on_sqlite(run: Run) -> Table:
    """Measure the queue's pages on SQLite."""
    with _readers(run, [run.database(reports) for reports in run.reports]) as readers:
        return _table("SQLite", run, readers)


def on_postgres(run: Run) -> Table:
    """Measure the queue's pages on PostgreSQL, where one can be had."""
    try:
        with postgres.databases() as made:
            databases = [made.make() for _ in run.reports]
            with _readers(run, databases) as readers:
                return _table("PostgreSQL", run, readers)
    except postgres.Absent as error:
        return Table("The queue, on PostgreSQL", (), (), f"Not measured: {error}.")


@contextmanager
def _readers(run: Run, databases: Sequence[str]) -> Iterator[list[Reader]]:
    """Fill the databases and run the service on each."""
    with ExitStack() as stack:
        found = []
        for database, reports in zip(databases, run.reports, strict=True):
            home = run.filled(reports)
            if database != servers.sqlite(home):
                home = run.folder / "postgresql" / str(reports)
            made = desk.newsroom(home, database, reports)
            stack.callback(made.close)
            server = stack.enter_context(made.serving(worker=False))
            found.append(Reader(made, server.port))
            stack.callback(found[-1].close)
        yield found


def _table(database: str, run: Run, readers: Sequence[Reader]) -> Table:
    rows = [_measured(run, readers, name, asked) for name, asked in PAGES.items()]
    rows.append(_counted(run, readers))
    little, much = (f"{number:,}" for number in run.reports)
    title = f"The queue on {database}, with {little} reports behind it and with {much}"
    return Table(
        title,
        _HEAD,
        rows,
        f"Bar: {BAR}. At the site: {'; '.join(each.holds() for each in readers)}.",
    )


def _measured(run: Run, readers: Sequence[Reader], name: str, asked: str) -> list[str]:
    """Ask for a page here and there in turn. Raises Void if they do not show the same much."""
    paths = [reader.path(asked) for reader in readers]
    shown = [
        len(_ROW.findall(each.page(path)[0])) for each, path in zip(readers, paths, strict=True)
    ]
    asks = [each.statements(path) for each, path in zip(readers, paths, strict=True)]
    whole, bare = Times(), Times()
    for which in _turns(run):
        _add(whole, which, readers[which].page(paths[which])[1])
        _add(bare, which, readers[which].bare(asks[which]))
    same = _said(shown), _said([len(each) for each in asks])
    return [name, *same, *whole.cells(), *bare.cells(whole=False)]


def _counted(run: Run, readers: Sequence[Reader]) -> list[str]:
    asks, bare = [reader.counting() for reader in readers], Times()
    for which in _turns(run):
        _add(bare, which, readers[which].bare(asks[which]))
    queries = _said([len(each) for each in asks])
    return ["the counts alone", "", queries, "", "", "", "", *bare.cells(whole=False)]


def _turns(run: Run) -> Iterator[int]:
    """Give whose turn it is, again and again."""
    for number in range(max(2, _TIMES * (run.rounds - 1))):
        yield from turns((0, 1), number)


def _add(times: Times, which: int, seconds: float) -> None:
    (times.much if which else times.little).append(seconds)


def _said(numbers: Sequence[int]) -> str:
    """Write two numbers, once where they are the same."""
    return "/".join(str(number) for number in dict.fromkeys(numbers))


def _by_status() -> sa.Select[Status, int]:
    here = sa.select(Spot.status, sa.func.count()).where(Spot.site_id == filling.SITE)
    return here.group_by(Spot.status)


def _count(table: type[Report]) -> sa.Select[int]:
    return sa.select(sa.func.count()).select_from(table).where(table.site_id == filling.SITE)
