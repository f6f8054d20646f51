"""Migrations: up and down, on empty and on seeded data, and as the models say."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from feedback import create_app, migrations
from feedback.config import load
from feedback.db import Model, db, now
from feedback.desk.decisions import Verdict, decide
from feedback.desk.models import Decision, Kind
from feedback.reports.models import Status
from tests.conftest import DATABASES, _address, _admin
from tests.makers import a_carrier, a_letter, a_spot, a_token, newsroom


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server: sa.URL = request.getfixturevalue("postgres")
    name = f"feedback_{uuid4().hex[:12]}"
    _admin(server, f"CREATE DATABASE {name}")
    yield _address(server.set(database=name))
    _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty(empty_url: str, make_app_at: Callable[[str], Flask]) -> Flask:
    return make_app_at(empty_url)


@pytest.fixture
def make_app_at(tmp_path: Path) -> Iterator[Callable[[str], Flask]]:
    made = []

    def make(url: str) -> Flask:
        app = create_app(load(home=tmp_path, database_url=url, base_url="https://f.example"))
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


def tables(engine: sa.Engine) -> set[str]:
    names = set(sa.inspect(engine).get_table_names()) - {"alembic_version"}
    return {name for name in names if migrations.ours(name)}


def test_the_tables_are_what_the_models_say(empty: Flask) -> None:
    with empty.app_context():
        migrations.upgrade(db.engine)

        with db.engine.connect() as connection:
            options = migrations.comparing(db.engine.dialect.name)
            context = MigrationContext.configure(connection, opts=options)
            differences = compare_metadata(context, Model.metadata)

        assert differences == []
        assert migrations.current(db.engine)


def test_an_empty_database_goes_down_and_up_again(empty: Flask) -> None:
    with empty.app_context():
        migrations.upgrade(db.engine)
        before = tables(db.engine)

        migrations.downgrade(db.engine, "base")
        gone = tables(db.engine)
        migrations.upgrade(db.engine)

        assert gone == set()
        assert tables(db.engine) == before == set(Model.metadata.tables)


def test_a_seeded_database_goes_down_and_up_again(empty: Flask) -> None:
    with empty.app_context():
        migrations.upgrade(db.engine)
    with newsroom(empty) as (site, _):
        a_spot(site)
        db.session.commit()

        migrations.downgrade(db.engine, "base")
        migrations.upgrade(db.engine)

        assert tables(db.engine) == set(Model.metadata.tables)


def checks(engine: sa.Engine) -> dict[str, set[str]]:
    """The names of the checks that each table keeps."""
    found = sa.inspect(engine)
    return {
        table: {str(check["name"]) for check in found.get_check_constraints(table)}
        for table in tables(engine)
    }


def test_the_database_checks_what_the_models_say(empty: Flask) -> None:
    with empty.app_context():
        migrations.upgrade(db.engine)

        assert checks(db.engine) == {
            table.name: {
                f"ck_{table.name}_{column.name}"
                for column in table.columns
                if isinstance(column.type, sa.Enum)
            }
            for table in Model.metadata.tables.values()
        }


def test_each_kind_that_the_models_know_can_be_kept(empty: Flask) -> None:
    with empty.app_context():
        migrations.upgrade(db.engine)
    with newsroom(empty) as (site, _):
        spot = a_spot(site)

        for status in Status:
            spot.status = status
            db.session.commit()
        db.session.execute(sa.text("UPDATE report SET told_status = 'merged'"))
        with pytest.raises(sa.exc.IntegrityError):
            db.session.execute(sa.text("UPDATE spot SET status = 'odd'"))
        db.session.rollback()


def rows(engine: sa.Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in ("site", "article", "spot", "report", "decision", "editor")
        }


Contents = dict[str, list[dict[str, object]]]


def contents(engine: sa.Engine, like: Contents | None = None) -> Contents:
    """The rows of all tables, or of those and their columns that `like` has as well."""
    found = sa.inspect(engine)
    with engine.connect() as connection:
        return {
            table: [
                {name: row[name] for name in (like[table][0] if like else row)}
                for row in connection.exec_driver_sql(
                    f"SELECT * FROM {table} ORDER BY 1"
                ).mappings()
            ]
            for table in found.get_table_names()
            if migrations.ours(table) and table != "alembic_version" and (not like or table in like)
        }


def filled(contents: Contents) -> Contents:
    """Those of the tables that have rows."""
    return {table: rows for table, rows in contents.items() if rows}


@pytest.mark.parametrize(
    "revision",
    [
        script.revision
        for script in ScriptDirectory.from_config(migrations._config()).walk_revisions()
    ],
)
def test_from_any_revision_rows_go_up_and_down_as_they_are(empty: Flask, revision: str) -> None:
    with empty.app_context():
        migrations.upgrade(db.engine)
    with newsroom(empty) as (site, ed):
        spot = a_spot(site)
        a_token(ed, site)
        a_letter(a_carrier(site))
        decide(db.session, spot, ed, Verdict(Kind.ACCEPT, spot.version))
        db.session.commit()
        before = filled(contents(db.engine))
        db.session.close()

        migrations.downgrade(db.engine, revision)
        then = filled(contents(db.engine))
        migrations.upgrade(db.engine)

        assert contents(db.engine, like=then) == then
        common = {
            table: [{k: row[k] for k in then[table][0]} for row in before[table]] for table in then
        }
        assert then == common
        assert {"site", "article", "spot", "report", "decision", "editor"} <= set(then)


def test_going_down_takes_what_the_older_tables_cannot_hold(empty: Flask) -> None:
    with empty.app_context():
        migrations.upgrade(db.engine)
    with newsroom(empty) as (site, _):
        spot = a_spot(site)
        for kind, status in ((Kind.MERGE, Status.MERGED), (Kind.FIX, Status.FIXED)):
            db.session.add(
                Decision(
                    spot_id=spot.id,
                    kind=kind,
                    note="",
                    at=now(),
                    status_before=Status.WAITING,
                    status_after=status,
                    correction_before="",
                    settled_before=False,
                )
            )
        spot.status = Status.MERGED
        db.session.commit()
        db.session.close()

        migrations.downgrade(db.engine, "0001")

        with db.engine.connect() as connection:
            kept = connection.exec_driver_sql("SELECT status FROM spot").scalars().all()
        assert kept == ["waiting"]
        assert rows(db.engine)["decision"] == 0


def test_upgrading_twice_keeps_the_data(empty: Flask) -> None:
    with empty.app_context():
        migrations.upgrade(db.engine)
    with newsroom(empty) as (site, _):
        spot_id = a_spot(site).id
        db.session.commit()

        migrations.upgrade(db.engine)

        with db.engine.connect() as connection:
            kept = connection.exec_driver_sql("SELECT id FROM spot").scalars().all()
        assert kept == [spot_id]


def test_two_upgrades_at_once_make_one_database(empty: Flask) -> None:
    failures: list[Exception] = []

    def upgrade() -> None:
        with empty.app_context():
            try:
                migrations.upgrade(db.engine)
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    with empty.app_context():
        assert migrations.current(db.engine)


def test_the_service_is_ready_once_the_tables_are_there(empty: Flask) -> None:
    client = empty.test_client()
    before = client.get("/readyz")
    with empty.app_context():
        migrations.upgrade(db.engine)

    after = client.get("/readyz")

    assert (before.status_code, after.status_code) == (503, 200)
    assert "feedback upgrade" in before.text
    assert client.get("/healthz").text == "ok\n"


def test_an_upgrade_that_fails_leaves_nothing_behind(empty: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, folder)
    broken = folder / "versions" / "9999_broken.py"
    broken.write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = '9999'\ndown_revision = {migrations.head()!r}\n"
        "def upgrade():\n    op.create_table('half', sa.Column('id', sa.Integer))\n"
        "    raise ZeroDivisionError\n"
    )
    with empty.app_context():
        migrations.upgrade(db.engine)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(migrations, "__file__", str(folder / "__init__.py"))
            with pytest.raises(ZeroDivisionError):
                migrations.upgrade(db.engine)

        assert "half" not in tables(db.engine)
        assert migrations.current(db.engine)


def test_there_is_one_line_of_migrations() -> None:
    script = ScriptDirectory.from_config(migrations._config())

    assert script.get_heads() == [migrations.head()]
    assert len(script.get_bases()) == 1


def test_alembic_is_loaded_only_to_migrate(tmp_path: Path) -> None:
    look = "import sys, feedback.cli; print('alembic' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert told.stdout == "False\n"


def test_a_database_of_a_later_version_is_left_alone(empty: Flask) -> None:
    with empty.app_context():
        migrations.upgrade(db.engine)
        with db.writing() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

        with pytest.raises(migrations.CannotMigrate, match="9999"):
            migrations.upgrade(db.engine)

        assert not migrations.current(db.engine)
