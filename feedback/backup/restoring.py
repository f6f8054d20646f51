"""Restoring: a backup's file becomes a database, in one transaction: all of it or nothing.

1. The database is seen to be empty, and has its tables brought to the backup's revision.
2. Table after table is written, some rows at a time. What refers to what is checked at the end.
3. The tables are brought to this version's revision.

The caller opens the transaction (`migrations.alone`), and has the file verified before.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from feedback import migrations
from feedback.backup import kinds
from feedback.backup.archive import Archive, Manifest, Table
from feedback.db import Model

#: How many rows are written at once.
_SOME = 500
#: What is to be worked out anew: what search finds spots by is not in a backup.
_ANEW: Mapping[str, Mapping[str, Any]] = {"spot": {"stale": True}}
#: What a service writes by itself that nobody has used yet.
_ITS_OWN = frozenset({"alembic_version", "figure", "host"})


class CannotRestore(Exception):
    """A backup cannot be restored here; the message says why and what helps."""


def load(connection: sa.Connection, archive: Archive) -> None:
    """Write all rows of a backup into an empty database. Raises CannotRestore, Damaged."""
    manifest = archive.manifest
    _check_version(manifest)
    _check_empty(connection, manifest)
    migrations.move(connection, manifest.revision)
    with _unbound(connection):
        for table in manifest.tables:
            _load(connection, table, archive)
    migrations.move(connection, migrations.head())
    if connection.dialect.name == "postgresql":
        _go_on_counting(connection)
        connection.exec_driver_sql("ANALYZE")


def _check_version(manifest: Manifest) -> None:
    if manifest.revision > migrations.head():
        raise CannotRestore(
            f"the backup is of a later version, {manifest.version}: install that or a later one"
        )


def _check_empty(connection: sa.Connection, manifest: Manifest) -> None:
    ours = {table.name for table in manifest.tables} | set(Model.metadata.tables)
    there = set(sa.inspect(connection).get_table_names()) & ours - _ITS_OWN
    for name in sorted(there):
        some = sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)
        if connection.execute(some).first() is not None:
            raise CannotRestore(
                f"the database is not empty, its table {name} has rows; name a new database by "
                "FEEDBACK_HOME or FEEDBACK_DATABASE_URL: nothing is written over"
            )


def _load(connection: sa.Connection, table: Table, archive: Archive) -> None:
    named = kinds.table(table.name, table.columns)
    if table.name in _ITS_OWN:
        connection.execute(sa.delete(named))
    insert = sa.insert(named)
    anew = {name: it for name, it in _ANEW.get(table.name, {}).items() if name in table.columns}
    lines = kinds.rows(archive.lines(table), table.columns)
    for some in _some(lines, anew):
        connection.execute(insert, some)


def _some(
    rows: Iterable[dict[str, Any]], anew: Mapping[str, Any]
) -> Iterator[list[dict[str, Any]]]:
    """Give rows some at a time, each with what is new in it."""
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append({**row, **anew})
        if len(batch) == _SOME:
            yield batch
            batch = []
    if batch:
        yield batch


_KEYS = """
SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(conname),
    'ALTER TABLE ' || conrelid::regclass || ' ADD CONSTRAINT ' || quote_ident(conname)
    || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
"""


@contextmanager
def _unbound(connection: sa.Connection) -> Iterator[None]:
    """Let rows refer to rows that are still to come; what then refers to nothing is an error.

    In SQLite `migrations.alone` sees to it. PostgreSQL has the keys taken away, and put back: it
    checks them then, all at once.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    keys = connection.exec_driver_sql(_KEYS).all()
    for drop, _add in keys:
        connection.exec_driver_sql(drop)
    yield
    for _drop, add in keys:
        connection.exec_driver_sql(add)


def _go_on_counting(connection: sa.Connection) -> None:
    """Let PostgreSQL give new rows the ids that come after those there are."""
    for table in Model.metadata.sorted_tables:
        if "id" in table.columns:
            top = sa.select(sa.func.max(table.c.id)).scalar_subquery()
            sequence = sa.func.pg_get_serial_sequence(table.name, "id")
            last = sa.func.setval(sequence, sa.func.coalesce(top, 1), top.is_not(None))
            connection.execute(sa.select(last))
