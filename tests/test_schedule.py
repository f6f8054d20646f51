"""Which article is looked at next, and when its host may be asked."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from feedback.articles import hosts, schedule
from feedback.articles.hosts import Visit
from feedback.articles.models import Article, Host
from feedback.articles.robots import Robots, RobotsAnswer
from feedback.db import db, now
from tests.makers import a_claim, a_site, a_spot, newsroom

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORIGIN = "https://paper.example"
PAUSE = timedelta(seconds=2)


def due(at: datetime) -> list[str]:
    found = db.session.scalars(schedule.due(at)).all()
    db.session.commit()
    return [article.address.rpartition("/")[2] for article in found]


def test_an_article_is_due_after_its_first_report(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False), newsroom(app) as (site, _):
        a_spot(site, url=f"{ORIGIN}/one")

        assert due(NOON) == ["one"]
        assert due(NOON - timedelta(seconds=1)) == []


def test_what_is_due_longest_comes_first(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as clock, newsroom(app) as (site, _):
        for name in ("b", "a", "c"):
            a_spot(site, url=f"{ORIGIN}/{name}")
            clock.shift(1)

        assert due(NOON + timedelta(minutes=1)) == ["b", "a", "c"]


def test_a_claim_hides_an_article_until_it_is_given_up(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False), newsroom(app) as (site, _):
        claim = a_claim(a_spot(site, url=f"{ORIGIN}/one").article)

        assert due(NOON + schedule.LEASE - timedelta(seconds=1)) == []
        assert due(claim.until) == ["one"]


def test_of_many_workers_one_gets_an_article(app: Flask) -> None:
    with newsroom(app) as (site, _):
        article_id = a_spot(site).article_id

    loaded = threading.Barrier(8)

    def claim(_: int) -> bool:
        with app.app_context():
            article = db.session.get_one(Article, article_id)
            db.session.commit()
            loaded.wait(10)
            mine = schedule.claim(db.session, article, now())
            db.session.commit()
            return mine is not None

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(claim, range(8)))

    assert got.count(True) == 1


@pytest.mark.parametrize(
    ("step", "seconds"), [(0, 60), (1, 600), (2, 3600), (3, 3600), (10**6, 3600)]
)
def test_the_last_delay_goes_on_for_ever(step: int, seconds: int) -> None:
    assert schedule.after([60, 600, 3600], step) == timedelta(seconds=seconds)


def visit(at: datetime, pause: timedelta = PAUSE, origin: str = ORIGIN) -> Visit | datetime:
    found = hosts.claim(db.session, origin, at, pause)
    db.session.commit()
    return found


def learn(at: datetime, text: str) -> None:
    hosts.learn(db.session, ORIGIN, RobotsAnswer(Robots(text)), at)
    db.session.commit()


def test_a_host_is_visited_with_a_pause_between(app: Flask) -> None:
    with app.app_context():
        first = visit(NOON)
        second = visit(NOON + timedelta(seconds=1))
        third = visit(NOON + PAUSE)

        assert isinstance(first, Visit)
        assert second == NOON + PAUSE
        assert isinstance(third, Visit)


def test_hosts_do_not_wait_for_each_other(app: Flask) -> None:
    with app.app_context():
        visit(NOON)

        assert isinstance(visit(NOON, origin="https://gazette.example"), Visit)


def test_a_robots_txt_is_asked_for_first_and_again_after_a_day(app: Flask) -> None:
    with app.app_context():
        unknown = visit(NOON)
        learn(NOON, "User-agent: *\nDisallow: /private")
        known = visit(NOON + timedelta(hours=23))
        stale = visit(NOON + timedelta(hours=25))

        assert isinstance(unknown, Visit)
        assert unknown.robots is None
        assert isinstance(known, Visit)
        assert known.robots is not None
        assert not known.robots.allows(f"{ORIGIN}/private/one")
        assert isinstance(stale, Visit)
        assert stale.robots is None


@pytest.mark.parametrize(("asked", "waits"), [("1", 2), ("10", 10), ("3600", 30)])
def test_a_robots_txt_may_ask_for_a_longer_pause(app: Flask, asked: str, waits: int) -> None:
    with app.app_context():
        visit(NOON)
        learn(NOON, f"User-agent: *\nCrawl-delay: {asked}\nDisallow:")

        visit(NOON + timedelta(hours=1))

        host = db.session.scalars(sa.select(Host)).one()
        assert host.free_at == NOON + timedelta(hours=1, seconds=waits)


def test_a_host_that_asks_for_rest_gets_it(app: Flask) -> None:
    with app.app_context():
        visit(NOON)
        until = NOON + timedelta(minutes=15)

        hosts.rest(db.session, ORIGIN, until)
        db.session.commit()

        assert visit(NOON + timedelta(minutes=14)) == until


def test_of_many_workers_one_gets_a_host(app: Flask) -> None:
    def claim(_: int) -> bool:
        with app.app_context():
            return isinstance(visit(NOON), Visit)

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(claim, range(16)))

    assert got.count(True) == 1


def test_articles_of_another_site_are_due_too(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False), newsroom(app) as (site, _):
        gazette = a_site("Gazette", "https://gazette.example")
        a_spot(site, url=f"{ORIGIN}/one")
        a_spot(gazette, url="https://gazette.example/two")

        assert sorted(due(NOON)) == ["one", "two"]
