"""Occupancy: `serve` refuses what cannot work, and says what to set."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from feedback import occupancy
from feedback.config import Settings
from feedback.occupancy import Occupied, held
from tests.command import Installation, a_port
from tests.conftest import _emptied

Make = Callable[..., Settings]
REDIS = "redis://127.0.0.1:1/0"  # that it answers does not matter here


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occupancy, "PATIENCE", 0.1)
    monkeypatch.setattr(occupancy, "EVERY", 0.05)


@pytest.fixture
def on_postgres(migrated_postgres: sa.Engine, tmp_path: Path) -> Callable[..., Settings]:
    """Settings on PostgreSQL: of an installation of its own each time."""
    url = _emptied(migrated_postgres)

    def make(**given: str) -> Settings:
        return Settings(home=tmp_path, database_url=url, **given)

    return make


def test_a_database_is_served_by_one_process_that_counts_for_itself(settings: Make) -> None:
    with held(settings()), pytest.raises(Occupied, match=r"FEEDBACK_(REDIS|DATABASE)_URL"):
        held(settings()).__enter__()

    with held(settings()):
        pass  # once the first is gone


def test_an_sqlite_file_is_served_by_one_process_wherever_limits_are(tmp_path: Path) -> None:
    with held(Settings(home=tmp_path)), pytest.raises(Occupied, match="FEEDBACK_DATABASE_URL"):
        held(Settings(home=tmp_path, redis_url=REDIS)).__enter__()


def test_two_files_in_one_home_are_two(tmp_path: Path) -> None:
    other = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'other.sqlite3'}")

    with held(Settings(home=tmp_path)), held(other):
        pass


def test_those_that_count_together_serve_together(on_postgres: Make) -> None:
    with held(on_postgres(redis_url=REDIS)), held(on_postgres(redis_url=REDIS)):
        pass


@pytest.mark.parametrize(
    ("first", "second", "remedy"),
    [
        ({}, {"redis_url": REDIS}, "stop it, and set FEEDBACK_REDIS_URL for it too"),
        ({"redis_url": REDIS}, {}, "set FEEDBACK_REDIS_URL, the same for all of them"),
    ],
    ids=["memory then shared", "shared then memory"],
)
def test_one_that_counts_for_itself_serves_beside_nobody(
    on_postgres: Make, first: dict[str, str], second: dict[str, str], remedy: str
) -> None:
    with held(on_postgres(**first)), pytest.raises(Occupied, match=remedy):
        held(on_postgres(**second)).__enter__()


# PostgreSQL forgets


@contextmanager
def admin(settings: Settings) -> Iterator[sa.Connection]:
    engine = sa.create_engine(settings.database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


HOLDERS = """
SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND application_name = 'feedback serve'
AND pg_stat_activity.datname = current_database()
"""


def holders(connection: sa.Connection) -> list[int]:
    return list(connection.scalars(sa.text(HOLDERS)))


def ended_all(connection: sa.Connection) -> list[int]:
    """End who holds the lock, as a restart of PostgreSQL does; give who that was."""
    found = holders(connection)
    for pid in found:
        connection.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    return found


def eventually(true: Callable[[], object]) -> None:
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)  # between two looks


def test_what_postgresql_forgot_it_is_told_again(
    on_postgres: Make, caplog: pytest.LogCaptureFixture
) -> None:
    one = on_postgres()
    with caplog.at_level(logging.WARNING), held(one), admin(one) as connection:
        before = ended_all(connection)

        eventually(lambda: holders(connection))

        assert len(before) == 1
        assert holders(connection) != before
        with pytest.raises(Occupied):
            held(on_postgres()).__enter__()
        eventually(lambda: "answers again" in caplog.text)


def test_whoever_lost_its_place_serves_on_and_says_so(
    on_postgres: Make, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = on_postgres()
    monkeypatch.setattr(occupancy, "EVERY", 0.5)
    with held(one), admin(one) as connection:
        ended_all(connection)
        with held(on_postgres()):
            eventually(lambda: "Limits do not hold for all" in caplog.text)
            assert "set FEEDBACK_REDIS_URL" in caplog.text


def test_the_lock_keeps_back_no_vacuum(on_postgres: Make) -> None:
    one = on_postgres()
    query = "SELECT backend_xid IS NULL AND backend_xmin IS NULL FROM pg_stat_activity"
    with held(one), admin(one) as connection:
        eventually(lambda: holders(connection))
        (pid,) = holders(connection)

        eventually(lambda: connection.scalar(sa.text(f"{query} WHERE pid = {pid}")))


def test_the_lock_is_idle_for_as_long_as_it_takes(on_postgres: Make) -> None:
    one = on_postgres()
    with admin(one) as connection:
        name = sa.make_url(one.database).database
        limit = f"ALTER DATABASE {name} SET idle_in_transaction_session_timeout"
        connection.execute(sa.text(f"{limit} = 1000"))
        try:
            with held(one):
                (pid,) = holders(connection)
                time.sleep(1.5)  # half as long again as it might be idle
                assert holders(connection) == [pid]
        finally:
            connection.execute(sa.text(f"{limit} TO DEFAULT"))


# The command


def test_a_second_serve_is_refused_in_one_line(settings: Make, tmp_path: Path) -> None:
    here = Installation(tmp_path, {"FEEDBACK_DATABASE_URL": settings().database})

    with held(settings()):
        refused = here.refused("serve", "--bind", f"127.0.0.1:{a_port()}")

    assert "another `feedback serve` runs on" in refused
    assert "set FEEDBACK_" in refused
