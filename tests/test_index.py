"""The index: what spots are ordered by, kept up to date by the worker."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback.anchoring.slips import Slip
from feedback.db import db
from feedback.desk import index
from feedback.desk.decisions import Verdict, decide
from feedback.desk.models import Kind
from feedback.reports.models import Spot
from feedback.worker import indexing
from tests.makers import TEXT, a_look, a_spot, newsroom, standing
from tests.test_queue import plan

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECONDS = int(AT.timestamp())
HOUR = 3600

URGENT = [
    ((1, Slip.OTHER), 0),
    ((1, ""), 0),
    ((1, Slip.TRANSPOSED), 6),
    ((2, ""), 12),
    ((3, ""), 12),
    ((4, Slip.DOUBLED_WORD), 30),
    ((64, ""), 72),
    ((10_000, ""), 72),
    ((0, ""), 0),
]


@pytest.mark.parametrize(("given", "hours"), URGENT)
def test_readers_and_sure_slips_make_urgent(given: tuple[int, str], hours: int) -> None:
    readers, slip = given

    assert index.urgency(readers, AT, slip) == SECONDS + hours * HOUR


def refreshed(limit: int = 100) -> int:
    count = index.refresh(db.session, limit)
    db.session.commit()
    return count


def test_a_new_spot_is_indexed_once(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = a_spot(site)

        counts = refreshed(), refreshed()

        spot = standing(spot)
        assert counts == (1, 0)
        assert (spot.slip, spot.stale) == (Slip.TRANSPOSED, False)
        assert spot.urgency == int(spot.last_at.timestamp()) + 6 * HOUR


def test_another_report_makes_a_spot_stale(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = a_spot(site)
        refreshed()
        before = standing(spot).urgency

        a_spot(site)
        refreshed()

        assert standing(spot).urgency >= before + 12 * HOUR


def test_a_correction_changed_by_an_editor_is_told_anew(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site)
        refreshed()

        decide(db.session, spot, ed, Verdict(Kind.ACCEPT, spot.version, correction="sea"))
        db.session.commit()
        refreshed()

        assert standing(spot).slip == Slip.OTHER


def test_the_address_of_a_link_has_no_slip(app: Flask) -> None:
    about: Any = {"type": "link", "text": "wrold", "url": "https://paper.example/wrold"}
    with newsroom(app) as (site, _):
        spot = a_spot(site, about=about, correction="https://paper.example/world")

        refreshed()

        assert standing(spot).slip == ""


def test_a_new_title_makes_the_article_s_spots_stale(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = a_spot(site)
        a_look(spot.article, TEXT, title="The end of the world")
        refreshed()

        a_look(spot.article, TEXT + " ", title="The end of the world")
        same = standing(spot).stale
        a_look(spot.article, TEXT, title="The end of a world")

        assert (same, standing(spot).stale) == (False, True)


def test_the_worker_takes_so_many_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "AT_ONCE", 1)
    with newsroom(app) as (site, _):
        a_spot(site)
        a_spot(site, "teh")

        assert [indexing.index_stale() for _ in range(3)] == [True, True, False]


def test_what_another_worker_has_is_left_to_it(app: Flask) -> None:
    with newsroom(app) as (site, _):
        a_spot(site)
        if db.engine.dialect.name == "sqlite":
            return  # it has one writer at a time
        with db.engine.begin() as other:
            other.execute(sa.select(Spot.id).with_for_update())

            assert refreshed() == 0

        assert refreshed() == 1


def test_stale_spots_are_found_by_their_index(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = a_spot(site)
        names = ", ".join(c.name for c in Spot.__table__.columns if c.name not in {"id", "stale"})
        names = names.replace("end,", '"end",')
        many = sa.text(f"INSERT INTO spot ({names}, stale) SELECT {names}, false FROM spot")
        for _ in range(10):
            db.session.execute(many)
        db.session.commit()
        db.session.execute(sa.text("ANALYZE"))

        assert "ix_spot_stale" in plan(index._STALE.limit(50))
        assert standing(spot)


def test_age_is_told_in_seconds() -> None:
    assert index.urgency(1, AT + timedelta(seconds=1.5), "") == SECONDS + 1
