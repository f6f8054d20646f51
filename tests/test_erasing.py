"""Erasing: an address goes away wherever it is kept, by a link or by the command line."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts import people
from feedback.accounts.models import Editor, Role
from feedback.cli import feedback, installation
from feedback.db import db, now
from feedback.delivery import carriers, outbox
from feedback.delivery.contract import NotTaken, Office
from feedback.delivery.models import Carrier, Letter, State
from feedback.desk import decisions
from feedback.desk.decisions import Verdict
from feedback.desk.letters import answers, erasing
from feedback.desk.models import Kind
from feedback.reports.models import Answered, Report, Spot
from tests.makers import a_body, a_site, send

ANN, BOB = "ann@reader.example", "bob@reader.example"
BASE = "https://feedback.example"

MakeApp = Callable[..., Flask]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app(smtp_url="smtp://127.0.0.1:25")
    with app.app_context():
        people.add(db.session, "ed@paper.example", a_site(), Role.EDITOR)
        db.session.commit()
    return app


def reported(client: FlaskClient, exact: str = "wrold", email: str = ANN) -> str:
    """Let a reader report; give the receipt's path."""
    return urlsplit(send(client, a_body(exact, email=email)).json["receipt"]).path


def fix(app: Flask, spot_id: int = 1) -> None:
    with app.app_context():
        spot, editor = db.session.get_one(Spot, spot_id), db.session.get_one(Editor, 1)
        decisions.decide(db.session, spot, editor, Verdict(Kind.FIX, spot.version))
        db.session.commit()


def answer(app: Flask, address: str = ANN) -> None:
    with app.app_context():
        office = Office.of(app.extensions["settings"])
        answers.answer(db.session, address, office, now(), timedelta(0))
        db.session.commit()


def link(app: Flask, address: str = ANN) -> str:
    return "/erase/" + erasing.token(app.extensions["settings"].secret, address)


def kept(app: Flask) -> tuple[list[str], list[tuple[State, str]]]:
    """The addresses on reports, and of letters with where these are."""
    with app.app_context():
        emails = db.session.scalars(sa.select(Report.email).order_by(Report.id)).all()
        letters = db.session.scalars(sa.select(Letter).order_by(Letter.id)).all()
        return list(emails), [(each.state, each.address) for each in letters]


def test_a_link_asks_first_and_erases_then(app: Flask, client: FlaskClient) -> None:
    reported(client)
    reported(client, "teh", email="Ann@Reader.Example")
    reported(client, "flat", email=BOB)

    asked = client.get(link(app))
    before = kept(app)
    done = client.post(link(app))

    assert asked.status_code == done.status_code == 200
    assert "Erase your address?" in asked.text
    assert before[0] == [ANN, "Ann@Reader.Example", BOB]
    assert "Your address is erased" in done.text
    assert kept(app)[0] == ["", "", BOB]


def test_a_letter_that_waits_does_not_go(app: Flask, client: FlaskClient) -> None:
    reported(client)
    reported(client, "teh", email=BOB)
    fix(app)
    fix(app, 2)
    answer(app)
    answer(app, BOB)

    client.post(link(app))

    assert kept(app)[1] == [(State.DROPPED, ""), (State.WAITING, BOB)]


def test_a_letter_on_its_way_is_not_tried_again(app: Flask, client: FlaskClient) -> None:
    reported(client)
    fix(app)
    answer(app)
    with app.app_context():
        claimed = outbox.claim(db.session, db.session.scalars(sa.select(Carrier)).one(), now(), 60)
        db.session.commit()
    assert claimed

    client.post(link(app))

    with app.app_context():
        outbox.settle(db.session, claimed, NotTaken("busy", status=451), now(), now(), [5.0])
        db.session.commit()
        letter = db.session.scalars(sa.select(Letter)).one()
        assert (letter.state, letter.due_at, letter.address) == (State.DROPPED, None, "")


def test_letters_to_owners_stay(app: Flask, client: FlaskClient) -> None:
    reported(client)
    with app.app_context():
        post = carriers.post_office(db.session, 1, now())
        outbox.write(db.session, post, "notice", {}, at=now(), address=ANN)
        db.session.commit()

    client.post(link(app))

    assert kept(app)[1] == [(State.WAITING, ANN)]


def test_erasing_again_does_no_harm(app: Flask, client: FlaskClient) -> None:
    reported(client)

    answers = [client.post(link(app)) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 200]
    assert "Your address is erased" in answers[1].text


