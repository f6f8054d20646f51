"""Migrations: the database's tables, brought from one version to the next.

Alembic is loaded only where there is something to migrate: it takes 11 MB, and a service whose
database is up to date runs for months.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.config import Config

#: The key under which two upgrades of one PostgreSQL wait for each other.
_LOCK = 0x66656564


#: The full-text index of SQLite's engine and what that keeps for it: tables that no model says.
ENGINES = "spot_words_index"


class CannotMigrate(Exception):
    """There is no way from where the database is to where it should be; the message says why."""


def _config(connection: sa.Connection | None = None) -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """Give the revision that this version of the code needs: that of the last file."""
    files = (Path(__file__).parent / "versions").glob("[0-9]*_*.py")
    return max(path.name for path in files).partition("_")[0]


def current(engine: sa.Engine) -> bool:
    """Tell whether the database is at the revision that this version needs."""
    with engine.execution_options(reads=True).connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return False
        revision: Any = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
        return bool(revision.scalar() == head())


def ours(table: str) -> bool:
    """Tell whether a table is ours, not a part of its database's full-text engine."""
    return not table.startswith(ENGINES)


def comparing(dialect: str) -> dict[str, Any]:
    """Give the options with which Alembic compares a database with the models.

    An index that is for one kind of database alone says so: `info={"only": "postgresql"}`.
    """

    def named(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name is None or ours(name)

    def meant(thing: Any, _name: object, kind: str, *_compared: object) -> bool:
        return kind != "index" or thing.info.get("only", dialect) == dialect

    return {"include_name": named, "include_object": meant}


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Bring the database to `revision`, in one transaction. A second one at once waits.

    Raises CannotMigrate.
    """
    _migrate(engine, "upgrade", revision)


def downgrade(engine: sa.Engine, revision: str) -> None:
    """Take the database back to `revision`, in one transaction. Raises CannotMigrate."""
    _migrate(engine, "downgrade", revision)


def _migrate(engine: sa.Engine, direction: Literal["upgrade", "downgrade"], revision: str) -> None:
    with alone(engine) as connection:
        _run(connection, direction, revision)


def move(connection: sa.Connection, revision: str) -> None:
    """Bring a database to `revision`, up or down, in a transaction of `alone`.

    Raises CannotMigrate.
    """
    known: Any = None
    if sa.inspect(connection).has_table("alembic_version"):
        known = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if known != revision:
        _run(connection, "downgrade" if known and known > revision else "upgrade", revision)


def _run(
    connection: sa.Connection, direction: Literal["upgrade", "downgrade"], revision: str
) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of itself when imported
    from alembic import command, util  # noqa: PLC0415 -- see above

    try:
        getattr(command, direction)(_config(connection), revision)
    except util.CommandError as error:
        raise CannotMigrate(str(error)) from None


@contextmanager
def alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a transaction that no other upgrade has at the same time; commit it at its end."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            yield connection
            connection.commit()
        else:
            with _unreferred(connection), connection.begin():  # BEGIN IMMEDIATE
                yield connection
                _check_references(connection)


@contextmanager
def _unreferred(connection: sa.Connection) -> Iterator[None]:
    """Let SQLite drop a table without deleting what refers to its rows.

    Its ALTER TABLE knows so little that a table is made anew, and the old one dropped.
    """
    raw = connection.connection.driver_connection
    assert raw is not None  # noqa: S101 -- it is open
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: sa.Connection) -> None:
    """Refuse what refers to nothing, as SQLite would have done. Raises IntegrityError."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise sa.exc.IntegrityError(
            "PRAGMA foreign_key_check", None, Exception(f"a row of {broken[0]} refers to nothing")
        )
