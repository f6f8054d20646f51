"""Rows by the hundred thousand: past the service, as the database takes them fastest."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import sqlalchemy as sa

from feedback.desk.search import SpotWords

#: Text without tabs, line ends and backslashes; a number; bytes; nothing.
Cell = str | int | bytes | None
Rows = Iterable[Sequence[Cell]]

#: How many rows are handed over at once.
_AT_ONCE = 5000
#: How much memory SQLite may take meanwhile, at the most, in KiB.
_CACHE = 4 << 20


def put(connection: sa.Connection, table: str, columns: Sequence[str], rows: Rows) -> None:
    """Put rows into a table. Times are written in UTC, without a zone."""
    write = _copied if connection.dialect.name == "postgresql" else _inserted
    raw: Any = connection.connection.driver_connection
    rest = iter(rows)
    while some := list(islice(rest, _AT_ONCE)):
        write(raw, table, columns, some)


def _inserted(raw: Any, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
    marks = ", ".join("?" * len(columns))
    raw.executemany(f"INSERT INTO {table} ({_named(columns)}) VALUES ({marks})", rows)


def _copied(raw: Any, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
    lines = "".join("\t".join(map(_cell, row)) + "\n" for row in rows)
    with (
        raw.cursor() as cursor,
        cursor.copy(f"COPY {table} ({_named(columns)}) FROM STDIN") as copy,
    ):
        copy.write(lines)


def _named(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _cell(value: Cell) -> str:
    if value is None:
        return r"\N"
    return rf"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


@contextmanager
def filling(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a transaction for many rows; at its end the database is at rest.

    PostgreSQL makes the index of words afterwards, in a tenth of the time. SQLite writes no
    journal: in one of gigabytes it looks longer for a page than it takes to write it.
    """
    postgres = engine.dialect.name == "postgresql"
    words = next(index for index in SpotWords.metadata.tables["spot_words"].indexes if index.info)
    engine.dispose()  # what follows is for whoever is alone with the file
    with engine.connect() as connection, _hurried(connection), connection.begin():
        if postgres:
            connection.execute(sa.text("SET LOCAL TIME ZONE 'UTC'"))
            words.drop(connection)
        yield connection
        if postgres:
            words.create(connection)
            _go_on(connection)
    _rest(engine)


@contextmanager
def _hurried(connection: sa.Connection) -> Iterator[None]:
    """Have SQLite keep pages in memory and care for no crash; close the connection after it."""
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.driver_connection
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE}"):
            raw.execute(f"PRAGMA {pragma}")
    yield
    connection.invalidate()


def _rest(engine: sa.Engine) -> None:
    """Do what databases do by themselves, sooner or later."""
    postgres = engine.dialect.name == "postgresql"
    pooled = engine.raw_connection()
    raw: Any = pooled.driver_connection
    try:
        if postgres:
            raw.autocommit = True
        raw.execute("VACUUM ANALYZE" if postgres else "PRAGMA wal_checkpoint(TRUNCATE)")
        if postgres:
            raw.autocommit = False
    finally:
        pooled.close()


def _go_on(connection: sa.Connection) -> None:
    """Let new rows' ids begin after those that were put in."""
    for table in ("site", "origin", "article", "spot", "report", "decision"):
        sequence = f"pg_get_serial_sequence('{table}', 'id')"
        last = f"SELECT setval({sequence}, max(id)) FROM {table} HAVING max(id) IS NOT NULL"
        connection.execute(sa.text(last))
