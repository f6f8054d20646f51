"""The security log: what happens at the doors stands there, field by field, and names nobody."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts import invitations, people, two_factor
from feedback.accounts.models import Role, Scope
from feedback.cli.lines import Lines
from feedback.cli.records import Json
from feedback.db import db
from feedback.web.security_log import Event
from tests.makers import PASSWORD, a_site, a_spot, a_token, an_editor, csrf, newsroom, send
from tests.makers import signed_in as at_the_desk

BASE = "https://feedback.example"
ROOT = Path(__file__).parent.parent

Make = Callable[..., Flask]
Told = list[dict[str, Any]]


class Listener(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def heard() -> Iterator[list[logging.LogRecord]]:
    """What comes to the security log."""
    log, listener = logging.getLogger("feedback.security"), Listener()
    log.addHandler(listener)
    log.setLevel(logging.INFO)
    yield listener.records
    log.setLevel(logging.NOTSET)
    log.removeHandler(listener)


def told(heard: list[logging.LogRecord]) -> Told:
    """The events, without the mark of the network."""
    events = [json.loads(Json().format(record)) for record in heard]
    usual = {"at", "level", "logger", "message", "network"}
    return [{name: event[name] for name in event.keys() - usual} for event in events]


def post(client: FlaskClient, path: str, page: str, **data: str) -> Any:
    token = csrf(client.get(page, base_url=BASE).text)
    headers = {"Referer": BASE + page}
    return client.post(path, base_url=BASE, headers=headers, data={"csrf_token": token} | data)


def try_in(client: FlaskClient, email: str = "ed@paper.example", password: str = PASSWORD) -> Any:
    return post(client, "/sign-in", "/sign-in", email=email, password=password)


def test_signing_in_and_out_is_logged(app: Flask, heard: list[logging.LogRecord]) -> None:
    with newsroom(app):
        pass
    client = app.test_client()

    try_in(client)
    post(client, "/sign-out", "/desk/profile")

    assert told(heard) == [
        {"event": "signed-in", "editor": 1, "by": "password", "route": "/sign-in"},
        {"event": "signed-out", "editor": 1, "route": "/sign-out"},
    ]
    assert [record.levelname for record in heard] == ["INFO", "INFO"]


def test_a_sign_in_that_fails_is_logged_with_the_account_if_there_is_one(
    app: Flask, heard: list[logging.LogRecord]
) -> None:
    with newsroom(app) as (site, _):
        people.disable(db.session, an_editor(site, "gone@paper.example"))
        db.session.commit()

    try_in(app.test_client(), password="wrong password")
    try_in(app.test_client(), email="gone@paper.example")
    try_in(app.test_client(), email="nobody@paper.example")
    try_in(app.test_client(), email="ed\0@paper.example")

    failed = {"event": "sign-in-failed", "by": "password", "route": "/sign-in"}
    assert told(heard) == [failed | {"editor": 1}, failed | {"editor": 2}, failed, failed]
    assert {record.levelname for record in heard} == {"WARNING"}


def test_both_steps_of_the_second_factor_are_logged(
    app: Flask, heard: list[logging.LogRecord]
) -> None:
    with newsroom(app) as (_, ed):
        secret = two_factor.fresh_secret()
        codes = two_factor.turn_on(db.session, ed, secret, pyotp.TOTP(secret).now())
        ed.totp_step = 0
        db.session.commit()
    client, other = app.test_client(), app.test_client()

    try_in(client)
    post(client, "/sign-in/code", "/sign-in/code", code="000000")
    post(client, "/sign-in/code", "/sign-in/code", code="wxyz-wxyz-wxyz-wxyz")
    post(client, "/sign-in/code", "/sign-in/code", code=pyotp.TOTP(secret).now())
    try_in(other)
    post(other, "/sign-in/code", "/sign-in/code", code=codes[0])

    assert [(each["event"], each["by"], each["editor"]) for each in told(heard)] == [
        ("code-asked", "password", 1),
        ("code-failed", "code", 1),
        ("code-failed", "recovery-code", 1),
        ("signed-in", "code", 1),
        ("code-asked", "password", 1),
        ("signed-in", "recovery-code", 1),
    ]


def test_links_that_sign_in_are_logged_and_those_that_do_not(
    app: Flask, heard: list[logging.LogRecord]
) -> None:
    with newsroom(app) as (site, _):
        owner = an_editor(site, "owner@paper.example", Role.OWNER)
        key = invitations.make(db.session, site.id, Role.EDITOR, "Ann", owner)
        editor = people.add(db.session, "new@paper.example", site, Role.EDITOR)
        db.session.commit()
        link = f"/welcome/{people.invitation(app.extensions['settings'].secret, editor)}"
    join, ann = f"/join/{key}", "ann@paper.example"

    post(app.test_client(), link, link, password=PASSWORD)
    post(app.test_client(), join, join, email=ann, password=PASSWORD)
    for path in (link, join, "/act/x", "/feeds/x/sites/1.atom"):
        app.test_client().get(path, base_url=BASE)

    events = [(each["event"], each.get("by"), each["route"]) for each in told(heard)]
    assert events == [
        ("signed-in", "link", "/welcome/<invitation>"),
        ("signed-in", "invitation", "/join/<key>"),
        ("link-refused", None, "/welcome/<invitation>"),
        ("link-refused", None, "/join/<key>"),
        ("link-refused", None, "/act/<token>"),
        ("link-refused", None, "/feeds/<key>/sites/<int:site_id>.atom"),
    ]


def test_a_wrong_password_at_the_desk_is_logged(app: Flask, heard: list[logging.LogRecord]) -> None:
    with newsroom(app):
        pass
    client = at_the_desk(app)
    heard.clear()

    post(client, "/desk/profile/password", "/desk/profile", old="wrong", password="paper boat hull")

    route = "/desk/profile/password"
    assert told(heard) == [{"event": "password-failed", "editor": 1, "route": route}]


@pytest.mark.parametrize(
    ("email", "path", "status"),
    [
        ("olga@tribune.example", "/desk/sites/1/", 404),
        ("olga@tribune.example", "/desk/spots/1", 404),
        ("viewer@paper.example", "/desk/sites/1/check", 403),
        ("ed@paper.example", "/desk/sites/1/members", 403),
    ],
)
def test_what_one_has_no_role_for_is_logged(
    app: Flask, heard: list[logging.LogRecord], email: str, path: str, status: int
) -> None:
    with newsroom(app) as (site, _):
        a_spot(site)
        an_editor(a_site("Tribune", "https://tribune.example"), "olga@tribune.example")
        an_editor(site, "viewer@paper.example", Role.VIEWER)
        who = people.named(db.session, email).id
    client = at_the_desk(app, email)
    heard.clear()

    answer = client.get(path, base_url=BASE)
    client.get("/desk/nothing", base_url=BASE)

    assert answer.status_code == status
    events = [(each["event"], each["editor"]) for each in told(heard)]
    assert events == [("not-allowed", who)]


def test_tokens_that_open_nothing_or_too_little_are_logged(
    app: Flask, heard: list[logging.LogRecord]
) -> None:
    with newsroom(app) as (site, ed):
        token, spot_id = a_token(ed, site, Scope.READ), a_spot(site).id
    client, path = app.test_client(), f"/api/v1/spots/{spot_id}/decisions"

    client.get("/api/v1/spots", headers={"Authorization": "Bearer fb_x"})
    client.get("/api/v1/spots")
    client.get("/api/v1/spots", headers={"Authorization": f"Bearer {token}"})
    body = {"kind": "fix", "version": 1}
    client.post(path, headers={"Authorization": f"Bearer {token}"}, json=body)
    client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"})

    events = [(each["event"], each.get("editor"), each.get("token")) for each in told(heard)]
    assert events == [
        ("token-refused", None, None),
        ("not-allowed", 1, 1),
        ("token-refused", None, None),
    ]


def test_forms_and_hooks_that_are_not_ours_are_logged(
    app: Flask, heard: list[logging.LogRecord]
) -> None:
    with newsroom(app):
        pass
    client = app.test_client()

    client.post("/sign-in", base_url=BASE, data={"email": "ed@paper.example", "password": "x"})
    client.post("/hooks/sites/1/article-updated", data="{}")
    client.post(f"/hooks/sites/{'9' * 4000}/article-updated", data="{}")
    client.post("/hooks/slack/1", data={"payload": "{}"})

    assert [(each["event"], each.get("site")) for each in told(heard)] == [
        ("form-refused", None),
        ("signature-refused", 1),
        ("signature-refused", 2**63),
        ("signature-refused", None),
    ]


def test_a_limit_that_is_reached_is_logged(make_app: Make, heard: list[logging.LogRecord]) -> None:
    app = make_app(limit_sign_in="1 per minute", limit_reader="1 per minute")
    with newsroom(app):
        pass
    client = app.test_client()

    for _ in range(2):
        try_in(client, password="wrong password")
        send(client)

    assert [(each["event"], each.get("limit")) for each in told(heard)] == [
        ("sign-in-failed", None),
        ("limit-reached", "sign-in"),
        ("limit-reached", "reader"),
    ]


def test_of_readers_there_is_no_mark_and_of_sites_the_number(
    make_app: Make, heard: list[logging.LogRecord]
) -> None:
    app = make_app(limit_reader="2 per minute", limit_site="1 per minute")
    with newsroom(app):
        pass
    client = app.test_client()

    for _ in range(5):
        send(client)

    events = [json.loads(Json().format(record)) for record in heard]
    assert [(each["limit"], each.get("site")) for each in events] == [("site", 1), ("reader", None)]
    assert [each for each in events if "network" in each] == []


def marks(heard: list[logging.LogRecord]) -> list[str]:
    found = [json.loads(Json().format(record))["network"] for record in heard]
    heard.clear()
    return found


def test_a_network_has_the_same_mark_for_a_day_and_nobody_reads_it(
    make_app: Make, heard: list[logging.LogRecord]
) -> None:
    app, other = make_app(secret_key="one"), make_app(secret_key="another")
    with newsroom(app):
        pass
    noon = datetime(2027, 1, 1, 12, tzinfo=UTC)
    for each, at, address in (
        (app, noon, "192.0.2.7"),
        (app, noon + timedelta(hours=11), "192.0.2.7"),
        (app, noon + timedelta(hours=13), "192.0.2.7"),
        (app, noon, "192.0.2.8"),
        (other, noon, "192.0.2.7"),
    ):
        client = each.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        with time_machine.travel(at, tick=False):
            try_in(client, password="wrong password")

    first, same, *others = marks(heard)

    assert re.fullmatch("[0-9a-f]{12}", first)
    assert same == first
    assert len({first, *others}) == 4


def test_nothing_of_who_tries_and_what_is_typed_is_in_it(
    app: Flask, heard: list[logging.LogRecord]
) -> None:
    with newsroom(app):
        pass
    client = app.test_client()
    client.environ_base.update({"REMOTE_ADDR": "203.0.113.77", "HTTP_USER_AGENT": "marker4711"})

    try_in(client, email="marker4711@paper.example", password="marker4711")
    try_in(client, email="ed@paper.example", password="marker4711")
    client.get("/join/marker4711?marker4711=1", base_url=BASE)
    client.get("/api/v1/spots?q=marker4711", headers={"Authorization": "Bearer marker4711"})

    said = [form.format(record) for record in heard for form in (Json(), Lines())]
    assert len(said) == 8
    assert [
        line for line in said if re.search(r"marker4711|203\.0\.113|paper\.example", line)
    ] == []


def test_an_event_is_a_line_for_people_too(app: Flask, heard: list[logging.LogRecord]) -> None:
    with newsroom(app):
        pass

    try_in(app.test_client(), password="wrong password")

    [line] = [Lines().format(record) for record in heard]
    form = (
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING feedback\.security: "
        r"sign-in-failed editor=1 by=password network=[0-9a-f]{12} route=/sign-in"
    )
    assert re.fullmatch(form, line)


def test_who_goes_on_trying_fills_no_log(app: Flask, heard: list[logging.LogRecord]) -> None:
    client, other = app.test_client(), app.test_client()
    other.environ_base["REMOTE_ADDR"] = "192.0.2.8"
    headers = {"Authorization": "Bearer x"}
    with time_machine.travel(datetime(2027, 1, 1, tzinfo=UTC), tick=False):
        for _ in range(40):
            client.get("/api/v1/spots", headers=headers)
        other.get("/api/v1/spots", headers=headers)

    events = [each["event"] for each in told(heard)]

    assert events == ["token-refused"] * 30 + ["muted", "token-refused"]


def test_every_event_is_documented() -> None:
    page = (ROOT / "docs" / "run.md").read_text("utf-8")

    assert re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE) == [each.value for each in Event]
