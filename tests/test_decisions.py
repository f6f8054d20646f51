"""Decisions: what each makes of a spot, undo, and two editors at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback.accounts.models import Editor
from feedback.db import db
from feedback.desk import decisions
from feedback.desk.decisions import OUTCOMES, AlreadyDecided, NotPossible, Verdict
from feedback.desk.models import Decision, Kind, Reason
from feedback.reports.models import Spot, Status
from tests.makers import TEXT, a_body, a_site, a_spot, an_editor, newsroom, send


def decide(spot: Spot, editor: Editor, kind: Kind, **more: object) -> Decision:
    reason = Reason.CORRECT if kind is Kind.REJECT else None
    verdict = Verdict(kind, spot.version, **({"reason": reason} | more))
    decision = decisions.decide(db.session, spot, editor, verdict)
    db.session.commit()
    return decision


#: Every decision on every status, and what becomes of the spot; None where it is refused.
POLICY = {
    (Status.WAITING, Kind.ACCEPT): Status.ACCEPTED,
    (Status.WAITING, Kind.FIX): Status.FIXED,
    (Status.WAITING, Kind.REJECT): Status.REJECTED,
    (Status.WAITING, Kind.REOPEN): None,
    (Status.ACCEPTED, Kind.ACCEPT): None,
    (Status.ACCEPTED, Kind.FIX): Status.FIXED,
    (Status.ACCEPTED, Kind.REJECT): Status.REJECTED,
    (Status.ACCEPTED, Kind.REOPEN): Status.WAITING,
    (Status.FIXED, Kind.ACCEPT): None,
    (Status.FIXED, Kind.FIX): None,
    (Status.FIXED, Kind.REJECT): None,
    (Status.FIXED, Kind.REOPEN): Status.WAITING,
    (Status.REJECTED, Kind.ACCEPT): Status.ACCEPTED,
    (Status.REJECTED, Kind.FIX): Status.FIXED,
    (Status.REJECTED, Kind.REJECT): None,
    (Status.REJECTED, Kind.REOPEN): Status.WAITING,
    (Status.MERGED, Kind.ACCEPT): None,
    (Status.MERGED, Kind.FIX): None,
    (Status.MERGED, Kind.REJECT): None,
    (Status.MERGED, Kind.REOPEN): None,
    (Status.WAITING, Kind.MERGE): Status.MERGED,
    (Status.ACCEPTED, Kind.MERGE): Status.MERGED,
    (Status.FIXED, Kind.MERGE): Status.MERGED,
    (Status.REJECTED, Kind.MERGE): Status.MERGED,
    (Status.MERGED, Kind.MERGE): None,
    (Status.WAITING, Kind.SPLIT): Status.WAITING,
    (Status.ACCEPTED, Kind.SPLIT): Status.ACCEPTED,
    (Status.FIXED, Kind.SPLIT): Status.FIXED,
    (Status.REJECTED, Kind.SPLIT): Status.REJECTED,
    (Status.MERGED, Kind.SPLIT): None,
    (Status.SNOOZED, Kind.ACCEPT): Status.ACCEPTED,
    (Status.SNOOZED, Kind.FIX): Status.FIXED,
    (Status.SNOOZED, Kind.REJECT): Status.REJECTED,
    (Status.SNOOZED, Kind.REOPEN): Status.WAITING,
    (Status.SNOOZED, Kind.MERGE): Status.MERGED,
    (Status.SNOOZED, Kind.SPLIT): Status.SNOOZED,
    (Status.WAITING, Kind.SNOOZE): Status.SNOOZED,
    (Status.WAITING, Kind.WAKE): None,
    (Status.ACCEPTED, Kind.SNOOZE): None,
    (Status.ACCEPTED, Kind.WAKE): None,
    (Status.FIXED, Kind.SNOOZE): None,
    (Status.FIXED, Kind.WAKE): None,
    (Status.REJECTED, Kind.SNOOZE): None,
    (Status.REJECTED, Kind.WAKE): None,
    (Status.MERGED, Kind.SNOOZE): None,
    (Status.MERGED, Kind.WAKE): None,
    (Status.SNOOZED, Kind.SNOOZE): Status.SNOOZED,
    (Status.SNOOZED, Kind.WAKE): None,
}

WAY_TO = {
    Status.ACCEPTED: Kind.ACCEPT,
    Status.FIXED: Kind.FIX,
    Status.REJECTED: Kind.REJECT,
    Status.MERGED: Kind.MERGE,
    Status.SNOOZED: Kind.SNOOZE,
}


def test_the_policy_knows_every_decision() -> None:
    told = {(status, kind) for status in Status for kind in Kind if kind is not Kind.UNDO}

    assert set(POLICY) == told
    assert set(OUTCOMES) == set(Kind) - {Kind.UNDO}


def test_a_decision_makes_of_a_spot_what_the_policy_says(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        for number, ((status, kind), outcome) in enumerate(POLICY.items()):
            url = f"https://paper.example/{number}"
            spot = a_spot(site, url=url)
            other = a_spot(site, "teh", url=url)
            second = a_spot(site, "wrold", url=url, correction="word").reports[-1]
            chosen = {"into": other.id, "reports": (second.id,)}
            if status in WAY_TO:
                decide(spot, ed, WAY_TO[status], **chosen)

            if outcome is None:
                with pytest.raises(NotPossible):
                    decide(spot, ed, kind, **chosen)
            else:
                decide(spot, ed, kind, **chosen)

            assert spot.status is (outcome or status), (status, kind)


def test_a_decision_is_recorded_with_who_when_and_why(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site)

        decide(spot, ed, Kind.REJECT, reason=Reason.QUOTED, note="It is in the letter.")

        record = db.session.scalars(sa.select(Decision)).one()
        assert (record.kind, record.reason) == (Kind.REJECT, Reason.QUOTED)
        assert (record.editor.email, record.note) == ("ed@paper.example", "It is in the letter.")
        assert record.at.tzinfo is not None
        assert record.at >= spot.last_at


def test_a_rejection_needs_a_reason(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site)

        with pytest.raises(NotPossible, match="reason"):
            decide(spot, ed, Kind.REJECT, reason=None)

        assert spot.status is Status.WAITING


def test_each_decision_can_be_undone_back_to_the_first(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site)
        for kind in (Kind.ACCEPT, Kind.FIX, Kind.REOPEN):
            decide(spot, ed, kind)

        passed = []
        for _ in range(3):
            decide(spot, ed, Kind.UNDO)
            passed.append(spot.status)

        assert passed == [Status.FIXED, Status.ACCEPTED, Status.WAITING]
        with pytest.raises(NotPossible, match="nothing to undo"):
            decide(spot, ed, Kind.UNDO)


def test_a_decision_after_an_undo_is_undone_by_itself(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site)
        for kind in (Kind.ACCEPT, Kind.UNDO, Kind.FIX, Kind.UNDO):
            decide(spot, ed, kind)

        assert spot.status is Status.WAITING
        kinds = db.session.scalars(sa.select(Decision.kind).order_by(Decision.id)).all()
        assert kinds == [Kind.ACCEPT, Kind.UNDO, Kind.FIX, Kind.UNDO]


def test_the_editors_wording_stands_until_it_is_undone(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site)
        decide(spot, ed, Kind.ACCEPT, correction="World")
        worded = (spot.correction, spot.settled)

        decide(spot, ed, Kind.UNDO)

        assert worded == ("World", True)
        assert (spot.correction, spot.settled) == ("world", False)


def test_readers_do_not_change_the_editors_wording(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site)
        decide(spot, ed, Kind.ACCEPT, correction="World")

        for _ in range(3):
            send(app.test_client(), a_body(correction="wold"))

        db.session.refresh(spot)
        assert (spot.readers, spot.correction) == (4, "World")


def test_a_stale_decision_is_refused_and_changes_nothing(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site)
        decide(spot, ed, Kind.ACCEPT)

        with pytest.raises(AlreadyDecided):
            decisions.decide(db.session, spot, ed, Verdict(Kind.FIX, version=1))

        db.session.rollback()
        assert spot.status is Status.ACCEPTED
        assert len(db.session.scalars(sa.select(Decision)).all()) == 1


def test_of_two_editors_at_once_one_wins(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        eva = an_editor(site, "eva@paper.example")
        spots = [a_spot(site, url=f"https://paper.example/{n}").id for n in range(200)]
        people = [ed.id, eva.id]

    def one(choice: tuple[int, int]) -> str:
        spot_id, editor_id = choice
        with app.app_context():
            spot = db.session.get_one(Spot, spot_id)
            editor = db.session.get_one(Editor, editor_id)
            verdict = Verdict(Kind.ACCEPT if editor_id == people[0] else Kind.FIX, 1)
            try:
                decisions.decide(db.session, spot, editor, verdict)
                db.session.commit()
            except AlreadyDecided:
                return "told"
            return "won"

    for spot_id in spots:
        with ThreadPoolExecutor(2) as pool:
            outcomes = sorted(pool.map(one, [(spot_id, person) for person in people]))
        assert outcomes == ["told", "won"]

    with app.app_context():
        counts = db.session.execute(
            sa.select(Decision.spot_id, sa.func.count()).group_by(Decision.spot_id)
        ).all()
        assert sorted(counts) == [(spot_id, 1) for spot_id in sorted(spots)]


def test_a_spot_is_undone_once_by_two_editors(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site)
        decide(spot, ed, Kind.ACCEPT)
        seen = spot.version
        decide(spot, ed, Kind.UNDO)

        with pytest.raises(AlreadyDecided):
            decisions.decide(db.session, spot, ed, Verdict(Kind.UNDO, seen))


def test_the_first_text_has_three_wrolds_and_three_spots(app: Flask) -> None:
    with app.app_context():
        site = a_site()

        spots = [a_spot(site, nth=n) for n in range(3)]

        assert TEXT.count("wrold") == len({spot.id for spot in spots}) == 3


def test_an_undone_wording_leaves_what_readers_have_said_meanwhile(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site)
        decide(spot, ed, Kind.ACCEPT, correction="World")
        for _ in range(2):
            send(app.test_client(), a_body(correction="globe"))
        db.session.refresh(spot)

        decide(spot, ed, Kind.UNDO)

        assert (spot.correction, spot.settled) == ("globe", False)
