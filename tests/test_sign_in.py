"""Signing in and out: passwords, sessions that end, throttling, invitations."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from feedback import worker
from feedback.accounts import passwords, people
from feedback.accounts.models import Editor, SignIn
from feedback.db import db
from tests.makers import PASSWORD, a_site, a_spot, an_editor, csrf, newsroom, signed_in

BASE = "https://feedback.example"
REFERER = {"Referer": f"{BASE}/sign-in"}


def try_in(client: FlaskClient, email: str, password: str, **more: str) -> int:
    page = client.get("/sign-in", base_url=BASE).text
    data = {"csrf_token": csrf(page), "email": email, "password": password} | more
    return client.post("/sign-in", base_url=BASE, headers=REFERER, data=data).status_code


def desk(client: FlaskClient) -> int:
    return client.get("/desk/", base_url=BASE).status_code


def test_an_editor_signs_in_and_out(app: Flask) -> None:
    with newsroom(app):
        pass
    client = signed_in(app)
    page = client.get("/desk/", base_url=BASE, follow_redirects=True)

    out = client.post(
        "/sign-out", base_url=BASE, headers=REFERER, data={"csrf_token": csrf(page.text)}
    )

    assert page.status_code == 200
    assert out.status_code == 303
    assert client.get("/desk/", base_url=BASE).location == "/sign-in?next=/desk/"


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app: Flask) -> None:
    with newsroom(app):
        pass
    client, thief = signed_in(app), app.test_client()
    cookie = client.get_cookie("__Host-feedback", domain="feedback.example")
    assert cookie is not None
    thief.set_cookie("__Host-feedback", cookie.value, domain="feedback.example", secure=True)
    before = thief.get("/desk/sites/1/", base_url=BASE).status_code
    page = client.get("/desk/sites/1/", base_url=BASE).text

    client.post("/sign-out", base_url=BASE, headers=REFERER, data={"csrf_token": csrf(page)})

    assert before == 200
    assert thief.get("/desk/sites/1/", base_url=BASE).status_code == 303


def test_the_cookie_is_bound_to_https_and_this_host(app: Flask) -> None:
    with newsroom(app):
        pass
    client = app.test_client()
    page = client.get("/sign-in", base_url=BASE).text
    data = {"csrf_token": csrf(page), "email": "ed@paper.example", "password": PASSWORD}

    answer = client.post("/sign-in", base_url=BASE, headers=REFERER, data=data)

    header = answer.headers["Set-Cookie"]
    assert header.startswith("__Host-feedback=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(header.split("; "))
    assert "Domain" not in header


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ed@paper.example", "wrong password"),
        ("nobody@paper.example", PASSWORD),
        ("ed\0@paper.example", PASSWORD),
        ("ed@paper.example", PASSWORD + "x" * 10_000),
        ("invited@paper.example", ""),
        ("invited@paper.example", "None"),
        ("gone@paper.example", PASSWORD),
    ],
)
def test_nobody_else_is_let_in(app: Flask, email: str, password: str) -> None:
    with newsroom(app) as (site, _):
        people.add(db.session, "invited@paper.example", site, role=_role())
        people.disable(db.session, an_editor(site, "gone@paper.example"))
        db.session.commit()
    client = app.test_client()

    status = try_in(client, email, password)

    assert status == 422
    assert desk(client) == 303


def _role() -> people.Role:
    return people.Role.EDITOR


def test_the_address_is_known_in_any_case(app: Flask) -> None:
    with newsroom(app):
        pass

    assert try_in(app.test_client(), "  ED@Paper.Example ", PASSWORD) == 303


def test_signing_in_needs_the_forms_token(app: Flask) -> None:
    with newsroom(app):
        pass
    data = {"email": "ed@paper.example", "password": PASSWORD}

    answer = app.test_client().post("/sign-in", base_url=BASE, headers=REFERER, data=data)

    assert answer.status_code == 400
    assert "expired" in answer.text


def test_a_session_from_before_signing_in_is_not_kept(app: Flask) -> None:
    with newsroom(app):
        pass
    client = app.test_client()
    client.get("/sign-in", base_url=BASE)
    before = client.get_cookie("__Host-feedback", domain="feedback.example")

    try_in(client, "ed@paper.example", PASSWORD)

    after = client.get_cookie("__Host-feedback", domain="feedback.example")
    assert before
    assert after
    with client.session_transaction(base_url=BASE) as session:
        assert set(session) <= {"sign_in", "_flashes"}


def test_to_sign_in_anew_ends_the_sign_in_before(app: Flask) -> None:
    with newsroom(app) as (site, _):
        an_editor(site, "olga@paper.example")
    client, thief = signed_in(app), app.test_client()
    page = client.get("/desk/profile", base_url=BASE).text
    cookie = client.get_cookie("__Host-feedback", domain="feedback.example")
    assert cookie is not None
    thief.set_cookie("__Host-feedback", cookie.value, domain="feedback.example", secure=True)
    data = {"csrf_token": csrf(page), "email": "olga@paper.example", "password": PASSWORD}
    before = thief.get("/desk/profile", base_url=BASE).status_code

    client.post("/sign-in", base_url=BASE, headers=REFERER, data=data)

    assert before == 200
    assert thief.get("/desk/profile", base_url=BASE).status_code == 303
    assert client.get("/desk/profile", base_url=BASE).status_code == 200


def test_a_sign_in_ends_by_itself(make_app: Callable[..., Flask]) -> None:
    app = make_app(sign_in_days=2)
    with newsroom(app):
        pass
    client = signed_in(app)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1), tick=False):
        meanwhile = desk(client)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2, minutes=1), tick=False):
        later = client.get("/desk/", base_url=BASE).location

    assert meanwhile == 303
    assert later.startswith("/sign-in")


def test_a_sign_in_that_nobody_uses_ends(make_app: Callable[..., Flask]) -> None:
    app = make_app(sign_in_idle_hours=2)
    with newsroom(app):
        pass
    client, start = signed_in(app), datetime.now(UTC)
    lands = []

    for minutes in (115, 230, 345, 466, 467):  # the last but one is two hours after the one before
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            lands.append(client.get("/desk/", base_url=BASE).location)

    assert lands == ["/desk/sites/1/"] * 3 + ["/sign-in?next=/desk/"] * 2


def test_a_week_without_use_ends_a_sign_in_by_default(app: Flask) -> None:
    with newsroom(app):
        pass
    client, start = signed_in(app), datetime.now(UTC)
    lands = []

    for hours in (167, 2 * 167, 2 * 167 + 169):
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            lands.append(client.get("/desk/", base_url=BASE).location)

    assert lands == ["/desk/sites/1/"] * 2 + ["/sign-in?next=/desk/"]


@pytest.mark.parametrize(("path", "status"), [("sites/1/news?since=1", 303), ("sites/1/", 200)])
def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(
    make_app: Callable[..., Flask], path: str, status: int
) -> None:
    app = make_app(sign_in_idle_hours=2)
    with newsroom(app):
        pass
    client, start = signed_in(app), datetime.now(UTC)
    with time_machine.travel(start + timedelta(minutes=110), tick=False):
        asked = client.get(f"/desk/{path}", base_url=BASE).status_code

    with time_machine.travel(start + timedelta(minutes=130), tick=False):
        later = client.get("/desk/sites/1/", base_url=BASE).status_code

    assert asked == 200
    assert later == status


def test_a_sign_in_that_ended_is_not_listed_and_is_forgotten(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(sign_in_idle_hours=2)
    with newsroom(app):
        pass
    signed_in(app)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=3), tick=False):
        listed = signed_in(app).get("/desk/profile", base_url=BASE).text.count("/end")
        with app.app_context():
            worker.forget_ended_keys()
            left = db.session.scalars(sa.select(sa.func.count(SignIn.id))).one()

    assert (listed, left) == (0, 1)


def test_each_page_of_the_desk_lets_one_sign_out(app: Flask) -> None:
    with newsroom(app) as (site, _):
        an_editor(site, "owner@paper.example", people.Role.OWNER)
        a_spot(site)
    client, missing, seen = signed_in(app, "owner@paper.example"), [], 0

    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/desk") and "GET" in (rule.methods or ()):
            path = re.sub(r"<[^>]*>", "1", rule.rule)
            answer = client.get(path, base_url=BASE)
            if answer.status_code == 200 and "<html" in answer.text:
                seen += 1
                missing += [] if 'action="/sign-out"' in answer.text else [path]

    assert seen >= 15
    assert missing == []


def test_a_fresh_installation_lets_nobody_in(app: Flask) -> None:
    with app.app_context():
        accounts = db.session.scalars(sa.select(sa.func.count(Editor.id))).one()

    assert accounts == 0
    assert try_in(app.test_client(), "admin", "admin") == 422


def test_guessing_is_slowed_down_for_the_guesser_only(make_app: Callable[..., Flask]) -> None:
    app = make_app(limit_sign_in="3 per minute")
    with newsroom(app):
        pass
    guesser = app.test_client()
    guesses = [try_in(guesser, "ed@paper.example", "wrong password") for _ in range(5)]

    page = guesser.get("/sign-in", base_url=BASE).text
    data = {"csrf_token": csrf(page), "email": "ed@paper.example", "password": PASSWORD}
    right = guesser.post("/sign-in", base_url=BASE, headers=REFERER, data=data)
    elsewhere = guesser.post(
        "/sign-in",
        base_url=BASE,
        headers=REFERER,
        data=data,
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
    )

    assert guesses == [422, 422, 422, 429, 429]
    assert right.status_code == 429
    assert int(right.headers["Retry-After"]) >= 1
    assert elsewhere.status_code == 303


def test_right_passwords_are_not_counted(make_app: Callable[..., Flask]) -> None:
    app = make_app(limit_sign_in="2 per minute")
    with newsroom(app):
        pass

    statuses = [try_in(app.test_client(), "ed@paper.example", PASSWORD) for _ in range(4)]

    assert statuses == [303] * 4


INSIDE = ["/desk/spots/7", "/desk/sites/1/?status=fixed"]
OUTSIDE = [
    "//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "\\\\evil",
    "javascript:alert(1)", "/%0d%0aX:y\r\n", "", "evil.example", "/\x00/", " //evil.example",
]  # fmt: skip


@pytest.mark.parametrize("target", INSIDE + OUTSIDE)
def test_signing_in_leads_back_but_never_elsewhere(app: Flask, target: str) -> None:
    with newsroom(app):
        pass
    client = app.test_client()
    page = client.get("/sign-in", base_url=BASE).text
    data = {
        "csrf_token": csrf(page),
        "email": "ed@paper.example",
        "password": PASSWORD,
        "next": target,
    }

    answer = client.post("/sign-in", base_url=BASE, headers=REFERER, data=data)

    assert answer.location == (target if target in INSIDE else "/desk/")


def test_an_invited_editor_chooses_a_password_once(app: Flask) -> None:
    with app.app_context():
        editor = people.add(db.session, "new@paper.example", a_site(), _role())
        db.session.commit()
        path = f"/welcome/{people.invitation(app.extensions['settings'].secret, editor)}"
    client = app.test_client()
    page = client.get(path, base_url=BASE)
    data = {"csrf_token": csrf(page.text), "password": PASSWORD}

    chosen = client.post(path, base_url=BASE, headers=REFERER, data=data)

    assert "new@paper.example" in page.text
    assert chosen.status_code == 303
    assert client.get("/desk/", base_url=BASE).location == "/desk/sites/1/"
    assert client.get(path, base_url=BASE).status_code == 404
    assert try_in(app.test_client(), "new@paper.example", PASSWORD) == 303


def test_an_invitation_ends_after_a_week_and_cannot_be_made_up(app: Flask) -> None:
    with app.app_context():
        editor = people.add(db.session, "new@paper.example", a_site(), _role())
        db.session.commit()
        good = people.invitation(app.extensions["settings"].secret, editor)
        other = people.invitation("another secret", editor)
    client = app.test_client()
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8), tick=False):
        late = client.get(f"/welcome/{good}", base_url=BASE).status_code

    answers = [client.get(f"/welcome/{text}", base_url=BASE) for text in (other, good + "x", "x")]

    assert late == 404
    assert [answer.status_code for answer in answers] == [404] * 3


@pytest.mark.parametrize("password", ["", "short", "x" * 257])
def test_a_weak_password_is_refused(app: Flask, password: str) -> None:
    with app.app_context():
        editor = people.add(db.session, "new@paper.example", a_site(), _role())
        db.session.commit()
        path = f"/welcome/{people.invitation(app.extensions['settings'].secret, editor)}"
    client = app.test_client()
    token = csrf(client.get(path, base_url=BASE).text)

    answer = client.post(
        path, base_url=BASE, headers=REFERER, data={"csrf_token": token, "password": password}
    )

    assert answer.status_code == 422


def test_a_new_password_ends_all_sign_ins(app: Flask) -> None:
    with newsroom(app) as (_, ed):
        pass
    client = signed_in(app)

    with app.app_context():
        people.choose_password(db.session, db.session.get_one(Editor, ed.id), "another password")
        db.session.commit()

        assert db.session.scalars(sa.select(SignIn)).all() == []
    assert client.get("/desk/", base_url=BASE).location.startswith("/sign-in")


def test_passwords_are_kept_as_argon2id() -> None:
    kept = passwords.hashed(PASSWORD)

    assert kept.startswith("$argon2id$")
    assert passwords.fits(kept, PASSWORD)
    assert not passwords.fits(kept, PASSWORD + "x")
    assert not passwords.fits(None, PASSWORD)
