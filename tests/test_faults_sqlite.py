"""What befalls an SQLite file: locked, on a full disk, read-only, damaged.

Readers are told honestly, what was acknowledged stays, and the trouble ends with the fault.
`make soak` locks it for a minute, with the patience that the service has.
"""

import os
import resource
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback import create_app
from feedback.cli import soundness
from feedback.config import Settings, load
from feedback.db import db
from tests.faults import Answer, Service, a_service
from tests.makers import a_body, newsroom, send

#: Seconds for which somebody else locks the file, and for which a writer waits for it.
LONG = float(os.environ.get("FEEDBACK_TEST_LOCKED", "3"))
PATIENCE = 1.0 if LONG < 10 else 5.0


@pytest.fixture
def newspaper(tmp_path: Path, migrated_sqlite: Path) -> Callable[[Path], Settings]:
    """Make an installation in a folder, with a site."""

    def make(home: Path = tmp_path) -> Settings:
        file = home / "feedback.sqlite3"
        shutil.copy(migrated_sqlite, file)
        off = dict.fromkeys(("limit_reader", "limit_site"), "off")
        settings = load(home=home, database_url=f"sqlite:///{file}", **off)
        app = create_app(settings)
        with newsroom(app):
            pass
        with app.app_context():
            db.engine.dispose()
        return settings

    return make


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the lock that writers take, as another process."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def reports(settings: Settings) -> int:
    """How many reports there are, in a file that must be whole."""
    with closing(sqlite3.connect(settings.home / "feedback.sqlite3")) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        count: int = file.execute("SELECT count(*) FROM report").fetchone()[0]
    return count


def says_later(answer: Answer) -> bool:
    status, headers, text = answer
    return status == 503 and int(headers["Retry-After"]) >= 1 and b'"unavailable"' in text


def test_a_lock_that_is_short_is_waited_for(newspaper: Callable[[], Settings]) -> None:
    settings, answers = newspaper(), list[Answer]()
    with a_service(settings) as service:
        reader = threading.Thread(target=lambda: answers.append(service.post(a_body())))

        with locked(settings.home / "feedback.sqlite3"):
            begun = time.monotonic()
            reader.start()
            time.sleep(3)  # so long it is locked
        reader.join(10)

    assert answers[0][0] == 201
    assert time.monotonic() - begun >= 3
    assert reports(settings) == 1


def test_a_lock_that_is_long_is_told_of_and_got_over(newspaper: Callable[[], Settings]) -> None:
    settings, answers = newspaper(), list[tuple[float, Answer]]()

    def report(until: float) -> None:
        while (begun := time.monotonic()) < until:
            answer = service.post(a_body())
            answers.append((time.monotonic() - begun, answer))

    with a_service(settings, constants={"feedback.db.PATIENCE": PATIENCE}) as service:
        with locked(settings.home / "feedback.sqlite3"):
            until = time.monotonic() + LONG
            end = until - PATIENCE * 1.5
            readers = [threading.Thread(target=report, args=(end,)) for _ in range(3)]
            for reader in readers:
                reader.start()
            page = service.get("/sign-in")
            for reader in readers:
                reader.join(LONG + 30)
            time.sleep(max(0.0, until - time.monotonic()))  # so long it is locked
        after = service.post(a_body())

    print(f"locked for {LONG:.0f} s: {len(answers)} times 503, the last of them", end=" ")
    print(f"{max(took for took, _ in answers):.1f} s after it was asked")
    assert all(says_later(answer) for _, answer in answers)
    assert max(took for took, _ in answers) < PATIENCE + 3
    assert page[0] == 200
    assert after[0] == 201
    assert reports(settings) == 1


# A full disk


@contextmanager
def no_growth(service: Service) -> Iterator[None]:
    """Let the service's files grow no further."""
    assert service.process
    number, pid = resource.RLIMIT_FSIZE, service.process.pid or 0
    before = resource.prlimit(pid, number)
    resource.prlimit(pid, number, (1, before[1]))
    yield
    resource.prlimit(pid, number, before)


@contextmanager
def a_full_disk(service: Service) -> Iterator[None]:
    """Fill what is left of the disk."""
    filling = service.settings.home / "filling"
    with filling.open("wb", buffering=0) as much:
        try:
            while True:
                much.write(b"\0" * 4096)
        except OSError:
            pass
    yield
    filling.unlink()


