"""Group commit: one transaction for all who wait, and nobody answered before it."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback.db import db
from feedback.group_commit import GroupCommit
from feedback.statements import Statement
from tests.makers import ORIGIN, a_body, newsroom, send

MakeApp = Callable[..., Flask]


class Kept:
    """A table in an SQLite file, and a line of those who write to it."""

    def __init__(self, path: Path) -> None:
        self.engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 0.2})
        self.commits: list[list[str]] = []
        self.line = GroupCommit()
        with self.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE word (word TEXT PRIMARY KEY)")
        sa.event.listen(self.engine, "commit", self._committed)

    def _committed(self, connection: sa.Connection) -> None:
        self.commits.append(self._words(connection))

    def _words(self, connection: sa.Connection) -> list[str]:
        return list(connection.exec_driver_sql("SELECT word FROM word ORDER BY rowid").scalars())

    def words(self) -> list[str]:
        with self.engine.connect() as connection:
            return self._words(connection)

    def add(self, word: str, *, after: threading.Event | None = None) -> str:
        """Add a word, once `after` is set; give it in capitals. Others may come meanwhile."""

        def work(connection: sa.Connection) -> str:
            if after is not None:
                assert after.wait(10)
            connection.exec_driver_sql("INSERT INTO word VALUES (?)", (word,))
            return word.upper()

        with self.engine.connect() as connection:
            return self.line.run(connection, work)

    def stand(self, number: int) -> None:
        """Wait until so many stand in line."""
        until = time.monotonic() + 10
        while len(self.line._line) != number:
            assert time.monotonic() < until
            time.sleep(0.005)  # between two looks


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path / "words.sqlite3")
    yield made
    made.engine.dispose()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def together(kept: Kept, threads: ThreadPoolExecutor, *words: str) -> list[Future[str]]:
    """Let words be added while another's transaction is open: they stand in line in this order."""
    go = threading.Event()
    first = threads.submit(kept.add, "first", after=go)
    while not kept.line._led:
        time.sleep(0.005)
    kept.stand(0)
    waiting = []
    for number, word in enumerate(words):
        waiting.append(threads.submit(kept.add, word))
        kept.stand(number + 1)
    go.set()
    assert first.result(10) == "FIRST"
    return waiting


def test_whoever_comes_alone_is_committed_alone(kept: Kept) -> None:
    assert kept.add("wrold") == "WROLD"
    assert kept.add("teh") == "TEH"
    assert kept.commits == [["wrold"], ["wrold", "teh"]]


def test_those_who_wait_are_committed_together(kept: Kept, threads: ThreadPoolExecutor) -> None:
    waiting = together(kept, threads, "b", "c", "d", "e")

    assert [each.result(10) for each in waiting] == ["B", "C", "D", "E"]
    assert kept.commits == [["first"], ["first", "b", "c", "d", "e"]]


def test_one_that_fails_spoils_it_for_nobody_else(kept: Kept, threads: ThreadPoolExecutor) -> None:
    waiting = together(kept, threads, "b", "first", "c")

    with pytest.raises(sa.exc.IntegrityError):
        waiting[1].result(10)
    assert [waiting[0].result(10), waiting[2].result(10)] == ["B", "C"]
    assert sorted(kept.words()) == ["b", "c", "first"]


def test_one_alone_that_fails_is_tried_once(kept: Kept) -> None:
    tries = []

    def work(connection: sa.Connection) -> None:
        tries.append(connection)
        raise LookupError("no such word")

    with kept.engine.connect() as connection, pytest.raises(LookupError, match="no such word"):
        kept.line.run(connection, work)
    assert len(tries) == 1
    assert kept.add("next") == "NEXT"


def test_nothing_given_is_a_result_too(kept: Kept) -> None:
    tries = []
    with kept.engine.connect() as connection:
        assert kept.line.run(connection, tries.append) is None
    assert len(tries) == 1


def test_where_nothing_can_be_begun_all_in_line_hear_of_it(
    kept: Kept, threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    sa.event.listen(kept.engine, "begin", lambda on: on.exec_driver_sql("BEGIN IMMEDIATE"))
    other = sqlite3.connect(tmp_path / "words.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = [threads.submit(kept.add, word) for word in "abc"]
    for each in waiting:
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            each.result(10)
    other.execute("ROLLBACK")

    assert kept.add("d") == "D"
    assert kept.words() == ["d"]
    other.close()


def test_a_crowd_gets_through(kept: Kept, threads: ThreadPoolExecutor) -> None:
    names = [f"{number:03}" for number in range(400)]

    assert list(threads.map(kept.add, names)) == names
    assert sorted(kept.words()) == names
    assert len(kept.commits) <= len(names)


def test_reports_that_come_together_are_kept_together(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite the second and third share a transaction; on PostgreSQL each has its own."""
    app = make_app()
    with newsroom(app):
        pass
    with app.app_context():
        engine, shared = db.engine, db.engine.dialect.name == "sqlite"
    commits: list[int] = []
    held, go = threading.Event(), threading.Event()
    told = Statement.all

    def slow(self: Statement, connection: sa.Connection, **values: object) -> list[object]:
        if not held.is_set() and "INSERT INTO report" in self.text(connection.dialect):
            held.set()
            assert go.wait(10)
        return told(self, connection, **values)

    monkeypatch.setattr(Statement, "all", slow)
    sa.event.listen(engine, "commit", lambda _: commits.append(1))
    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(send, app.test_client(), a_body("wrold", nth=0))]
        assert held.wait(10)
        answers += [
            pool.submit(send, app.test_client(), a_body(word, nth=0, url=f"{ORIGIN}/{word}"))
            for word in ("teh", "captain")
        ]
        if shared:
            line = app.extensions["database"][2]._line
            until = time.monotonic() + 10
            while len(line) < 2:
                line = app.extensions["database"][2]._line
                assert time.monotonic() < until
                time.sleep(0.005)  # between two looks
        go.set()
        assert [each.result(20).status_code for each in answers] == [201, 201, 201]
    assert len(commits) == (2 if shared else 3)
