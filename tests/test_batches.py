"""Batches: one decision on many spots, bit by bit, and one undo."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts import members, people
from feedback.accounts.models import Editor, Role
from feedback.db import db, now
from feedback.desk import batches
from feedback.desk.batches import NothingFound, Order
from feedback.desk.decisions import NotPossible, Verdict, decide
from feedback.desk.models import Batch, Decision, Kind
from feedback.reports.models import Spot, Status
from feedback.sites import Site
from feedback.web.live import microseconds
from feedback.worker.desk import go_on_with_batches
from tests.conftest import BASE
from tests.makers import a_site, a_spot, an_editor, csrf, newsroom, signed_in


def spots_of(site: Site, count: int) -> list[Spot]:
    return [a_spot(site, url=f"https://paper.example/{n}") for n in range(count)]


def begun(
    site: Site,
    ed: Editor,
    order: Order,
    spots: list[Spot] | None = None,
    shown_at: datetime | None = None,
    query: str = "",
) -> Batch:
    about = query if spots is None else batches.chosen([spot.id for spot in spots])
    batch = batches.begin(db.session, site.id, ed, order, about, shown_at or now())
    db.session.commit()
    return batch


def done(batch: Batch) -> Batch:
    """Let the worker end a batch."""
    while go_on_with_batches():
        pass
    db.session.refresh(batch)
    return batch


def statuses() -> list[str]:
    db.session.expire_all()
    return [spot.status.value for spot in db.session.scalars(sa.select(Spot).order_by(Spot.id))]


def decide_on(spot: Spot, ed: Editor, kind: Kind = Kind.ACCEPT) -> None:
    decide(db.session, spot, ed, Verdict(kind, spot.version))
    db.session.commit()


def test_what_was_chosen_is_decided_and_nothing_else(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spots = spots_of(site, 3)

        batch = done(begun(site, ed, Order(Kind.REJECT, "style", "House style."), spots[:2]))

        assert statuses() == ["rejected", "rejected", "waiting"]
        assert (batch.total, batch.done, batch.skipped) == (2, 2, 0)
        assert batch.ended_at is not None
        notes = db.session.scalars(sa.select(Decision.note).where(Decision.batch_id == batch.id))
        assert notes.all() == ["House style."] * 2


@pytest.mark.parametrize("end", ["removed", "made a viewer", "disabled"])
def test_a_batch_ends_when_its_editor_may_not_decide_any_more(
    app: Flask, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(batches, "STEP", 2)
    with newsroom(app) as (site, ed):
        owner = an_editor(site, "owner@paper.example", Role.OWNER)
        batch = begun(site, ed, Order(Kind.ACCEPT), spots_of(site, 5))
        go_on_with_batches()
        membership = members.member(db.session, site.id, ed.id)
        assert membership
        if end == "removed":
            members.remove(db.session, membership, owner)
        elif end == "made a viewer":
            members.change(db.session, membership, Role.VIEWER, owner)
        else:
            people.disable(db.session, ed)
        db.session.commit()

        done(batch)

        assert statuses() == ["accepted"] * 2 + ["waiting"] * 3
        assert (batch.total, batch.done, batch.skipped) == (5, 2, 3)
        assert batch.ended_at is not None


def test_all_that_matches_is_what_matched_when_it_was_shown(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spots = spots_of(site, 3)
        decide_on(spots[0], ed)
        shown_at = now()
        decide_on(spots[1], ed)
        decide_on(spots[1], ed, Kind.REOPEN)  # it matches again, but is not what was shown
        a_spot(site, "teh")  # it came later

        batch = done(begun(site, ed, Order(Kind.ACCEPT), shown_at=shown_at))

        assert (batch.total, batch.done) == (1, 1)
        assert statuses() == ["accepted", "waiting", "accepted", "waiting"]


def test_a_spot_that_more_readers_came_to_meanwhile_is_not_what_was_shown(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        for exact in ("wrold", "wrold", "teh"):
            a_spot(site, exact)
        shown_at = now()
        for exact in ("wrold", "teh"):
            a_spot(site, exact)

        batch = done(begun(site, ed, Order(Kind.ACCEPT), shown_at=shown_at, query="readers=2"))

        assert batch.total == 1
        assert statuses() == ["accepted", "waiting"]


def test_a_long_one_goes_on_from_where_it_was_left(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "STEP", 2)
    with newsroom(app) as (site, ed):
        spots_of(site, 5)
        batch = begun(site, ed, Order(Kind.ACCEPT))

        go_on_with_batches()
        db.session.refresh(batch)
        assert (batch.done, batch.ended_at) == (2, None)
        done(batch)

        assert (batch.total, batch.done) == (5, 5)
        assert statuses() == ["accepted"] * 5


def test_a_step_whose_worker_is_gone_is_done_by_another(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spots_of(site, 2)
        batch, at = begun(site, ed, Order(Kind.ACCEPT)), now()
        assert batches.claim(db.session, batch, at)
        db.session.commit()
        assert go_on_with_batches() is False

        batch.due_at = at  # the lease is over
        db.session.commit()
        done(batch)

        assert statuses() == ["accepted"] * 2


def test_a_spot_that_somebody_decides_on_meanwhile_is_left_alone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "STEP", 1)
    with newsroom(app) as (site, ed):
        spots = spots_of(site, 2)
        batch = begun(site, ed, Order(Kind.REJECT, "style"), spots)
        go_on_with_batches()
        decide_on(spots[1], ed)

        done(batch)

        assert statuses() == ["rejected", "accepted"]
        assert (batch.done, batch.skipped) == (1, 0)


def test_what_cannot_be_decided_so_is_counted(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spots = spots_of(site, 2)
        decide_on(spots[0], ed)

        batch = done(begun(site, ed, Order(Kind.ACCEPT), spots))

        assert (batch.done, batch.skipped) == (1, 1)


def test_one_undo_takes_all_of_it_back(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spots = spots_of(site, 3)
        batch = done(begun(site, ed, Order(Kind.ACCEPT)))
        decide_on(spots[2], ed, Kind.FIX)  # decided again since: that stands

        undo = batches.take_back(db.session, batch, ed)
        db.session.commit()
        done(undo)

        assert statuses() == ["waiting", "waiting", "fixed"]
        assert undo.done == 2
        with pytest.raises(NotPossible, match="already"):
            batches.take_back(db.session, batch, ed)
        with pytest.raises(NotPossible):
            batches.take_back(db.session, undo, ed)


def test_an_undo_ends_what_is_going_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "STEP", 2)
    with newsroom(app) as (site, ed):
        spots_of(site, 5)
        batch = begun(site, ed, Order(Kind.ACCEPT))
        go_on_with_batches()

        db.session.refresh(batch)
        undo = batches.take_back(db.session, batch, ed)
        db.session.commit()
        done(undo)

        assert statuses() == ["waiting"] * 5


def test_chosen_spots_are_merged_into_the_one_with_most_readers(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        one, other = a_spot(site), a_spot(site, "teh")
        a_spot(site, "teh")
        ids = [one.id, other.id]
        order = Order(Kind.MERGE, into=batches.head(db.session, site.id, ids))

        batch = done(begun(site, ed, order, [one, other]))

        db.session.refresh(one)
        assert (one.status, one.merged_into_id) == (Status.MERGED, other.id)
        undo = batches.take_back(db.session, batch, ed)
        done(undo)
        db.session.refresh(one)
        assert one.status is Status.WAITING


def test_only_spots_of_one_article_are_merged(app: Flask) -> None:
    with newsroom(app) as (site, _):
        one, other = spots_of(site, 2)
        for ids in ([one.id], [one.id, one.id], [one.id, other.id]):
            with pytest.raises(NotPossible, match="one article"):
                batches.head(db.session, site.id, ids)


@pytest.mark.parametrize("kind", [Kind.UNDO, Kind.SPLIT, Kind.WAKE])
def test_not_everything_is_decided_on_many(app: Flask, kind: Kind) -> None:
    with newsroom(app) as (site, ed):
        a_spot(site)

        with pytest.raises(NotPossible):
            begun(site, ed, Order(kind))


def test_another_site_s_spots_are_not_found(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        tribune = a_site("Tribune", "https://tribune.example")

        with pytest.raises(NothingFound):
            begun(tribune, ed, Order(Kind.ACCEPT), [a_spot(site)])


def test_an_order_reads_as_it_was_written() -> None:
    order = Order(Kind.SNOOZE, None, "later", now(), 7)

    assert Order.read(str(order)) == order


# At the desk


def post(client: FlaskClient, path: str, **data: object) -> object:
    page = client.get("/desk/", base_url=BASE, follow_redirects=True).text
    headers = {"Referer": f"{BASE}/desk/", "Accept": "application/json"}
    data = {"csrf_token": csrf(page)} | data
    return client.post(path, base_url=BASE, headers=headers, data=data)


def test_an_editor_decides_on_what_is_shown_and_takes_it_back(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spots_of(site, 2)
        path = f"/desk/sites/{site.id}/batches"
    client = signed_in(app)

    told = post(client, path, kind="accept", query="", shown_at=microseconds(now())).json
    assert (told["done"], told["ended"], told["undo"]) == (2, True, True)
    assert client.get(f"/desk/batches/{told['batch']}", base_url=BASE).status_code == 200
    undone = post(client, f"/desk/batches/{told['batch']}/undo").json

    assert undone["done"] == 2
    with app.app_context():
        assert statuses() == ["waiting", "waiting"]


def test_what_makes_no_batch_is_refused(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot_id = a_spot(site).id
        path = f"/desk/sites/{site.id}/batches"
    client = signed_in(app)
    bad: list[dict[str, object]] = [
        {"kind": "undo", "spots": [spot_id]},
        {"kind": "nonsense", "spots": [spot_id]},
        {"kind": "reject", "spots": []},
        {"kind": "accept", "spots": list(range(1, batches.CHOSEN + 2))},
        {"kind": "accept", "query": "status=nowhere"},
        {"kind": "snooze", "spots": [spot_id], "until": "yesterday"},
        {"kind": "accept", "spots": [2**70]},
        {"kind": "merge", "spots": [spot_id]},
    ]

    for data in bad:
        assert post(client, path, **data).status_code == 422, data

    with app.app_context():
        assert db.session.scalars(sa.select(Batch)).all() == []


def test_only_who_decides_there_does(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spots = spots_of(site, 1)
        an_editor(site, "viewer@paper.example", Role.VIEWER)
        tribune = a_site("Tribune", "https://tribune.example")
        an_editor(tribune, "olga@tribune.example", Role.OWNER)
        batch_id = done(begun(site, ed, Order(Kind.ACCEPT), spots)).id
        path = f"/desk/sites/{site.id}/batches"
    viewer, olga = signed_in(app, "viewer@paper.example"), signed_in(app, "olga@tribune.example")

    refused = post(viewer, path, kind="accept", query="")
    assert (refused.status_code, refused.json["detail"][:11]) == (403, "As a viewer")
    assert post(viewer, f"/desk/batches/{batch_id}/undo").status_code == 403
    assert viewer.get(f"/desk/batches/{batch_id}", base_url=BASE).status_code == 200
    assert post(olga, path, kind="accept", query="").status_code == 404
    assert post(olga, f"/desk/batches/{batch_id}/undo").status_code == 404
    assert olga.get(f"/desk/batches/{batch_id}", base_url=BASE).status_code == 404
    assert olga.get(f"/desk/batches/{2**70}", base_url=BASE).status_code == 404
