"""Whose is it? Every address with something in it, asked by those whose it is not.

The addresses are drawn from the routes themselves: a route that names a new kind of row fails here
until `owned_rows` has one.
"""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, url_for
from flask.testing import FlaskClient

from feedback.accounts import invitations, keys
from feedback.accounts.models import Editor, Invitation, Role, SignIn, Token
from feedback.db import Model, db, now
from feedback.desk import batches, reasons, views
from feedback.desk.batches import Order
from feedback.desk.models import ChatUser, Kind
from feedback.desk.queue import Query
from feedback.sites import Site
from tests.makers import (
    a_carrier,
    a_letter,
    a_site,
    a_spot,
    a_token,
    an_editor,
    csrf,
    newsroom,
    signed_in,
)
from tests.test_access import routes

BASE = "https://feedback.example"

#: Whose address alone opens them, whoever asks: what is made up opens nothing.
SECRETS = {"receipt", "key", "token", "invitation"}
#: Routes with a number in their address that lead on to a page that asks who is there.
LEADING_ON = {"desk.decided"}
#: What a viewer may do with what is the viewer's own, or with nothing: it changes no one else's.
VIEWERS = {"views.save", "own_mail.keep"}


def owned_rows(site: Site, ed: Editor) -> dict[str, int]:
    """A row of each kind that an address can name, all of one site; by the names in addresses."""
    spot = a_spot(site)
    carrier = a_carrier(site)
    rows = {
        "letter_id": a_letter(carrier),
        "reason_id": reasons.add(db.session, site.id, "Spelt so", "We spell it so."),
        "view_id": views.keep(db.session, ed, Query((site.id,)), "All"),
        "batch_id": batches.begin(
            db.session, site.id, ed, Order(Kind.ACCEPT), batches.chosen([spot.id]), now()
        ),
        "number": ChatUser(service="slack:1", user="U1", name="Ed", editor_id=ed.id, at=now()),
    }
    db.session.add_all(rows.values())
    invitations.make(db.session, site.id, Role.EDITOR, "", ed)
    a_token(ed, site)
    keys.sign_in(db.session, ed, 30)
    db.session.commit()
    newest = {"invitation_id": Invitation, "token_id": Token, "sign_in_id": SignIn}
    ids = {
        name: db.session.scalar(sa.select(sa.func.max(each.id))) for name, each in newest.items()
    }
    ids |= {name: row.id for name, row in rows.items()}
    return ids | {
        "site_id": site.id, "spot_id": spot.id, "carrier_id": carrier.id, "editor_id": ed.id,
    }  # fmt: skip


def kept() -> dict[str, list[str]]:
    """All that the database holds, but for what is counted and who was seen when."""
    passing = {"sign_in", "token", "count", "figure", "look_count", "editor"}
    tables = [each for each in Model.metadata.sorted_tables if each.name not in passing]
    with db.reading.connect() as connection:
        return {
            table.name: sorted(str(row) for row in connection.execute(sa.select(table)))
            for table in tables
        }


def asked(app: Flask, ids: dict[str, int]) -> dict[tuple[str, str], str]:
    """Every route with something in its address, and the address of Paper's: by method and name."""
    found = {}
    with app.test_request_context(base_url=BASE):
        for rule in routes(app):
            names = rule.arguments
            if not names or rule.endpoint == "static":
                continue
            values: dict[str, Any] = {
                name: "made.up" if name in SECRETS else ids[name] for name in names
            }
            path = url_for(rule.endpoint, **values).removeprefix(BASE)
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                found[method, rule.endpoint] = path
    return found


@pytest.fixture
def paper(app: Flask) -> dict[str, int]:
    """Paper with a row of everything, its people, and Olga who owns another site."""
    with newsroom(app) as (site, ed):
        an_editor(site, "viewer@paper.example", Role.VIEWER)
        an_editor(a_site("Tribune", "https://tribune.example"), "olga@tribune.example", Role.OWNER)
        return owned_rows(site, ed)


