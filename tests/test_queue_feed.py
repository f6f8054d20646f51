"""The feed of a queue: at a secret address, for its editor, and only what the editor may see."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts import keys
from feedback.accounts.models import Act, Editor, FeedKey
from feedback.db import db, now
from feedback.desk.decisions import Verdict, decide
from feedback.desk.models import Kind
from feedback.reports.models import Spot
from feedback.sites import Site
from tests.makers import ORIGIN, a_body, a_site, a_spot, an_editor, csrf, newsroom, send, signed_in
from tests.test_corrections import ATOM, HOSTILE, faults

BASE = "https://feedback.example"
PAGE = "/desk/profile/feeds"


def a_key(app: Flask) -> str:
    with app.app_context():
        key = keys.make_feed_key(db.session, db.session.get_one(Editor, 1))
        db.session.commit()
        return key


@pytest.fixture
def key(app: Flask) -> str:
    """The key to Ed's feeds; Ann has reported something."""
    with newsroom(app) as (site, _):
        a_spot(site, comment="a comment of Ann’s")
    return a_key(app)


def feed(client: FlaskClient, key: str, query: str = "", site_id: int = 1) -> ET.Element:
    answer = client.get(f"/feeds/{key}/sites/{site_id}.atom{query}")
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    return ET.fromstring(answer.data)


def titles(found: ET.Element) -> list[str]:
    return [entry.findtext(f"{ATOM}title") or "" for entry in found.iter(f"{ATOM}entry")]


def test_the_feed_says_what_waits(key: str, client: FlaskClient) -> None:
    found = feed(client, key)

    assert faults(found) == []
    assert found.findtext(f"{ATOM}title") == "Paper: Waiting"
    assert titles(found) == ["wrold → world · The end of the wrold"]
    text = found.findtext(f"{ATOM}entry/{ATOM}content") or ""
    assert text.splitlines() == [
        "The end of the wrold",
        "Correction: world",
        "Waiting · 1 reader said so",
        "The end of the wrold",
        f"{ORIGIN}/news/captain",
    ]
    link = found.find(f"{ATOM}entry/{ATOM}link")
    assert link is not None
    assert link.get("href") == f"{BASE}/desk/spots/1"
    assert "Ann" not in text


def test_a_filter_of_the_queue_works_as_on_the_desk(
    app: Flask, key: str, client: FlaskClient
) -> None:
    send(client, a_body("teh", correction="the"))
    with app.app_context():
        spot = db.session.get_one(Spot, 1)
        decide(db.session, spot, db.session.get_one(Editor, 1), Verdict(Kind.ACCEPT, spot.version))
        db.session.commit()

    assert [title[:5] for title in titles(feed(client, key))] == ["teh →"]
    assert [title[:5] for title in titles(feed(client, key, "?status=accepted"))] == ["wrold"]
    everything = feed(client, key, "?status=any")
    assert [title[:5] for title in titles(everything)] == ["teh →", "wrold"]
    links = {link.get("rel"): link.get("href") for link in everything.findall(f"{ATOM}link")}
    assert links["alternate"] == f"{BASE}/desk/sites/1/?status=any"
    assert client.get(f"/feeds/{key}/sites/1.atom?status=odd").status_code == 404


def test_hostile_words_are_text(app: Flask, client: FlaskClient, key: str) -> None:
    with app.app_context():
        spot = db.session.get_one(Spot, 1)
        spot.correction = HOSTILE
        db.session.commit()

    assert any("<script>alert(1)" in title for title in titles(feed(client, key)))


def test_a_feed_may_be_asked_for_often_and_is_nobody_elses(key: str, client: FlaskClient) -> None:
    first = client.get(f"/feeds/{key}/sites/1.atom")

    again = client.get(
        f"/feeds/{key}/sites/1.atom", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "private, max-age=60"
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert first.headers["X-Robots-Tag"] == "noindex"


def test_a_key_opens_only_what_its_editor_may_see(
    app: Flask, key: str, client: FlaskClient
) -> None:
    with app.app_context():
        a_site("Tribune", "https://tribune.example")

    for path in (f"{key}/sites/2", f"{key}/sites/{2**63}", f"{key}/sites/3", f"{key}x/sites/1"):
        assert client.get(f"/feeds/{path}.atom").status_code == 404, path
    assert client.get(f"/feeds/{'%00'}/sites/1.atom").status_code == 404


@pytest.mark.parametrize("how", ["disabled", "left"])
def test_who_is_no_editor_any_more_reads_nothing(
    app: Flask, key: str, client: FlaskClient, how: str
) -> None:
    with app.app_context():
        editor = db.session.get_one(Editor, 1)
        if how == "left":
            editor.memberships.clear()
        else:
            editor.disabled_at = now()
        db.session.commit()

    assert client.get(f"/feeds/{key}/sites/1.atom").status_code == 404


def test_a_feed_speaks_its_editors_language(app: Flask, key: str, client: FlaskClient) -> None:
    with app.app_context():
        db.session.get_one(Editor, 1).language = "de"
        db.session.commit()

    found = feed(client, key)

    assert found.get("{http://www.w3.org/XML/1998/namespace}lang") == "de"
    assert "Waiting" not in (found.findtext(f"{ATOM}title") or "")


def test_one_network_asks_so_often(make_app: Any) -> None:
    client = make_app(limit_public="1 per minute").test_client()

    answers = [client.get("/feeds/x/sites/1.atom").status_code for _ in range(2)]

    assert answers == [404, 429]


# The address


def post(client: FlaskClient, path: str = PAGE) -> Any:
    page = client.get(PAGE, base_url=BASE).text
    headers = {"Referer": BASE + PAGE}
    data = {"csrf_token": csrf(page)}
    return client.post(path, base_url=BASE, headers=headers, data=data)


def secrets_on(page: str) -> list[str]:
    return re.findall(rf"{BASE}/feeds/([\w-]+)/sites/1\.atom", page)


def test_the_address_is_shown_once_and_kept_as_a_digest(app: Flask, client: FlaskClient) -> None:
    with newsroom(app):
        pass
    ed = signed_in(app)

    made = post(ed)
    (key,) = secrets_on(made.text)

    assert titles(feed(client, key)) == []
    assert secrets_on(ed.get(PAGE, base_url=BASE).text) == []
    assert made.headers["Cache-Control"] == "no-store"
    with app.app_context():
        assert db.session.scalars(sa.select(FeedKey.digest)).all() == [keys.digest(key)]


def test_a_new_address_ends_the_old_one_and_all_of_it_is_on_record(
    app: Flask, client: FlaskClient
) -> None:
    with newsroom(app):
        pass
    ed = signed_in(app)

    (old,) = secrets_on(post(ed).text)
    (new,) = secrets_on(post(ed).text)
    renewed = [client.get(f"/feeds/{each}/sites/1.atom").status_code for each in (old, new)]
    removed = post(ed, f"{PAGE}/remove")

    assert renewed == [404, 200]
    assert removed.status_code == 303
    assert client.get(f"/feeds/{new}/sites/1.atom").status_code == 404
    with app.app_context():
        acts = db.session.scalars(sa.select(Act.kind).order_by(Act.id)).all()
    assert [each for each in acts if "feed" in each] == ["feed-made", "feed-made", "feed-removed"]


def test_the_address_is_one_editors_own(app: Flask, key: str, client: FlaskClient) -> None:
    with app.app_context():
        an_editor(db.session.get_one(Site, 1), "olga@paper.example")

    post(signed_in(app, "olga@paper.example"), f"{PAGE}/remove")

    assert client.get(f"/feeds/{key}/sites/1.atom").status_code == 200
