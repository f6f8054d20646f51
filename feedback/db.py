"""The database: sessions, the base of all models, column types, the clock.

SQLite takes one writer at a time. Left to itself, a writer that finds the
file locked sleeps and tries again, and under load some wait for a second. So
the writers of one process queue up before they ask (`Turnstile`), and every
transaction that may write says so from its start (`BEGIN IMMEDIATE`): none
reads first and loses its update later.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar, cast

import sqlalchemy as sa
from flask import Flask, current_app, g
from sqlalchemy import orm
from sqlalchemy.engine.interfaces import Dialect

from feedback.config import Settings
from feedback.group_commit import GroupCommit

R = TypeVar("R")

#: Seconds that a new connection to PostgreSQL may take.
CONNECT = 5
#: Seconds a writer waits for its turn before the request is refused with 503.
PATIENCE = 5.0

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def now() -> datetime:
    """Tell the time, aware, in UTC."""
    return datetime.now(UTC)


class Instant(sa.types.TypeDecorator[datetime]):
    """A moment in UTC. SQLite, which has no zones, keeps it naive in UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone: it could mean anything."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs a zone; use db.now()")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: Row ids. SQLite's own row id is 64 bits wide under the name INTEGER.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

Key = Annotated[int, orm.mapped_column(Id, primary_key=True)]


def names(kind: type[StrEnum], column: str) -> sa.Enum:
    """Give the type for a column of `kind`: its values as text, checked by the database."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=16,
        name=column,
        values_callable=lambda members: [member.value for member in members],
    )


class Model(orm.DeclarativeBase):
    """The base of all tables."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Instant, int: Id, str: sa.Text}  # noqa: RUF012


class Turnstile(sqlite3.Connection):
    """An SQLite connection whose writers wait in a line of their own process.

    1. `begin_immediate` takes the turn, then the file's lock; both within `PATIENCE`.
    2. `commit`, `rollback` and `close` give the turn to the next, after the
       file's lock is free.
    """

    turn: threading.Lock
    _mine = False

    def begin_immediate(self) -> None:
        """Begin a transaction that may write. Raises OperationalError, as a locked file does."""
        begun = time.monotonic()
        if not self.turn.acquire(timeout=PATIENCE):
            raise sqlite3.OperationalError("database is locked")
        self._mine = True
        try:
            self._lock(PATIENCE - (time.monotonic() - begun))
        except sqlite3.Error:
            self._next()
            raise

    def _lock(self, patience: float) -> None:
        """Take the file's lock within so many seconds: a line that waited long waits no longer."""
        if patience > PATIENCE - 1:
            self.execute("BEGIN IMMEDIATE")
            return
        self.execute(f"PRAGMA busy_timeout={max(0, int(patience * 1000))}")
        try:
            self.execute("BEGIN IMMEDIATE")
        finally:
            self.execute(f"PRAGMA busy_timeout={int(PATIENCE * 1000)}")

    def commit(self) -> None:
        """Commit, then let the next writer in."""
        super().commit()
        self._next()

    def rollback(self) -> None:
        """Roll back, then let the next writer in."""
        try:
            super().rollback()
        finally:
            self._next()

    def close(self) -> None:
        """Close, then let the next writer in."""
        try:
            super().close()
        finally:
            self._next()

    def _next(self) -> None:
        if self._mine:
            self._mine = False
            self.turn.release()


class Database:
    """The current application's engine, and a session that ends with the request or command."""

    def init_app(self, app: Flask) -> None:
        """Make the engine that the settings name, and end sessions with their context."""
        engine = sa.create_engine(**_options(app.extensions["settings"]))
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)
        else:
            _prepare_postgresql(engine)
        reading = engine.execution_options(reads=True, postgresql_readonly=True)
        group = GroupCommit() if engine.dialect.name == "sqlite" else None
        app.extensions["database"] = (engine, reading, group)
        app.teardown_appcontext(_close)

    @property
    def engine(self) -> sa.Engine:
        """The engine for transactions that may write."""
        return current_app.extensions["database"][0]  # type: ignore[no-any-return]  # ours

    @property
    def reading(self) -> sa.Engine:
        """The same engine for transactions that only read: they queue behind nobody."""
        return current_app.extensions["database"][1]  # type: ignore[no-any-return]  # ours

    @property
    def session(self) -> orm.Session:
        """The session of this request or command."""
        if "session" not in g:
            g.session = orm.Session(self.engine, expire_on_commit=False)
        return g.session  # type: ignore[no-any-return]  # set above

    def only_reads(self) -> None:
        """Say that the current session will not write."""
        self.session.bind = self.reading

    def writes_too(self) -> None:
        """End what the current session has read, and let it write from here on."""
        self.session.commit()
        self.session.bind = self.engine

    def heal(self, error: BaseException) -> None:
        """Open the database anew if an error says that it was open for reading only.

        SQLite never asks again whether it may write to a file, nor whether that is still there.
        """
        code = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0)
        if code & 0xFF == sqlite3.SQLITE_READONLY:
            self.engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Open a transaction in plain SQL; commit at its end, roll back on an error."""
        with self.engine.begin() as connection:
            yield connection

    def commit(self, connection: sa.Connection, work: Callable[[sa.Connection], R]) -> R:
        """Carry out `work` in a transaction and commit it; on SQLite with what others write.

        `connection` has no transaction yet. For `work` see `GroupCommit`.
        """
        group: GroupCommit | None = current_app.extensions["database"][2]
        if group is not None:
            return group.run(connection, work)
        with connection.begin():
            return work(connection)


db = Database()


def _close(_error: BaseException | None) -> None:
    session: orm.Session | None = g.pop("session", None)
    if session is not None:
        session.close()


#: A server that vanished, with the network between, is missed within a minute, not in two hours.
_KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


def _options(settings: Settings) -> dict[str, Any]:
    if not settings.embedded:
        return {
            "url": settings.database,
            "hide_parameters": True,  # they would stand in the log
            "pool_pre_ping": True,
            "pool_size": 16,
            "max_overflow": 16,
            "connect_args": {"connect_timeout": CONNECT} | _KEEPALIVE,
        }
    return {
        "url": settings.database,
        "hide_parameters": True,
        "pool_size": 16,
        "max_overflow": 16,
        "connect_args": {
            "factory": Turnstile,
            "isolation_level": None,
            "timeout": PATIENCE,
            "check_same_thread": False,
        },
    }


def _prepare_postgresql(engine: sa.Engine) -> None:
    from feedback.postgresql import Prompt  # noqa: PLC0415 -- who has none need not load it

    @sa.event.listens_for(engine, "do_connect")
    def _connect(_dialect: object, _record: object, given: Any, options: Any) -> Prompt:
        return Prompt.connect(*given, **options)


#: What is deleted is written over with zeros: some builds of SQLite leave it where it was.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")


def _prepare_sqlite(engine: sa.Engine) -> None:
    turn = threading.Lock()

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Turnstile, _record: object) -> None:
        connection.turn = turn
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("reads"):
            connection.exec_driver_sql("BEGIN")
        else:
            _begin_immediate(connection)


def _begin_immediate(connection: sa.Connection) -> None:
    raw = cast("Turnstile", connection.connection.dbapi_connection)
    try:
        raw.begin_immediate()
    except sqlite3.OperationalError as error:
        raise sa.exc.OperationalError("BEGIN IMMEDIATE", None, error) from error
