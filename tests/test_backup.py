"""Backups: one moment in one file, restored elsewhere, on either database."""

import json
import os
import shutil
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask

from feedback import create_app, migrations
from feedback.accounts.models import Role
from feedback.articles.models import Article
from feedback.backup import archive, kinds, saving
from feedback.backup.archive import CannotBackUp, Damaged
from feedback.cli import feedback, installation
from feedback.config import Settings, load
from feedback.db import Model, db, now
from feedback.delivery import carriers, outbox
from feedback.delivery.models import Attempt, Carrier, Event, Happening, Letter, Means, State
from feedback.desk import decisions
from feedback.desk.decisions import Verdict
from feedback.desk.models import Gathered, Kind
from feedback.reports.models import Report, Spot
from feedback.sites import Site
from feedback.worker import answers as answering_duty
from feedback.worker import digests, indexing, letters
from tests.conftest import BASE, DATABASES, _address, _admin
from tests.far_end import a_far_end, answering
from tests.mail_server import a_mail_server
from tests.makers import (
    a_body,
    a_carrier,
    a_letter,
    a_look,
    a_site,
    a_spot,
    an_editor,
    newsroom,
    send,
    signed_in,
)

ANN = "ann@reader.example"
WRITERS = 8

MakeApp = Callable[..., Flask]
Given = dict[str, Any]


