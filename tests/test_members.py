"""Members: roles, invitations that work once, and a site that keeps an owner."""

import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts import invitations, keys, members, people
from feedback.accounts.members import LastOwner
from feedback.accounts.models import Act, Editor, Invitation, Membership, Role
from feedback.accounts.people import Expired
from feedback.db import db
from tests.makers import PASSWORD, a_site, a_token, an_editor, csrf, newsroom, signed_in

BASE = "https://feedback.example"
PAGE = "/desk/sites/1/members"
OWNER = "owner@paper.example"


def post(client: FlaskClient, path: str, page: str = PAGE, **data: str) -> Any:
    token = csrf(client.get(page, base_url=BASE).text)
    headers = {"Referer": BASE + page}
    return client.post(path, base_url=BASE, headers=headers, data={"csrf_token": token} | data)


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    """A browser at which the owner of Ed's site is signed in."""
    with newsroom(app) as (site, _):
        an_editor(site, OWNER, Role.OWNER)
    return signed_in(app, OWNER)


def roles(app: Flask) -> dict[str, str]:
    with app.app_context():
        rows = db.session.execute(
            sa.select(Editor.email, Membership.role).join(Membership.editor)
        ).all()
        return {email: role.value for email, role in rows}


def acts(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [(act.kind, act.subject) for act in db.session.scalars(sa.select(Act))]


def number(app: Flask, email: str) -> int:
    with app.app_context():
        return people.named(db.session, email).id


def link_on(page: str) -> str:
    found = re.search(r"<code data-copied>https://feedback.example(/join/[\w-]+)</code>", page)
    assert found
    return found[1]


def invited(client: FlaskClient, role: str = "editor", note: str = "Ann") -> str:
    """Invite somebody; give the link's path."""
    answer = post(client, PAGE, role=role, note=note)
    assert answer.status_code == 200
    return link_on(answer.text)


# Roles


def test_an_owner_sees_who_belongs_to_the_site(owner: FlaskClient) -> None:
    page = owner.get(PAGE, base_url=BASE).text

    assert "ed@paper.example" in page
    assert "two-factor sign-in off" in page


def test_a_role_is_changed_and_is_on_record(app: Flask, owner: FlaskClient) -> None:
    changed = post(owner, f"{PAGE}/{number(app, 'ed@paper.example')}/role", role="viewer")

    assert changed.status_code == 303
    assert roles(app) == {"ed@paper.example": "viewer", OWNER: "owner"}
    assert acts(app) == [("role-changed", "ed@paper.example · editor → viewer")]


def test_a_role_that_there_is_none_is_not_found(app: Flask, owner: FlaskClient) -> None:
    answer = post(owner, f"{PAGE}/{number(app, 'ed@paper.example')}/role", role="king")

    assert answer.status_code == 404


def test_who_is_removed_finds_nothing_there_and_neither_does_their_program(
    app: Flask, owner: FlaskClient
) -> None:
    with app.app_context():
        ed = people.named(db.session, "ed@paper.example")
        token = a_token(ed, ed.memberships[0].site)
    eds = signed_in(app)

    post(owner, f"{PAGE}/{number(app, 'ed@paper.example')}/remove")

    assert eds.get("/desk/sites/1/", base_url=BASE).status_code == 404
    with app.app_context():
        assert keys.holder(db.session, token) is None
    assert roles(app) == {OWNER: "owner"}
    assert acts(app) == [("removed", "ed@paper.example")]


@pytest.mark.parametrize("how", ["role", "remove"])
def test_the_last_owner_stays(app: Flask, owner: FlaskClient, how: str) -> None:
    answer = post(owner, f"{PAGE}/{number(app, OWNER)}/{how}", role="viewer")

    assert answer.status_code == 409
    assert "Nobody else owns the site" in answer.text
    assert roles(app)[OWNER] == "owner"
    assert acts(app) == []


def test_a_disabled_owner_does_not_count(app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        paper = people.named(db.session, OWNER).memberships[0].site
        people.disable(db.session, an_editor(paper, "gone@paper.example", Role.OWNER))
        db.session.commit()

    assert post(owner, f"{PAGE}/{number(app, OWNER)}/remove").status_code == 409


def test_an_owner_may_go_when_there_is_another(app: Flask, owner: FlaskClient) -> None:
    post(owner, f"{PAGE}/{number(app, 'ed@paper.example')}/role", role="owner")

    gone = post(owner, f"{PAGE}/{number(app, OWNER)}/remove")

    assert gone.location == "/desk/"
    assert roles(app) == {"ed@paper.example": "owner"}


def test_an_owner_may_become_an_editor_and_is_led_home(app: Flask, owner: FlaskClient) -> None:
    post(owner, f"{PAGE}/{number(app, 'ed@paper.example')}/role", role="owner")

    changed = post(owner, f"{PAGE}/{number(app, OWNER)}/role", role="editor")

    assert changed.location == "/desk/"
    assert roles(app)[OWNER] == "editor"


def test_two_owners_who_remove_each_other_leave_one(app: Flask) -> None:
    with newsroom(app) as (site, _):
        both = [an_editor(site, f"{each}@paper.example", Role.OWNER).id for each in ("one", "two")]
    refused: list[bool] = []
    barrier = threading.Barrier(2)

    def remove(mine: int, other: int) -> None:
        with app.app_context():
            barrier.wait()
            found = members.member(db.session, 1, other)
            try:
                members.remove(db.session, found, db.session.get_one(Editor, mine))  # type: ignore[arg-type]
                db.session.commit()
            except (LastOwner, AttributeError):
                db.session.rollback()
                refused.append(True)

    threads = [threading.Thread(target=remove, args=pair) for pair in (both, both[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == [True]
    assert [role for role in roles(app).values() if role == "owner"] == ["owner"]


def test_another_sites_owner_changes_nobody_here(app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        an_editor(a_site("Tribune", "https://tribune.example"), "olga@tribune.example", Role.OWNER)
    olga = signed_in(app, "olga@tribune.example")
    number_of_ed = number(app, "ed@paper.example")
    hers = "/desk/sites/2/members"

    statuses = [
        post(olga, f"{PAGE}/{number_of_ed}/remove", hers).status_code,
        post(olga, f"{hers}/{number_of_ed}/remove", hers).status_code,
    ]

    assert statuses == [404, 404]
    assert "ed@paper.example" in roles(app)


# Invitations


def test_who_has_no_account_makes_one_and_joins(app: Flask, owner: FlaskClient) -> None:
    link = invited(owner, "viewer")
    client = app.test_client()

    asked = client.get(link, base_url=BASE)
    joined = post(client, link, link, email="Ann@Paper.Example", password=PASSWORD)

    assert "Paper" in asked.text
    assert joined.location == "/desk/sites/1/"
    assert client.get("/desk/sites/1/", base_url=BASE).status_code == 200
    assert roles(app)["ann@paper.example"] == "viewer"
    assert acts(app) == [("invited", "Ann · viewer"), ("joined", "ann@paper.example · viewer")]


def test_a_link_works_once(app: Flask, owner: FlaskClient) -> None:
    link = invited(owner)
    second = app.test_client()
    token = csrf(second.get(link, base_url=BASE).text)
    post(app.test_client(), link, link, email="ann@paper.example", password=PASSWORD)
    data = {"csrf_token": token, "email": "bob@paper.example", "password": PASSWORD}

    late = second.post(link, base_url=BASE, headers={"Referer": BASE + link}, data=data)

    assert late.status_code == 404
    assert second.get(link, base_url=BASE).status_code == 404
    assert "bob@paper.example" not in roles(app)


def test_of_two_who_open_a_link_at_once_one_joins(app: Flask, owner: FlaskClient) -> None:
    key = invited(owner).removeprefix("/join/")
    with app.app_context():
        tribune = a_site("Tribune", "https://tribune.example")
        ids = [an_editor(tribune, f"{each}@tribune.example").id for each in ("a", "b", "c")]
    joined: list[int] = []
    barrier = threading.Barrier(3)

    def join(editor_id: int) -> None:
        with app.app_context():
            db.only_reads()
            invitation = invitations.found(db.session, key)
            db.writes_too()
            barrier.wait()
            try:
                editor = db.session.get_one(Editor, editor_id)
                invitations.accept(db.session, invitation, editor)
                db.session.commit()
                joined.append(editor_id)
            except Expired:
                db.session.rollback()

    threads = [threading.Thread(target=join, args=(each,)) for each in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(joined) == 1
    with app.app_context():
        count = sa.select(sa.func.count()).where(Membership.site_id == 1)
        assert db.session.scalar(count) == 3


def test_who_is_signed_in_joins_by_a_press(app: Flask, owner: FlaskClient) -> None:
    link = invited(owner, "owner")
    with app.app_context():
        an_editor(a_site("Tribune", "https://tribune.example"), "olga@tribune.example")
    olga = signed_in(app, "olga@tribune.example")

    asked = olga.get(link, base_url=BASE).text
    joined = post(olga, link, link)

    assert "olga@tribune.example" in asked
    assert 'name="password"' not in asked
    assert joined.status_code == 303
    assert olga.get(PAGE, base_url=BASE).status_code == 200


def test_who_has_an_account_signs_in_first_and_comes_back(app: Flask, owner: FlaskClient) -> None:
    link = invited(owner)
    client = app.test_client()

    page = client.get(link, base_url=BASE).text
    refused = post(client, link, link, email="ed@paper.example", password=PASSWORD)

    assert f'href="/sign-in?next={link}"' in page
    assert refused.status_code == 422
    assert "sign in first" in refused.text
    assert roles(app)["ed@paper.example"] == "editor"


def test_who_belongs_already_keeps_role_and_invitation(app: Flask, owner: FlaskClient) -> None:
    link = invited(owner, "viewer")
    eds = signed_in(app)

    page = eds.get(link, base_url=BASE).text
    with app.app_context():
        invitation = invitations.found(db.session, link.removeprefix("/join/"))
        with pytest.raises(invitations.Member):
            invitations.accept(db.session, invitation, people.named(db.session, "ed@paper.example"))

    assert "belong to this site already" in page
    assert roles(app)["ed@paper.example"] == "editor"
    assert app.test_client().get(link, base_url=BASE).status_code == 200


@pytest.mark.parametrize(
    "data",
    [
        {"email": "ann", "password": PASSWORD},
        {"email": "ann@paper.example", "password": "short"},
        {"email": "", "password": PASSWORD},
        {"email": "a\0nn@paper.example", "password": PASSWORD},
    ],
)
def test_an_account_needs_an_address_and_a_password(
    app: Flask, owner: FlaskClient, data: dict[str, str]
) -> None:
    link = invited(owner)
    client = app.test_client()

    assert post(client, link, link, **data).status_code == 422
    assert len(roles(app)) == 2


def test_trying_who_has_an_account_is_slowed_down(make_app: Any) -> None:
    app = make_app(limit_sign_in="2 per minute")
    with newsroom(app) as (site, _):
        an_editor(site, OWNER, Role.OWNER)
    link, client = invited(signed_in(app, OWNER)), app.test_client()

    tries = [
        post(client, link, link, email="ed@paper.example", password=PASSWORD).status_code
        for _ in range(3)
    ]

    assert tries == [422, 422, 429]


def test_a_link_ends_after_a_week(app: Flask, owner: FlaskClient) -> None:
    link = invited(owner)

    with time_machine.travel(datetime.now(UTC) + timedelta(days=7, minutes=1), tick=False):
        late = app.test_client().get(link, base_url=BASE).status_code

    assert late == 404


def test_a_revoked_link_opens_nothing(app: Flask, owner: FlaskClient) -> None:
    link = invited(owner)
    with app.app_context():
        made = db.session.scalars(sa.select(Invitation)).one()

    before = owner.get(PAGE, base_url=BASE).text
    revoked = post(owner, f"{PAGE}/invitations/{made.id}/revoke")

    assert "Ann" in before
    assert revoked.status_code == 303
    assert app.test_client().get(link, base_url=BASE).status_code == 404
    assert post(owner, f"{PAGE}/invitations/{made.id}/revoke").status_code == 404
    assert acts(app)[-1] == ("invitation-revoked", "Ann · editor")


def test_nobody_revokes_another_sites_invitation(app: Flask, owner: FlaskClient) -> None:
    link = invited(owner)
    with app.app_context():
        made = db.session.scalars(sa.select(Invitation)).one()
        an_editor(a_site("Tribune", "https://tribune.example"), "olga@tribune.example", Role.OWNER)
    olga, hers = signed_in(app, "olga@tribune.example"), "/desk/sites/2/members"

    answer = post(olga, f"{hers}/invitations/{made.id}/revoke", hers)

    assert answer.status_code == 404
    assert app.test_client().get(link, base_url=BASE).status_code == 200


@pytest.mark.parametrize("how", ["role", "remove", "disabled"])
def test_what_an_owner_invited_ends_with_the_owner(
    app: Flask, owner: FlaskClient, how: str
) -> None:
    link = invited(owner, "owner")
    with app.app_context():
        paper = people.named(db.session, OWNER).memberships[0].site
        an_editor(paper, "second@paper.example", Role.OWNER)
    second, first_id = signed_in(app, "second@paper.example"), number(app, OWNER)
    if how == "disabled":
        with app.app_context():
            people.disable(db.session, people.named(db.session, OWNER))
            db.session.commit()
    else:
        assert post(second, f"{PAGE}/{first_id}/{how}", role="editor").status_code == 303

    assert app.test_client().get(link, base_url=BASE).status_code == 404


def test_of_a_link_the_digest_alone_is_kept_and_it_is_shown_once(
    app: Flask, owner: FlaskClient
) -> None:
    key = invited(owner).removeprefix("/join/")

    with app.app_context():
        kept = db.session.scalars(sa.select(Invitation)).one()
    assert kept.digest == keys.digest(key)
    assert key not in owner.get(PAGE, base_url=BASE).text


@pytest.mark.parametrize("key", ["x", "x" * 2000, "%F0%9F%98%80", "%00"])
def test_a_link_that_was_made_up_opens_nothing(app: Flask, key: str) -> None:
    assert app.test_client().get(f"/join/{key}", base_url=BASE).status_code == 404
