"""The receipt: the reader's secret link."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback import sites
from feedback.accounts.models import Editor
from feedback.articles.looking import Failure
from feedback.db import db
from feedback.desk import decisions
from feedback.desk.decisions import Verdict
from feedback.desk.models import Kind, Reason
from feedback.reports.models import Spot
from tests.makers import TEXT, a_body, a_look, a_miss, a_site, an_editor, newsroom, send


def path_of(receipt: str) -> str:
    return urlsplit(receipt).path


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", page)).split())


def decide(app: Flask, kind: Kind, reason: Reason | None = None, **more: Any) -> None:
    with app.app_context():
        spot, editor = db.session.get_one(Spot, 1), db.session.get_one(Editor, 1)
        verdict = Verdict(kind, spot.version, reason, note="for colleagues only", **more)
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


FIXED = TEXT.replace("The wrold is", "The world is")
WITHOUT = TEXT.replace(TEXT.split("\n")[1], "An advertisement, of all things. " * 4)
#: What looks found, and what a reader is told of it; nothing where that is empty.
FOUND = [
    ((), None, ""),
    ((TEXT,), None, "the words were still there."),
    ((TEXT,), Kind.ACCEPT, "the words were still there."),
    ((TEXT,), Kind.FIX, "the old words were still there. A change may take a while to show."),
    ((TEXT,), Kind.REJECT, ""),
    ((TEXT, FIXED), None, "it read “world”."),
    ((TEXT, TEXT.replace("The wrold is", "The is")), None, "the words had been taken out."),
    ((TEXT, WITHOUT), None, "the passage was not there any more."),
]


@pytest.mark.parametrize(("texts", "kind", "told"), FOUND)
def test_a_reader_is_told_what_looks_at_the_article_found(
    app: Flask, client: FlaskClient, texts: tuple[str, ...], kind: Kind | None, told: str
) -> None:
    with newsroom(app):
        pass
    path = path_of(send(client, a_body(nth=1)).json["receipt"])
    with app.app_context():
        for text in texts:
            a_look(db.session.get_one(Spot, 1).article, text)
    if kind:
        decide(app, kind, Reason.STYLE)

    page = words(client.get(path).text)

    assert ("We last looked at the article" in page) == bool(told)
    assert told in page


def test_a_correction_that_only_the_article_check_saw_is_told(
    app: Flask, client: FlaskClient
) -> None:
    with newsroom(app):
        pass
    path = path_of(send(client, a_body(nth=1)).json["receipt"])
    with app.app_context():
        for _ in range(2):
            a_look(db.session.get_one(Spot, 1).article, FIXED)

    page = words(client.get(path).text)

    assert "It is corrected" in page
    assert "it read “world”." in page


@pytest.mark.parametrize("kind", [Kind.ACCEPT, Kind.FIX])
def test_that_an_article_cannot_be_checked_is_told(
    app: Flask, client: FlaskClient, kind: Kind
) -> None:
    with newsroom(app):
        pass
    path = path_of(send(client).json["receipt"])
    with app.app_context():
        a_miss(db.session.get_one(Spot, 1).article, Failure.REFUSED)
    decide(app, kind)

    assert "we cannot check the article ourselves" in words(client.get(path).text).lower()


def test_a_receipt_follows_its_report_to_another_spot(app: Flask, client: FlaskClient) -> None:
    with newsroom(app):
        pass
    path = path_of(send(client).json["receipt"])
    send(client, a_body("teh"))
    decide(app, Kind.MERGE, into=2)
    with app.app_context():
        head, editor = db.session.get_one(Spot, 2), db.session.get_one(Editor, 1)
        decisions.decide(db.session, head, editor, Verdict(Kind.ACCEPT, head.version))
        db.session.commit()

    page = client.get(path).text

    assert "It will be corrected" in page
    assert "wrold" in page
    assert "2 readers said so" in page


def test_splitting_a_rejected_spot_leaves_its_reason(app: Flask, client: FlaskClient) -> None:
    with newsroom(app):
        pass
    path = path_of(send(client).json["receipt"])
    send(client, a_body(comment="second"))
    decide(app, Kind.REJECT, Reason.QUOTED)
    decide(app, Kind.SPLIT, reports=(2,))

    assert "It is a quotation" in client.get(path).text


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
