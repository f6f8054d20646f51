"""The check at the desk: editors ask, nothing private is fetched, and readers come first."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedback import sites
from feedback.db import db
from feedback.web import checks
from tests.far_end import Behaviour, FarEnd, Visit, a_far_end, answering, by_path
from tests.makers import csrf, newsroom, signed_in
from tests.prose import STORIES

BASE = "https://feedback.example"
PATH = "/desk/sites/1/check"
SCRIPT = f'<script async src="{BASE}/embed.js"></script>'
STORY = f"<html lang='en'>{SCRIPT}<p>{STORIES['en']}"

Make = Callable[..., Flask]


@contextmanager
def paper(make_app: Make, behaviour: Behaviour, **given: object) -> Iterator[tuple[Flask, FarEnd]]:
    """A desk with Ed, at a site whose page is at the far end."""
    with a_far_end(behaviour) as end:
        app = make_app(fetch_allow=[end.pair], **given)
        with newsroom(app) as (site, _):
            sites.add(db.session, site.name, [end.url])
            db.session.commit()
        yield app, end


def asked(client: FlaskClient, address: str) -> TestResponse:
    token = csrf(client.get(PATH, base_url=BASE).text)
    return client.post(
        PATH,
        base_url=BASE,
        headers={"Referer": BASE + PATH},
        data={"csrf_token": token, "address": address},
    )


def test_a_page_of_the_site_is_examined_and_what_is_found_is_shown(make_app: Make) -> None:
    with paper(make_app, answering(STORY.encode())) as (app, end):
        answer = asked(signed_in(app), f" {end.url}news ")

    assert answer.status_code == 200
    assert "Readers can report" in answer.text
    assert f"The page loads {BASE}/embed.js" in answer.text
    assert re.search(r"<mark>\w+</mark>", answer.text)
    assert f'href="{end.url}news#:~:text=' in answer.text
    assert [request.path for request in end.requests] == ["/news", "/robots.txt"]


def test_what_does_not_work_comes_first_with_the_line_to_paste(make_app: Make) -> None:
    with paper(make_app, answering(b"<p>Hello")) as (app, end):
        page = asked(signed_in(app), end.url).text

    assert "Something does not work yet" in page
    assert "<code data-copied>&lt;script async src=&#34;https://feedback.example/embed.js" in page
    assert page.index("does not load the script") < page.index("The page answers")


def test_nothing_is_locked_while_a_page_is_fetched(make_app: Make) -> None:
    app_of: list[Flask] = []

    def writing(visit: Visit) -> None:
        with app_of[0].app_context(), db.writing() as connection:
            connection.exec_driver_sql("UPDATE site SET name = 'Written meanwhile'")
        answering(STORY.encode())(visit)

    with paper(make_app, by_path({"/": writing})) as (app, end):
        app_of.append(app)

        answer = asked(signed_in(app), end.url)

    assert "Readers can report" in answer.text
    with app.app_context():
        assert db.session.get_one(sites.Site, 1).name == "Written meanwhile"


def test_a_page_that_the_site_does_not_admit_is_not_fetched(make_app: Make) -> None:
    page = answering(STORY.encode())
    with a_far_end(page) as elsewhere, paper(make_app, page) as (app, _):
        app.extensions["settings"].fetch_allow.append(elsewhere.pair)

        said = asked(signed_in(app), elsewhere.url).text

    assert elsewhere.requests == []
    assert f"does not admit http://{elsewhere.pair}" in said
    assert f"feedback site add Paper --origin http://{elsewhere.pair}" in said


def test_a_private_page_of_the_sites_own_is_not_fetched(make_app: Make) -> None:
    with paper(make_app, answering(b"secret")) as (app, end):
        app.extensions["settings"].fetch_allow.clear()

        page = asked(signed_in(app), end.url).text

    assert end.requests == []
    assert "cannot be fetched" in page


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", ""),
        ("paper.example/a", "does not begin with http:// or https://"),
        ("file:///etc/passwd", "does not begin with http:// or https://"),
        ("https://ed:secret@paper.example/", "has no host, or a user name before it"),
        ("https://paper.example/" + "a" * 3_000, "is longer than 2048 characters"),
    ],
)
def test_what_is_no_address_is_asked_for_again(app: Flask, address: str, why: str) -> None:
    with newsroom(app):
        pass

    answer = asked(signed_in(app), address)

    assert answer.status_code == 422
    assert why in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_what_a_page_says_is_text_and_nothing_else(make_app: Make) -> None:
    evil = "<img src=x onerror=alert(1)>"
    html = STORY.replace("'en'", f'"{evil}"')
    html += f'<link rel="canonical" href="https://{evil}/"><p>{evil} &lt;img&gt;'
    with paper(make_app, answering(html.encode())) as (app, end):
        page = asked(signed_in(app), end.url).text

    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_an_editor_has_only_so_many_pages_checked(make_app: Make) -> None:
    with paper(make_app, answering(STORY.encode()), limit_check="2 per minute") as (app, end):
        client = signed_in(app)
        answers = [asked(client, end.url) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0


def test_one_page_is_checked_at_a_time(make_app: Make) -> None:
    with paper(make_app, answering(STORY.encode())) as (app, end):
        client = signed_in(app)
        with checks._turn:
            second = asked(client, end.url)
        third = asked(client, end.url)

    assert (second.status_code, third.status_code) == (429, 200)


def test_a_check_needs_the_forms_token(app: Flask) -> None:
    with newsroom(app):
        pass

    answer = signed_in(app).post(PATH, base_url=BASE, data={"address": "https://paper.example/"})

    assert answer.status_code == 400
