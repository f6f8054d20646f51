"""Tokens at the desk: made, shown once, listed, expired, revoked."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts.models import Act, Role, Token
from feedback.db import db
from tests.makers import a_site, a_token, an_editor, csrf, newsroom, signed_in

BASE = "https://feedback.example"
PAGE = "/desk/sites/1/tokens"


def post(client: FlaskClient, path: str, page: str = PAGE, **data: str) -> Any:
    token = csrf(client.get(page, base_url=BASE).text)
    headers = {"Referer": BASE + page}
    return client.post(path, base_url=BASE, headers=headers, data={"csrf_token": token} | data)


def made(client: FlaskClient, scope: str = "read", days: str = "30", name: str = "CMS") -> str:
    """Make a token at the desk and give it."""
    answer = post(client, PAGE, name=name, scope=scope, days=days)
    found = re.search(r"<code data-copied>(fb_[\w-]+)</code>", answer.text)
    assert found, answer.text
    return found[1]


def api(app: Flask, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return app.test_client().get("/api/v1/spots", headers=headers).status_code


def tokens(app: Flask) -> list[Token]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Token).order_by(Token.id)))


def test_a_token_is_made_and_shown_once(app: Flask) -> None:
    with newsroom(app):
        pass
    client = signed_in(app)

    token = made(client, "decide", "90")

    page = client.get(PAGE, base_url=BASE).text
    [kept] = tokens(app)
    assert api(app, token) == 200
    assert token not in page
    assert "CMS" in page
    assert kept.expires_at
    assert kept.expires_at - kept.created_at == timedelta(days=90)
    with app.app_context():
        act = db.session.scalars(sa.select(Act)).one()
    assert (act.kind, act.subject, act.site_id) == ("token-made", "CMS · decide", 1)


@pytest.mark.parametrize(
    "data",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"scope": "own"},
        {"scope": ""},
        {"days": "31"},
        {"days": ""},
        {"days": "-1"},
    ],
)
def test_what_is_no_token_is_refused(app: Flask, data: dict[str, str]) -> None:
    with newsroom(app):
        pass
    usual = {"name": "CMS", "scope": "read", "days": "30"}

    assert post(signed_in(app), PAGE, **usual | data).status_code == 422
    assert tokens(app) == []


def test_an_expired_token_opens_nothing(app: Flask) -> None:
    with newsroom(app):
        pass
    client = signed_in(app)
    month, ever = made(client, days="30"), made(client, days="0")

    with time_machine.travel(datetime.now(UTC) + timedelta(days=29), tick=False):
        before = [api(app, month), api(app, ever)]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=30, minutes=1), tick=False):
        after = [api(app, month), api(app, ever)]

    assert before == [200, 200]
    assert after == [401, 200]


def test_its_last_use_is_kept_to_five_minutes(app: Flask) -> None:
    with newsroom(app):
        pass
    token, start = made(signed_in(app)), datetime.now(UTC)
    used = []

    for minutes in (0, 3, 6):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            api(app, token)
        [kept] = tokens(app)
        assert kept.used_at
        used.append(round((kept.used_at - start).total_seconds() / 60))

    assert used == [0, 0, 6]


def test_a_viewers_token_only_reads(app: Flask) -> None:
    with newsroom(app) as (site, _):
        an_editor(site, "viewer@paper.example", Role.VIEWER)
    viewer = signed_in(app, "viewer@paper.example")

    refused = post(viewer, PAGE, name="CMS", scope="decide", days="30")

    assert refused.status_code == 403
    assert 'value="decide"' not in viewer.get(PAGE, base_url=BASE).text
    assert api(app, made(viewer)) == 200


def test_editors_see_and_revoke_their_own_and_owners_all(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        token = a_token(ed, site)
        an_editor(site, "vi@paper.example")
        an_editor(site, "owner@paper.example", Role.OWNER)
    [kept] = tokens(app)
    revoke = f"{PAGE}/{kept.id}/revoke"
    vi, owner = signed_in(app, "vi@paper.example"), signed_in(app, "owner@paper.example")

    seen = [revoke in client.get(PAGE, base_url=BASE).text for client in (vi, owner)]
    anothers = post(vi, revoke).status_code
    still = api(app, token)
    owners = post(owner, revoke).status_code

    assert seen == [False, True]
    assert (anothers, still, owners) == (404, 200, 303)
    assert api(app, token) == 401
    assert post(owner, revoke).status_code == 404


def test_another_sites_owner_revokes_nothing_here(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        token = a_token(ed, site)
        an_editor(a_site("Tribune", "https://tribune.example"), "olga@tribune.example", Role.OWNER)
    [kept] = tokens(app)
    hers = "/desk/sites/2/tokens"
    olga = signed_in(app, "olga@tribune.example")

    statuses = [post(olga, f"{place}/{kept.id}/revoke", hers).status_code for place in (PAGE, hers)]

    assert statuses == [404, 404]
    assert api(app, token) == 200
