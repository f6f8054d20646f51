"""What the desk's pages take: a fixed number of statements each, whatever there is; light rows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts import people
from feedback.accounts.models import Editor, Membership, Role
from feedback.db import db, now
from feedback.desk import claims, index, reasons, views
from feedback.desk.decisions import Verdict, decide
from feedback.desk.models import Kind
from feedback.desk.queue import Query, pages
from feedback.reports.models import Status
from feedback.sites import Site
from feedback.web import queue_page
from tests.conftest import BASE
from tests.makers import ORIGIN, a_site, a_spot, newsroom, signed_in

#: Words of the article that readers point at.
PLACES = ("wrold", "teh", "deck", "flat", "sailed")

#: To know who asks: the sign-in with its editor, and where the editor may go.
WHO = 2
#: The rows, whose they are, who is at them, reasons, what filters offer, views, the counts; and, as
#: one of the views searches, where a search begins.
QUEUE = WHO + 8
#: Besides, where a search begins.
FOUND = QUEUE + 1
#: Besides, where fewer rows are found than fit: whether a look at more would find any.
SHORT = QUEUE + 1
SPOT = WHO + 8
#: Besides, where no editor has seen the spot before: that one has now.
NOTICED = SPOT + 1

#: What each address takes with next to nothing behind it, and with more than a page.
PAGES = {
    "/desk/sites/1/": (QUEUE, QUEUE),
    "/desk/sites/1/?order=newest&since=2020-01-01": (QUEUE, QUEUE),
    "/desk/sites/1/?order=most-reported&readers=1": (QUEUE, QUEUE),
    "/desk/sites/1/?order=article": (QUEUE, QUEUE),
    "/desk/sites/1/?status=accepted": (QUEUE, QUEUE),
    "/desk/sites/1/?status=any": (QUEUE, QUEUE),
    "/desk/sites/1/?lang=en&presence=unchecked": (SHORT, QUEUE),
    "/desk/sites/1/?section=Sport": (SHORT, SHORT),
    "/desk/sites/1/?q=wrold": (FOUND + 1, FOUND),
    "/desk/sites/1/?q=%22nr+0%22&status=any&age=week": (FOUND + 1, FOUND + 1),
    "/desk/spots/1": (NOTICED, SPOT),
    "/desk/sites/1/news?since=0": (WHO + 4, WHO + 4),
    "/desk/sites/1/news?since=9999999999999999": (WHO + 2, WHO + 2),
}
#: What pages beside the first one take besides: whether there is something before it.
BESIDE = 1
#: What a look at many takes besides, after a look at some that found too few.
DEEPER = 1


@contextmanager
def heard(app: Flask) -> Iterator[list[str]]:
    """The statements that are carried out; those that begin and end transactions left out."""
    told: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            told.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        yield told
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)


def taken(app: Flask, client: FlaskClient, path: str) -> int:
    """How many statements an answer takes."""
    with heard(app) as told:
        answer = client.get(path, base_url=BASE)
    assert answer.status_code in {200, 204}, path
    return len(told)


def a_day(app: Flask, first: int, spots: int) -> None:
    """Spots, five of an article, some of them decided on, some of which others are at."""
    with app.app_context():
        site = db.session.get_one(Site, 1)
        for number in range(first, first + spots):
            exact, url = PLACES[number % len(PLACES)], f"{ORIGIN}/{number // len(PLACES)}"
            spot = a_spot(site, exact, url=url, comment=f"nr {number}")
            ann = people.add(db.session, f"ann{number}@paper.example", site, Role.EDITOR)
            db.session.flush()
            if number % 5 == 0:
                decide(db.session, spot, ann, Verdict(Kind.ACCEPT, spot.version))
            if number % 5 == 1:
                claims.take(db.session, spot.id, ann, now())
            db.session.commit()
        while index.refresh(db.session, 100):
            db.session.commit()
        db.session.commit()


@pytest.fixture
def ed(app: Flask) -> FlaskClient:
    """Ed, who keeps views, at a site with reasons of its own."""
    with newsroom(app) as (site, editor):
        reasons.add(db.session, site.id, "Dialect", "We write as people speak.")
        views.keep(db.session, editor, Query((site.id,), (Status.FIXED,)), "Fixed")
        views.keep(db.session, editor, Query((site.id,), q="wrold"), "Ours")
        db.session.commit()
    return signed_in(app)


def test_each_page_takes_a_fixed_number_of_statements(app: Flask, ed: FlaskClient) -> None:
    numbers = []
    for first, spots in ((0, 2), (2, 70)):
        a_day(app, first, spots)
        numbers.append([taken(app, ed, path) for path in PAGES])

    assert dict(zip(PAGES, zip(*numbers, strict=True), strict=True)) == PAGES


def test_a_page_beside_takes_one_more(app: Flask, ed: FlaskClient) -> None:
    a_day(app, 0, 70)
    following = re.search(
        r'rel="next" href="([^"]*)"', ed.get("/desk/sites/1/", base_url=BASE).text
    )
    assert following

    assert taken(app, ed, unescape(following[1])) == QUEUE + BESIDE


@pytest.mark.parametrize("asked", ["lang=xx", "q=nr+1+", "presence=gone&q=wrold"])
def test_a_look_at_many_takes_few_more(
    app: Flask, ed: FlaskClient, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.setattr(queue_page, "PAGE", 2)
    monkeypatch.setattr(pages, "_SOME", 8)
    a_day(app, 0, 20)

    assert taken(app, ed, f"/desk/sites/1/?{asked}") <= SHORT + DEEPER + 2


#: What addresses of the queue of all sites take with two of them, and with as many as a page has.
ALL = WHO + 6
OF_ALL = {
    "/desk/all/": (ALL, ALL),
    "/desk/all/?order=article&status=any": (ALL, ALL),
    "/desk/all/?lang=en&status=any": (ALL + 1, ALL),
    "/desk/all/?q=wrold&status=any": (ALL + 3, ALL + 2),
    "/desk/all/news?since=0": (WHO + 4, WHO + 4),
    "/desk/all/news?since=9999999999999999": (WHO + 2, WHO + 2),
}


def more_sites(app: Flask, many: int) -> None:
    """So many more sites, each with a spot, that Ed edits; each has reasons of its own."""
    with app.app_context():
        ed = people.named(db.session, "ed@paper.example")
        assert ed
        spots = []
        for number in range(many):
            origin = f"https://paper{number}of{many}.example"
            site = a_site(f"Paper {number} of {many}", origin)
            ed.memberships.append(Membership(site_id=site.id, role=Role.EDITOR))
            reasons.add(db.session, site.id, "Dialect", "We write as people speak.")
            spots.append(a_spot(site, url=f"{origin}/").id)
        index.refresh(db.session, 100)
        claims.take(db.session, spots[0], a_colleague(site), now())
        db.session.commit()


def a_colleague(site: Site) -> Editor:
    eva = people.add(db.session, f"eva{site.id}@paper.example", site, Role.EDITOR)
    db.session.flush()
    return eva


def test_many_sites_take_as_many_statements_as_two(app: Flask, ed: FlaskClient) -> None:
    a_day(app, 0, 2)
    numbers = []
    for many in (1, queue_page.SITES):
        more_sites(app, many)
        numbers.append([taken(app, ed, path) for path in OF_ALL])

    assert dict(zip(OF_ALL, zip(*numbers, strict=True), strict=True)) == OF_ALL


#: What a row may weigh, in bytes; one with its menus filled weighs half as much again.
ROW = 5_000


def test_a_row_of_the_queue_is_light(app: Flask) -> None:
    with newsroom(app) as (site, _):
        for number in range(40):
            a_spot(site, PLACES[number % 5], correction="world", url=f"{ORIGIN}/{number}")
    client = signed_in(app)

    rows = client.get("/desk/sites/1/", base_url=BASE).text.split('<li class="row')[1:]

    assert len(rows) == 40
    assert max(len(row.encode()) for row in rows[:-1]) < ROW
