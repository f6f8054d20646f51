"""The desk's views: pages of the queue, decisions by form, and who is told what."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from feedback.db import db
from feedback.desk.models import Decision
from feedback.reports.models import Spot, Status
from feedback.web import queue_page
from tests.makers import a_spot, an_editor, csrf, newsroom, signed_in

BASE = "https://feedback.example"
QUEUE = "/desk/sites/1/"


@pytest.fixture
def spot_id(app: Flask) -> int:
    with newsroom(app) as (site, _):
        return a_spot(site).id


@pytest.fixture
def ed(app: Flask, spot_id: int) -> FlaskClient:
    return signed_in(app)


def get(client: FlaskClient, path: str) -> Any:
    return client.get(path, base_url=BASE)


def decide(client: FlaskClient, spot_id: int, **fields: Any) -> Any:
    data = {"csrf_token": csrf(get(client, QUEUE).text), "kind": "accept", "version": "1"} | fields
    path = f"/desk/spots/{spot_id}/decisions"
    headers = {"Referer": BASE + QUEUE}
    return client.post(path, base_url=BASE, headers=headers, data=data)


def status(app: Flask, spot_id: int) -> Status:
    with app.app_context():
        return db.session.get_one(Spot, spot_id).status


def test_a_decision_leads_back_to_where_the_editor_was(
    app: Flask, ed: FlaskClient, spot_id: int
) -> None:
    answer = decide(ed, spot_id, back=QUEUE + "?status=waiting#spot-7")

    assert (answer.status_code, answer.location) == (303, QUEUE + "?status=waiting#spot-7")
    assert status(app, spot_id) is Status.ACCEPTED


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil", "/\t/e", ""])
def test_a_decision_leads_nowhere_else(ed: FlaskClient, spot_id: int, back: str) -> None:
    assert decide(ed, spot_id, back=back).location == f"/desk/spots/{spot_id}"


def test_a_decision_is_undone_from_the_next_page(app: Flask, ed: FlaskClient, spot_id: int) -> None:
    decide(ed, spot_id, back=QUEUE)
    page = get(ed, QUEUE).text
    version = re.search(r'name="version" value="(\d+)"', page)

    decide(ed, spot_id, kind="undo", version=version and version[1])

    assert "Accepted" in page
    assert status(app, spot_id) is Status.WAITING


def test_who_is_second_is_told_by_whom_and_what(app: Flask, ed: FlaskClient, spot_id: int) -> None:
    with app.app_context():
        site = db.session.get_one(Spot, spot_id).site
        an_editor(site, "eva@paper.example")
    decide(signed_in(app, "eva@paper.example"), spot_id, kind="fix")

    answer = decide(ed, spot_id, kind="accept")

    assert answer.status_code == 409
    assert "eva@paper.example decided meanwhile" in answer.text
    assert status(app, spot_id) is Status.FIXED


BAD_FORMS = [
    {"kind": "praise"},
    {"kind": ""},
    {"version": ""},
    {"version": "x"},
    {"kind": "reject"},
    {"kind": "reject", "reason": "mood"},
    {"kind": "reopen"},
    {"note": "x" * 2001},
    {"version": "9" * 30},
]


@pytest.mark.parametrize("fields", BAD_FORMS)
def test_a_bad_form_is_explained_and_changes_nothing(
    app: Flask, ed: FlaskClient, spot_id: int, fields: dict[str, str]
) -> None:
    answer = decide(ed, spot_id, **fields)

    assert answer.status_code in {409, 422}
    assert 'role="alert"' in answer.text
    assert status(app, spot_id) is Status.WAITING


def test_a_decision_needs_the_forms_token_and_the_right_page(
    app: Flask, ed: FlaskClient, spot_id: int
) -> None:
    path = f"/desk/spots/{spot_id}/decisions"
    data = {"kind": "accept", "version": "1"}
    token = csrf(get(ed, QUEUE).text)

    forged = [
        ed.post(path, base_url=BASE, headers={"Referer": BASE}, data=data),
        ed.post(path, base_url=BASE, headers={"Referer": BASE}, data=data | {"csrf_token": "x"}),
        ed.post(
            path,
            base_url=BASE,
            headers={"Referer": "https://evil.example/"},
            data=data | {"csrf_token": token},
        ),
        ed.get(path, base_url=BASE, query_string=data),
    ]

    assert [answer.status_code for answer in forged] == [400, 400, 400, 303]
    assert status(app, spot_id) is Status.WAITING


def test_a_nul_in_a_note_is_dropped(app: Flask, ed: FlaskClient, spot_id: int) -> None:
    decide(ed, spot_id, note="a\0b")

    with app.app_context():
        assert db.session.scalars(sa.select(Decision.note)).all() == ["ab"]


def test_the_queue_is_paged_without_gaps(
    app: Flask, monkeypatch: pytest.MonkeyPatch, spot_id: int
) -> None:
    monkeypatch.setattr(queue_page, "PAGE", 3)
    with app.app_context():
        site = db.session.get_one(Spot, spot_id).site
        for number in range(7):
            a_spot(site, url=f"https://paper.example/{number}")
    ed, path, seen = signed_in(app), QUEUE, []

    for _ in range(3):
        page = get(ed, path).text
        seen += re.findall(r'id="spot-(\d+)"', page)
        following = re.search(r'rel="next" href="([^"]*)"', page)
        path = following[1].replace("&amp;", "&") if following else ""

    assert path == ""
    assert [int(number) for number in seen] == list(range(spot_id + 7, spot_id - 1, -1))


@pytest.mark.parametrize(
    "query", ["status=x", "order=x", "cursor=x", "cursor=W10", "cursor=WzEsMl0"]
)
def test_a_made_up_address_is_not_found_or_empty(ed: FlaskClient, query: str) -> None:
    assert get(ed, f"{QUEUE}?{query}").status_code == (200 if query == "cursor=WzEsMl0" else 404)


def test_the_queue_takes_a_fixed_number_of_queries(app: Flask, spot_id: int) -> None:
    ed, seen = signed_in(app), []
    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    numbers = []
    for number in range(3):
        with app.app_context():
            a_spot(db.session.get_one(Spot, spot_id).site, url=f"https://paper.example/{number}")
        seen.clear()
        get(ed, QUEUE)
        numbers.append(len([text for text in seen if text.startswith("SELECT")]))

    assert len(set(numbers)) == 1
    assert numbers[0] <= 12


def test_what_readers_write_is_never_markup(app: Flask, spot_id: int) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}'
    with app.app_context():
        site = db.session.get_one(Spot, spot_id).site
        other = a_spot(
            site,
            text=f"before {evil} after",
            exact=evil,
            correction=evil + "!",
            comment=evil,
            title=evil,
            lang='en"><script>',
            url="https://paper.example/?<script>alert(1)</script>",
        )
    ed = signed_in(app)

    pages = [get(ed, QUEUE).text, get(ed, f"/desk/spots/{other.id}").text]

    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert ">49" not in page
        assert "alert(1)" in page
