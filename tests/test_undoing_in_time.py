"""An undo and the teller at the same time: told with its undo, or not at all."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback.accounts.models import Editor
from feedback.db import db, now
from feedback.desk.decisions import Verdict, decide
from feedback.desk.letters import fanning
from feedback.desk.models import Kind
from feedback.reports.models import Spot
from feedback.sites import Site
from tests.makers import a_carrier, a_spot, standing
from tests.test_fanning import UNDO, body, decided, desk, ed, letters, site, tell

__all__ = ["desk", "ed", "site"]  # fixtures


def test_what_is_undone_while_it_is_told_is_told_with_its_undo_or_not_at_all(
    app: Flask, site: Site, ed: Editor
) -> None:
    spots = [a_spot(site, exact=exact).id for exact in ("wrold", "captain", "deck", "back")]
    a_carrier(site)
    for spot_id in spots:
        decided(db.session.get_one(Spot, spot_id), ed, Kind.ACCEPT)
    ed_id, both = ed.id, threading.Barrier(2)

    def undo() -> None:
        with app.app_context():
            editor = db.session.get_one(Editor, ed_id)
            both.wait(10)
            for spot_id in spots:
                decided(db.session.get_one(Spot, spot_id), editor, Kind.UNDO)

    def work() -> None:
        with app.app_context():
            both.wait(10)
            tell()

    together(undo, work)
    tell()

    for spot_id in spots:
        told = [body(letter)["data"] for letter in letters() if letter.thread == f"spot:{spot_id}"]
        assert [each["decision"]["kind"] for each in told] in ([], ["accept", "undo"])
    assert [spot.status for spot in db.session.scalars(sa.select(Spot))] == ["waiting"] * 4


@pytest.mark.parametrize("first", ["undo", "teller"])
def test_who_comes_second_waits_for_who_holds_the_decision(
    app: Flask, site: Site, ed: Editor, first: str
) -> None:
    """Undone in time is never told; what was told is never taken back without a word."""
    spot = a_spot(site)
    a_carrier(site)
    decided(spot, ed, Kind.ACCEPT)
    spot_id, ed_id, held = spot.id, ed.id, threading.Event()

    def undo(end: Callable[[], object]) -> None:
        with app.app_context():
            found = standing(db.session.get_one(Spot, spot_id))
            editor = db.session.get_one(Editor, ed_id)
            decide(db.session, found, editor, Verdict(Kind.UNDO, found.version))
            end()
            db.session.commit()

    def work(end: Callable[[], object]) -> None:
        with app.app_context():
            fanning.fan(db.session, now() + UNDO, UNDO, 100)
            end()
            db.session.commit()

    one, other = (undo, work) if first == "undo" else (work, undo)

    def second() -> None:
        held.wait(10)
        other(lambda: None)

    def holding() -> None:
        held.set()
        threading.Event().wait(0.2)  # the other comes meanwhile, and must wait or find it done

    db.session.commit()
    together(lambda: one(holding), second)
    tell()

    told = [body(letter)["data"]["decision"]["kind"] for letter in letters()]
    assert told == ([] if first == "undo" else ["accept", "undo"])


def together(*deeds: Callable[[], None]) -> None:
    """Do things at the same time; raise what one of them raised."""
    with ThreadPoolExecutor(len(deeds)) as pool:
        for done in [pool.submit(deed) for deed in deeds]:
            done.result(30)
    db.session.expire_all()
    db.session.commit()
