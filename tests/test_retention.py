"""Retention and erasing: what is gone is in no table, index, letter, file or backup."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from click.testing import CliRunner
from flask import Flask

from feedback.accounts.models import Editor
from feedback.articles.models import Article, Revision
from feedback.backup import archive, saving
from feedback.cli import feedback, installation
from feedback.db import db, now
from feedback.delivery import carriers, outbox
from feedback.delivery.contract import NotTaken, Office, Taken
from feedback.delivery.models import Letter, Means
from feedback.desk import decisions, search, terms
from feedback.desk import retention as kept
from feedback.desk.decisions import Verdict
from feedback.desk.letters import answers
from feedback.desk.models import Kind, Move
from feedback.reports.models import Report, Spot, Status
from feedback.sites import Site
from feedback.worker import answers as duty
from feedback.worker import digests, indexing, letters, retention
from tests.makers import TEXT, a_body, a_carrier, a_look, a_site, a_spot, newsroom, send

NOON = datetime(2027, 1, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
#: In all that Ann gives.
MARK = "quixotry"
ANN = f"ann.{MARK}@reader.example"

MakeApp = Callable[..., Flask]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(keep_spots=100, smtp_url="smtp://127.0.0.1:25")


def dumped() -> Iterator[tuple[str, str]]:
    """All that is in the tables, those of SQLite's full-text engine included, as text."""
    with db.engine.connect() as connection:
        for name in sa.inspect(connection).get_table_names():
            for row in connection.execute(sa.text(f'SELECT * FROM "{name}"')):
                yield name, " ".join(map(_text, row))


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def traces(app: Flask, folder: Path, mark: str = MARK) -> set[str]:
    """Where a mark is found: tables, a fresh backup, SQLite's files."""
    with app.app_context():
        found = {name for name, text in dumped() if mark in text}
        with saving.snapshot(db.engine) as connection:
            path = folder / f"{len(list(folder.iterdir()))}.backup"
            saving.save(connection, path, "secret", with_key=True)
        db.session.rollback()
    with archive.reading(path) as backup:
        for table in backup.manifest.tables:
            if any(mark.encode() in line for line in backup.lines(table)):
                found.add(f"backup of {table.name}")
    url = app.extensions["settings"].database
    if url.startswith("sqlite"):
        database = Path(url.removeprefix("sqlite:///"))
        files = (database, database.with_name(database.name + "-wal"))
        found |= {each.name for each in files if mark.encode() in each.read_bytes()}
    return found


def index() -> None:
    while indexing.index_stale():
        pass


def decide(spot_id: int, kind: Kind, **more: Any) -> None:
    spot = db.session.get_one(Spot, spot_id, populate_existing=True)
    editor = db.session.scalars(sa.select(Editor)).first()
    assert editor
    decisions.decide(db.session, spot, editor, Verdict(kind, spot.version, **more))
    db.session.commit()


def forget(app: Flask, days: float) -> list[int]:
    """Do the duties so many days later; give the spots that are left."""
    with app.app_context(), time_machine.travel(NOON + days * DAY, tick=False):
        for _ in range(1000):
            if not retention.forget_decided_spots():
                break
        else:
            raise AssertionError("it has no end")
        while letters.forget_old_letters():
            pass
        retention.empty_log()
        left = list(db.session.scalars(sa.select(Spot.id).order_by(Spot.id)))
        db.session.rollback()
    return left


# Retention


@pytest.fixture
def desk(app: Flask) -> Iterator[Site]:
    """An application context at NOON, with a site and its editor."""
    with time_machine.travel(NOON, tick=False), newsroom(app) as (site, _):
        yield site


def test_what_is_decided_goes_when_its_time_is_over(app: Flask, desk: Site) -> None:
    fixed, rejected, waiting, accepted = (
        a_spot(desk, exact).id for exact in ("wrold", "teh", "flat", "deck")
    )
    decide(fixed, Kind.FIX)
    decide(rejected, Kind.REJECT, reason="style")
    decide(accepted, Kind.ACCEPT)

    assert forget(app, 99.9) == [fixed, rejected, waiting, accepted]
    assert forget(app, 100.1) == [waiting, accepted]
    assert forget(app, 4000) == [waiting, accepted]


