"""Who may do what: every route for every kind of person."""

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from feedback.accounts.models import Role
from feedback.db import db
from feedback.reports.models import Spot, Status
from tests.makers import a_site, a_spot, an_editor, csrf, newsroom, signed_in

BASE = "https://feedback.example"

#: What each route of the desk answers: a stranger, Olga of another site, a viewer, an editor.
DESK = {
    ("GET", "desk.home"): (303, 303, 303, 303),
    ("GET", "desk.waiting"): (303, 404, 200, 200),
    ("GET", "desk.all_sites"): (303, 200, 200, 200),
    ("GET", "desk.spot"): (303, 404, 200, 200),
    ("POST", "desk.decide"): (303, 404, 403, 303),
    ("GET", "desk.decided"): (303, 303, 303, 303),
    ("POST", "desk.look"): (303, 404, 403, 303),
    ("POST", "batches.begin"): (303, 404, 403, 303),
    ("POST", "views.save"): (303, 404, 303, 303),
    ("POST", "live.claim"): (303, 404, 403, 200),
    ("GET", "live.tell"): (303, 404, 200, 200),
    ("GET", "live.tell_all"): (303, 200, 200, 200),
    ("GET", "others.near"): (303, 404, 403, 200),
    ("GET", "reasons.listed"): (303, 404, 200, 200),
    ("POST", "reasons.add"): (303, 404, 403, 403),
    ("GET", "sites.setup"): (303, 404, 200, 200),
    ("GET", "checks.ask"): (303, 404, 403, 200),
    ("POST", "checks.examine"): (303, 404, 403, 200),
    ("POST", "accounts.leave"): (303, 303, 303, 303),
}
#: What the pages of people answer: those four, and an owner. Nothing is there for the ids of rows.
PEOPLE = {
    ("GET", "profile.show"): (303, 200, 200, 200, 200),
    ("POST", "profile.keep"): (303, 303, 303, 303, 303),
    ("POST", "profile.change_password"): (303, 422, 422, 422, 422),
    ("POST", "profile.end"): (303, 404, 404, 404, 404),
    ("POST", "profile.end_others"): (303, 303, 303, 303, 303),
    ("GET", "second_factor.show"): (303, 200, 200, 200, 200),
    ("GET", "second_factor.picture"): (303, 404, 404, 404, 404),
    ("POST", "second_factor.turn_on"): (303, 303, 303, 303, 303),
    ("POST", "second_factor.renew"): (303, 303, 303, 303, 303),
    ("POST", "second_factor.turn_off"): (303, 303, 303, 303, 303),
    ("GET", "members.show"): (303, 404, 403, 403, 200),
    ("POST", "members.invite"): (303, 404, 403, 403, 422),
    ("POST", "members.revoke"): (303, 404, 403, 403, 404),
    ("POST", "members.change"): (303, 404, 403, 403, 404),
    ("POST", "members.remove"): (303, 404, 403, 403, 404),
    ("GET", "tokens.show"): (303, 404, 200, 200, 200),
    ("POST", "tokens.make"): (303, 404, 422, 422, 422),
    ("POST", "tokens.revoke"): (303, 404, 404, 404, 404),
    ("GET", "site_hook.show"): (303, 404, 403, 403, 200),
    ("POST", "site_hook.make"): (303, 404, 403, 403, 200),
    ("POST", "site_hook.remove"): (303, 404, 403, 403, 303),
    ("GET", "site_corrections.show"): (303, 404, 403, 403, 200),
    ("POST", "site_corrections.keep"): (303, 404, 403, 403, 303),
    ("GET", "feed_key.show"): (303, 200, 200, 200, 200),
    ("POST", "feed_key.make"): (303, 200, 200, 200, 200),
    ("POST", "feed_key.remove"): (303, 303, 303, 303, 303),
    ("GET", "chat_buttons.show"): (303, 404, 403, 403, 404),
    ("POST", "chat_buttons.turn_on"): (303, 404, 403, 403, 404),
    ("POST", "chat_buttons.turn_off"): (303, 404, 403, 403, 404),
    ("GET", "chat_links.ask"): (303, 404, 404, 404, 404),
    ("POST", "chat_links.link"): (303, 404, 404, 404, 404),
    ("POST", "chat_links.remove"): (303, 404, 404, 404, 404),
    ("GET", "own_mail.show"): (303, 200, 200, 200, 200),
    ("POST", "own_mail.keep"): (303, 404, 303, 303, 303),
    ("GET", "carriers.listed"): (303, 404, 403, 403, 200),
    ("POST", "carriers.add"): (303, 404, 403, 403, 422),
    ("GET", "carriers.show"): (303, 404, 403, 403, 404),
    ("GET", "carriers.ask"): (303, 404, 403, 403, 404),
    ("POST", "carriers.change"): (303, 404, 403, 403, 404),
    ("POST", "carriers.switch_off"): (303, 404, 403, 403, 404),
    ("POST", "carriers.switch_on"): (303, 404, 403, 403, 404),
    ("POST", "carriers.rotate"): (303, 404, 403, 403, 404),
    ("POST", "carriers.test"): (303, 404, 403, 403, 404),
    ("POST", "carriers.settle_dead"): (303, 404, 403, 403, 404),
    ("POST", "carriers.remove"): (303, 404, 403, 403, 404),
    ("GET", "letters.show"): (303, 404, 403, 403, 404),
    ("POST", "letters.replay"): (303, 404, 403, 403, 404),
    ("POST", "letters.drop"): (303, 404, 403, 403, 404),
    ("GET", "site_record.administration"): (303, 404, 403, 403, 200),
    ("GET", "site_record.decisions"): (303, 404, 200, 200, 200),
}
#: A page that no site admits: it is told so, and nothing leaves.
ELSEWHERE_PAGE = "https://elsewhere.example/"
#: Routes that are open, or have another lock, with tests of their own.
ELSEWHERE = {
    "accounts.sign_in", "accounts.enter", "accounts.welcome", "accounts.choose",
    "acting.ask", "acting.act", "unsubscribing.ask", "unsubscribing.stop",
    "accounts.code", "accounts.enter_with_code", "joining.ask", "joining.join",
    "receipts.show", "erasing.ask", "erasing.erase", "embed", "static",
    "health.front", "health.healthz", "health.readyz",
    "metrics.metrics", "reached.tell", "report_form.ask", "report_form.send",
    "reasons.change",
    "batches.show",
    "batches.undo",
    "views.remove",
    "corrections.show", "corrections.atom", "corrections.json_feed", "corrections.badge",
    "corrections_api.told", "queue_feed.atom",
    "reports_api.take", "reports_api.preflight", "hooks.article_updated", "api.events",
    "chat_hooks.telegram", "chat_hooks.slack",
    "api.spots", "api.spot", "api.decisions", "api.look", "api.site_reasons", "api.openapi",
}  # fmt: skip


