"""Alarms: who wants to hears once when spots pile up, or a page gets many reports."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from feedback.articles.models import Article
from feedback.db import db, now
from feedback.delivery.models import Letter
from feedback.desk.letters import alarms
from feedback.desk.models import Alarm, Kind
from feedback.worker.digests import forget_old_alarms, raise_alarms
from tests.makers import a_spot, newsroom, signed_in, standing
from tests.test_digests import a_carrier, decide

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BASE = "https://feedback.example"


def rung() -> list[dict[str, Any]]:
    """What the duty writes now, in a transaction of its own."""
    before = db.session.scalar(sa.select(sa.func.max(Letter.id))) or 0
    db.session.commit()
    raise_alarms()
    rows = db.session.scalars(sa.select(Letter).where(Letter.id > before).order_by(Letter.id)).all()
    db.session.commit()
    assert all(letter.kind == "alarm" for letter in rows)
    return [json.loads(letter.body) for letter in rows]


def test_fresh_spots_that_pile_up_raise_one_alarm(app: Flask) -> None:
    with newsroom(app) as (site, _):
        a_carrier(site, alarm_spots=2)
        a_spot(site)
        first = rung()
        a_spot(site, "teh")

        second, third = rung(), rung()

        assert (first, third) == ([], [])
        (body,) = second
        assert (body["about"], body["count"], body["hours"]) == ("queue", 2, 1)
        assert body["article"] is None
        link = urlsplit(body["link"])
    page = signed_in(app).get(f"{link.path}?{link.query}", base_url=BASE).text
    assert "teh" in page
    assert "wrold" in page


def test_an_alarm_is_repeated_after_six_hours_if_it_goes_on(app: Flask) -> None:
    with newsroom(app) as (site, _), time_machine.travel(NOON, tick=False) as clock:
        a_carrier(site, alarm_spots=1)
        a_spot(site)
        counts = [len(rung())]
        for hours, exact in ((5.5, "teh"), (1, "captain")):
            clock.shift(timedelta(hours=hours))
            a_spot(site, exact)
            counts.append(len(rung()))

        assert counts == [1, 0, 1]


def test_what_was_opened_long_ago_or_decided_raises_none(app: Flask) -> None:
    with newsroom(app) as (site, ed), time_machine.travel(NOON, tick=False) as clock:
        a_carrier(site, alarm_spots=2)
        old = a_spot(site)
        clock.shift(timedelta(minutes=61))
        a_spot(site)
        decided = a_spot(site, "teh")
        decide(decided, ed, Kind.ACCEPT)
        a_spot(site, "captain")

        assert standing(old).readers == 2
        assert rung() == []


def test_a_page_with_many_reports_raises_an_alarm_whatever_became_of_them(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        a_carrier(site, alarm_reports=3)
        spot = a_spot(site)
        decide(spot, ed, Kind.ACCEPT)
        a_spot(site)
        before = rung()
        a_spot(site, "teh")

        (body,) = rung()

        assert before == []
        assert (body["about"], body["count"]) == ("article", 3)
        assert body["article"]["title"] == "The end of the wrold"
        assert body["link"] == f"{BASE}/desk/spots/{spot.id}"


def test_an_alarm_may_be_of_some_sections_only(app: Flask) -> None:
    with newsroom(app) as (site, _):
        a_carrier(site, alarm_spots=1, alarm_reports=1, sections=("sport",))
        a_spot(site)
        elsewhere = rung()
        db.session.execute(sa.update(Article).values(section="sport"))
        db.session.commit()

        assert elsewhere == []
        assert [body["about"] for body in rung()] == ["queue", "article"]


def test_an_alarm_waits_for_the_end_of_quiet_hours(app: Flask) -> None:
    with newsroom(app) as (site, _), time_machine.travel(NOON, tick=False):
        a_carrier(site, alarm_spots=1, quiet_from=11, quiet_to=14)
        a_spot(site)

        assert len(rung()) == 1

        assert db.session.scalars(sa.select(Letter)).one().due_at == NOON + timedelta(hours=2)


@pytest.mark.parametrize("off", [True, False])
def test_who_wants_none_gets_none(off: bool, app: Flask) -> None:
    with newsroom(app) as (site, _):
        carrier = a_carrier(site, alarm_spots=int(off))
        carrier.off_at = now() if off else None
        old = a_carrier(site)
        old.wishes = "{}"
        a_spot(site)

        assert rung() == []


def test_many_carriers_are_asked_bit_by_bit(app: Flask) -> None:
    with newsroom(app) as (site, _):
        for _ in range(41):
            a_carrier(site, alarm_spots=1)
        a_spot(site)

        assert len(rung()) == 41


def test_old_alarms_are_forgotten(app: Flask) -> None:
    with newsroom(app) as (site, _):
        carrier = a_carrier(site)
        for about, days in ((1, 3), (2, 1)):
            db.session.add(
                Alarm(carrier_id=carrier.id, about=about, at=now() - timedelta(days=days))
            )
        db.session.commit()

        assert not forget_old_alarms()

        assert db.session.scalars(sa.select(Alarm.about)).all() == [2]


def test_what_is_looked_at_is_bounded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "_LOOKED", 1)
    with newsroom(app) as (site, _):
        a_carrier(site, alarm_spots=2)
        a_spot(site)
        a_spot(site, "teh")

        assert rung() == []