@pytest.fixture
def fresh(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Given]]:
    """Make settings of an installation elsewhere that has no tables yet, on either database."""
    made: list[str] = []

    def make(database: str) -> Given:
        given: Given = {"home": tmp_path / "there", "base_url": BASE, "undo_seconds": 0}
        if database == "postgresql":
            made.append(f"feedback_{uuid4().hex[:12]}")
            postgres = request.getfixturevalue("postgres")
            _admin(postgres, f"CREATE DATABASE {made[-1]}")
            given["database_url"] = _address(postgres.set(database=made[-1]))
        return given

    yield make
    for name in made:
        _admin(request.getfixturevalue("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def there(migrated_sqlite: Path, fresh: Callable[[str], Given]) -> Given:
    """Settings of one that has its tables, and nothing in them."""
    given = fresh("sqlite")
    given["home"].mkdir()
    shutil.copy(migrated_sqlite, given["home"] / "feedback.sqlite3")
    return given


@contextmanager
def serving(given: Given) -> Iterator[Flask]:
    """The application of an installation elsewhere."""
    app = create_app(load(**given))
    app.testing = True
    try:
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()


@contextmanager
def elsewhere(given: Given) -> Iterator[None]:
    """Its database."""
    with serving(given) as app, app.app_context():
        yield
        db.session.rollback()


def commanded(monkeypatch: pytest.MonkeyPatch, given: Given, *args: object) -> Result:
    """Run the command with these settings."""
    made: list[Flask] = []

    def make(settings: Settings) -> Flask:
        settings.home.mkdir(exist_ok=True)
        made.append(create_app(settings))
        return made[-1]

    monkeypatch.setattr("feedback.cli.backups.load", lambda: load(**given))
    monkeypatch.setattr(installation, "made", make)
    done = CliRunner().invoke(feedback, [str(each) for each in args])
    for app in made:
        with app.app_context():
            db.engine.dispose()
    return done


def done(monkeypatch: pytest.MonkeyPatch, given: Given, *args: object) -> str:
    """Run a command that must work; give what it says."""
    result = commanded(monkeypatch, given, *args)
    assert result.exception is None, (result.output, result.exception)
    return result.output


def save(app: Flask, path: Path, *, with_key: bool = True) -> archive.Manifest:
    secret = app.extensions["settings"].secret
    with app.app_context(), saving.snapshot(db.engine) as connection:
        return saving.save(connection, path, secret, with_key=with_key)


def contents() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables that a backup holds, but for what restoring changes."""
    found = {}
    with db.engine.connect() as connection:
        for table in saving.saved():
            columns = {column.name: kinds.kind(column) for column in table.columns}
            named = kinds.table(table.name, columns)
            keys = [named.c[column.name] for column in table.primary_key]
            rows = connection.execute(sa.select(*named.c).order_by(*keys)).mappings()
            found[table.name] = [dict(row) for row in rows]
    for row in found["spot"]:
        del row["stale"]
    for name in ("claim", "answered"):
        found.pop(name, None)
    return found


def lived_in(app: Flask) -> None:
    """Let an installation have rows in tables that refer to each other in every way."""
    with newsroom(app) as (site, ed):
        an_editor(site, "olga@paper.example", Role.OWNER)
        one = a_spot(site, comment="„Schiffe“ 🚢 \u0000"[:-1], email=ANN)
        two = a_spot(site, "teh", correction="the")
        a_look(db.session.get_one(Article, one.article_id), "The wrold is round")
        decisions.decide(db.session, two, ed, Verdict(Kind.MERGE, two.version, into=one.id))
        spot = db.session.get_one(Spot, one.id, populate_existing=True)
        decisions.decide(db.session, spot, ed, Verdict(Kind.ACCEPT, spot.version, note="é"))
        a_carrier(site, Means.WEBHOOK)
        db.session.commit()


# The drill


@pytest.mark.parametrize("target", DATABASES)
def test_a_restored_installation_is_the_same_and_works(
    make_app: MakeApp,
    fresh: Callable[[str], Given],
    target: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app()
    lived_in(app)
    receipt = urlsplit(send(app.test_client(), a_body("flat")).json["receipt"]).path
    given, file = fresh(target), tmp_path / "feedback.backup"
    settings = app.extensions["settings"]
    here = {"home": settings.home, "database_url": settings.database_url}

    told = done(monkeypatch, here, "backup", file)
    whole = done(monkeypatch, given, "restore", "--check", file)
    restored = done(monkeypatch, given, "restore", file, "--send-waiting")

    assert "1 site, 3 reports, 3 spots, 2 editors" in told
    assert "is whole" in whole
    assert "Restored: 1 site, 3 reports" in restored
    with app.app_context():
        before = contents()
    with elsewhere(given):
        assert contents() == before
        assert migrations.current(db.engine)
        while indexing.index_stale():
            pass
    with serving(given) as copy:
        ed = signed_in(copy)
        assert copy.test_client().get(receipt).status_code == 200
        assert "wrold" in ed.get("/desk/sites/1/", base_url=BASE).text
        assert "flat" in ed.get("/desk/sites/1/?q=flat", base_url=BASE).text
        assert send(copy.test_client(), a_body("sea")).status_code == 201


def test_all_that_was_acknowledged_before_it_began_is_in_it(
    make_app: MakeApp, there: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While eight writers report and an editor decides; what came later is there whole or not."""
    app = make_app()
    lived_in(app)
    told: list[str] = []
    stopping, more = threading.Event(), threading.Semaphore(0)

    def write() -> None:
        client = app.test_client()
        while not stopping.is_set():
            body = a_body("wrold", url=f"https://paper.example/{uuid4().hex[:2]}", email=ANN)
            assert send(client, body).status_code == 201
            told.append(body["id"])
            more.release()

    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in writers:
        thread.start()
    wait(more, 40)
    before, file = list(told), tmp_path / "a.backup"
    with monkeypatch.context() as patch:
        patch.setattr(archive.Writer, "add", slowly(more))
        manifest = save(app, file)
    stopping.set()
    for thread in writers:
        thread.join(30)

    done(monkeypatch, there, "restore", file)

    with elsewhere(there):
        uids = {str(each) for each in db.session.scalars(sa.select(Report.uid))}
        counted = db.session.scalar(sa.select(sa.func.sum(Spot.readers)))
    assert set(before) <= uids
    assert len(uids - set(told)) == 2
    assert len(uids) == manifest.rows("report") == counted


def wait(more: threading.Semaphore, times: int) -> None:
    for _ in range(times):
        assert more.acquire(timeout=30)


def slowly(more: threading.Semaphore) -> Callable[..., int]:
    """Write no member of a backup before some more reports were acknowledged."""
    add = archive.Writer.add

    def wait_and_add(*args: Any) -> int:
        while more.acquire(blocking=False):
            pass
        wait(more, 2)
        return add(*args)

    return wait_and_add


# Letters


@pytest.fixture
def sending(make_app: MakeApp, tmp_path: Path) -> tuple[Flask, Path]:
    """A backup of an installation with a letter that waits, and much that is still to be told."""
    app, file = make_app(), tmp_path / "a.backup"
    with newsroom(app) as (site, ed):
        hook, digest = a_carrier(site), a_carrier(site, Means.MAIL, "ed@paper.example")
        spot = a_spot(site, email=ANN)
        decisions.decide(db.session, spot, ed, Verdict(Kind.FIX, spot.version))
        a_spot(site, "teh", email="bob@reader.example")
        a_letter(hook)
        a_letter(carriers.post_office(db.session, site.id, now()), "answer", address=ANN)
        gathered = Gathered(carrier_id=digest.id, kind=Happening.OPENED, spot_id=spot.id, at=now())
        db.session.add(gathered)
        db.session.commit()
        assert db.session.scalar(sa.select(sa.func.count(Event.id)))
    save(app, file)
    return app, file


def out() -> list[tuple[str, State, str]]:
    found = db.session.scalars(sa.select(Letter).order_by(Letter.id))
    return [(each.kind, each.state, each.address) for each in found]


def test_what_waited_is_held_and_can_be_sent_by_hand(
    sending: tuple[Flask, Path], there: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, file = sending

    told = done(monkeypatch, there, "restore", file)

    with elsewhere(there):
        assert out() == [
            ("spot.opened", State.DEAD, ""),
            ("answer", State.DROPPED, ""),
            *[(kind, State.DEAD, "") for kind in _TOLD],
        ]
        assert letters.tell_what_happened() is False
        assert letters.carry_next() is False
        assert db.session.scalars(sa.select(Gathered)).all() == []
        emails = db.session.scalars(sa.select(Report.email).order_by(Report.id)).all()
        assert emails == ["", "bob@reader.example"]
        said = db.session.scalars(sa.select(Attempt.said)).all()
        assert len(said) == 1 + len(_TOLD)
        assert said[0].startswith("It waited when the backup of 2")
        first = db.session.scalars(sa.select(Letter).order_by(Letter.id)).first()
        assert first
        outbox.replay(db.session, first, now())
        db.session.flush()
        assert first.uid == uid_of(app, first.id)
        db.session.refresh(first.carrier)
        assert first.carrier.due_at is not None
    assert f"{1 + len(_TOLD)} letters may have arrived" in told
    assert "1 letter to readers and owners will not go" in told
    assert "1 report may have been answered" in told


#: What is told of a spot that is opened and fixed, and another that is opened.
_TOLD = ("spot.opened", "spot.decided", "spot.fixed", "spot.opened")


def uid_of(app: Flask, letter_id: int) -> Any:
    with app.app_context():
        return db.session.get_one(Letter, letter_id).uid


def test_what_waited_goes_where_that_is_wished(
    sending: tuple[Flask, Path], there: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, file = sending

    done(monkeypatch, there, "restore", "--send-waiting", file)

    with elsewhere(there):
        assert out() == [("spot.opened", State.WAITING, ""), ("answer", State.WAITING, ANN)]
        assert letters.tell_what_happened() is False
        assert [kind for kind, *_ in out()[2:]] == list(_TOLD)
        assert len(db.session.scalars(sa.select(Gathered)).all()) > 1


def test_nothing_leaves_a_drill(
    sending: tuple[Flask, Path], there: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, file = sending

    done(monkeypatch, there, "restore", "--drill", file)

    with elsewhere(there):
        assert all(each.off_at for each in db.session.scalars(sa.select(Carrier)))
        assert set(db.session.scalars(sa.select(Report.email))) == {""}
        site = a_site()
        a_spot(site, "round")
        letters.tell_what_happened()
        assert {state for _, state, _ in out()} == {State.DEAD, State.DROPPED}


def test_nobody_is_told_twice(
    make_app: MakeApp, there: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by a copy whose original told it after the backup; what happens anew is told."""
    file = tmp_path / "a.backup"
    with a_far_end(answering(b"")) as end, a_mail_server() as server:
        network = {"fetch_allow": end.pair, "smtp_url": server.url(query="/?tls=off")}
        app = make_app(**network)
        with newsroom(app) as (site, ed):
            a_carrier(site, Means.WEBHOOK, end.url)
            a_carrier(site, Means.MAIL, "ed@paper.example")
            spot = a_spot(site, email=ANN)
            a_spot(site, "teh", email="bob@reader.example")
            decisions.decide(db.session, spot, ed, Verdict(Kind.FIX, spot.version))
            db.session.commit()
        save(app, file)
        with app.app_context():
            tell_all()
        heard, mailed = len(end.requests), [each.rcpt_tos for each in server.mails]

        done(monkeypatch, there | network, "restore", file)
        with elsewhere(there | network):
            tell_all()
            again = len(end.requests), [each.rcpt_tos for each in server.mails]
            a_spot(db.session.scalars(sa.select(Site)).one(), "flat")
            tell_all()

        assert heard == len(_TOLD)
        assert sorted(mailed) == [[ANN], ["ed@paper.example"]]
        assert again == (heard, mailed)
        assert len(end.requests) == heard + 1


def tell_all() -> None:
    """Do all that a worker does to tell people and programs, until there is no more."""
    while letters.tell_what_happened():
        pass
    gathered = sa.update(Carrier).where(Carrier.gather_at.is_not(None))
    db.session.execute(gathered.values(gather_at=now()))
    db.session.commit()
    digests.write_digests()
    answering_duty.answer_readers()
    while letters.carry_next():
        pass


# Files


@pytest.fixture
def file(app: Flask, tmp_path: Path) -> Path:
    lived_in(app)
    save(app, tmp_path / "whole.backup")
    return tmp_path / "whole.backup"


def test_a_backup_is_its_owners_and_nothing_is_written_over(app: Flask, file: Path) -> None:
    before = file.read_bytes()

    with pytest.raises(CannotBackUp, match="is there already"):
        save(app, file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes() == before
    assert [each.name for each in file.parent.glob(".*")] == []


def test_of_two_at_once_one_gets_the_name(app: Flask, tmp_path: Path) -> None:
    path, both = tmp_path / "b.backup", threading.Barrier(2)
    failed: list[str] = []

    def write() -> None:
        both.wait(10)
        try:
            save(app, path)
        except CannotBackUp as error:
            failed.append(str(error))

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(failed) == 1
    assert zipfile.ZipFile(path).testzip() is None
    assert list(tmp_path.glob(".*.part")) == []


def test_where_nothing_can_be_written_nothing_is_left(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(CannotBackUp, match="No such file or directory"):
        save(app, tmp_path / "nowhere" / "a.backup")


def test_the_key_is_in_it_unless_it_is_kept_elsewhere(app: Flask, tmp_path: Path) -> None:
    save(app, tmp_path / "with", with_key=True)
    save(app, tmp_path / "without", with_key=False)

    keys = []
    for name in ("with", "without"):
        with archive.reading(tmp_path / name) as backup:
            keys.append(backup.key)

    assert keys == [app.extensions["settings"].secret, ""]


def test_common_tools_can_read_it(file: Path) -> None:
    with zipfile.ZipFile(file) as members:
        manifest = json.loads(members.read("manifest.json"))
        spots = [json.loads(line) for line in members.read("spot.jsonl").splitlines()]

    assert manifest["format"] == "reader-feedback backup"
    assert manifest["revision"] == migrations.head()
    assert [spot["exact"] for spot in spots] == ["wrold", "teh"]


def test_every_table_is_in_it(file: Path) -> None:
    with archive.reading(file) as backup:
        names = {table.name for table in backup.manifest.tables}

    assert names == set(Model.metadata.tables) - saving.WORKED_OUT


def sound(path: Path) -> dict[str, list[bytes]] | None:
    """What a file holds; None where it is refused."""
    try:
        with archive.reading(path) as backup:
            backup.verify()
            tables = backup.manifest.tables
            return {"key": [backup.key.encode()]} | {
                table.name: list(backup.lines(table)) for table in tables
            }
    except Damaged as error:
        named = str(path) in str(error) and ("another copy" in str(error) or "later" in str(error))
        return None if named else {"said": [str(error).encode()]}


def test_a_damaged_file_is_refused_or_says_the_same(tmp_path: Path) -> None:
    path, damaged = a_file(tmp_path), tmp_path / "damaged"
    whole, same = path.read_bytes(), sound(path)
    assert same

    seen = []
    for place in range(0, len(whole), max(1, len(whole) // 400)):
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        seen.append(sound(damaged))
    for length in range(0, len(whole), max(1, len(whole) // 50)):
        damaged.write_bytes(whole[:length])
        assert sound(damaged) is None

    assert [each for each in seen if each not in (None, same)] == []
    assert seen.count(None) > len(seen) / 2


def a_file(folder: Path) -> Path:
    """A small backup, made without a database."""
    path = folder / "small"
    with archive.writing(path) as writer:
        lines = [kinds.line(a_row(n)) for n in range(1, 100)]
        table = archive.Table("site", SITE, writer.add("site.jsonl", lines))
        writer.add(archive.KEY, [b"hush"])
        known = archive.Manifest("0.1.0", migrations.head(), "sqlite", "now", "k", (table,))
        writer.finish(known)
    return path


SITE = {"id": "integer", "name": "text", "created_at": "instant"}
SITE |= {"corrections": "boolean", "hook_secret": "text"}


def a_row(number: int) -> dict[str, Any]:
    name = f"Paper {number}"
    row = {"id": number, "name": name, "created_at": now()}
    return row | {"corrections": False, "hook_secret": os.urandom(8).hex()}


def refused(monkeypatch: pytest.MonkeyPatch, given: Given, *args: object) -> str:
    result = commanded(monkeypatch, given, *args)
    assert result.exception is not None
    return str(result.exception)


@pytest.mark.parametrize("text", [b"", b"PK", b"no backup at all" * 100])
def test_what_is_no_backup_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes
) -> None:
    (tmp_path / "x").write_bytes(text)

    said = refused(monkeypatch, {"home": tmp_path / "there"}, "restore", tmp_path / "x")
    missing = refused(monkeypatch, {"home": tmp_path / "there"}, "restore", tmp_path / "y")

    assert "is no backup, or not a whole one" in said
    assert "No such file" in missing
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize("target", DATABASES)
def test_a_database_that_is_not_empty_is_left_alone(
    fresh: Callable[[str], Given], target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, file = fresh(target), a_file(tmp_path)
    with elsewhere(given):
        migrations.upgrade(db.engine)
        a_site("Olga's")
    (given["home"] / "secret_key").unlink()

    said = refused(monkeypatch, given, "restore", file)

    assert "the database is not empty, its table" in said
    assert not (given["home"] / "secret_key").exists()
    with elsewhere(given):
        assert db.session.scalar(sa.text("SELECT count(*) FROM site")) == 1


@pytest.mark.parametrize("target", DATABASES)
def test_a_restore_that_fails_midway_leaves_nothing(
    fresh: Callable[[str], Given], target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, file = fresh(target), a_file(tmp_path)

    def fail(*_: object) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr("feedback.backup.parking.park", fail)
        said = refused(patch, given, "restore", file)
    assert said == "the power went"
    assert not (given["home"] / "secret_key").exists()

    assert "Restored" in done(monkeypatch, given, "restore", file)


def test_a_backup_of_an_earlier_revision_is_brought_up(
    fresh: Callable[[str], Given], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into tables that are at this version's revision already, and have no rows."""
    given, path = fresh("postgresql"), tmp_path / "old"
    columns = {"id": "integer", "name": "text", "created_at": "instant"}
    line = kinds.line({"id": 7, "name": "Paper", "created_at": now()})
    with archive.writing(path) as writer:
        table = archive.Table("site", columns, writer.add("site.jsonl", [line]))
        writer.finish(archive.Manifest("0.0.1", "0004", "sqlite", "2026", "k", (table,)))
    with elsewhere(given):
        migrations.upgrade(db.engine)

    done(monkeypatch, given, "restore", path)

    with elsewhere(given):
        assert migrations.current(db.engine)
        assert a_site("Another", "https://other.example").id == 8


def test_a_backup_of_a_later_version_is_refused(
    there: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "later"
    with archive.writing(path) as writer:
        writer.finish(archive.Manifest("9.0", "9999", "sqlite", "2026", "k", ()))

    said = refused(monkeypatch, there, "restore", path)

    assert "of a later version, 9.0: install that" in said


def test_another_key_in_the_home_is_kept(
    there: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (there["home"] / "secret_key").write_text("another")

    said = refused(monkeypatch, there, "restore", a_file(tmp_path))

    assert "is another secret key than the backup's" in said
    assert (there["home"] / "secret_key").read_text() == "another"


def test_what_is_not_there_is_not_backed_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = refused(monkeypatch, {"home": tmp_path / "no"}, "backup", tmp_path / "x")

    assert "there is no database at" in said
    assert not (tmp_path / "no").exists()