def routes(app: Flask) -> list[Rule]:
    return list(app.url_map.iter_rules())


def test_the_table_knows_every_route(app: Flask) -> None:
    known = {endpoint for _, endpoint in DESK | PEOPLE} | ELSEWHERE

    assert {rule.endpoint for rule in routes(app)} == known


def ask(app: Flask, client: FlaskClient, method: str, endpoint: str, spot_id: int) -> int:
    with app.test_request_context(base_url=BASE):
        values = {
            "desk.waiting": {"site_id": 1},
            "batches.begin": {"site_id": 1},
            "views.save": {"site_id": 1},
            "live.claim": {"spot_id": spot_id},
            "live.tell": {"site_id": 1, "since": 2**53},
            "live.tell_all": {"since": 2**53},
            "others.near": {"spot_id": spot_id},
            "reasons.listed": {"site_id": 1},
            "reasons.add": {"site_id": 1},
            "sites.setup": {"site_id": 1},
            "checks.ask": {"site_id": 1},
            "checks.examine": {"site_id": 1},
            "desk.spot": {"spot_id": spot_id},
            "desk.decide": {"spot_id": spot_id},
            "desk.decided": {"spot_id": spot_id},
            "desk.look": {"spot_id": spot_id},
        }.get(endpoint, {})
        path = url_for(endpoint, **values).removeprefix(BASE)
    if method == "GET":
        return client.get(path, base_url=BASE).status_code
    page = client.get("/desk/", base_url=BASE, follow_redirects=True).text
    data = {"csrf_token": csrf(page), "kind": "accept", "version": "1", "address": ELSEWHERE_PAGE}
    headers = {"Referer": f"{BASE}/desk/"}
    return client.post(path, base_url=BASE, headers=headers, data=data).status_code


