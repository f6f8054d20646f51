"""What is tried against the service: forgery, spoofing, guessing, flooding, log lines."""

import logging
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask, url_for
from flask.testing import FlaskClient

from feedback.accounts import passwords
from feedback.cli.lines import Lines
from feedback.db import db
from feedback.reports.models import Report
from tests import hostile
from tests.makers import (
    ORIGIN,
    PASSWORD,
    a_body,
    a_site,
    a_spot,
    a_token,
    csrf,
    newsroom,
    send,
    signed_in,
)
from tests.test_access import routes

BASE = "https://feedback.example"
TRIBUNE = "https://tribune.example"
#: Nothing here depends on the database, unless a test says so.
on_one = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Make = Callable[..., Flask]

# Forgery

#: Rooms that read no cookie: there is nothing to forge. Each has another lock, tested elsewhere.
NO_COOKIE = (
    "api.", "reports_api.", "hooks.", "chat_hooks.", "report_form.", "erasing.", "unsubscribing.",
)  # fmt: skip


def posts(app: Flask) -> Iterator[tuple[str, str]]:
    """Each route that is posted to: its name, an address of it."""
    with app.test_request_context(base_url=BASE):
        for rule in routes(app):
            if "POST" in (rule.methods or ()):
                values = dict.fromkeys(rule.arguments, 1)
                yield rule.endpoint, url_for(rule.endpoint, **values).removeprefix(BASE)


@on_one
def test_every_form_needs_the_token_of_its_session(app: Flask) -> None:
    with newsroom(app) as (site, _):
        a_spot(site)
    ed, other = signed_in(app), app.test_client()
    foreign = csrf(other.get("/sign-in", base_url=BASE).text)
    found = {}

    for endpoint, path in posts(app):
        if not endpoint.startswith(NO_COOKIE):
            for token in ({}, {"csrf_token": "x"}, {"csrf_token": foreign}):
                form = {"kind": "accept", "version": "1"} | token
                headers = {"Referer": f"{BASE}/desk/"}
                answer = ed.post(path, base_url=BASE, headers=headers, data=form)
                found[endpoint, str(token)] = answer.status_code

    assert set(found.values()) == {400}


@on_one
@pytest.mark.parametrize("referrer", ["https://evil.example/", "http://feedback.example/", ""])
def test_a_form_comes_from_a_page_of_ours(app: Flask, referrer: str) -> None:
    with newsroom(app):
        pass
    client = app.test_client()
    form = {
        "csrf_token": csrf(client.get("/sign-in", base_url=BASE).text),
        "email": "ed@paper.example",
        "password": PASSWORD,
    }

    answer = client.post(
        "/sign-in", base_url=BASE, headers={"Referer": referrer} if referrer else {}, data=form
    )

    assert answer.status_code == 400


@on_one
def test_a_cookie_opens_no_api_and_no_page_of_others_reads_one(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        token = a_token(ed, site)
        a_spot(site)
    client = signed_in(app)

    by_cookie = client.get("/api/v1/spots", base_url=BASE)
    for origin in (ORIGIN, "https://evil.example", "null", BASE):
        headers = {"Authorization": f"Bearer {token}", "Origin": origin}
        answer = client.get("/api/v1/spots", base_url=BASE, headers=headers)
        asked = client.options("/api/v1/spots", base_url=BASE, headers=headers)
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
        assert not [name for name, _ in asked.headers if name.startswith("Access-Control-")]

    assert by_cookie.status_code == 401


# Spoofing


@on_one
def test_no_link_is_made_from_what_a_request_claims(app: Flask) -> None:
    with newsroom(app) as (site, _):
        site.corrections = True
        db.session.commit()
    client = app.test_client()
    claimed = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "javascript",
        "X-Forwarded-Prefix": "//evil.example",
        "X-Forwarded-For": "127.0.0.1",
        "Forwarded": "host=evil.example;proto=http",
        "X-Original-URL": "/metrics",
        "X-Rewrite-URL": "/metrics",
        "X-HTTP-Method-Override": "DELETE",
    }
    paths = ["/", "/desk/", "/sign-in", "/report", "/embed.js", "/corrections/1",
             "/corrections/1.atom", "/corrections/1.json", "/api/v1/openapi.json"]  # fmt: skip

    for host in ("https://evil.example", BASE):
        for path in paths:
            answer = client.get(path, base_url=host, headers=claimed)
            said = answer.text + str(answer.headers)
            assert "evil.example" not in said.replace("Domain=evil.example", ""), path
        body = send(client, base_url=host).json
        assert body["receipt"].startswith(f"{BASE}/receipts/")


