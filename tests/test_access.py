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
    ("GET", "desk.spot"): (303, 404, 200, 200),
    ("POST", "desk.decide"): (303, 404, 403, 303),
    ("GET", "desk.decided"): (303, 303, 303, 303),
    ("POST", "desk.look"): (303, 404, 403, 303),
    ("GET", "sites.setup"): (303, 404, 200, 200),
    ("GET", "checks.ask"): (303, 404, 403, 200),
    ("POST", "checks.examine"): (303, 404, 403, 200),
    ("POST", "accounts.leave"): (303, 303, 303, 303),
}
#: A page that no site admits: it is told so, and nothing leaves.
ELSEWHERE_PAGE = "https://elsewhere.example/"
#: Routes that are open, or have another lock, with tests of their own.
ELSEWHERE = {
    "accounts.sign_in", "accounts.enter", "accounts.welcome", "accounts.choose",
    "receipts.show", "health.front", "health.healthz", "health.readyz", "embed", "static",
    "metrics.metrics", "report_form.ask", "report_form.send",
    "reports_api.take", "reports_api.preflight",
    "api.spots", "api.spot", "api.decisions", "api.look", "api.site_reasons", "api.openapi",
}  # fmt: skip


def routes(app: Flask) -> list[Rule]:
    return list(app.url_map.iter_rules())


def test_the_table_knows_every_route(app: Flask) -> None:
    known = {endpoint for _, endpoint in DESK} | ELSEWHERE

    assert {rule.endpoint for rule in routes(app)} == known


def ask(app: Flask, client: FlaskClient, method: str, endpoint: str, spot_id: int) -> int:
    with app.test_request_context(base_url=BASE):
        values = {
            "desk.waiting": {"site_id": 1},
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