def test_a_mail_program_unsubscribes_with_one_click(app: Flask, client: FlaskClient) -> None:
    """As RFC 8058 has it: no cookie, no token but the address's own, from no page."""
    reported(client)

    done = client.post(
        link(app), base_url=BASE, data={"List-Unsubscribe": "One-Click"}, headers={"Origin": "null"}
    )

    assert done.status_code == 200
    assert kept(app)[0] == [""]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: ("A" if text[0] != "A" else "B") + text[1:],
        lambda text: text[:40],
        lambda text: text + "AAAA",
        lambda _: "A" * 64,
        lambda _: "x",
        lambda _: "%00%ff",
        lambda _: "é",
    ],
)
def test_a_link_that_is_not_ours_erases_nothing(
    app: Flask, client: FlaskClient, change: Callable[[str], str]
) -> None:
    reported(client)
    path = "/erase/" + change(link(app).removeprefix("/erase/"))

    found = [client.get(path).status_code, client.post(path).status_code]

    assert found == [404, 404]
    assert kept(app)[0] == [ANN]


def test_a_link_of_another_installation_is_worth_nothing(app: Flask, client: FlaskClient) -> None:
    reported(client)

    done = client.post("/erase/" + erasing.token("another secret", ANN))

    assert done.status_code == 404


def test_a_link_says_nothing_of_the_address(app: Flask, client: FlaskClient) -> None:
    assert "ann" not in link(app)
    page = client.get(link(app))

    assert ANN not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Cache-Control"] == "no-store"


def test_a_receipt_leads_to_erasing(app: Flask, client: FlaskClient) -> None:
    receipt = reported(client)
    found = re.search(r'href="(/erase/[^"]+)"', client.get(receipt).text)
    assert found

    client.post(found[1])

    assert "/erase/" not in client.get(receipt).text
    assert kept(app)[0] == [""]


def test_that_an_address_was_answered_today_stays_known(app: Flask, client: FlaskClient) -> None:
    """Who has an address erased is not written to again on the same day."""
    reported(client)
    fix(app)
    answer(app)

    client.post(link(app))
    reported(client, "teh")
    fix(app, 2)
    answer(app)

    with app.app_context():
        assert len(db.session.scalars(sa.select(Answered)).all()) == 1
    assert kept(app)[1] == [(State.DROPPED, "")]


def test_erasing_and_answering_at_once_leave_no_letter(app: Flask, client: FlaskClient) -> None:
    """Whoever is first: the address is on no report and on no letter that will go."""
    reported(client)
    fix(app)
    both = threading.Barrier(2)

    def write() -> None:
        both.wait(10)
        answer(app)

    def erase() -> None:
        with app.app_context():
            both.wait(10)
            erasing.erase(db.session, {ANN}, now())
            db.session.commit()

    threads = [threading.Thread(target=each) for each in (write, erase)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    emails, letters = kept(app)
    assert emails == [""]
    assert letters in ([], [(State.DROPPED, "")])


def test_many_addresses_are_looked_through(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "_SOME", 2)
    for n in range(5):
        reported(client, email=f"reader{n}@reader.example")

    client.post(link(app, "READER3@reader.example"))

    assert kept(app)[0].count("") == 1


# The command line


def commanded(app: Flask, monkeypatch: pytest.MonkeyPatch, email: str) -> Result:
    """Run the command on `app`."""
    monkeypatch.setattr(installation, "made", lambda: app)
    return CliRunner().invoke(feedback, ["erase", email])


def test_the_command_says_how_many(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for exact in ("wrold", "teh", "flat"):
        reported(client, exact)
    fix(app, 3)
    answer(app)

    said, again = (commanded(app, monkeypatch, each) for each in ("Ann@reader.example", ANN))

    assert said.output.splitlines() == [
        "Ann@reader.example was erased from 2 reports.",
        "1 letter to it will not go out.",
    ]
    assert again.output == f"{ANN} was erased from 0 reports.\n"
    assert (said.exit_code, again.exit_code) == (0, 0)
    assert kept(app) == (["", "", ""], [(State.DROPPED, "")])


@pytest.mark.parametrize("email", ["", " ", "a\nb", "ann@\udcff.example"])
def test_the_command_wants_an_address(email: str) -> None:
    done = CliRunner().invoke(feedback, ["erase", email])

    assert done.exit_code != 0
    assert "must not be blank" in done.output