def test_a_late_report_or_decision_keeps_a_spot(app: Flask, desk: Site) -> None:
    spot, other = a_spot(desk), a_spot(desk, "teh")
    decide(spot.id, Kind.FIX)
    decide(other.id, Kind.FIX)
    with time_machine.travel(NOON + 50 * DAY, tick=False):
        a_spot(desk)
        decide(other.id, Kind.REOPEN)
        decide(other.id, Kind.REJECT, reason="style")

    assert forget(app, 149) == [spot.id, other.id]
    assert forget(app, 151) == []


def test_it_is_for_ever_unless_somebody_says_otherwise(make_app: MakeApp) -> None:
    app = make_app()
    with time_machine.travel(NOON, tick=False), newsroom(app) as (site, _):
        spot = a_spot(site)
        decide(spot.id, Kind.FIX)

    assert forget(app, 40_000) == [spot.id]


def test_what_was_merged_goes_with_what_it_went_to(app: Flask, desk: Site) -> None:
    one, two, three = (a_spot(desk, exact).id for exact in ("wrold", "teh", "flat"))
    decide(three, Kind.MERGE, into=two)
    decide(two, Kind.MERGE, into=one)
    assert forget(app, 200) == [one, two, three]
    with time_machine.travel(NOON + 200 * DAY, tick=False):
        decide(one, Kind.FIX)

    assert forget(app, 301) == []
    assert db.session.scalars(sa.select(Report)).all() == []
    assert db.session.scalars(sa.select(Move)).all() == []


def test_an_article_goes_with_its_last_spot(app: Flask, desk: Site) -> None:
    spot, kept = a_spot(desk), a_spot(desk, "teh", url="https://paper.example/another")
    a_look(db.session.get_one(Article, spot.article_id), TEXT)
    decide(spot.id, Kind.FIX)

    assert forget(app, 101) == [kept.id]
    assert db.session.scalars(sa.select(Article.id)).all() == [kept.article_id]
    assert db.session.scalars(sa.select(Revision)).all() == []


def test_an_article_that_is_looked_at_is_left_for_another_time(app: Flask, desk: Site) -> None:
    spot = a_spot(desk)
    decide(spot.id, Kind.FIX)
    looked_at = NOON + 101 * DAY - timedelta(minutes=1)
    until = looked_at + timedelta(minutes=5)
    db.session.execute(sa.update(Article).values(looked_at=looked_at, due_at=until))
    db.session.commit()

    assert forget(app, 101) == [spot.id]
    assert forget(app, 101.01) == []


