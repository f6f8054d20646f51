"""The queue: queries in addresses, pages both ways, bounded looks and counts."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback.anchoring.locate import Presence
from feedback.anchoring.slips import Slip
from feedback.articles.models import Article
from feedback.db import db, now
from feedback.desk import queue
from feedback.desk.queue import ANY, BadCursor, BadQuery, Cursor, Order, Page, Query, pages
from feedback.reports.models import Kind, Spot, Status
from feedback.sites import Site
from tests.makers import a_site, a_spot, newsroom

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
LANGS = ("en", "en-GB", "EN-us", "de", "")


def articles(site: Site, count: int = 5) -> list[int]:
    """The ids of new articles of a site, each in another section and language."""
    made = [
        Article(
            site_id=site.id,
            address=f"https://paper.example/{uuid4()}",
            title=f"Title {n}",
            lang=LANGS[n % len(LANGS)],
            section=f"Section {n % 2}",
            author=f"Author {n % 3}",
            created_at=AT,
        )
        for n in range(count)
    ]
    db.session.add_all(made)
    db.session.commit()
    return [article.id for article in made]


def fill(site: Site, count: int, seed: int = 1, pages: int = 5, **fixed: Any) -> None:
    """Give a site spots of all sorts, drawn by a seed."""
    draw = random.Random(seed)
    ids = articles(site, pages)
    rows = []
    for n in range(count):
        at = AT + timedelta(minutes=draw.randrange(count))
        rows.append(
            {
                "site_id": site.id,
                "article_id": draw.choice(ids),
                "status": draw.choice(list(Status)),
                "presence": draw.choice(list(Presence)),
                "slip": draw.choice(list(Slip)),
                "exact": f"wrold {n}",
                "prefix": "",
                "suffix": "",
                "start": draw.randrange(20),
                "end": 30,
                "length": 100,
                "correction": "world",
                "settled": False,
                "readers": draw.randrange(1, 6),
                "first_at": AT,
                "last_at": at,
                "urgency": int(at.timestamp()) + draw.randrange(5),
                "version": 1,
                "stale": False,
                **fixed,
            }
        )
    db.session.execute(sa.insert(Spot), rows)
    db.session.commit()


SORTED: dict[Order, Callable[[Spot], Any]] = {
    Order.URGENT: lambda spot: (-spot.urgency, -spot.id),
    Order.NEWEST: lambda spot: (-spot.last_at.timestamp(), -spot.id),
    Order.MOST_REPORTED: lambda spot: (-spot.readers, -spot.id),
    Order.ARTICLE: lambda spot: (-spot.article_id, spot.start, spot.id),
}


def wanted(query: Query, spot: Spot) -> bool:
    """Whether a spot is asked for, told without a database."""
    article, lang = spot.article, spot.article.lang.lower()
    return (
        spot.site_id in query.sites
        and spot.status in query.statuses
        and query.presence in {None, spot.presence}
        and query.slip in {None, spot.slip}
        and query.section in {"", article.section}
        and query.author in {"", article.author}
        and (not query.lang or lang == query.lang or lang.startswith(query.lang + "-"))
        and (query.since is None or spot.last_at >= query.since)
        and (query.until is None or spot.last_at < query.until)
        and spot.readers >= query.readers
    )


def expected(query: Query) -> list[int]:
    spots = [spot for spot in db.session.scalars(sa.select(Spot)) if wanted(query, spot)]
    return [spot.id for spot in sorted(spots, key=SORTED[query.order])]


def ids(page: Page) -> list[int]:
    return [spot.id for spot in page.spots]


def walked(query: Query, limit: int) -> list[list[int]]:
    """All pages from the first to the last, having come back and gone on at each."""
    page = queue.page(db.session, query, None, limit)
    seen = [ids(page)]
    assert page.previous is None
    while page.following:
        page = queue.page(db.session, query, Cursor.read(str(page.following)), limit)
        seen.append(ids(page))
    return seen


def walked_back(query: Query, limit: int) -> list[list[int]]:
    """All pages from the last to the first."""
    page = queue.page(db.session, query, None, limit)
    while page.following:
        page = queue.page(db.session, query, page.following, limit)
    seen = [ids(page)]
    while page.previous:
        page = queue.page(db.session, query, Cursor.read(str(page.previous)), limit)
        seen.insert(0, ids(page))
    return seen


def flat(found: list[list[int]]) -> list[int]:
    return [each for page in found for each in page]


QUERIES: list[dict[str, Any]] = [
    {},
    {"statuses": ANY},
    {"statuses": (Status.MERGED, Status.FIXED)},
    {"statuses": ANY, "presence": Presence.GONE},
    {"statuses": ANY, "slip": Slip.NAME},
    {"statuses": ANY, "section": "Section 1", "author": "Author 0"},
    {"statuses": ANY, "lang": "en"},
    {"statuses": ANY, "lang": "en-gb"},
    {"statuses": ANY, "since": AT + timedelta(minutes=40), "until": AT + timedelta(minutes=90)},
    {"statuses": ANY, "readers": 4},
    {"section": "nowhere"},
]


@pytest.mark.parametrize("order", Order)
def test_pages_go_both_ways_without_gaps(app: Flask, order: Order) -> None:
    with newsroom(app) as (site, _):
        other = a_site("Other", "https://other.example")
        fill(site, 90)
        fill(other, 60, seed=2)
        for given in QUERIES:
            for sites in ((site.id,), (site.id, other.id)):
                query = Query(sites, order=order, **given)
                right = expected(query)

                there, back = walked(query, 13), walked_back(query, 13)

                assert flat(there) == right, query
                assert flat(back) == right, query
                assert len(back) <= len(there)
                assert all(len(page) == 13 for page in there[:-1])


def test_a_look_is_bounded_and_goes_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LOOKED", 10)
    with newsroom(app) as (site, _):
        fill(site, 95, status=Status.WAITING)
        for order in Order:
            query = Query((site.id,), slip=Slip.NAME, section="Section 1", order=order)
            right = expected(query)

            there, back = walked(query, 5), walked_back(query, 5)

            assert right
            assert flat(there) == flat(back) == right
            assert len(there) == 10


def test_a_page_before_the_first_is_the_first(app: Flask) -> None:
    with newsroom(app) as (site, _):
        fill(site, 9, status=Status.WAITING)
        query = Query((site.id,))
        first = queue.page(db.session, query, None, 4)
        second = queue.page(db.session, query, first.following, 4)
        fill(site, 2, seed=3, status=Status.WAITING, urgency=2**40)

        assert second.previous
        before = queue.page(db.session, query, second.previous, 4)
        assert ids(before) == ids(first)
        assert before.previous
        assert ids(queue.page(db.session, query, before.previous, 4)) == expected(query)[:4]


def test_a_queue_that_ends_has_no_pages_beside(app: Flask) -> None:
    with newsroom(app) as (site, _):
        fill(site, 4, status=Status.WAITING)

        page = queue.page(db.session, Query((site.id,)), None, 4)

        assert (page.previous, page.following) == (None, None)
        assert [spot.article.title for spot in page.spots]


def test_what_readers_say_is_a_filter(app: Flask) -> None:
    with newsroom(app) as (site, _):
        a_spot(site)
        fact = a_spot(site, "teh", kind="fact")
        query = Query((site.id,), kind=Kind.FACT)

        assert ids(queue.page(db.session, query)) == [fact.id]
        assert db.session.execute(queue.counted(query)).one() == (1, False)


def test_age_goes_by_the_clock(app: Flask) -> None:
    with newsroom(app) as (site, _):
        fill(site, 1, status=Status.WAITING, last_at=now() - timedelta(days=3))
        old = db.session.scalars(sa.select(Spot.id)).one()
        fill(site, 1, status=Status.WAITING, last_at=now() - timedelta(hours=3))

        found = ids(queue.page(db.session, Query((site.id,), age=1)))

        assert len(found) == 1
        assert old not in found
        assert len(ids(queue.page(db.session, Query((site.id,), age=7)))) == 2


def test_what_matches_is_what_the_pages_show(app: Flask) -> None:
    with newsroom(app) as (site, _):
        fill(site, 60)
        for given in QUERIES:
            query = Query((site.id,), **given)

            found = set(db.session.scalars(query.matching().with_only_columns(Spot.id)))

            assert found == set(expected(query))


def test_counts_look_at_so_many_at_most(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "COUNTED", 20)
    with newsroom(app) as (site, _):
        fill(site, 30, status=Status.WAITING)
        other = a_site("Other", "https://other.example")
        fill(other, 15, status=Status.FIXED)
        some = expected(Query((site.id,), section="Section 1"))
        queries = [
            Query((site.id,)),
            Query((site.id,), section="Section 1"),
            Query((other.id,), statuses=ANY),
            Query((other.id,)),
            Query((site.id, other.id), statuses=(Status.FIXED,), section="nowhere"),
        ]

        told = queue.counts(db.session, queries)

        assert told[0] == (21, True)
        assert told[1][0] <= len(some)
        assert told[1][1]
        assert told[2:] == [(15, False), (0, False), (0, False)]
        assert queue.counts(db.session, []) == []


def test_very_many_sites_are_asked_in_one_statement(app: Flask) -> None:
    with newsroom(app) as (site, _):
        fill(site, 9, status=Status.WAITING)
        query = Query((*range(1000, 1090), site.id), statuses=tuple(Status))

        assert flat(walked(query, 4)) == expected(query)


@pytest.mark.parametrize(
    "text", ["x", "W10", "WyJiZWZvcmUiXQ", "WzEsMiwzXQ", "WzFd", "e30", "WzEsLTJd", "bnVsbA", "é"]
)
def test_a_cursor_of_another_make_is_refused(app: Flask, text: str) -> None:
    with newsroom(app) as (site, _), pytest.raises(BadCursor):
        queue.page(db.session, Query((site.id,)), Cursor.read(text))


def test_a_cursor_beyond_all_time_is_refused(app: Flask) -> None:
    with newsroom(app) as (site, _), pytest.raises(BadCursor):
        queue.page(db.session, Query((site.id,), order=Order.NEWEST), Cursor((2**61, 1)))


# Addresses

WRITTEN = {
    "nothing": ("", {}),
    "a default": ("status=waiting&order=urgent", {}),
    "a status": ("status=fixed", {"statuses": (Status.FIXED,)}),
    "statuses": ("status=fixed,waiting,fixed", {"statuses": (Status.WAITING, Status.FIXED)}),
    "any status": ("status=any", {"statuses": ANY}),
    "empty fields": ("q=&section=+&presence=", {}),
    "presence": ("presence=gone", {"presence": Presence.GONE}),
    "slip": ("slip=doubled-word", {"slip": Slip.DOUBLED_WORD}),
    "kind": ("kind=fact", {"kind": Kind.FACT}),
    "words": ("section=Гроші&author=Ann+Lee", {"section": "Гроші", "author": "Ann Lee"}),
    "lang": ("lang=en-GB", {"lang": "en-gb"}),
    "a day": ("since=2026-11-25", {"since": datetime(2026, 11, 25, tzinfo=UTC)}),
    "to its end": ("until=2026-11-25", {"until": datetime(2026, 11, 26, tzinfo=UTC)}),
    "a time": ("until=2026-11-25T14:00:00%2B02:00", {"until": AT}),
    "an age": ("age=week", {"age": 7}),
    "days": ("age=3", {"age": 3}),
    "readers": ("readers=3", {"readers": 3}),
    "a search": ("q=%22teh+sea%22", {"q": '"teh sea"'}),
    "order": ("order=article&cursor=x&page=2", {"order": Order.ARTICLE}),
}


@pytest.mark.parametrize(("text", "fields"), WRITTEN.values(), ids=WRITTEN)
def test_a_query_is_read_and_written(text: str, fields: dict[str, Any]) -> None:
    query = Query.written(1, text)

    assert query == Query((1,), **fields)
    assert Query.written(1, query.address()) == query
    assert Query.written(1, query.address()).address() == query.address()
    assert query.filters == bool(set(fields) - {"statuses", "order"})


def test_an_address_says_no_more_than_it_must() -> None:
    text = "order=urgent&status=accepted,waiting&until=2026-11-25&age=30&q="

    assert Query.written(1, text).address() == (
        "status=waiting%2Caccepted&until=2026-11-25&age=month"
    )
    assert Query.written(1, "since=2026-11-25T12:30:00Z").args() == {
        "since": "2026-11-25T12:30:00Z"
    }


REFUSED = [
    "status=open",
    "status=waiting,",
    "presence=x",
    "slip=x",
    "kind=x",
    "lang=en_GB",
    "since=yesterday",
    "since=2026-11-25T12:00:00",
    "since=2026-13-01",
    "until=9999-12-31",
    "age=-1",
    "age=99999",
    "readers=x",
    "readers=99999999999",
    "readers=٣",
    "order=x",
    "section=%00",
    "q=" + "a" * 201,
]


@pytest.mark.parametrize("text", REFUSED)
def test_a_query_that_cannot_be_asked_names_its_field(text: str) -> None:
    with pytest.raises(BadQuery) as refused:
        Query.written(1, text)

    assert refused.value.field == text.partition("=")[0]


# Plans


def plan(statement: Any) -> str:
    """What a database means to do, as it says."""
    explain = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN"
    text = str(statement.compile(db.engine, compile_kwargs={"literal_binds": True}))
    with db.reading.connect() as connection:
        told = connection.exec_driver_sql(f"{explain} {text.replace('%%', '%')}")
        return "\n".join(str(row[-1]) for row in told)


INDEXES = {
    Order.URGENT: "ix_spot_urgent",
    Order.NEWEST: "ix_spot_newest",
    Order.MOST_REPORTED: "ix_spot_most_reported",
    Order.ARTICLE: "ix_spot_by_article",
}


def test_each_order_is_an_index_s(app: Flask) -> None:
    with newsroom(app) as (site, _):
        fill(site, 6000, pages=300, status=Status.WAITING)
        db.session.execute(sa.text("ANALYZE"))
        db.session.commit()
        for order, index in INDEXES.items():
            query = Query((site.id,), order=order)
            first = queue.page(db.session, query, None, 50)
            second = queue.page(db.session, query, first.following, 50)
            db.session.commit()

            for cursor in (None, first.following, second.previous):
                assert index in plan(pages.looked(query, cursor, 51)), (order, cursor)
            assert "ix_spot_" in plan(queue.counted(query))
