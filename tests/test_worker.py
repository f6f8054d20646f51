"""The worker: what is due is done, and what fails keeps nothing else from it."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
#: Seconds that a test waits for a thread, at the most.
PATIENCE = 10


class Done:
    """A duty that counts how often it is done; it has something to do `more` times at once."""

    def __init__(self, name: str, every: float, *, fails: bool = False, more: int = 0) -> None:
        self.count = 0
        self.fails = fails
        self.more = more
        self.then: Callable[[], object] = lambda: None
        self.duty = Duty(name, every, self)

    def __call__(self) -> bool:
        assert current_app
        self.count += 1
        self.then()
        if self.fails:
            raise RuntimeError("the duty cannot be done")
        self.more -= 1
        return self.more >= 0


@contextmanager
def working(app: Flask, *duties: Duty) -> Iterator[Worker]:
    """A worker that runs in a thread of its own; it is stopped in the end."""
    worker = Worker(app, duties)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.fixture
def bare() -> Flask:
    return Flask("bare")


def test_a_duty_is_done_at_once_and_again_when_its_time_has_come(bare: Flask) -> None:
    thrice, once = threading.Event(), threading.Event()
    often, seldom = Done("often", 0.01), Done("seldom", 3600)
    often.then = lambda: often.count == 3 and thrice.set()
    seldom.then = once.set

    with working(bare, often.duty, seldom.duty):
        assert thrice.wait(PATIENCE)
        assert once.wait(PATIENCE)

    assert often.count >= 3
    assert seldom.count == 1


def test_a_duty_with_more_to_do_goes_on_at_once(bare: Flask) -> None:
    done = Done("done", 3600, more=5)
    last = threading.Event()
    done.then = lambda: done.count == 6 and last.set()

    with working(bare, done.duty):
        assert last.wait(PATIENCE)

    assert done.count == 6


def test_a_duty_that_takes_long_holds_up_no_other(bare: Flask) -> None:
    meanwhile = threading.Event()
    waited: list[bool] = []
    slow = Done("slow", 3600)
    slow.then = lambda: waited.append(meanwhile.wait(PATIENCE))

    with working(bare, slow.duty, Duty("quick", 3600, meanwhile.set)):
        assert meanwhile.wait(PATIENCE)

    assert waited == [True]


def test_a_duty_is_done_by_as_many_at_once_as_it_says(bare: Flask) -> None:
    met = threading.Event()
    together = threading.Barrier(3, action=met.set)

    def meet() -> None:
        together.wait(PATIENCE)

    with working(bare, Duty("meet", 3600, meet, abreast=3)):
        assert met.wait(PATIENCE)


def test_a_duty_that_fails_is_told_of_and_tried_again(
    bare: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    twice = threading.Event()
    bad, good = Done("bad", 0.01, fails=True), Done("good", 3600)
    bad.then = lambda: bad.count == 2 and twice.set()

    with working(bare, bad.duty, good.duty):
        assert twice.wait(PATIENCE)

    assert good.count == 1
    assert {record.message for record in caplog.records} == {"bad failed; it is tried again in 0 s"}
    assert all(record.levelno == logging.ERROR and record.exc_info for record in caplog.records)


def test_a_worker_that_is_told_to_stop_finishes_what_it_does_and_no_more(bare: Flask) -> None:
    done = Done("done", 0, more=1000)
    worker = Worker(bare, (done.duty,))
    done.then = worker.stop

    worker.run()

    assert done.count == 1


def test_a_worker_without_duties_waits_for_its_end(bare: Flask) -> None:
    with working(bare):
        pass


def test_ended_sign_ins_are_forgotten_and_others_are_not(app: Flask) -> None:
    with newsroom(app) as (_, ed):
        with time_machine.travel(NOON, tick=False):
            keys.sign_in(db.session, ed, days=1)
            lasting = keys.sign_in(db.session, ed, days=30)
            db.session.commit()

        with time_machine.travel(NOON + timedelta(days=1), tick=False):
            Worker(app).work()

        kept = db.session.scalars(sa.select(SignIn.digest)).all()
        assert kept == [keys.digest(lasting)]


def test_all_duties_are_done_without_a_complaint(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker(app)

    worker.work()
    worker.work()

    assert caplog.records == []
    assert len({duty.name for duty in DUTIES}) == len(DUTIES)
