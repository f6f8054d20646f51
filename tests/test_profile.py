"""The profile: name, zone, language, password, and the sign-ins that one can end."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts.models import Act, Editor, SignIn
from feedback.db import db
from feedback.web import account_forms, browsers, locales
from tests.makers import PASSWORD, a_site, a_spot, an_editor, csrf, newsroom, signed_in

BASE = "https://feedback.example"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def post(client: FlaskClient, path: str, **data: str) -> Any:
    page = client.get("/desk/profile", base_url=BASE).text
    headers = {"Referer": f"{BASE}/desk/profile"}
    return client.post(path, base_url=BASE, headers=headers, data={"csrf_token": csrf(page)} | data)


def sign_ins(app: Flask) -> list[SignIn]:
    with app.app_context():
        return list(db.session.scalars(sa.select(SignIn).order_by(SignIn.id)))


def deeds(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Act.kind).order_by(Act.id)))


def ed(app: Flask) -> Editor:
    with app.app_context():
        return db.session.scalars(sa.select(Editor).where(Editor.email.startswith("ed@"))).one()


def test_name_zone_and_language_are_kept(app: Flask) -> None:
    with newsroom(app):
        pass
    client = signed_in(app)

    kept = post(client, "/desk/profile", name=" Ed\u2028Miller ", zone="Asia/Tokyo", language="en")

    assert kept.status_code == 303
    assert (ed(app).name, ed(app).zone, ed(app).language) == ("Ed Miller", "Asia/Tokyo", "en")
    assert "Ed Miller" in client.get("/desk/profile", base_url=BASE).text


@pytest.mark.parametrize(
    "values", [{"zone": "Mars/Olympus"}, {"language": "xx"}, {"name": "x" * 101}, {"zone": "\0"}]
)
def test_what_is_no_zone_or_language_is_refused(app: Flask, values: dict[str, str]) -> None:
    with newsroom(app):
        pass
    data = {"name": "", "zone": "", "language": ""} | values

    answer = post(signed_in(app), "/desk/profile", **data)

    assert answer.status_code == 422
    assert ed(app).zone == ed(app).name == ""


@pytest.mark.parametrize("name", ["eva@paper.example", "Eva \uff20 Paper", "\ufe6b"])
def test_a_name_that_poses_as_an_address_is_refused(app: Flask, name: str) -> None:
    with newsroom(app):
        pass

    answer = post(signed_in(app), "/desk/profile", name=name, zone="", language="")

    assert answer.status_code == 422
    assert "A name is without “@”" in answer.text
    assert ed(app).name == ""


def test_every_zone_that_is_offered_exists() -> None:
    offered = {name for region in account_forms.zones().values() for name, _ in region}

    assert len(offered) > 300
    assert offered <= available_timezones()


def test_times_are_shown_where_the_editor_is(app: Flask) -> None:
    with newsroom(app) as (site, editor):
        spot_id = a_spot(site).id
        editor.zone = "Asia/Tokyo"
        db.session.commit()
        first_at = db.session.scalar(sa.text("SELECT first_at FROM spot"))
    client = signed_in(app)
    at = datetime.fromisoformat(str(first_at)).replace(tzinfo=None) + timedelta(hours=9)

    page = client.get(f"/desk/spots/{spot_id}", base_url=BASE).text

    assert f"{at:%-I:%M:%S}" in page


def test_the_editors_language_comes_before_the_browsers(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locales, "LANGUAGES", ("en", "de"))
    with newsroom(app) as (_, editor):
        editor.language = "de"
        db.session.commit()
    client = signed_in(app)

    page = client.get("/desk/profile", base_url=BASE, headers={"Accept-Language": "en"}).text

    assert '<html lang="de"' in page


def test_readers_pages_ask_nobody_who_is_signed_in(app: Flask) -> None:
    with newsroom(app):
        pass
    client = signed_in(app)

    answer = client.get("/report", base_url=BASE)

    assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_new_password_needs_the_old_one_and_ends_every_other_sign_in(app: Flask) -> None:
    with newsroom(app):
        pass
    client, elsewhere = signed_in(app), signed_in(app)

    wrong = post(client, "/desk/profile/password", old="wrong", password="another password")
    right = post(client, "/desk/profile/password", old=PASSWORD, password="another password")

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert "This is not your password." in wrong.text
    assert client.get("/desk/profile", base_url=BASE).status_code == 200
    assert elsewhere.get("/desk/profile", base_url=BASE).status_code == 303
    assert deeds(app) == ["password-changed"]


def test_guessing_the_old_password_is_slowed_down(make_app: Any) -> None:
    app = make_app(limit_sign_in="2 per minute")
    with newsroom(app):
        pass
    client = signed_in(app)

    guesses = [
        post(client, "/desk/profile/password", old="wrong", password="another password").status_code
        for _ in range(4)
    ]

    assert guesses == [422, 422, 429, 429]


def test_a_sign_in_says_which_browser_it_is_and_where(app: Flask) -> None:
    with newsroom(app):
        pass
    signed_in(app)
    with app.app_context():
        db.session.execute(sa.update(SignIn).values(agent=FIREFOX, address="192.0.2.7"))
        db.session.commit()

    page = signed_in(app).get("/desk/profile", base_url=BASE).text

    assert "Firefox, Linux" in page
    assert "192.0.2.7" in page
    assert page.count("This browser") == 1


def test_signing_in_keeps_browser_and_address(app: Flask) -> None:
    with newsroom(app):
        pass
    client = app.test_client()
    page = client.get("/sign-in", base_url=BASE).text
    data = {"csrf_token": csrf(page), "email": "ed@paper.example", "password": PASSWORD}
    headers = {"Referer": f"{BASE}/sign-in", "User-Agent": FIREFOX + "x" * 500}

    client.post("/sign-in", base_url=BASE, headers=headers, data=data)

    [kept] = sign_ins(app)
    assert (kept.agent, kept.address) == ((FIREFOX + "x" * 500)[:400], "127.0.0.1")


def test_a_sign_in_is_ended_from_another_browser(app: Flask) -> None:
    with newsroom(app):
        pass
    lost, client = signed_in(app), signed_in(app)
    first, _ = sign_ins(app)

    ended = post(client, f"/desk/profile/sign-ins/{first.id}/end")

    assert ended.status_code == 303
    assert lost.get("/desk/profile", base_url=BASE).status_code == 303
    assert client.get("/desk/profile", base_url=BASE).status_code == 200
    assert deeds(app) == ["sign-ins-ended"]


def test_all_others_are_ended_at_once(app: Flask) -> None:
    with newsroom(app):
        pass
    others, client = [signed_in(app) for _ in range(3)], signed_in(app)

    post(client, "/desk/profile/sign-ins/end-others")

    assert [each.get("/desk/profile", base_url=BASE).status_code for each in others] == [303] * 3
    assert client.get("/desk/profile", base_url=BASE).status_code == 200


def test_nobody_ends_anothers_sign_in(app: Flask) -> None:
    with newsroom(app):
        an_editor(a_site("Tribune", "https://tribune.example"), "olga@tribune.example")
    eds = signed_in(app)
    [his] = sign_ins(app)
    olga = signed_in(app, "olga@tribune.example")

    answer = post(olga, f"/desk/profile/sign-ins/{his.id}/end")

    assert answer.status_code == 404
    assert eds.get("/desk/profile", base_url=BASE).status_code == 200


def test_when_a_browser_was_seen_is_kept_to_five_minutes(app: Flask) -> None:
    with newsroom(app):
        pass
    client, start = signed_in(app), datetime.now(UTC)
    seen = []

    for minutes in (1, 6, 8):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            client.get("/desk/profile", base_url=BASE)
        [kept] = sign_ins(app)
        assert kept.seen_at
        seen.append(round((kept.seen_at - start).total_seconds() / 60))

    assert seen == [0, 6, 6]


def test_a_form_that_is_refused_leaves_its_trace_too(app: Flask) -> None:
    with newsroom(app):
        pass
    client, start = signed_in(app), datetime.now(UTC)

    with time_machine.travel(start + timedelta(minutes=6), tick=False):
        refused = post(client, "/desk/profile", name="", zone="Mars/Olympus", language="")

    assert refused.status_code == 422
    [kept] = sign_ins(app)
    assert kept.seen_at
    assert kept.seen_at > start + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (FIREFOX, "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/605", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Safari/537.36", "Chrome, Android"),
        ("curl/8", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_are_told_by_what_they_call_themselves(app: Flask, agent: str, said: str) -> None:
    with app.test_request_context():
        assert browsers.named(agent) == said