def tmpfs(folder: Path) -> bool:
    """Make a disk of some megabytes; tell whether we may."""
    if os.geteuid() != 0:
        return False
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, bool]]:
    """A folder, and whether it is a disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = tmpfs(folder)
    yield folder, mounted
    if mounted:
        subprocess.run(["umount", "--lazy", folder], check=True)


Fault = Callable[[Service], AbstractContextManager[None]]


def test_a_full_disk_is_told_of_and_got_over(
    newspaper: Callable[[Path], Settings], small_disk: tuple[Path, bool]
) -> None:
    folder, mounted = small_disk
    settings, bodies = newspaper(folder), [a_body() for _ in range(4)]
    faults: list[Fault] = [no_growth, a_full_disk] if mounted else [no_growth]
    with a_service(settings) as service:
        for fault in faults:
            before = service.post(a_body())
            with fault(service):
                full = [service.post(body) for body in bodies]
                page, ready = service.get("/sign-in"), service.get("/readyz")
            after = [service.post(body) for body in bodies]

            assert before[0] == 201
            assert all(says_later(answer) for answer in full)
            assert (page[0], ready[0]) == (200, 200)
            assert {answer[0] for answer in after} <= {200, 201}

    assert reports(settings) == len(faults) + len(bodies)


# Read-only


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_connections_that_may_only_read_are_told_of_and_got_over(
    app: Flask, client: FlaskClient
) -> None:
    with newsroom(app), db.reading.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    with app.app_context():
        assert db.engine.pool.checkedin() == 1  # type: ignore[attr-defined]  # a QueuePool

    answers = [send(client) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [503, 201]
    assert int(answers[0].headers["Retry-After"]) >= 1


def contents(home: Path) -> dict[str, bytes]:
    """The database and its log; the log's index belongs to whoever reads."""
    paths = (home / "feedback.sqlite3", home / "feedback.sqlite3-wal")
    return {path.name: path.read_bytes() for path in paths if path.exists()}


@pytest.mark.parametrize("file", [True, False], ids=["a file", "a folder"])
def test_what_may_not_be_written_to_is_refused_at_start(
    newspaper: Callable[[], Settings], *, file: bool
) -> None:
    settings = newspaper()
    assert settings.secret
    before = contents(settings.home)
    if file:
        (settings.home / "feedback.sqlite3").chmod(0o444)
    else:
        settings.home.chmod(0o555)

    try:
        said = refused(settings, rights="none")
    finally:
        settings.home.chmod(0o755)

    assert "write to" in said
    assert contents(settings.home) == before


def refused(settings: Settings, **env: str) -> str:
    """Start a service that must not start; give what it says last."""
    service = Service(settings, settings.home.parent / f"{settings.home.name}.log", env=env)
    try:
        service.begin()
        assert service.process
        service.process.join(30)
    finally:
        service.kill()
    said = service.log.read_text().splitlines()[-1]
    assert service.process.exitcode == 1, said
    return said


# Damaged


def scribbled(text: bytes, start: int, end: int) -> bytes:
    return text[:start] + b"\xa5" * (end - start) + text[end:]


DAMAGES = {
    "its head is gone": lambda text: scribbled(text, 0, 100),
    "half of it is gone": lambda text: text[: len(text) // 8192 * 4096],
    "pages of it are something else": lambda text: scribbled(text, 4096 * 3, 4096 * 40),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_refused_at_start_and_left_as_it_is(
    damage: Callable[[bytes], bytes], newspaper: Callable[[], Settings]
) -> None:
    settings = newspaper()
    with a_service(settings) as service:
        service.post(a_body())
        service.kill()  # so that there is a log besides
    file = settings.home / "feedback.sqlite3"
    file.write_bytes(damage(file.read_bytes()))
    before = contents(settings.home)

    said = refused(settings)

    assert "is damaged" in said
    assert "backup" in said
    assert contents(settings.home) == before
    assert len(before) == 2


def test_a_large_file_does_not_hold_up_the_start(
    newspaper: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = newspaper()
    slow = (  # SQLite looks at one table, and hears nobody
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    )
    check = soundness._CHECK.replace("PRAGMA quick_check(1)", slow)
    monkeypatch.setattr(soundness, "_CHECK", check)
    assert slow in soundness._CHECK

    begun = time.monotonic()
    soundness.look(settings)

    assert time.monotonic() - begun < soundness._END
