"""kill -9 at any moment: no letter is lost, none comes under a second id, threads keep their order.

Real workers, in processes of their own, carry letters to a real server on loopback, and are killed
again and again while editors decide: as soon as the server hears of a letter, or a moment later, or
whatever they are at. `make soak` kills some hundred.
"""

import json
import logging
import os
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback import create_app
from feedback.accounts.models import Editor
from feedback.config import Settings, load
from feedback.db import db
from feedback.delivery.models import Event, Letter, State
from feedback.desk.decisions import Verdict, decide
from feedback.desk.models import Decision, Kind
from feedback.reports.models import Spot
from feedback.worker import Duty, Worker, letters
from tests.far_end import Visit, a_far_end, answering
from tests.forks import FORKS
from tests.makers import a_carrier, a_spot, newsroom

KILLS = int(os.environ.get("FEEDBACK_TEST_KILLS", "25"))
#: Seconds to wait for what must come, at the most.
PATIENCE = 60.0
LEASE = 1.5
#: Editors go on while less than so much is on its way.
ENOUGH = 50
#: What editors do with each spot, again and again; each is told, a fix twice.
COURSE = (Kind.ACCEPT, Kind.FIX, Kind.REOPEN)
WORDS = ("wrold", "teh", "round", "captain", "deck", "sailed")


def work(given: dict[str, Any]) -> None:
    """Be a worker that does nothing but tell and carry, as fast as it can."""
    logging.disable()
    duties = (
        Duty("tell what happened", 0.02, letters.tell_what_happened),
        Duty("carry letters", 0.02, letters.carry_next, abreast=letters.HANDS),
    )
    Worker(create_app(load(**given)), duties).run()


@contextmanager
def a_worker(given: dict[str, Any]) -> Iterator[ForkServerProcess]:
    """A worker's process; it is killed in the end."""
    process = FORKS.Process(target=work, args=(given,), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join(PATIENCE)


@dataclass
class Program:
    """Whoever is told: it hears, is slow now and then, or has no time."""

    chance: random.Random
    came: threading.Event = field(default_factory=threading.Event)
    taken: list[str] = field(default_factory=list)

    def __call__(self, visit: Visit) -> None:
        self.came.set()
        visit.wait(self.chance.choice((0, 0, 0.02)))
        if self.chance.random() < 0.1:
            return answering(b"no time", 503)(visit)
        assert visit.request
        self.taken.append(visit.request.headers["webhook-id"])
        return answering(b"")(visit)


def on(spots: list[int], ed: Editor, step: int) -> None:
    """Decide on all spots, as the course of things is."""
    for spot_id in spots:
        spot = db.session.get_one(Spot, spot_id, populate_existing=True)
        decide(db.session, spot, ed, Verdict(COURSE[step % len(COURSE)], spot.version))
        db.session.commit()


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)  # between two looks


def left() -> int:
    """How much is still to be told or carried."""
    with db.reading.connect() as connection:
        untold = connection.scalar(sa.select(sa.func.count(Event.id)))
        waiting = sa.select(sa.func.count(Letter.id)).where(Letter.state == State.WAITING)
        return (untold or 0) + (connection.scalar(waiting) or 0)


def what(body: bytes) -> tuple[int, str, str]:
    """What a letter tells: of which spot, when it was decided, and what followed."""
    said = json.loads(body)
    return said["data"]["spot"]["id"], said["data"]["decision"]["at"], said["type"]


@pytest.fixture
def given(settings: Callable[..., Settings]) -> Callable[[str], dict[str, Any]]:
    def given(pair: str) -> dict[str, Any]:
        made = settings(fetch_allow=pair, lease_seconds=LEASE, retry_delays="0.05,0.05," * 20)
        names = made.model_fields_set
        return {name: getattr(made, name) for name in names}

    return given


def test_no_kill_loses_a_letter_or_doubles_it(
    app: Flask, given: Callable[[str], dict[str, Any]]
) -> None:
    chance = random.Random(6)
    program = Program(random.Random(7))
    with newsroom(app) as (site, ed), a_far_end(program) as end:
        spots = [a_spot(site, word).id for word in WORDS]
        a_carrier(site, address=end.url)
        step = -1
        for _ in range(KILLS):
            program.came.clear()
            with a_worker(given(end.pair)):
                if left() < ENOUGH:
                    on(spots, ed, step := step + 1)
                program.came.wait(LEASE + 1)
                time.sleep(chance.choice((0, 0, 0.01, 0.05, 0.2)))  # at any moment
        with a_worker(given(end.pair)):
            wait_until(lambda: not left())

        states = set(db.session.scalars(sa.select(Letter.state)))
        kept = {letter.uid.hex for letter in db.session.scalars(sa.select(Letter))}
        rows = db.session.execute(sa.select(Decision.id, Decision.kind)).all()

    heard = [(what(each.body), each.headers["webhook-id"]) for each in end.requests]
    ids = defaultdict(set)
    for told, uid in heard:
        ids[told].add(uid)
    expected = len(rows) + sum(row.kind is Kind.FIX for row in rows)
    assert states == {State.SENT}
    assert len(ids) == expected
    assert {len(each) for each in ids.values()} == {1}
    assert {f"msg_{uid}" for uid in kept} == set(program.taken)
    assert len(heard) > expected, "no kill came between a letter's arrival and its being settled"
    for spot_id in spots:
        order = [told[1:] for told, _ in heard if told[0] == spot_id]
        assert order == sorted(order)
