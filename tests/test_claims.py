"""Claims and news: who is at a spot, and what others did meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts.models import Editor
from feedback.db import db, now
from feedback.desk import claims, news
from feedback.desk.decisions import Verdict, decide
from feedback.desk.models import Claim, Kind
from feedback.reports.models import Spot
from feedback.web.live import microseconds
from feedback.worker.desk import forget_ended_claims
from tests.conftest import BASE
from tests.makers import a_body, a_spot, an_editor, csrf, newsroom, send, signed_in

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def take(spot: Spot, editor: Editor) -> str | None:
    held = claims.take(db.session, spot.id, editor, now())
    db.session.commit()
    return held.editor.email if held else None


def test_a_claim_tells_others_and_ends_by_itself(app: Flask) -> None:
    with newsroom(app) as (site, ed), time_machine.travel(NOON, tick=False) as clock:
        olga, spot = an_editor(site, "olga@paper.example"), a_spot(site)

        assert take(spot, ed) is None
        assert take(spot, olga) == "ed@paper.example"
        clock.shift(claims.LASTS - timedelta(seconds=1))
        assert take(spot, olga) == "ed@paper.example"
        clock.shift(timedelta(seconds=1))
        assert take(spot, olga) is None
        assert take(spot, ed) == "olga@paper.example"


def test_a_sign_of_its_editor_makes_it_last(app: Flask) -> None:
    with newsroom(app) as (site, ed), time_machine.travel(NOON, tick=False) as clock:
        olga, spot = an_editor(site, "olga@paper.example"), a_spot(site)
        take(spot, ed)
        clock.shift(timedelta(minutes=4))
        take(spot, ed)

        clock.shift(timedelta(minutes=4))

        assert take(spot, olga) == "ed@paper.example"


def test_an_editor_is_at_one_spot(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        olga, one, other = an_editor(site, "olga@paper.example"), a_spot(site), a_spot(site, "teh")
        take(one, ed)

        take(other, ed)

        assert take(one, olga) is None


def test_a_decision_ends_it(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site)
        take(spot, ed)

        decide(db.session, spot, ed, Verdict(Kind.ACCEPT, spot.version))
        db.session.commit()

        assert db.session.scalars(sa.select(Claim)).all() == []


def test_what_has_ended_is_forgotten(app: Flask) -> None:
    with newsroom(app) as (site, ed), time_machine.travel(NOON, tick=False) as clock:
        take(a_spot(site), ed)
        clock.shift(claims.LASTS)

        forget_ended_claims()

        assert db.session.scalars(sa.select(Claim)).all() == []


def test_of_two_editors_at_once_one_gets_it(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        people = [ed.id, an_editor(site, "olga@paper.example").id]
        spots = [a_spot(site, url=f"https://paper.example/{n}").id for n in range(20)]

    def one(job: tuple[int, int]) -> bool:
        spot_id, editor_id = job
        with app.app_context():
            editor = db.session.get_one(Editor, editor_id)
            held = claims.take(db.session, spot_id, editor, now())
            db.session.commit()
            return held is None

    for spot_id in spots:
        with ThreadPoolExecutor(2) as pool:
            won = list(pool.map(one, [(spot_id, person) for person in people]))
        assert sorted(won) == [False, True]


def claim(client: FlaskClient, spot_id: int) -> str | None:
    page = client.get("/desk/", base_url=BASE, follow_redirects=True).text
    answer = client.post(
        f"/desk/spots/{spot_id}/claim",
        base_url=BASE,
        headers={"Referer": f"{BASE}/desk/"},
        data={"csrf_token": csrf(page)},
    )
    assert answer.status_code == 200
    return answer.json["by"]  # type: ignore[no-any-return,index]


def test_two_desks_hear_of_each_other(app: Flask) -> None:
    with newsroom(app) as (site, _):
        an_editor(site, "olga@paper.example").name = "Olga"
        db.session.commit()
        spot_id = a_spot(site).id
        path = f"/desk/sites/{site.id}/news?since={microseconds(now())}"
    ed, olga = signed_in(app), signed_in(app, "olga@paper.example")
    nothing = {"at": int(path.partition("=")[2]), "opened": 0, "spots": [], "claims": {}}
    assert ed.get(path, base_url=BASE).json == nothing

    assert claim(olga, spot_id) is None
    assert claim(ed, spot_id) == "Olga"

    assert olga.get(path, base_url=BASE).json == nothing
    assert ed.get(path, base_url=BASE).json["claims"] == {str(spot_id): "Olga"}  # type: ignore[index]


def test_news_are_what_was_opened_and_decided_since(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        old = a_spot(site)
        since = now()
        a_spot(site, "teh")
        decide(db.session, old, ed, Verdict(Kind.ACCEPT, old.version))
        db.session.commit()

        found = news.since(db.session, [site.id], ed.id, since, now())

        assert found.opened == 1
        [(spot, decision)] = found.moved
        assert decision is not None
        assert (spot.id, decision.kind) == (old.id, Kind.ACCEPT)
        assert not news.since(db.session, [site.id], ed.id, now(), now())


def test_one_more_reader_of_an_old_spot_opens_nothing(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        a_spot(site)
        since = now()
    send(app.test_client(), a_body())

    with app.app_context():
        assert news.since(db.session, [site.id], ed.id, since, now()).opened == 0


def test_a_page_without_a_time_is_none_of_ours(app: Flask) -> None:
    with newsroom(app) as (site, _):
        path = f"/desk/sites/{site.id}/news"
    client = signed_in(app)

    for query in ("", "?since=", "?since=now", f"?since={10**30}", "?since=-" + "9" * 30):
        assert client.get(path + query, base_url=BASE).status_code == 404
