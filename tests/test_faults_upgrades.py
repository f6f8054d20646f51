"""`feedback upgrade`, killed midway and twice at once: it is finished, and no row is lost.

`make soak` kills it a few times more.
"""

import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from feedback import create_app, migrations
from feedback.config import Settings, load
from feedback.db import db
from feedback.desk.decisions import Verdict, decide
from feedback.desk.models import Kind
from tests.conftest import DATABASES, _address, _admin
from tests.faults import begun, wait_until
from tests.makers import a_spot, newsroom

KILLS = int(os.environ.get("FEEDBACK_TEST_UPGRADE_KILLS", "1"))
#: The version that is upgraded from.
OLD = "0001"
TABLES = ("site", "article", "spot", "report", "decision", "editor")


@pytest.fixture(params=DATABASES)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """An installation whose database has rows, and is of the oldest version."""
    name = f"feedback_{uuid4().hex[:12]}"
    url = f"sqlite:///{tmp_path / 'feedback.sqlite3'}"
    if request.param == "postgresql":
        server: sa.URL = request.getfixturevalue("postgres")
        _admin(server, f"CREATE DATABASE {name}")
        url = _address(server.set(database=name))
    settings = load(home=tmp_path, database_url=url)
    app = create_app(settings)
    with app.app_context():
        migrations.upgrade(db.engine)
    with newsroom(app) as (site, ed):
        for word in ("wrold", "teh", "deck"):
            spot = a_spot(site, word)
            decide(db.session, spot, ed, Verdict(Kind.ACCEPT, spot.version))
            db.session.commit()
        db.session.close()
        migrations.downgrade(db.engine, OLD)
        db.engine.dispose()
    yield settings
    if request.param == "postgresql":
        _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


def state(settings: Settings) -> tuple[str, list[int]]:
    """The version of the database, and how many rows each table has."""
    engine = sa.create_engine(settings.database, poolclass=sa.NullPool)
    with engine.connect() as connection:
        version: str = connection.exec_driver_sql(
            "SELECT version_num FROM alembic_version"
        ).scalar_one()
        rows = [
            connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in TABLES
        ]
    return version, rows


def midway(settings: Settings) -> Callable[[], bool]:
    """What tells whether an upgrade has its transaction."""
    if settings.embedded:
        return lambda: locked(settings)
    engine = sa.create_engine(settings.database, poolclass=sa.NullPool)
    held = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")

    def holds() -> bool:
        with engine.connect() as connection:
            return bool(connection.scalar(held))

    return holds


def locked(settings: Settings) -> bool:
    file = settings.home / "feedback.sqlite3"
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        other.execute("ROLLBACK")
        return False


def test_an_upgrade_that_is_killed_midway_is_finished_by_the_next_or_by_two_at_once(
    old: Settings,
) -> None:
    chance = random.Random(4)
    before, versions, log = state(old), list[str](), old.home / "log"
    for _ in range(KILLS):
        upgrade = begun(old, log, "upgrade")
        wait_until(midway(old))
        time.sleep(chance.random() * 0.05)  # at any moment
        upgrade.kill()
        upgrade.join(30)
        versions.append(state(old)[0])

    upgrades = [begun(old, log, "upgrade") for _ in range(2)]
    for upgrade in upgrades:
        upgrade.join(60)

    print(f"{KILLS} upgrades killed; afterwards the database was at {sorted(set(versions))}")
    assert before == (OLD, [1, 1, 3, 3, 3, 1])
    assert set(versions) <= {OLD, migrations.head()}
    assert [upgrade.exitcode for upgrade in upgrades] == [0, 0], log.read_text()
    assert state(old) == (migrations.head(), before[1])
