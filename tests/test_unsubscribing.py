"""Unsubscribing: mail stops in one click, and only by a link that it brought."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask, current_app
from flask.testing import FlaskClient

from feedback.db import db
from feedback.delivery import stopping
from feedback.delivery.models import Carrier, Means
from feedback.delivery.stopping import Untrue
from tests.makers import newsroom
from tests.test_digests import a_carrier

BASE = "https://feedback.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def path(app: Flask) -> str:
    with newsroom(app) as (site, _):
        carrier = a_carrier(site)
        secret = current_app.extensions["settings"].secret
        return f"/letters/stop/{stopping.make(secret, carrier.id, carrier.address)}"


def is_off(app: Flask) -> bool:
    with app.app_context():
        return db.session.scalars(sa.select(Carrier)).one().off_at is not None


def test_a_mail_programs_button_stops_the_mail(app: Flask, client: FlaskClient, path: str) -> None:
    answer = client.post(path, data=ONE_CLICK, base_url=BASE)

    assert answer.status_code == 200
    assert "ed@paper.example" in answer.text
    assert is_off(app)
    with app.app_context():
        assert "stopped" in db.session.scalars(sa.select(Carrier)).one().off_why


def test_a_person_is_asked_first(app: Flask, client: FlaskClient, path: str) -> None:
    page = client.get(path, base_url=BASE)

    assert page.status_code == 200
    assert "Stop this mail?" in page.text
    assert 'name="List-Unsubscribe" value="One-Click"' in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert not is_off(app)
    assert client.head(path, base_url=BASE).status_code == 200
    assert not is_off(app)


def test_twice_is_as_good_as_once(app: Flask, client: FlaskClient, path: str) -> None:
    pages = [client.post(path, data=ONE_CLICK, base_url=BASE) for _ in range(2)]

    assert [page.status_code for page in pages] == [200, 200]
    assert "No more of this mail comes" in client.get(path, base_url=BASE).text


@pytest.mark.parametrize("data", [{}, {"List-Unsubscribe": "Maybe"}])
def test_another_post_stops_nothing(
    data: dict[str, str], app: Flask, client: FlaskClient, path: str
) -> None:
    assert client.post(path, data=data, base_url=BASE).status_code == 400
    assert not is_off(app)


def test_a_link_is_for_the_address_that_it_came_to(
    app: Flask, client: FlaskClient, path: str
) -> None:
    with app.app_context():
        db.session.scalars(sa.select(Carrier)).one().address = "eve@paper.example"
        db.session.commit()

    assert client.post(path, data=ONE_CLICK, base_url=BASE).status_code == 404
    assert not is_off(app)


def test_a_link_stops_mail_only(app: Flask, client: FlaskClient) -> None:
    with newsroom(app) as (site, _):
        carrier = a_carrier(site, Means.WEBHOOK)
        secret = current_app.extensions["settings"].secret
        path = f"/letters/stop/{stopping.make(secret, carrier.id, carrier.address)}"

    assert client.post(path, data=ONE_CLICK, base_url=BASE).status_code == 404


@pytest.mark.parametrize("token", ["1.x", "x", "1", "9999999999999999999.x", "2.x", "ü.x", "%ff"])
def test_a_made_up_link_stops_nothing(
    token: str, app: Flask, client: FlaskClient, path: str
) -> None:
    answer = client.post(f"/letters/stop/{token}", data=ONE_CLICK, base_url=BASE)

    assert answer.status_code == 404
    assert not is_off(app)


def test_the_page_speaks_the_language_of_the_mail(app: Flask, client: FlaskClient) -> None:
    with newsroom(app) as (site, _):
        carrier = a_carrier(site, lang="fr")
        secret = current_app.extensions["settings"].secret
        path = f"/letters/stop/{stopping.make(secret, carrier.id, carrier.address)}"

    assert '<html lang="fr"' in client.get(path, base_url=BASE).text


def test_a_proof_is_of_its_carrier_its_address_and_this_service() -> None:
    token = stopping.make("hush", 3, "ed@paper.example")
    stopping.check("hush", token, "ed@paper.example")

    for secret, text, address in (
        ("other", token, "ed@paper.example"),
        ("hush", f"4{token[1:]}", "ed@paper.example"),
        ("hush", token, "eve@paper.example"),
        ("hush", f"03{token[1:]}", "ed@paper.example"),
    ):
        with pytest.raises(Untrue):
            stopping.check(secret, text, address)


def test_a_network_address_that_posts_too_often_waits(make_app: Callable[..., Flask]) -> None:
    app = make_app(limit_public="2 per hour")
    app.config["WTF_CSRF_ENABLED"] = False
    with newsroom(app):
        pass
    client = app.test_client()
    paths = ["/letters/stop/x", "/erase/x", "/act/x"]

    looked = [client.get(path, base_url=BASE).status_code for path in paths]
    posted = [client.post(path, data=ONE_CLICK, base_url=BASE) for path in paths]

    assert looked == [404, 404, 404]
    assert [answer.status_code for answer in posted[:2]] == [404, 404]
    assert posted[2].status_code == 429
    assert int(posted[2].headers["Retry-After"]) > 0
    assert "Please wait a little and try again." in posted[2].text
    elsewhere = client.post(
        paths[0], data=ONE_CLICK, base_url=BASE, environ_base={"REMOTE_ADDR": "192.0.2.7"}
    )
    assert elsewhere.status_code == 404
