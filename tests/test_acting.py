"""Acting: a link in a letter decides once, for whom it was, and only after a question."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask, current_app
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from feedback.accounts.models import Editor, Membership, Role
from feedback.db import db, now
from feedback.desk.letters import actions
from feedback.desk.letters.actions import Action, Expired, Untrue
from feedback.desk.models import Decision, Kind, Reason
from feedback.reports.models import Spot, Status
from tests.makers import a_site, a_spot, an_editor, csrf, newsroom, signed_in
from tests.test_digests import decide

BASE = "https://feedback.example"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


# The token


def test_a_token_says_what_it_was_made_of() -> None:
    for editor_id in (None, 3):
        token = actions.make("hush", 7, 2, Kind.REJECT, editor_id, NOON)

        assert re.fullmatch(r"[\w.-]+", token)
        read = actions.read("hush", token, NOON - timedelta(seconds=1))
        assert read == Action(7, 2, Kind.REJECT, editor_id)


def test_a_token_ends() -> None:
    token = actions.make("hush", 7, 2, Kind.FIX, None, NOON)

    with pytest.raises(Expired):
        actions.read("hush", token, NOON)


@given(st.integers(0, 60), st.characters(exclude_categories=["Cs"]))
def test_a_token_is_not_changed(place: int, char: str) -> None:
    token = actions.make("hush", 7, 2, Kind.FIX, 3, NOON)
    place %= len(token)
    changed = token[:place] + char + token[place + 1 :]

    if changed != token:
        with pytest.raises(Untrue):
            actions.read("hush", changed, NOON - timedelta(days=1))


@pytest.mark.parametrize("text", ["", ".", "7.1.fix.0.99999999999", "a.b.c.d.e.f", "é", "x" * 999])
def test_what_is_no_token_is_untrue(text: str) -> None:
    with pytest.raises(Untrue):
        actions.read("hush", text, NOON)


def test_a_token_of_another_service_is_untrue() -> None:
    with pytest.raises(Untrue):
        actions.read("other", actions.make("hush", 7, 2, Kind.FIX, 3, NOON), NOON)


# The page


def link(spot: Spot, editor: Editor | None, kind: Kind = Kind.ACCEPT) -> str:
    secret = current_app.extensions["settings"].secret
    editor_id = editor.id if editor else None
    address = actions.links(BASE, secret, spot, editor_id, now())[kind.value]
    return address.removeprefix(BASE)


def opened(client: FlaskClient, path: str) -> Any:
    return client.get(path, base_url=BASE)


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def confirmed(client: FlaskClient, path: str, **form: str) -> Any:
    data = {"csrf_token": csrf(opened(client, path).text)} | form
    return client.post(path, base_url=BASE, data=data, headers={"Referer": BASE + path})


@contextmanager
def a_spot_of_eds(app: Flask) -> Iterator[tuple[Spot, Editor]]:
    with newsroom(app) as (site, ed):
        yield a_spot(site, comment="It is round indeed."), ed


def decided() -> list[tuple[Kind, int | None]]:
    rows = db.session.scalars(sa.select(Decision).order_by(Decision.id)).all()
    db.session.commit()
    return [(row.kind, row.editor_id) for row in rows]


def test_a_link_asks_and_then_decides_once_as_its_editor(app: Flask) -> None:
    with a_spot_of_eds(app) as (spot, ed):
        path = link(spot, ed)
    client = app.test_client()

    page = opened(client, path)
    done = confirmed(client, path)
    after = opened(client, path)
    again = client.post(
        path,
        base_url=BASE,
        headers={"Referer": BASE + path},
        data={"csrf_token": csrf(page.text)},
    )

    assert page.status_code == 200
    assert "It is round indeed." in page.text
    assert "<del>" in page.text
    assert "ed@paper.example" in page.text
    assert (done.status_code, done.location) == (303, path)
    assert "Accepted: will be fixed" in words(after.text)
    assert "<form" not in after.text
    assert again.status_code == 409
    with app.app_context():
        assert decided() == [(Kind.ACCEPT, ed.id)]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_to_look_at_a_link_decides_nothing(method: str, app: Flask) -> None:
    with a_spot_of_eds(app) as (spot, ed):
        path = link(spot, ed)

    for _ in range(3):
        assert app.test_client().open(path, base_url=BASE, method=method).status_code == 200

    with app.app_context():
        assert decided() == []


def test_a_form_from_elsewhere_decides_nothing(app: Flask) -> None:
    with a_spot_of_eds(app) as (spot, ed):
        path = link(spot, ed)

    answer = app.test_client().post(path, base_url=BASE)

    assert answer.status_code == 400
    with app.app_context():
        assert decided() == []


def test_a_rejection_asks_why(app: Flask) -> None:
    with a_spot_of_eds(app) as (spot, ed):
        path = link(spot, ed, Kind.REJECT)
    client = app.test_client()

    without = confirmed(client, path)
    done = confirmed(client, path, reason=Reason.QUOTED, note="As in the speech.")

    assert without.status_code == 422
    assert "A rejection needs a reason." in words(without.text)
    assert done.status_code == 303
    with app.app_context():
        decision = db.session.scalars(sa.select(Decision)).one()
        assert (decision.reason, decision.note) == ("quoted", "As in the speech.")


def test_who_comes_late_is_told_what_happened_meanwhile(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        path = link(a_spot(site), ed)
        eve = an_editor(site, "eve@paper.example")
    client = app.test_client()
    token = csrf(opened(client, path).text)
    with app.app_context():
        decide(db.session.get_one(Spot, 1), eve, Kind.REJECT, Reason.STYLE)

    page = opened(client, path)
    answer = client.post(
        path, base_url=BASE, data={"csrf_token": token}, headers={"Referer": BASE + path}
    )

    for text in (words(page.text), words(answer.text)):
        assert "This link decides nothing any more" in text
        assert "eve@paper.example decided meanwhile: Rejected." in text
    assert (page.status_code, answer.status_code) == (200, 409)
    assert "<form" not in page.text
    with app.app_context():
        assert db.session.get_one(Spot, 1).status is Status.REJECTED


def test_one_link_of_a_letter_is_used_up_with_the_others(app: Flask) -> None:
    with a_spot_of_eds(app) as (spot, ed):
        accept, fix = link(spot, ed), link(spot, ed, Kind.FIX)
    client = app.test_client()
    confirmed(client, accept)

    page = opened(client, fix)

    assert "This link decides nothing any more" in words(page.text)


def test_an_old_link_is_good_for_nothing(app: Flask) -> None:
    with a_spot_of_eds(app) as (spot, ed):
        path = link(spot, ed)
    client = app.test_client()

    with time_machine.travel(now() + timedelta(days=7, minutes=1), tick=False):
        page = opened(client, path)

    assert page.status_code == 410
    assert "seven days" in page.text


@pytest.mark.parametrize("path", ["/act/x", "/act/7.1.fix.1.99999999999.x", "/act/%ff", "/act/ü"])
def test_a_made_up_link_leads_nowhere(path: str, client: FlaskClient) -> None:
    assert opened(client, path).status_code == 404


def test_who_left_decides_nothing(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        path = link(a_spot(site), ed)
        db.session.execute(sa.delete(Membership).where(Membership.editor_id == ed.id))
        db.session.commit()

    answer = opened(app.test_client(), path)

    assert answer.status_code == 404
    assert "wrold" not in answer.text


def test_who_was_disabled_decides_nothing(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        path = link(a_spot(site), ed)
        ed.disabled_at = now()
        db.session.commit()

    assert opened(app.test_client(), path).status_code == 404


def test_who_became_a_viewer_decides_nothing(app: Flask) -> None:
    with newsroom(app) as (site, _):
        viewer = an_editor(site, "viewer@paper.example", Role.VIEWER)
        path = link(a_spot(site), viewer)

    assert opened(app.test_client(), path).status_code == 403


def test_a_link_from_a_chat_decides_as_whoever_is_signed_in(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        path = link(a_spot(site), None)
        an_editor(a_site("Tribune", "https://tribune.example"), "olga@tribune.example")
        an_editor(site, "viewer@paper.example", Role.VIEWER)

    stranger = opened(app.test_client(), path)
    olga = opened(signed_in(app, "olga@tribune.example"), path)
    viewer = opened(signed_in(app, "viewer@paper.example"), path)
    client = signed_in(app)
    done = confirmed(client, path)

    assert (stranger.status_code, olga.status_code, viewer.status_code) == (303, 404, 403)
    assert stranger.location == f"/sign-in?next={path}"
    assert "wrold" not in olga.text
    assert done.status_code == 303
    with app.app_context():
        assert decided() == [(Kind.ACCEPT, ed.id)]


def test_the_page_speaks_its_editors_language(app: Flask) -> None:
    with a_spot_of_eds(app) as (spot, ed):
        path = link(spot, ed)
        ed.language = "de"
        db.session.commit()

    assert '<html lang="de"' in opened(app.test_client(), path).text


def test_the_address_goes_nowhere_else(app: Flask) -> None:
    with a_spot_of_eds(app) as (spot, ed):
        path = link(spot, ed)

    headers = opened(app.test_client(), path).headers

    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Cache-Control"] == "no-store"
