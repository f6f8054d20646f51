"""Occupancy: which processes may serve from one database at the same time.

Limits that are counted in a process's memory hold for that process alone: with two of them a
reader may send twice as much, and nobody would notice. So such a process serves alone, and so does
each on an SQLite file, whose writers wait in a line of one process.

| the database | limits | what `serve` holds |
|---|---|---|
| SQLite | either | a lock on a file beside the database |
| PostgreSQL | in memory | an advisory lock, exclusive |
| PostgreSQL | in Redis or Valkey | the same lock, shared |

The operating system and PostgreSQL let go of a lock when its process is gone, however it went.
"""

import importlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from feedback.config import Misconfigured, Settings

log = logging.getLogger("feedback.server")

#: Seconds for which a lock is waited for: who was killed a moment ago may still seem to have it.
PATIENCE = 1.0
#: Seconds between two looks whether PostgreSQL still knows of our lock.
EVERY = 5.0
#: The key of the lock, of which each database has its own.
_LOCK = 0x66656565

_ALONE = (
    "another `feedback serve` runs on {file}: an SQLite file is served by one process. Stop that "
    "one, or set FEEDBACK_DATABASE_URL to a PostgreSQL, which several serve"
)
_MEMORY = (
    "another `feedback serve` runs on this database, and this one would count limits for itself: "
    "set FEEDBACK_REDIS_URL, the same for all of them"
)
_SHARED = (
    "another `feedback serve` runs on this database and counts limits for itself: stop it, and "
    "set FEEDBACK_REDIS_URL for it too"
)


class Occupied(Exception):
    """Another process serves, and this one cannot beside it; the message says what to set."""


@contextmanager
def held(settings: Settings) -> Iterator[None]:
    """Hold, until the block ends, the right to serve from the database.

    Raises Occupied, Misconfigured, or OperationalError if PostgreSQL does not answer.
    """
    if not settings.embedded:
        with _Advisory(settings).held():
            yield
    elif file := sa.make_url(settings.database).database:
        with _file_held(Path(file.removeprefix("file:"))):
            yield
    else:  # a database in memory is nobody else's
        yield


def _patiently(take: Callable[[], bool]) -> bool:
    """Try until it is taken or patience ends."""
    until = time.monotonic() + PATIENCE
    while not take():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def _file_held(database: Path) -> Iterator[None]:
    """Lock a file beside the database: its own locks are SQLite's."""
    path = database.with_name(f"{database.name}.serving")
    try:
        file = path.open("ab")
    except OSError as error:
        text = f"{error.filename}: {error.strerror}; the database's folder must be ours to write to"
        raise Misconfigured(text) from None
    with file:
        if not _patiently(lambda: _locked(file.fileno())):
            raise Occupied(_ALONE.format(file=database))
        yield


def _locked(file: int) -> bool:
    """Take the lock of an open file; tell whether it is ours. Windows, without such, has it so."""
    try:
        fcntl: Any = importlib.import_module("fcntl")
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class _Advisory:
    """The lock in PostgreSQL, held by a transaction on a connection of its own.

    A session's lock would be lost behind a pool of transactions (PgBouncer): the next statement
    may come to another session. A transaction's is not, and the transaction holds nothing else: it
    has no snapshot while it is idle, so it keeps back neither VACUUM nor an index being made.

    1. The lock is taken before anything is served.
    2. Every few seconds a thread asks whether the connection lives.
    3. If it does not, say because PostgreSQL was started anew, the thread takes the lock again; if
       another process has it by then, it says so in the log, again and again. Whoever serves goes
       on serving: limits that hold for less than all are better than no service.
    """

    def __init__(self, settings: Settings) -> None:
        self._shared = bool(settings.redis_url)
        self._engine = sa.create_engine(
            settings.database,
            poolclass=sa.NullPool,
            connect_args={
                "connect_timeout": 5,
                "keepalives_idle": 30,
                "keepalives_interval": 10,
                "keepalives_count": 3,
                "application_name": "feedback serve",
                "prepare_threshold": None,
            },
        )
        self._connection: sa.Connection | None = None
        self._stopping = threading.Event()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Take the lock, and keep it until the block ends."""
        if not _patiently(self._take):
            raise Occupied(self._why)
        thread = threading.Thread(target=self._watch, name="occupancy", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            thread.join(1)
            self._let_go()

    @property
    def _why(self) -> str:
        return _SHARED if self._shared else _MEMORY

    def _take(self) -> bool:
        """Begin a transaction that has the lock; tell whether it has. Raises DBAPIError."""
        connection = self._engine.connect()
        try:
            _for_long(connection)
            suffix = "_shared" if self._shared else ""
            statement = sa.text(f"SELECT pg_try_advisory_xact_lock{suffix}(:key)")
            mine = bool(connection.scalar(statement, {"key": _LOCK}))
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        if mine:
            self._connection = connection
        else:
            connection.close()
        return mine

    def _watch(self) -> None:
        lost = False
        while not self._stopping.wait(EVERY):
            try:
                if self._connection is not None:
                    self._connection.execute(sa.text("SELECT 1"))
                elif self._take():
                    log.warning("The database answers again, and knows that we serve")
                    lost = False
                else:
                    log.error("Limits do not hold for all: %s", self._why)
            except DBAPIError:
                self._let_go()
                if not lost:
                    log.warning("The database forgot that we serve; we tell it again")
                lost = True

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()  # closed as it is: to roll back may wait for ever
            connection.close()


def _for_long(connection: sa.Connection) -> None:
    """Let the transaction be idle, and let PostgreSQL notice when our machine is gone."""
    settings = {
        "idle_in_transaction_session_timeout": "0",
        "tcp_keepalives_idle": "30",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
    }
    dialect: Any = connection.dialect
    if dialect.server_version_info >= (17,):
        settings["transaction_timeout"] = "0"
    for name, value in settings.items():
        connection.execute(sa.text(f"SET LOCAL {name} = {value}"))