def test_many_spots_go_a_stretch_at_a_time(
    app: Flask, desk: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback.desk.retention.STRETCH", 2)
    words = ("wrold", "teh", "flat", "deck", "sailed", "captain", "round")
    ids = [a_spot(desk, exact).id for exact in words]
    for spot_id in ids[:2] + ids[3:]:
        decide(spot_id, Kind.FIX)
    index()

    assert forget(app, 101) == [ids[2]]


def test_a_report_that_lands_while_its_spot_goes_is_kept(app: Flask, desk: Site) -> None:
    """It waits at the article's lock, and opens the spot anew."""
    spot = a_spot(desk)
    decide(spot.id, Kind.FIX)
    before, at, statuses = NOON + DAY, NOON + 101 * DAY, []
    with db.reading.connect() as connection:
        found = kept.find(connection, 0, before)
    reader = threading.Thread(
        target=lambda: statuses.append(send(app.test_client(), a_body()).status_code)
    )

    gone = kept.forget(db.session, found, before, at)
    reader.start()
    reader.join(0.3)  # it is at the lock by now; if not, that is as good
    db.session.commit()
    reader.join(20)

    assert (gone, statuses) == (1, [201])
    left = db.session.scalars(sa.select(Spot)).one()
    assert (left.status, left.readers) == (Status.WAITING, 1)


def test_of_what_went_nothing_is_left(app: Flask, tmp_path: Path) -> None:
    """A mark in all that a reader gives and all that becomes of it."""
    given = {name: f"{name} {MARK} x" for name in ("correction", "comment", "title")}
    with time_machine.travel(NOON, tick=False), newsroom(app) as (site, _):
        a_carrier(site)
        a_carrier(site, Means.MAIL, "ed@paper.example")
        text = TEXT.replace("captain", MARK)
        url = f"https://paper.example/{MARK}"
        for exact in (MARK, "teh"):
            a_spot(site, exact, text=text, email=ANN, url=url, **given)
            index()
        a_spot(site, "teh", url="https://paper.example/stays", comment="stays")
        index()
        a_look(db.session.get_one(Article, 1), text)
        decide(2, Kind.MERGE, into=1)
        decide(1, Kind.FIX, correction=f"{MARK}!", note=MARK)
        index()
        told(app)
    before = traces(app, tmp_path)

    forget(app, 100.5)
    forget(app, 201)

    assert {"spot", "report", "article", "letter", "attempt", "decision"} <= before
    assert any(name.startswith(("spot_words", "backup of")) for name in before)
    assert traces(app, tmp_path) == set()
    with app.app_context():
        assert [spot.id for spot in searched("stays")] == [3]
        assert searched(MARK) == []


def told(app: Flask) -> None:
    """Tell all that happened; every other letter is dead."""
    letters.tell_what_happened()
    db.session.execute(sa.update(carriers.Carrier).values(gather_at=now()))
    db.session.commit()
    while digests.write_digests():
        pass
    answers.answer(db.session, ANN, Office.of(app.extensions["settings"]), now(), timedelta(0))
    db.session.commit()
    results = [Taken(status=200, said=MARK), NotTaken(MARK, status=400, permanent=True)]
    for carrier in db.session.scalars(sa.select(carriers.Carrier)).all():
        while claimed := outbox.claim(db.session, carrier, now(), 60):
            results.reverse()
            outbox.settle(db.session, claimed, results[0], now(), now(), [5.0])
    db.session.commit()
    assert set(db.session.scalars(sa.select(Letter.kind))) >= {"spot.opened", "digest", "answer"}


def searched(word: str) -> list[Spot]:
    wanted = terms.asked(word)
    found = search.found(1, wanted, search.Window(50, search.top(db.session)))
    return [db.session.get_one(Spot, row.id) for row in db.session.execute(found)]


# Erasing


def test_an_address_is_kept_as_long_as_is_said(make_app: MakeApp) -> None:
    app = make_app(keep_addresses=10)
    with time_machine.travel(NOON, tick=False), newsroom(app) as (site, _):
        a_spot(site, email=ANN)

    left = []
    for days in (9, 11):
        with app.app_context(), time_machine.travel(NOON + days * DAY, tick=False):
            duty.answer_readers()
            left += db.session.scalars(sa.select(Report.email)).all()

    assert left == [ANN, ""]


def test_of_an_address_that_was_erased_nothing_is_left(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it came to: on reports, decided or not, in letters that wait or did not arrive."""
    with newsroom(app) as (site, _):
        a_site("Another", "https://other.example")
        for exact in ("wrold", "teh", "flat"):
            a_spot(site, exact, email=ANN if exact != "teh" else ANN.title())
        office = Office.of(app.extensions["settings"])
        decide(1, Kind.FIX)
        answers.answer(db.session, ANN, office, now(), timedelta(0))
        post = db.session.scalars(sa.select(carriers.Carrier)).one()
        claimed = outbox.claim(db.session, post, now(), 60)
        assert claimed
        busy = NotTaken(f"<{ANN}>: mailbox busy", status=451)
        outbox.settle(db.session, claimed, busy, now(), now(), [5.0])
        db.session.commit()
        index()
    before = traces(app, tmp_path) | traces(app, tmp_path, MARK.title())

    monkeypatch.setattr(installation, "made", lambda: app)
    done = CliRunner().invoke(feedback, ["erase", ANN])

    assert {"report", "letter"} <= before
    assert f"{ANN} was erased from 2 reports." in done.output
    assert traces(app, tmp_path) | traces(app, tmp_path, MARK.title()) == set()
