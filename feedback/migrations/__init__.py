"""Migrations: the database's tables, brought from one version to the next."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

#: The key under which two upgrades of one PostgreSQL wait for each other.
_LOCK = 0x66656564


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """Give the revision that this version of the code needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None  # noqa: S101 -- there is always a first
    return revision


def current(engine: sa.Engine) -> bool:
    """Tell whether the database is at the revision that this version needs."""
    with engine.execution_options(reads=True).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head()


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Bring the database to `revision`, in one transaction. A second one at once waits."""
    with _alone(engine) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: sa.Engine, revision: str) -> None:
    """Take the database back to `revision`, in one transaction."""
    with _alone(engine) as connection:
        command.downgrade(_config(connection), revision)


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[sa.Connection]:
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
