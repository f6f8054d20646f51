"""The worker: what is due is done, and what fails keeps nothing else from it."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask, current_app

from feedback.accounts import keys
from feedback.accounts.models import SignIn
from feedback.db import db
from feedback.worker import DUTIES, Duty, Worker
from tests.makers import newsroom

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Done:
    """A duty that notes when it is done."""

    def __init__(self, name: str, every: float, *, fails: bool = False) -> None:
        self.at: list[float] = []
        self.clock = 0.0
        self.fails = fails
        self.then: Callable[[], None] = lambda: None
        self.duty = Duty(name, every, self)

    def __call__(self) -> None:
        assert current_app
        self.at.append(self.clock)
        self.then()
        if self.fails:
            raise RuntimeError("the duty cannot be done")


def worked(app: Flask, *duties: Done, until: int) -> None:
    """Let the clock run to `until`, a look each second."""
    worker = Worker(app, tuple(done.duty for done in duties))
    for second in range(until):
        for done in duties:
            done.clock = second
        worker.work(float(second))


@pytest.fixture
def bare() -> Flask:
    return Flask("bare")


def test_a_duty_is_done_at_once_and_then_whenever_it_is_due(bare: Flask) -> None:
    often, seldom = Done("often", 3), Done("seldom", 7)

    worked(bare, often, seldom, until=10)

    assert often.at == [0, 3, 6, 9]
    assert seldom.at == [0, 7]


def test_a_duty_that_fails_keeps_no_other_from_being_done(
    bare: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = Done("bad", 2, fails=True), Done("good", 2)

    worked(bare, bad, good, until=5)

    assert bad.at == good.at == [0, 2, 4]
    assert [record.message for record in caplog.records] == [
        "bad failed; it is tried again in 2 s"
    ] * 3
    assert all(record.levelno == logging.ERROR and record.exc_info for record in caplog.records)


def test_a_duty_that_took_long_is_not_made_up_for(bare: Flask) -> None:
    done = Done("done", 5)
    worker = Worker(bare, (done.duty,))

    for at in (0.0, 100.0, 101.0, 105.0):
        worker.work(at)

    assert len(done.at) == 3


def test_a_worker_that_is_told_to_stop_begins_no_other_duty(bare: Flask) -> None:
    done = Done("done", 5)
    stop = Done("stop", 5)
    worker = Worker(bare, (stop.duty, done.duty))
    stop.then = worker.stop

    worker.work(0.0)

    assert done.at == []


def test_a_worker_runs_until_it_is_told_to_stop(bare: Flask) -> None:
    begun = threading.Event()
    worker = Worker(bare, (Duty("begin", 3600, begun.set),))
    thread = threading.Thread(target=worker.run)

    thread.start()
    assert begun.wait(10)
    worker.stop()
    thread.join(10)

    assert not thread.is_alive()


def test_a_worker_without_duties_waits(bare: Flask) -> None:
    worker = Worker(bare, ())
    worker.stop()

    begun = time.monotonic()
    worker.run()

    assert time.monotonic() - begun < 1


def test_ended_sign_ins_are_forgotten_and_others_are_not(app: Flask) -> None:
    with newsroom(app) as (_, ed):
        with time_machine.travel(NOON, tick=False):
            keys.sign_in(db.session, ed, days=1)
            lasting = keys.sign_in(db.session, ed, days=30)
            db.session.commit()

        with time_machine.travel(NOON + timedelta(days=1), tick=False):
            Worker(app).work(time.monotonic())

        kept = db.session.scalars(sa.select(SignIn.digest)).all()
        assert kept == [keys.digest(lasting)]


def test_all_duties_are_done_without_a_complaint(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker(app)

    worker.work(time.monotonic())
    worker.work(time.monotonic() + 100_000)

    assert caplog.records == []
    assert len({duty.name for duty in DUTIES}) == len(DUTIES)
