"""Answers: who left an address hears once what became of the reports, and is forgotten."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from feedback import sites
from feedback.accounts import people
from feedback.accounts.models import Editor, Role
from feedback.db import db, now
from feedback.delivery import outbox
from feedback.delivery.contract import Office, Taken
from feedback.delivery.models import Carrier, Letter, Means, State
from feedback.desk import decisions, reasons
from feedback.desk.decisions import Verdict
from feedback.desk.letters import answers, erasing
from feedback.desk.models import Kind, Reason
from feedback.reports.models import Answered, Report, Spot
from feedback.worker import answers as duty
from feedback.worker import letters as carrying
from tests.mail_server import a_mail_server
from tests.makers import TEXT, a_body, a_look, a_site, send

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANN = "ann@reader.example"
UNDO = 60
TRIBUNE = "https://tribune.example"
DAY, HOUR = 86_400, 3600

MakeApp = Callable[..., Flask]


def at(seconds: float) -> Any:
    return time_machine.travel(NOON + timedelta(seconds=seconds), tick=False)


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app(undo_seconds=UNDO, smtp_url="smtp://127.0.0.1:25")
    with app.app_context():
        people.add(db.session, "ed@paper.example", a_site(), Role.EDITOR)
        db.session.commit()
    return app


def reported(client: FlaskClient, exact: str = "wrold", seconds: float = 0, **body: Any) -> str:
    """Let a reader report; give the receipt."""
    with at(seconds):
        answer = send(client, a_body(exact, **({"email": ANN} | body)))
    assert answer.status_code == 201, answer.text
    return str(answer.json["receipt"])


def decide(app: Flask, seconds: float, kind: Kind, spot_id: int = 1, **more: Any) -> None:
    with at(seconds), app.app_context():
        spot, editor = db.session.get_one(Spot, spot_id), db.session.get_one(Editor, 1)
        more.setdefault("reason", Reason.STYLE if kind is Kind.REJECT else None)
        verdict = Verdict(kind, spot.version, note="for colleagues", **more)
        decisions.decide(db.session, spot, editor, verdict)
        db.session.commit()


def work(app: Flask, seconds: float) -> None:
    """Let the worker go through all addresses once."""
    with at(seconds), app.app_context():
        while duty.answer_readers():
            pass


def letters(app: Flask) -> list[dict[str, Any]]:
    with app.app_context():
        found = db.session.scalars(sa.select(Letter).order_by(Letter.id)).all()
        return [{"to": each.address, **json.loads(each.body)} for each in found]


def addresses(app: Flask) -> list[str]:
    """What addresses the reports have, oldest report first."""
    with app.app_context():
        return list(db.session.scalars(sa.select(Report.email).order_by(Report.id)))


def test_a_reader_hears_what_became_of_a_report_and_is_forgotten(
    app: Flask, client: FlaskClient
) -> None:
    receipt = reported(client)
    decide(app, 100, Kind.FIX)

    work(app, 200)

    (letter,) = letters(app)
    (told,) = letter["reports"]
    assert letter["to"] == ANN
    assert (letter["site"], letter["lang"]) == ("Paper", "en")
    assert told == {
        "exact": "wrold",
        "correction": "world",
        "article": {"title": "", "url": "https://paper.example/news/captain"},
        "status": "fixed",
        "at": "2026-03-01T12:01:40.000000Z",
        "reads": "",
        "reason": "",
        "sentence": "",
        "receipt": receipt,
    }
    assert letter["erase"].startswith("https://feedback.example/erase/")
    assert addresses(app) == [""]


def test_a_letter_is_the_posts(app: Flask, client: FlaskClient) -> None:
    reported(client)
    decide(app, 100, Kind.FIX)

    work(app, 200)

    with app.app_context():
        letter = db.session.scalars(sa.select(Letter)).one()
        assert letter.kind == "answer"
        assert letter.carrier.means is Means.POST
        assert letter.due_at == letter.at == NOON + timedelta(seconds=200)
        assert ANN not in letter.body


#: What is decided, at which second, and from when on it is told: after the undo, or a week later.
WHEN: list[tuple[Kind, int | None]] = [
    (Kind.FIX, 160),
    (Kind.REJECT, 160),
    (Kind.ACCEPT, 160 + 7 * DAY),
    (Kind.SNOOZE, None),
]


@pytest.mark.parametrize(("kind", "seconds"), WHEN)
def test_it_is_told_when_it_is_final(
    app: Flask, client: FlaskClient, kind: Kind, seconds: int | None
) -> None:
    reported(client)
    decide(app, 100, kind)

    work(app, (seconds or 30 * DAY) - 1)
    before = letters(app)
    work(app, (seconds or 30 * DAY) + 1)

    assert before == []
    assert len(letters(app)) == (1 if seconds else 0)


def test_an_undo_in_time_leaves_it_untold(app: Flask, client: FlaskClient) -> None:
    reported(client)
    decide(app, 100, Kind.REJECT)
    decide(app, 159, Kind.UNDO)

    for seconds in (130, 161, 300, DAY):
        work(app, seconds)

    assert letters(app) == []
    assert addresses(app) == [ANN]


def test_what_is_fixed_within_the_week_is_told_as_fixed(app: Flask, client: FlaskClient) -> None:
    reported(client)
    decide(app, 100, Kind.ACCEPT)
    work(app, 6 * DAY)
    decide(app, 6 * DAY, Kind.FIX)
    work(app, 8 * DAY)

    (letter,) = letters(app)
    assert [each["status"] for each in letter["reports"]] == ["fixed"]


def test_a_report_of_what_was_fixed_before_waits_a_day(app: Flask, client: FlaskClient) -> None:
    reported(client, email="")
    decide(app, 100, Kind.FIX)
    reported(client, seconds=HOUR)

    work(app, HOUR + 200)
    before = letters(app)
    work(app, HOUR + DAY + 100)

    assert before == []
    assert len(letters(app)) == 1


def test_the_reason_is_told_as_the_site_says_it(app: Flask, client: FlaskClient) -> None:
    reported(client)
    reported(client, "teh")
    with app.app_context():
        code = reasons.add(db.session, 1, "Dialect", "Our captain talks so.").code
        db.session.commit()
    decide(app, 100, Kind.REJECT, reason=code)
    with app.app_context():
        reasons.retire(db.session.scalars(reasons.own(1)).one())
        db.session.commit()
    decide(app, 110, Kind.REJECT, spot_id=2, reason=Reason.QUOTED)

    work(app, 200)

    (letter,) = letters(app)
    own, standard = letter["reports"]
    assert own["sentence"] == "Our captain talks so."
    assert (standard["reason"], standard["sentence"]) == ("quoted", "")
    assert "colleagues" not in json.dumps(letter)


def test_what_the_article_says_now_is_told(app: Flask, client: FlaskClient) -> None:
    reported(client, nth=1)
    with app.app_context():
        for text in (TEXT, TEXT.replace("The wrold is", "The world is")):
            a_look(db.session.get_one(Spot, 1).article, text, title="The captain")
        a_look(db.session.get_one(Spot, 1).article)

    work(app, 300 * DAY)

    (letter,) = letters(app)
    (told,) = letter["reports"]
    assert (told["status"], told["reads"]) == ("fixed", "world")
    assert told["article"]["title"] == "The captain"


def test_a_letter_holds_no_other_readers_words(app: Flask, client: FlaskClient) -> None:
    reported(client, comment="mine", correction="globe")
    for n in range(3):
        reported(
            client,
            seconds=n,
            comment="theirs",
            correction="planet",
            title="Their title",
            email=f"bob{n}@reader.example",
        )
    decide(app, 100, Kind.FIX)

    work(app, 200)

    mine, *others = sorted(letters(app), key=lambda each: each["to"])
    said = json.dumps(mine)
    assert mine["to"] == ANN
    assert "globe" in said
    assert not any(word in said for word in ("theirs", "planet", "Their title", "bob"))
    assert len(others) == 3


def test_long_texts_are_cut(app: Flask, client: FlaskClient) -> None:
    reported(client, correction="x" * 2000)
    decide(app, 100, Kind.FIX)

    work(app, 200)

    assert len(letters(app)[0]["reports"][0]["correction"]) == answers.LONGEST


# One letter a day


def test_all_that_is_decided_is_one_letter(app: Flask, client: FlaskClient) -> None:
    reported(client)
    reported(client, "teh")
    reported(client, "flat", correction="round")
    decide(app, 100, Kind.FIX)
    decide(app, 110, Kind.REJECT, spot_id=2)

    work(app, 300)

    (letter,) = letters(app)
    assert [each["exact"] for each in letter["reports"]] == ["wrold", "teh"]
    assert addresses(app) == ["", "", ANN]


def test_an_address_gets_one_letter_a_day(app: Flask, client: FlaskClient) -> None:
    for n, exact in enumerate(("wrold", "teh", "flat")):
        reported(client, exact, correction="other")
        decide(app, 100 + n * HOUR, Kind.FIX, spot_id=n + 1)
        work(app, 200 + n * HOUR)

    first = letters(app)
    work(app, 100 + DAY)
    before = letters(app)
    work(app, 201 + DAY)

    assert len(first) == len(before) == 1
    second = letters(app)[1]
    assert [each["exact"] for each in second["reports"]] == ["teh", "flat"]


def test_an_address_is_one_however_it_is_written(app: Flask, client: FlaskClient) -> None:
    reported(client)
    reported(client, "teh", email="Ann@Reader.Example")
    decide(app, 100, Kind.FIX)
    decide(app, 100, Kind.FIX, spot_id=2)

    work(app, 200)

    assert len(letters(app)) == 1


def test_letters_of_two_sites_are_two_and_a_day_apart(app: Flask, client: FlaskClient) -> None:
    reported(client)
    with app.app_context():
        tribune = a_site("Tribune", TRIBUNE)
        people.add(db.session, "ed@paper.example", tribune, Role.EDITOR)
        db.session.commit()
    with at(0):
        body = a_body(email=ANN, url=f"{TRIBUNE}/a")
        assert send(client, body, origin=TRIBUNE).status_code == 201
    decide(app, 100, Kind.FIX)
    decide(app, 100, Kind.FIX, spot_id=2)

    work(app, 200)
    work(app, 300 + DAY)

    assert [letter["site"] for letter in letters(app)] == ["Paper", "Tribune"]


def test_a_letter_is_about_so_many_and_the_next_about_the_rest(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MOST", 2)
    for _ in range(3):
        reported(client)
    decide(app, 100, Kind.FIX)

    work(app, 200)
    work(app, 300 + DAY)

    assert [len(letter["reports"]) for letter in letters(app)] == [2, 1]


def test_what_was_answered_is_remembered_for_a_day_and_by_a_digest(
    app: Flask, client: FlaskClient
) -> None:
    reported(client)
    decide(app, 100, Kind.FIX)
    work(app, 200)

    with app.app_context():
        kept = db.session.scalars(sa.select(Answered)).all()
        assert [ANN.encode() in each.digest for each in kept] == [False]
    with at(200 + DAY), app.app_context():
        duty.forget_answered()

        assert db.session.scalars(sa.select(Answered)).all() == []


def test_what_is_spam_goes_to_nobody(app: Flask, client: FlaskClient) -> None:
    reported(client, correction="Buy my pills")
    reported(client, "teh")
    decide(app, 100, Kind.REJECT, reason=Reason.ABUSE)

    work(app, 200)
    first = (letters(app), addresses(app))
    decide(app, 300, Kind.FIX, spot_id=2)
    work(app, 400)

    assert first == ([], ["", ANN])
    assert [each["exact"] for each in letters(app)[0]["reports"]] == ["teh"]


# Two at once, and deaths on the way


def test_two_workers_write_one_letter(app: Flask, client: FlaskClient) -> None:
    for _ in range(3):
        reported(client)
    decide(app, 100, Kind.FIX)
    both, undo = threading.Barrier(2), timedelta(seconds=UNDO)
    later = NOON + timedelta(seconds=200)

    def answer() -> None:
        with app.app_context():
            office = Office.of(app.extensions["settings"])
            both.wait(10)
            answers.answer(db.session, ANN, office, later, undo)
            db.session.commit()

    threads = [threading.Thread(target=answer) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(letters(app)) == 1
    assert len(letters(app)[0]["reports"]) == 3


def test_a_worker_that_dies_has_done_nothing(app: Flask, client: FlaskClient) -> None:
    reported(client)
    decide(app, 100, Kind.FIX)
    with at(200), app.app_context():
        office = Office.of(app.extensions["settings"])
        answers.answer(db.session, ANN, office, now(), timedelta(seconds=UNDO))
        db.session.rollback()
    before = (letters(app), addresses(app))

    work(app, 300)

    assert before == ([], [ANN])
    assert len(letters(app)) == 1


def test_whom_a_letter_was_to_is_forgotten_once_it_is_settled(
    app: Flask, client: FlaskClient
) -> None:
    reported(client)
    decide(app, 100, Kind.FIX)
    work(app, 200)
    with at(210), app.app_context():
        carrier = db.session.scalars(sa.select(Carrier)).one()
        claimed = outbox.claim(db.session, carrier, now(), 60)
        assert claimed
        sent_to = claimed.parcel.address
        taken = Taken(250, f"<{ANN.upper()}> is well")
        outbox.settle(db.session, claimed, taken, now(), now(), [5.0])
        db.session.commit()

    with app.app_context():
        letter = db.session.scalars(sa.select(Letter)).one()
        said = [each.said for each in letter.attempts]
    assert sent_to == ANN
    assert (letter.state, letter.address) == (State.SENT, "")
    assert said == ["<…> is well"]


# How long addresses are kept


def test_without_a_mail_server_nothing_is_written(make_app: MakeApp, app: Flask) -> None:
    mute = make_app(undo_seconds=UNDO)
    reported(mute.test_client())
    decide(mute, 100, Kind.FIX)

    work(mute, DAY)

    assert letters(mute) == []
    assert addresses(mute) == [ANN]


@pytest.mark.parametrize("smtp_url", ["", "smtp://127.0.0.1:25"])
def test_an_address_is_kept_for_half_a_year_at_the_most(
    make_app: MakeApp, app: Flask, smtp_url: str
) -> None:
    app = make_app(undo_seconds=UNDO, smtp_url=smtp_url)
    reported(app.test_client())
    reported(app.test_client(), "teh", seconds=DAY)

    work(app, 180 * DAY + 1)

    assert addresses(app) == ["", ANN]
    assert letters(app) == []


def test_many_addresses_are_gone_through_bit_by_bit(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duty, "_STRETCH", 2)
    for n in range(5):
        reported(client, email=f"reader{n}@reader.example")
    decide(app, 100, Kind.FIX)
    with at(200), app.app_context():
        more = [duty.answer_readers() for _ in range(3)]

    assert more == [True, True, False]
    assert len(letters(app)) == 5


#: What PostgreSQL could choose by chance, but for those that hold a key.
OTHER_INDEXES = sa.text(
    "SELECT indexname FROM pg_indexes WHERE tablename = 'report' AND indexname <> 'ix_report_asked'"
    " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
)


@pytest.mark.parametrize("what", ["between", "due", "old"])
def test_addresses_are_found_by_their_index(app: Flask, what: str) -> None:
    after, last, undo = "a", "b", timedelta(seconds=UNDO)
    office = Office.of(app.extensions["settings"])
    statements: list[str] = []
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            # Of so few rows it would take all, or go from each spot to its reports.
            for way in ("seqscan", "nestloop"):
                db.session.execute(sa.text(f"SET LOCAL enable_{way} = off"))
            for other in db.session.scalars(OTHER_INDEXES).all():
                db.session.execute(sa.text(f"DROP INDEX {other}"))

        def explain(_connection: Any, cursor: Any, statement: str, given: Any, *_: Any) -> None:
            if "report" in statement and not statement.startswith("EXPLAIN"):
                plan = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
                statements.extend(map(str, cursor.execute(plan + statement, given).fetchall()))

        sa.event.listen(db.engine, "before_cursor_execute", explain)
        if what == "between":
            db.session.scalars(erasing.between(after).limit(10)).all()
        elif what == "due":
            answers.due(db.session, after, last, office, NOON, undo)
        else:
            db.session.scalars(answers.old(after, last, NOON)).all()

    assert any("ix_report_asked" in each for each in statements), statements


def test_a_site_that_is_removed_takes_its_answers_along(app: Flask, client: FlaskClient) -> None:
    reported(client)
    decide(app, 100, Kind.FIX)
    work(app, 200)
    with app.app_context():
        sites.remove(db.session, sites.named(db.session, "Paper"))
        db.session.commit()

    assert letters(app) == []


def test_the_letter_arrives_as_mail(make_app: MakeApp, app: Flask) -> None:
    with a_mail_server() as server:
        app = make_app(undo_seconds=UNDO, smtp_url=server.url())
        receipt = reported(app.test_client(), lang="fr-CA")
        decide(app, 100, Kind.REJECT)
        with at(200), app.app_context():
            duty.answer_readers()
            while carrying.carry_next():
                pass

    (envelope,) = server.mails
    mail = message_from_bytes(envelope.original_content, policy=default)
    said = mail.get_body(("plain",)).get_content()
    assert (envelope.rcpt_tos, mail["To"]) == ([ANN], ANN)
    assert "C’est écrit ainsi exprès" in said
    assert receipt in said
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].strip("<>") in said
    with app.app_context():
        letter = db.session.scalars(sa.select(Letter)).one()
        assert (letter.state, letter.address) == (State.SENT, "")