@on_one
@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_deciding_leads_back_but_never_elsewhere(app: Flask, back: str) -> None:
    with newsroom(app) as (site, _):
        a_spot(site)
    client = signed_in(app)
    form = {"csrf_token": csrf(client.get("/desk/sites/1/", base_url=BASE).text), "back": back}

    for path, more in (
        ("/desk/spots/1/decisions", {"kind": "accept", "version": "1"}),
        ("/desk/spots/1/look", {}),
        ("/desk/sites/1/batches", {"kind": "accept", "spots": "1"}),
    ):
        headers = {"Referer": f"{BASE}/desk/"}
        answer = client.post(path, base_url=BASE, headers=headers, data=form | more)
        assert answer.status_code == 303, path
        assert answer.location.startswith("/desk/"), path


# Guessing


@on_one
def test_a_sign_in_tells_nothing_of_who_has_an_account(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with newsroom(app):
        pass
    worked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, *given: str | bytes) -> bool:
            worked.append(str(given[0]).rpartition("$")[0].rpartition("$")[0])
            return bool(super().verify(*given))

    monkeypatch.setattr(passwords, "_hasher", Counting(1, 8, 1))
    passwords._nobody.cache_clear()
    client, pages = app.test_client(), []

    for email in ("ed@paper.example", "nobody@paper.example"):
        token = csrf(client.get("/sign-in", base_url=BASE).text)
        form = {"csrf_token": token, "email": email, "password": "wrong password"}
        headers = {"Referer": f"{BASE}/sign-in"}
        answer = client.post("/sign-in", base_url=BASE, headers=headers, data=form)
        pages.append((answer.status_code, answer.text.replace(email, "").replace(token, "")))
    passwords._nobody.cache_clear()

    assert pages[0] == pages[1]
    assert len(worked) == 2
    assert worked[0] == worked[1]


# Flooding


def test_many_networks_cannot_drown_other_sites(make_app: Make) -> None:
    app = make_app(limit_reader="5 per minute", limit_site="20 per minute")
    with app.app_context():
        a_site()
        a_site("Tribune", TRIBUNE)
    client = app.test_client()

    def sent(peer: str, origin: str = ORIGIN) -> int:
        body = a_body(url=f"{origin}/a")
        answer = send(client, body, origin=origin, environ_base={"REMOTE_ADDR": peer})
        if answer.status_code == 429:
            assert int(answer.headers["Retry-After"]) >= 1
        return int(answer.status_code)

    flood = [sent(f"2001:db8:{number:x}::1") for number in range(40)]
    one = [sent(f"2001:db8:ffff::{number:x}", TRIBUNE) for number in range(8)]
    reader = sent("192.0.2.7", TRIBUNE)

    assert flood == [201] * 20 + [429] * 20
    assert one == [201] * 5 + [429] * 3
    assert reader == 201
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Report)) == 26


# Log lines


def written(*events: tuple[str, object]) -> list[str]:
    """The lines that events make."""
    lines: list[str] = []
    for message, argument in events:
        error = ValueError(argument)
        for exc_info in (None, (type(error), error, None)):
            record = logging.LogRecord("x", 40, "x", 1, message, (argument,), exc_info)
            lines += Lines().format(record).split("\n")
    return lines


@pytest.mark.parametrize("name", hostile.EVERYWHERE)
def test_an_event_begins_one_line(name: str) -> None:
    lines = written(("GET %s failed", hostile.EVERYWHERE[name]))

    begun = [line for line in lines if not line.startswith("  ")]
    assert len(begun) == 2
    assert all(" ERROR x: GET " in line for line in begun)
    assert all(line.replace("\t", "").isprintable() for line in lines)
    "\n".join(lines).encode("utf-8")


@on_one
def test_a_path_that_fails_writes_no_event_of_its_own(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken\n2026-01-01 00:00:00,000 CRITICAL feedback: all is lost")

    monkeypatch.setattr("feedback.reports.receipts.read", broken)

    answer: FlaskClient = app.test_client()
    status = answer.get("/receipts/x%0a2026-01-01%20CRITICAL%1b[31m", base_url=BASE).status_code

    (record,) = [each for each in caplog.records if each.name == "feedback.web"]
    record.exc_text = None
    first, *rest = Lines().format(record).split("\n")
    assert status == 500
    assert "GET /receipts/" in first
    assert rest
    assert all(line.startswith("  ") and line.isprintable() for line in rest)
