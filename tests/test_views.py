"""Saved views: queries that an editor keeps under names."""

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts.models import Role
from feedback.db import db
from feedback.desk import views
from feedback.desk.models import SavedView
from tests.conftest import BASE
from tests.makers import a_site, a_spot, an_editor, csrf, newsroom, signed_in

QUEUE = "/desk/sites/1/"


def post(client: FlaskClient, path: str, **data: str) -> int:
    page = client.get("/desk/", base_url=BASE, follow_redirects=True).text
    headers = {"Referer": f"{BASE}/desk/"}
    data = {"csrf_token": csrf(page)} | data
    return client.post(path, base_url=BASE, headers=headers, data=data).status_code


def kept(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        found = db.session.scalars(sa.select(SavedView).order_by(SavedView.id))
        return [(view.name, view.query) for view in found]


def test_a_view_is_kept_counted_and_removed(app: Flask) -> None:
    with newsroom(app) as (site, _):
        a_spot(site)
    client = signed_in(app)

    assert post(client, f"{QUEUE}views", name="Old hands", query="readers=2&nonsense=1") == 303
    assert post(client, f"{QUEUE}views", name="<Letters>", query="order=newest") == 303
    page = client.get(QUEUE, base_url=BASE).text

    assert kept(app) == [("Old hands", "readers=2"), ("<Letters>", "order=newest")]
    assert "Old hands" in page
    assert "&lt;Letters&gt;" in page
    with app.app_context():
        view_id = db.session.scalars(sa.select(SavedView.id).order_by(SavedView.id)).first()
    assert post(client, f"/desk/views/{view_id}/remove") == 303
    assert kept(app) == [("<Letters>", "order=newest")]


def test_the_same_name_is_the_same_view(app: Flask) -> None:
    with newsroom(app):
        pass
    client = signed_in(app)

    for query in ("readers=2", "readers=3"):
        post(client, f"{QUEUE}views", name="Many", query=query)

    assert kept(app) == [("Many", "readers=3")]


def test_there_is_room_for_some(app: Flask) -> None:
    with newsroom(app):
        pass
    client = signed_in(app)

    for number in range(views.MOST + 1):
        post(client, f"{QUEUE}views", name=f"View {number}", query="")

    assert len(kept(app)) == views.MOST


def test_a_view_without_a_name_or_a_query_of_ours_is_not_kept(app: Flask) -> None:
    with newsroom(app):
        pass
    client = signed_in(app)

    assert post(client, f"{QUEUE}views", name="", query="") == 303
    assert post(client, f"{QUEUE}views", name="x" * 41, query="") == 303
    assert post(client, f"{QUEUE}views", name="Odd", query="status=odd") == 404
    assert kept(app) == []


def test_a_view_is_its_editor_s_alone(app: Flask) -> None:
    with newsroom(app) as (site, _):
        an_editor(site, "viewer@paper.example", Role.VIEWER)
        an_editor(a_site("Tribune", "https://tribune.example"), "olga@tribune.example")
    ed, viewer = signed_in(app), signed_in(app, "viewer@paper.example")
    post(ed, f"{QUEUE}views", name="Mine", query="")
    with app.app_context():
        view_id = db.session.scalars(sa.select(SavedView.id)).one()

    assert "Mine" not in viewer.get(QUEUE, base_url=BASE).text
    assert post(viewer, f"/desk/views/{view_id}/remove") == 404
    assert post(signed_in(app, "olga@tribune.example"), f"{QUEUE}views", name="x") == 404
    assert len(kept(app)) == 1
