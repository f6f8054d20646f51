"""The receipt: the reader's secret link."""

from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback import sites
from feedback.accounts.models import Editor
from feedback.db import db
from feedback.desk import decisions
from feedback.desk.decisions import Verdict
from feedback.desk.models import Kind, Reason
from feedback.reports.models import Spot
from tests.makers import a_body, a_site, an_editor, newsroom, send


def path_of(receipt: str) -> str:
    return urlsplit(receipt).path


def decide(app: Flask, kind: Kind, reason: Reason | None = None) -> None:
    with app.app_context():
        spot, editor = db.session.get_one(Spot, 1), db.session.get_one(Editor, 1)
        verdict = Verdict(kind, spot.version, reason, note="for colleagues only")
        decisions.decide(db.session, spot, editor, verdict)
        db.session.commit()


def test_a_reader_sees_what_became_of_the_report(app: Flask, client: FlaskClient) -> None:
    with newsroom(app):
        pass
    path = path_of(send(client).json["receipt"])

    pages = [client.get(path).text]
    for kind, reason in ((Kind.ACCEPT, None), (Kind.REJECT, Reason.QUOTED), (Kind.FIX, None)):
        decide(app, kind, reason)
        pages.append(client.get(path).text)

    assert len(set(pages)) == 4
    assert all("wrold" in page for page in pages)
    assert "It is a quotation" in pages[2]
    assert not any("colleagues" in page or "ed@paper.example" in page for page in pages)


def test_a_receipt_shows_no_other_readers_words(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        a_site()
    path = path_of(send(client, a_body(comment="mine")).json["receipt"])
    send(client, a_body(comment="theirs"))

    page = client.get(path).text

    assert "mine" in page
    assert "theirs" not in page


def test_a_receipt_is_for_the_reader_only(app: Flask, client: FlaskClient) -> None:
    with newsroom(app):
        pass
    answer = client.get(path_of(send(client).json["receipt"]))

    assert "noindex" in answer.text + answer.headers.get("X-Robots-Tag", "")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: text.split(".")[0] + ".",
        lambda text: text.split(".")[0],
        lambda text: uuid4().hex + "." + text.split(".")[1],
        lambda _: "x",
        lambda _: "..",
        lambda _: "%00.%ff",
    ],
)
def test_a_receipt_cannot_be_guessed(app: Flask, client: FlaskClient, change: object) -> None:
    with app.app_context():
        a_site()
    receipt = path_of(send(client).json["receipt"]).rsplit("/", 1)[1]

    answer = client.get("/receipts/" + change(receipt))

    assert answer.status_code == 404


def test_a_receipt_for_a_report_that_is_gone_is_not_found(app: Flask, client: FlaskClient) -> None:
    with newsroom(app) as (site, _):
        an_editor(site)
    path = path_of(send(client).json["receipt"])
    with app.app_context():
        sites.remove(db.session, sites.named(db.session, "Paper"))
        db.session.commit()

    assert client.get(path).status_code == 404
