"""kill -9 of the service in a burst of reports: none that was acknowledged is lost, none doubled.

`make soak` kills a hundred times on each database, while twenty thousand are acknowledged.
"""

import json
import os
import random
import time
from collections.abc import Callable

from flask import Flask

from feedback.config import Settings
from feedback.db import db
from tests.faults import Burst, a_service, kept, miscounted
from tests.makers import newsroom

KILLS = int(os.environ.get("FEEDBACK_TEST_SERVICE_KILLS", "4"))
REPORTS = int(os.environ.get("FEEDBACK_TEST_REPORTS", "200"))
READERS = 6


def test_no_kill_of_the_service_loses_a_report_or_doubles_it(
    app: Flask, settings: Callable[..., Settings]
) -> None:
    chance = random.Random(9)
    with newsroom(app):
        pass
    with a_service(settings()) as service, Burst(service.port).by(READERS) as burst:
        for _ in range(KILLS):
            burst.wait_for_more(REPORTS // (KILLS + 1))
            time.sleep(chance.random() * 0.05)  # at any moment
            service.kill()
            service.start()
        burst.wait_for_more(max(1, REPORTS - len(burst.acknowledged)))
    with a_service(settings()) as service:
        again = [service.post(burst.sent[uid]) for uid in list(burst.acknowledged)[:50]]

    with app.app_context():
        there = kept(db.reading)
        off = miscounted(db.reading)
    tell(app, burst, there)
    assert burst.wrong == []
    assert burst.broken >= KILLS
    assert sorted(there) == sorted(burst.acknowledged)
    assert off == []
    assert [json.loads(text) for _, _, text in again] == list(burst.acknowledged.values())[:50]
    assert {status for status, _, _ in again} == {200}


def tell(app: Flask, burst: Burst, there: list[str]) -> None:
    """Print the figures, for those who soak."""
    lost, doubled = set(burst.acknowledged) - set(there), len(there) - len(set(there))
    with app.app_context():
        print(f"{db.engine.dialect.name}: {KILLS} kills, {len(burst.acknowledged)} acknowledged,")
    print(f"{len(lost)} lost, {doubled} doubled, {burst.broken} requests without an answer")


def test_a_service_that_is_told_to_stop_finishes_what_it_began(
    app: Flask, settings: Callable[..., Settings]
) -> None:
    with newsroom(app):
        pass
    with a_service(settings()) as service, Burst(service.port).by(READERS) as burst:
        burst.wait_for_more(50)

        took = service.stop()

        with app.app_context():
            there = kept(db.reading)
        told = set(burst.acknowledged)
        service.start()

    assert set(there) <= told, "a report was kept whose reader was not told so"
    assert took < 10
    assert burst.wrong == []