@pytest.mark.parametrize("person", ["stranger", "olga", "viewer", "ed"])
def test_each_person_gets_what_is_theirs(app: Flask, person: str) -> None:
    with newsroom(app) as (site, _):
        an_editor(site, "viewer@paper.example", Role.VIEWER)
        tribune = a_site("Tribune", "https://tribune.example")
        an_editor(tribune, "olga@tribune.example", Role.OWNER)
        spot_id = a_spot(site).id
    addresses = {
        "olga": "olga@tribune.example",
        "viewer": "viewer@paper.example",
        "ed": "ed@paper.example",
    }
    column = ["stranger", "olga", "viewer", "ed"].index(person)

    for (method, endpoint), expected in DESK.items():
        client = app.test_client() if person == "stranger" else signed_in(app, addresses[person])

        assert ask(app, client, method, endpoint, spot_id) == expected[column], endpoint

    with app.app_context():
        decided = db.session.get_one(Spot, spot_id).status
        assert decided is (Status.ACCEPTED if person == "ed" else Status.WAITING)


@pytest.mark.parametrize("person", ["stranger", "olga", "viewer", "ed", "owner"])
def test_each_person_gets_the_pages_of_people_that_are_theirs(app: Flask, person: str) -> None:
    with newsroom(app) as (site, _):
        an_editor(site, "viewer@paper.example", Role.VIEWER)
        an_editor(site, "owner@paper.example", Role.OWNER)
        an_editor(a_site("Tribune", "https://tribune.example"), "olga@tribune.example", Role.OWNER)
        addresses = {each: f"{each}@paper.example" for each in ("viewer", "ed", "owner")}
    addresses["olga"] = "olga@tribune.example"
    column = ["stranger", "olga", "viewer", "ed", "owner"].index(person)
    client = app.test_client() if person == "stranger" else signed_in(app, addresses[person])
    answers = {}

    for (method, endpoint), expected in PEOPLE.items():
        rule = next(rule for rule in routes(app) if rule.endpoint == endpoint)
        values = {name: 1 if name == "site_id" else 999_999 for name in rule.arguments}
        with client.session_transaction(base_url=BASE) as session:
            session.pop("totp", None)
        answers[endpoint] = (person_asks(app, client, method, endpoint, values), expected[column])

    assert {name: each for name, each in answers.items() if each[0] != each[1]} == {}


def person_asks(
    app: Flask, client: FlaskClient, method: str, endpoint: str, values: dict[str, int]
) -> int:
    with app.test_request_context(base_url=BASE):
        path = url_for(endpoint, **values).removeprefix(BASE)
    if method == "GET":
        return client.get(path, base_url=BASE).status_code
    page = client.get("/desk/", base_url=BASE, follow_redirects=True).text
    data = {"csrf_token": csrf(page)} | ({"zone": "", "language": ""} if "keep" in endpoint else {})
    headers = {"Referer": f"{BASE}/desk/"}
    return client.post(path, base_url=BASE, headers=headers, data=data).status_code


@pytest.mark.parametrize("number", [2**63, 2**70])
def test_ids_that_no_database_takes_are_not_found(app: Flask, number: int) -> None:
    with newsroom(app) as (site, _):
        an_editor(site, "owner@paper.example", Role.OWNER)
    client = signed_in(app, "owner@paper.example")
    places = [each for each in PEOPLE if each[0] == "POST"]

    for method, endpoint in places:
        rule = next(rule for rule in routes(app) if rule.endpoint == endpoint)
        values = {name: 1 if name == "site_id" else number for name in rule.arguments}
        if set(values) - {"site_id"}:
            assert person_asks(app, client, method, endpoint, values) == 404, endpoint


def test_a_viewer_sees_no_decision_buttons(app: Flask) -> None:
    with newsroom(app) as (site, _):
        an_editor(site, "viewer@paper.example", Role.VIEWER)
        spot_id = a_spot(site).id
    client = signed_in(app, "viewer@paper.example")

    for path in ("/desk/sites/1/", f"/desk/spots/{spot_id}"):
        page = client.get(path, base_url=BASE).text

        assert "wrold" in page
        assert f"/desk/spots/{spot_id}/decisions" not in page
        assert f"/desk/spots/{spot_id}/look" not in page


@pytest.mark.parametrize("spot_id", [999_999, 2**63, 2**70, 0])
def test_a_spot_that_is_not_there_is_not_found(app: Flask, spot_id: int) -> None:
    with newsroom(app):
        pass

    assert signed_in(app).get(f"/desk/spots/{spot_id}", base_url=BASE).status_code == 404
