"""The demo: its article can be mended by hand, and the desk finds out by itself."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from feedback import demo
from feedback.config import load
from feedback.db import db
from feedback.demo.paper import MISTAKES, PATH
from feedback.sites import Site
from tests.conftest import BASE as BASE_URL
from tests.makers import csrf

Make = Callable[..., Flask]
ROOM = PATH + "/mend"


@pytest.fixture
def reader(make_app: Make) -> FlaskClient:
    app = make_app()
    demo.init_app(app)
    return app.test_client()


def publish(client: FlaskClient, *mended: str) -> str:
    """Mend these mistakes; give the article then."""
    page = client.get(ROOM, base_url=BASE_URL).text
    answer = client.post(
        ROOM,
        data={"csrf_token": csrf(page), "mended": list(mended)},
        base_url=BASE_URL,
        headers={"Referer": BASE_URL + ROOM},
    )
    assert answer.status_code == 303, answer.text
    return client.get(PATH, base_url=BASE_URL).text


def test_every_mistake_of_the_demo_is_in_its_article(reader: FlaskClient) -> None:
    article = reader.get(PATH, base_url=BASE_URL).text

    assert [wrong for wrong in MISTAKES if wrong not in article] == []


def test_what_is_ticked_is_mended_and_nothing_else(reader: FlaskClient) -> None:
    article = publish(reader, "recieved", "a lot that is not there")

    assert ("recieved" in article, "received" in article) == (False, True)
    assert "embarassed" in article


def test_what_is_no_longer_ticked_comes_back(reader: FlaskClient) -> None:
    publish(reader, "recieved", "wich")

    article = publish(reader, "wich")

    assert "recieved" in article
    assert "wich" not in article


def test_nothing_is_mended_by_a_forged_form(reader: FlaskClient) -> None:
    answer = reader.post(ROOM, data={"mended": "recieved"}, base_url=BASE_URL)

    assert answer.status_code == 400
    assert "recieved" in reader.get(PATH, base_url=BASE_URL).text


@pytest.mark.parametrize(
    ("base_url", "pair"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("https://try.example", "try.example:443"),
        ("http://try.example/feedback", "try.example:80"),
    ],
)
def test_the_demo_may_fetch_its_own_article(tmp_path: Path, base_url: str, pair: str) -> None:
    given = load(home=tmp_path, base_url=base_url, fetch_allow=["cms.example:81"])

    settings = demo.settings(given)

    assert settings.fetch_allow == ["cms.example:81", pair]
    assert settings.check_delays == demo.DELAYS


def test_looks_of_the_demo_are_as_often_as_is_asked_for(tmp_path: Path) -> None:
    assert demo.settings(load(home=tmp_path, check_delays=[7])).check_delays == [7]


def test_corrections_are_public_in_the_demo_until_its_owner_keeps_them_back(
    make_app: Make,
) -> None:
    app = make_app()
    demo.init_app(app)

    def corrections(*, keep_back: bool = False) -> bool:
        with app.app_context():
            demo.prepare(app)
            site = db.session.scalars(sa.select(Site)).one()
            public = site.corrections
            site.corrections &= not keep_back
            db.session.commit()
        return public

    assert corrections(keep_back=True)
    assert not corrections()
