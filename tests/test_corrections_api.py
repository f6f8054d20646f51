"""What the note at an article's end is told, and to whom."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback import sites
from feedback.db import db
from feedback.sites import Site
from tests.makers import ORIGIN, a_body, a_site
from tests.test_corrections import ARTICLE, decided, paper, reported

__all__ = ["paper"]


def ask(
    client: FlaskClient, url: str = ARTICLE, *, origin: str | None = ORIGIN, **more: str
) -> Any:
    headers = {"Origin": origin} if origin else {}
    query = {"url": url, **more}
    return client.get("/api/v1/corrections", headers=headers, query_string=query)


def test_an_article_has_its_corrections(paper: Flask, client: FlaskClient) -> None:
    decided(paper, reported(paper))

    answer = ask(client, f"{ARTICLE}?utm_source=x#top")

    assert answer.status_code == 200
    body = answer.json
    assert [(each["said"], each["says"]) for each in body["corrections"]] == [("wrold", "world")]
    assert set(body["corrections"][0]) == {"said", "says", "at"}
    assert (body["lang"], body["more"]) == ("en", False)
    assert body["link"].startswith("https://feedback.example/corrections/1?article=")
    assert client.get(body["link"]).status_code == 200


def test_the_canonical_address_counts_if_it_is_the_sites(paper: Flask, client: FlaskClient) -> None:
    decided(paper, reported(paper))
    copy = f"{ORIGIN}/amp/captain"

    assert len(ask(client, copy, canonical=ARTICLE).json["corrections"]) == 1
    assert ask(client, copy, canonical="https://elsewhere.example/").json["corrections"] == []
    assert ask(client, copy, canonical="x").json["corrections"] == []


def test_an_article_that_nobody_knows_has_none(paper: Flask, client: FlaskClient) -> None:
    answer = ask(client, f"{ORIGIN}/none")

    assert answer.json == {
        "lang": "",
        "corrections": [],
        "more": False,
        "link": "https://feedback.example/corrections/1",
    }


def test_the_newest_come_first_and_not_all_of_them(
    paper: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback.web.corrections_api.MOST", 1)
    for exact in ("wrold", "teh"):
        decided(paper, reported(paper, exact, correction="x"))

    body = ask(client).json

    assert [each["said"] for each in body["corrections"]] == ["teh"]
    assert body["more"] is True


@pytest.mark.parametrize("origin", [ORIGIN, None])
def test_pages_of_the_site_may_read_it(
    paper: Flask, client: FlaskClient, origin: str | None
) -> None:
    headers = ask(client, origin=origin).headers

    assert headers.get("Access-Control-Allow-Origin") == origin
    assert "Access-Control-Allow-Credentials" not in headers
    assert "Origin" in headers["Vary"]
    assert headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "https://tribune.example"])
def test_other_pages_may_not(paper: Flask, client: FlaskClient, origin: str) -> None:
    with paper.app_context():
        a_site("Tribune", "https://tribune.example").corrections = True
        db.session.commit()

    answer = ask(client, origin=origin)

    assert (answer.status_code, answer.json["code"]) == (403, "not-admitted")
    assert "wrold" not in answer.text


def test_a_site_that_keeps_its_corrections_back_tells_none(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        a_site()

    answer = ask(client)

    assert (answer.status_code, answer.json["code"]) == (404, "not-found")


@pytest.mark.parametrize("url", ["", "x", "javascript:alert(1)", "https://a b/", "https://[/"])
def test_what_is_no_address_is_refused(paper: Flask, client: FlaskClient, url: str) -> None:
    answer = ask(client, url)

    assert (answer.status_code, answer.json["field"]) == (422, "url")


def test_another_origin_of_the_site_may_ask(paper: Flask, client: FlaskClient) -> None:
    with paper.app_context():
        sites.add(db.session, db.session.get_one(Site, 1).name, ["https://m.paper.example"])
        db.session.commit()
    decided(paper, reported(paper))

    assert len(ask(client, origin="https://m.paper.example").json["corrections"]) == 1


def test_who_has_it_already_is_told_so(paper: Flask, client: FlaskClient) -> None:
    etag = ask(client).headers["ETag"]
    headers = {"Origin": ORIGIN, "If-None-Match": etag}

    answer = client.get("/api/v1/corrections", headers=headers, query_string={"url": ARTICLE})

    assert answer.status_code == 304
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_no_report_is_told_by_it(paper: Flask, client: FlaskClient) -> None:
    body = a_body(comment="a comment")
    reported(paper, comment=body["comment"])
    decided(paper, 1)

    assert "a comment" not in ask(client).text
