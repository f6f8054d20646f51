"""The clock is moved by an hour, forward and back: no storm of letters, nor of looks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from feedback.db import db
from feedback.delivery.models import Letter, Means
from feedback.worker import Worker
from tests.far_end import FarEnd, a_far_end, answering
from tests.makers import a_carrier, a_site, newsroom, send
from tests.newspaper import Newspaper, a_newspaper, a_report_on, printed, settled

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = ("captain", "mate", "cook")
#: Seconds between looks at an article.
DELAYS = [60.0, 600.0, 3600.0, 21_600.0]


class Day:
    """What a worker does at one time and another: looks, letters to a program, digests."""

    def __init__(self, app: Flask, paper: Newspaper, end: FarEnd) -> None:
        self._app, self._paper, self._end = app, paper, end

    def at(self, time: datetime) -> tuple[int, int, int]:
        """Let a worker do all that is due; give how often it did each."""
        before = self._counts()
        with time_machine.travel(time):
            Worker(self._app).work()
        after = self._counts()
        return after[0] - before[0], after[1] - before[1], after[2] - before[2]

    def _counts(self) -> tuple[int, int, int]:
        with self._app.app_context():
            digests = sa.select(sa.func.count()).where(Letter.kind == "digest")
            looks = sum(path != "/robots.txt" for path in self._paper.asked)
            return looks, len(self._end.requests), db.session.scalar(digests) or 0


def test_no_hour_that_is_lost_or_won_sets_off_a_storm(make_app: Callable[..., Flask]) -> None:
    articles = {name: printed() for name in NAMES}
    with a_newspaper(**articles) as paper, a_far_end(answering(b"")) as end:
        given = settled(paper, check_delays=DELAYS, fetch_allow=[paper.end.pair, end.pair])
        app = make_app(**given)
        day = Day(app, paper, end)
        with app.app_context(), time_machine.travel(START):
            site = a_site("The Paper", paper.origin)
            a_carrier(site, address=end.url)
            a_carrier(site, Means.MAIL, "ed@paper.example")
            for name in NAMES:
                a_report_on(site, paper, name)

        begun = [day.at(START + timedelta(seconds=at)) for at in (1, 30)]
        ahead = [day.at(START + HOUR + timedelta(seconds=at)) for at in (0, 1, 30)]
        back = [day.at(START + timedelta(seconds=at)) for at in (31, 59, 100)]
        with app.app_context(), time_machine.travel(START + timedelta(seconds=101)):
            a_report_on(site, paper, "captain", exact="teh")
        fresh = [day.at(START + timedelta(seconds=at)) for at in (102, 130)]

    assert begun == [(3, 3, 0), (0, 0, 1)]
    assert ahead == [(3, 0, 0), (0, 0, 0), (0, 0, 0)]  # each was due once, whatever it missed
    assert back == [(0, 0, 0)] * 3
    assert [letters for _, *letters in fresh] == [[1, 0], [0, 1]]  # what is new is told at once
    assert sum(looks for looks, *_ in fresh) <= 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_limits_hold_for_no_longer_when_the_clock_goes_back(make_app: Callable[..., Flask]) -> None:
    client = made(make_app)
    with time_machine.travel(START + HOUR, tick=False):
        full = [send(client).status_code for _ in range(3)]
    with time_machine.travel(START, tick=False):
        back = [send(client) for _ in range(3)]

    assert full == [201, 201, 429]
    assert [answer.status_code for answer in back] == [201, 201, 429]
    assert int(back[-1].headers["Retry-After"]) <= 120


def made(make_app: Callable[..., Flask]) -> FlaskClient:
    """A client of a service to which a reader may report twice a minute."""
    app = make_app(limit_reader="2 per minute")
    with newsroom(app):
        pass
    return app.test_client()
