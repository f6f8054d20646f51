"""A site's own reasons: their list, what decisions keep of them, and what readers are told."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts.models import Role
from feedback.db import db
from feedback.desk import reasons
from feedback.desk.decisions import NotPossible, Verdict, decide
from feedback.desk.models import Decision, Kind, Reason, SiteReason
from feedback.reports.models import Spot
from feedback.sites import Site
from tests.conftest import BASE
from tests.makers import a_body, a_site, a_spot, an_editor, csrf, newsroom, send, signed_in


def an_own(site: Site, label: str = "Dialect", sentence: str = "We keep our dialect.") -> str:
    code = reasons.add(db.session, site.id, label, sentence).code
    db.session.commit()
    return code


def post(client: FlaskClient, path: str, **data: str) -> int:
    page = client.get("/desk/", base_url=BASE, follow_redirects=True).text
    headers = {"Referer": f"{BASE}/desk/"}
    data = {"csrf_token": csrf(page)} | data
    return client.post(path, base_url=BASE, headers=headers, data=data).status_code


def test_a_site_without_reasons_of_its_own_has_the_standard_ones(app: Flask) -> None:
    with newsroom(app) as (site, _):
        assert [choice.code for choice in reasons.of(db.session, site.id)] == list(Reason)


def test_its_own_take_their_place(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        code, spot = an_own(site), a_spot(site)

        with pytest.raises(NotPossible, match="no reason “correct”"):
            decide(db.session, spot, ed, Verdict(Kind.REJECT, spot.version, "correct"))
        decision = decide(db.session, spot, ed, Verdict(Kind.REJECT, spot.version, code))

        assert (decision.reason, decision.label) == (code, "Dialect")
        assert decision.sentence == "We keep our dialect."


def test_another_site_s_reason_is_none_of_this_one(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        code = an_own(a_site("Tribune", "https://tribune.example"))
        spot = a_spot(site)

        with pytest.raises(NotPossible):
            decide(db.session, spot, ed, Verdict(Kind.REJECT, spot.version, code))


def test_the_reader_is_told_its_sentence_as_it_was(app: Flask) -> None:
    client = app.test_client()
    with newsroom(app) as (site, ed):
        body = a_body()
        receipt = send(client, body).json["receipt"].removeprefix(BASE)
        spot = db.session.query(Spot).one()
        decide(db.session, spot, ed, Verdict(Kind.REJECT, spot.version, an_own(site)))
        db.session.query(SiteReason).one().sentence = "Reworded."
        db.session.commit()

    assert "We keep our dialect." in client.get(receipt, base_url=BASE).text
    answer = send(client, a_body()).json
    assert answer["because"] == "We keep our dialect."


def test_there_is_a_digit_for_each(app: Flask) -> None:
    with newsroom(app) as (site, _):
        for number in range(reasons.MOST):
            an_own(site, f"Reason {number}")

        with pytest.raises(reasons.TooMany):
            an_own(site, "One more")


def test_they_are_moved_and_retired(app: Flask) -> None:
    with newsroom(app) as (site, _):
        for label in "abc":
            an_own(site, label)
        first, _, third = db.session.scalars(reasons.own(site.id))

        reasons.move(db.session, third, -1)
        reasons.retire(first)
        db.session.commit()

        assert [choice.label for choice in reasons.of(db.session, site.id)] == ["c", "b"]


def test_an_owner_makes_the_list(app: Flask) -> None:
    with newsroom(app) as (site, _):
        an_editor(site, "owner@paper.example", Role.OWNER)
        path = f"/desk/sites/{site.id}/reasons"
    client = signed_in(app, "owner@paper.example")

    assert post(client, path, standard="1") == 303
    assert post(client, path, label="<b>Dialect", sentence="We keep it.") == 303
    page = client.get(path, base_url=BASE).text

    assert "&lt;b&gt;Dialect" in page
    assert "It is our house style" in page
    with app.app_context():
        mine = db.session.scalars(reasons.own(1)).all()
        assert len(mine) == len(Reason) + 1
    assert post(client, f"/desk/reasons/{mine[0].id}", do="retire") == 303
    assert post(client, f"/desk/reasons/{mine[1].id}", do="down") == 303
    assert post(client, f"/desk/reasons/{mine[2].id}", label="New", sentence="Words.") == 303
    assert post(client, f"/desk/reasons/{mine[2].id}", label="", sentence="Words.") == 422
    with app.app_context():
        assert [each.label for each in db.session.scalars(reasons.own(1))][:2] == [
            "New",
            "It is quoted word for word",
        ]


def test_only_owners_change_it_and_only_their_own(app: Flask) -> None:
    with newsroom(app) as (site, _):
        an_own(site)
        tribune = a_site("Tribune", "https://tribune.example")
        an_editor(tribune, "olga@tribune.example", Role.OWNER)
        reason_id = db.session.query(SiteReason).one().id

    assert post(signed_in(app), f"/desk/reasons/{reason_id}", do="retire") == 403
    olga = signed_in(app, "olga@tribune.example")
    assert post(olga, f"/desk/reasons/{reason_id}", do="retire") == 404
    assert post(olga, f"/desk/reasons/{2**70}", do="retire") == 404


def test_what_can_still_be_undone_is_not_told(make_app: object) -> None:
    app: Flask = make_app(undo_seconds=60)  # type: ignore[operator]
    client = app.test_client()
    with newsroom(app) as (_, ed):
        receipt = send(client, a_body()).json["receipt"].removeprefix(BASE)
        spot = db.session.query(Spot).one()
        decide(db.session, spot, ed, Verdict(Kind.REJECT, spot.version, "style"))
        db.session.commit()

    assert "Nobody has decided yet" in client.get(receipt, base_url=BASE).text
    with app.app_context():
        db.session.query(Decision).one().at -= timedelta(seconds=61)
        db.session.commit()
    assert "house style" in client.get(receipt, base_url=BASE).text