def lapsed(app: Flask) -> FlaskClient:
    """Ed's browser, whose sign-in has ended elsewhere; its cookie is as it was."""
    client = signed_in(app)
    with app.app_context():
        db.session.execute(sa.delete(SignIn))
        db.session.commit()
    return client


def answers(
    client: FlaskClient, paths: dict[tuple[str, str], str], token: str
) -> dict[tuple[str, str], int]:
    headers = {"Referer": f"{BASE}/desk/", "Accept": "text/html"}
    form = {"csrf_token": token, "kind": "accept", "version": "1", "role": "owner", "do": "retire"}
    found = {}
    for (method, name), path in paths.items():
        data = form if method == "POST" else None
        answer = client.open(path, method=method, base_url=BASE, headers=headers, data=data)
        found[method, name] = answer.status_code
    return found


@pytest.mark.parametrize("person", ["stranger", "lapsed", "olga", "viewer"])
def test_what_is_another_sites_is_not_there(app: Flask, paper: dict[str, int], person: str) -> None:
    clients = {
        "stranger": app.test_client,
        "lapsed": lambda: lapsed(app),
        "olga": lambda: signed_in(app, "olga@tribune.example"),
        "viewer": lambda: signed_in(app, "viewer@paper.example"),
    }
    client = clients[person]()
    token = csrf(client.get("/desk/", base_url=BASE, follow_redirects=True).text)
    with app.app_context():
        before = kept()

    found = answers(client, asked(app, paper), token)

    wrong = {each: status for each, status in found.items() if not _kept_out(person, *each, status)}
    assert wrong == {}
    with app.app_context():
        after = kept()
    if person == "viewer":
        for each in ("saved_view", "subscription", "carrier", "act"):
            before.pop(each), after.pop(each)
    assert after == before


def _kept_out(person: str, method: str, endpoint: str, status: int) -> bool:
    """Tell whether an answer is that nothing is there, or that one is to sign in."""
    if endpoint in LEADING_ON:
        return status == 303
    if person in {"stranger", "lapsed"}:
        return status in {303, 401, 403, 404}
    if person == "viewer":
        return method == "GET" or endpoint in VIEWERS or status in {303, 401, 403, 404, 422}
    return status in {401, 404} or (
        endpoint.startswith(("chat_hooks.", "hooks.")) and status == 403
    )


def test_rows_are_looked_for_in_the_site_of_the_address(app: Flask, paper: dict[str, int]) -> None:
    """Olga asks for what is Paper's under the address of her own site, where she may do all."""
    with app.app_context():
        before = kept()
    client = signed_in(app, "olga@tribune.example")
    page = client.get("/desk/", base_url=BASE, follow_redirects=True).text
    paths = asked(app, paper | {"site_id": 2})
    rows = {rule.endpoint for rule in routes(app) if rule.arguments - {"site_id"} - SECRETS}
    paths = {each: path for each, path in paths.items() if each[1] in rows - LEADING_ON}

    found = answers(client, paths, csrf(page))

    assert {each: n for each, n in found.items() if not _kept_out("olga", *each, n)} == {}
    with app.app_context():
        assert kept() == before


def test_tokens_open_their_own_site(app: Flask, paper: dict[str, int]) -> None:
    with app.app_context():
        olga = db.session.scalars(sa.select(Editor).where(Editor.email.like("olga%"))).one()
        token = a_token(olga, db.session.get_one(Site, 2))
        before = kept()
    client, found = app.test_client(), {}
    decision = {"kind": "accept", "version": 1}
    for (method, endpoint), path in asked(app, paper).items():
        if endpoint.startswith("api."):
            for key, expected in ((token, 404), ("", 401), (f"{token}x", 401)):
                headers = {"Authorization": f"Bearer {key}"}
                answer = client.open(path, method=method, headers=headers, json=decision)
                found[method, endpoint, key] = (answer.status_code, expected)

    assert {each: pair for each, pair in found.items() if pair[0] != pair[1]} == {}
    own = client.get("/api/v1/spots", headers={"Authorization": f"Bearer {token}"})
    assert own.json["spots"] == []
    with app.app_context():
        assert kept() == before
