"""Saving: one moment of the database becomes a file, while the service goes on.

1. A transaction that only reads is opened: it sees what was committed before it, and nothing of
   what comes later.
2. Table after table is read in the order of its keys, some rows at a time, however many there are.

Nobody waits for it. SQLite cannot shorten its log meanwhile.
"""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from feedback.backup import archive, kinds
from feedback.backup.archive import CannotBackUp, Manifest, Table
from feedback.db import Model, now
from feedback.migrations import head

#: What is worked out from other tables, and is again once a backup is restored.
WORKED_OUT = frozenset({"spot_words"})
#: How many rows are read at once.
_SOME = 500


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a transaction that sees one moment of the database, and writes nothing."""
    options: dict[str, Any] = {"reads": True, "postgresql_readonly": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with engine.execution_options(**options).connect() as connection:
        yield connection


def save(connection: sa.Connection, path: Path, secret: str, *, with_key: bool) -> Manifest:
    """Write what a snapshot sees to a file; give what it is of. Raises CannotBackUp.

    `secret`: the installation's key, put into the file by `with_key`.
    """
    at = now()
    revision = _revision(connection)  # from here on the snapshot stands
    with archive.writing(path) as writer:
        tables = tuple(_save(connection, table, writer) for table in saved())
        if with_key:
            writer.add(archive.KEY, [secret.encode()])
        manifest = Manifest(
            version=version("reader-feedback"),
            revision=revision,
            database=connection.dialect.name,
            at=at.isoformat(timespec="milliseconds"),
            key=fingerprint(secret),
            tables=tables,
        )
        writer.finish(manifest)
    return manifest


def saved() -> list[sa.Table]:
    """Give the tables that a backup holds; those that others refer to come first."""
    return [table for table in Model.metadata.sorted_tables if table.name not in WORKED_OUT]


def fingerprint(secret: str) -> str:
    """Give what a secret key is known by."""
    return hmac.digest(secret.encode(), b"backup", sha256)[:8].hex()


def _revision(connection: sa.Connection) -> str:
    if not sa.inspect(connection).has_table("alembic_version"):
        raise CannotBackUp("the database has no tables; is this the right FEEDBACK_HOME?")
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if found != head():
        raise CannotBackUp(
            f"the database is at revision {found}, this version at {head()}; back up with the "
            "version that it is from, or run `feedback upgrade`"
        )
    return head()


def _save(connection: sa.Connection, table: sa.Table, writer: archive.Writer) -> Table:
    columns = {column.name: kinds.kind(column) for column in table.columns}
    named = kinds.table(table.name, columns)
    keys = [named.c[column.name] for column in table.primary_key]
    rows = connection.execute(
        sa.select(*named.c).order_by(*keys), execution_options={"yield_per": _SOME}
    ).mappings()
    member = Table(table.name, columns, 0).member
    count = writer.add(member, (kinds.line(dict(row)) for row in rows))
    return Table(table.name, columns, count)
