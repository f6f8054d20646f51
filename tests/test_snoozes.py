"""Snoozes: out of the way until a time, and back by themselves."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from feedback.db import db, now
from feedback.desk.decisions import LONGEST, SNOOZE, NotPossible, Verdict, decide
from feedback.desk.models import Decision, Kind
from feedback.reports.models import Report, Spot, Status
from feedback.worker.desk import wake_what_was_snoozed
from tests.makers import a_body, a_look, a_spot, newsroom, send, standing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def snooze(spot: Spot, ed: object, until: datetime | None = None) -> Decision:
    verdict = Verdict(Kind.SNOOZE, spot.version, until=until)
    decision = decide(db.session, spot, ed, verdict)  # type: ignore[arg-type]
    db.session.commit()
    return decision


def test_a_snoozed_spot_is_back_when_its_time_is_over(app: Flask) -> None:
    with newsroom(app) as (site, ed), time_machine.travel(NOON, tick=False) as clock:
        spot = a_spot(site)
        snooze(spot, ed, NOON + timedelta(hours=1))
        assert (spot.status, spot.snoozed_until) == (Status.SNOOZED, NOON + timedelta(hours=1))

        clock.shift(timedelta(minutes=59))
        wake_what_was_snoozed()
        db.session.refresh(spot)
        assert spot.status is Status.SNOOZED
        clock.shift(timedelta(minutes=2))
        wake_what_was_snoozed()
        db.session.refresh(spot)

        assert (spot.status, spot.snoozed_until) == (Status.WAITING, None)
        last = db.session.scalars(sa.select(Decision).order_by(Decision.id.desc())).first()
        assert last is not None
        assert (last.kind, last.editor_id) == (Kind.WAKE, None)


def test_without_a_time_it_is_a_day(app: Flask) -> None:
    with newsroom(app) as (site, ed), time_machine.travel(NOON, tick=False):
        assert snooze(a_spot(site), ed).until == NOON + SNOOZE


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=-1), LONGEST * 2])
def test_a_time_that_is_none_is_refused(app: Flask, ahead: timedelta) -> None:
    with newsroom(app) as (site, ed), time_machine.travel(NOON, tick=False):
        spot = a_spot(site)

        with pytest.raises(NotPossible) as refused:
            snooze(spot, ed, NOON + ahead)

        assert refused.value.field == "until"


def test_no_editor_wakes_a_spot(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site)
        snooze(spot, ed)

        with pytest.raises(NotPossible, match="reopen"):
            decide(db.session, spot, ed, Verdict(Kind.WAKE, spot.version))


def test_an_undo_gives_the_snooze_back(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot, until = a_spot(site), now() + timedelta(hours=3)
        snooze(spot, ed, until)
        decide(db.session, spot, ed, Verdict(Kind.ACCEPT, spot.version))

        decide(db.session, spot, ed, Verdict(Kind.UNDO, spot.version))
        db.session.commit()

        assert (spot.status, spot.snoozed_until) == (Status.SNOOZED, until)
        decide(db.session, spot, ed, Verdict(Kind.UNDO, spot.version))
        db.session.commit()
        assert (spot.status, spot.snoozed_until) == (Status.WAITING, None)


def test_a_wake_up_is_taken_back_by_nobody(app: Flask) -> None:
    with newsroom(app) as (site, ed), time_machine.travel(NOON, tick=False) as clock:
        spot = a_spot(site)
        snooze(spot, ed)
        clock.shift(SNOOZE)
        wake_what_was_snoozed()
        db.session.refresh(spot)

        undo = decide(db.session, spot, ed, Verdict(Kind.UNDO, spot.version))
        db.session.commit()

        assert undo.status_after is Status.WAITING
        assert spot.status is Status.WAITING


def test_the_article_check_closes_a_snoozed_spot_too(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = standing(a_spot(site))
        snooze(spot, ed)
        text = "The end of the world\nThe wrold is round."

        for _ in range(2):
            a_look(spot.article, text)
        db.session.refresh(spot)

        assert spot.status is Status.FIXED


def test_its_reader_hears_that_it_waits(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        snooze(a_spot(site), ed)

    assert send(app.test_client(), a_body()).json["status"] == "waiting"


def test_a_snoozed_spot_that_is_split_comes_back_all_the_same(app: Flask) -> None:
    with newsroom(app) as (site, ed), time_machine.travel(NOON, tick=False) as clock:
        spot = a_spot(site, comment="one")
        a_spot(site, comment="two")
        snooze(spot, ed, NOON + timedelta(hours=1))
        report_id = db.session.scalars(sa.select(Report.id).where(Report.comment == "two")).one()

        decide(db.session, spot, ed, Verdict(Kind.SPLIT, spot.version, reports=(report_id,)))
        db.session.commit()
        clock.shift(timedelta(hours=2))
        wake_what_was_snoozed()

        assert standing(spot).status is Status.WAITING


def test_an_undo_brings_back_the_time_that_stood(app: Flask) -> None:
    with newsroom(app) as (site, ed), time_machine.travel(NOON, tick=False):
        spot = a_spot(site)
        snooze(spot, ed, NOON + timedelta(hours=1))
        snooze(spot, ed, NOON + timedelta(hours=3))

        for kind in (Kind.UNDO, Kind.ACCEPT, Kind.UNDO):
            decide(db.session, spot, ed, Verdict(kind, spot.version))
            db.session.commit()

        assert spot.snoozed_until == NOON + timedelta(hours=1)
