"""Search: the same hits on both databases, newest first, and no more of them than are looked at."""

import random
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback.db import db
from feedback.desk import index, queue, search, stretches, terms
from feedback.desk.queue import ANY, Cursor, Query, pages
from feedback.desk.search import SpotWords
from feedback.desk.terms import Phrase
from feedback.reports.models import Spot, Status
from feedback.sites import Site
from tests.makers import TEXT, a_look, a_site, a_spot, newsroom
from tests.test_queue import fill, plan

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)

#: Words of many scripts, some of which begin others.
WORDS = (
    "the wrold world word wor a i’m don't don t well-known café cafe CAFE Straße strasse"
    " élan ﬁsh fish"
    " мир мира мирный ёлка елка й и їжак 世界 世 界は 地球 が か っこう ﾊﾟﾝ パン 한국 한국어 ที่ ที่นี่"
    " नमस्ते न नम"
    " שָׁלוֹם שלום العالَم العالم 3.14 3 14 1,000 ½ №5 İstanbul ısı 👩‍🚀 — … ! ' \" \\ :"
    " & | <-> * ( ) NOT"
    " می‌خواهم so\u00adft x_y 𝒳 Ⅷ ǅ ß ſ ﷺ \uf8ff \ue000"
).split(" ")


def finds(has: list[str], wanted: list[Phrase]) -> bool:
    """Whether a document has all that is asked for, told without a database."""
    return bool(wanted) and all(stands(has, phrase) for phrase in wanted)


def stands(has: list[str], phrase: Phrase) -> bool:
    *first, last = phrase.terms
    return any(
        has[n : n + len(first)] == first
        and (there == last or (phrase.prefix and there.startswith(last)))
        for n, there in enumerate(has[len(first) :])
    )


def hits(site: Site, q: str) -> set[int]:
    found = Query((site.id,), statuses=tuple(Status), q=q).matching().with_only_columns(Spot.id)
    return set(db.session.scalars(found))


def listed(query: Query, limit: int = 50) -> list[list[int]]:
    """The ids on all pages of a query, one after another."""
    page = queue.page(db.session, query, None, limit)
    seen = [[spot.id for spot in page.spots]]
    while page.following:
        page = queue.page(db.session, query, Cursor.read(str(page.following)), limit)
        seen.append([spot.id for spot in page.spots])
    return seen


def draw(chance: random.Random, most: int) -> str:
    return chance.choice([" ", " ", "  ", ", "]).join(
        chance.choices(WORDS, k=chance.randint(1, most))
    )


def a_query(chance: random.Random) -> str:
    pieces = [chance.choice(["{}", "{}", '"{}"', "{}*", "„{}“", '"{}']).format(draw(chance, 2))]
    return " ".join(pieces + [draw(chance, 1) for _ in range(chance.randint(0, 1))])


def indexed() -> None:
    while index.refresh(db.session, 100):
        db.session.commit()
    db.session.commit()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few spots fill several stretches."""
    monkeypatch.setattr(stretches, "SIZES", (2, 8))
    for name in ("_NEAR", "_NEXT", "_MORE", "_FAR"):
        monkeypatch.setattr(stretches, name, 1)


def explained(asked: sa.Select[Any]) -> str:
    """How PostgreSQL carries a statement out."""
    line = asked.compile(db.engine, compile_kwargs={"render_postcompile": True})
    done = db.session.connection().exec_driver_sql(
        f"EXPLAIN (ANALYZE, COSTS OFF) {line}", dict(line.params)
    )
    return "\n".join(done.scalars())


@pytest.mark.usefixtures("short")
def test_both_databases_find_what_a_plain_look_finds(app: Flask) -> None:
    chance = random.Random(5)
    with newsroom(app) as (site, _):
        other = a_site("Other", "https://other.example")
        fill(site, 120)
        fill(other, 30)
        documents: dict[int, list[str]] = {}
        for spot in db.session.scalars(sa.select(Spot)).all():
            texts = [draw(chance, 5) for _ in range(3)]
            search.keep(db.session.connection(), [(spot.id, spot.site_id, texts)])
            if spot.site_id == site.id:
                documents[spot.id] = terms.document(texts)
        db.session.commit()

        some = 0
        for _ in range(400):
            q = a_query(chance)
            wanted = terms.asked(q)
            expected = {n for n, has in documents.items() if finds(has, wanted)}
            some += bool(expected)
            assert hits(site, q) == expected, q
            query = Query((site.id,), statuses=tuple(Status), q=q)
            assert [n for page in listed(query) for n in page] == sorted(expected, reverse=True)
        assert some > 150


def test_a_spot_is_found_by_all_that_is_said_of_it(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = a_spot(site, correction="planet", comment="as in my atlas")
        a_spot(site, comment="zuerst")
        a_look(spot.article, TEXT, title="Über Kapitäne")
        indexed()

        for q in (
            "wrold",
            "world",
            "plan",
            "atlas",
            '"my atlas"',
            "zuerst",
            "kapitane",
            "wrold atl",
        ):
            assert hits(site, q) == {spot.id}, q
        for q in ("captain", '"atlas zuerst"', '"my atl"', "wro x", "…"):
            assert hits(site, q) == set(), q


def test_an_editor_s_correction_and_what_is_forgotten_are_followed(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = a_spot(site)
        indexed()
        db.session.execute(sa.update(Spot).values(correction="earth", stale=True))
        db.session.execute(sa.text("UPDATE report SET correction = 'earth'"))
        indexed()

        assert (hits(site, "world"), hits(site, "earth")) == (set(), {spot.id})

        db.session.execute(sa.delete(Spot))
        db.session.commit()
        kept = db.session.scalars(sa.select(SpotWords.spot_id)).all()
        assert (kept, hits(site, "earth")) == ([], set())
        if db.engine.dialect.name == "sqlite":
            check = "(spot_words_index, rank) VALUES ('integrity-check', 1)"
            db.session.execute(sa.text(f"INSERT INTO spot_words_index {check}"))
            db.session.rollback()


def test_what_is_the_same_is_not_written_again(app: Flask) -> None:
    with newsroom(app) as (site, _):
        a_spot(site)
        indexed()
        db.session.execute(sa.update(Spot).values(stale=True))
        db.session.commit()
        before = written()

        indexed()

        assert written() == before


def written() -> Any:
    """What tells whether a row of words was written since."""
    if db.engine.dialect.name == "postgresql":
        return db.session.execute(sa.text("SELECT xmin FROM spot_words")).scalars().all()
    return db.session.execute(sa.text("SELECT id, block FROM spot_words_index_data")).all()


def test_another_site_s_words_are_not_found(app: Flask) -> None:
    with newsroom(app) as (site, _):
        other = a_site("Other", "https://other.example")
        a_spot(site)
        indexed()

        assert hits(other, "wrold") == set()


def test_several_sites_are_searched_at_once(app: Flask) -> None:
    with newsroom(app) as (site, _):
        other = a_site("Other", "https://other.example")
        for each, seed in ((site, 1), (other, 2), (site, 3)):
            fill(each, 10, seed=seed, status=Status.WAITING, stale=True)
        indexed()
        query = Query((site.id, other.id), q="wrold")
        right = sorted(db.session.scalars(sa.select(Spot.id)), reverse=True)

        assert [n for page in listed(query, 7) for n in page] == right
        assert set(db.session.scalars(query.matching().with_only_columns(Spot.id))) == set(right)
        assert queue.counts(db.session, [query]) == [(30, False)]


def test_a_search_is_filtered_and_its_look_is_bounded(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LOOKED", 10)
    monkeypatch.setattr(pages, "COUNTED", 10)
    with newsroom(app) as (site, _):
        fill(site, 45, stale=True)
        indexed()
        query = Query((site.id,), ANY, section="Section 1", q="wro")
        spots = db.session.scalars(sa.select(Spot).order_by(Spot.id.desc())).all()
        right = [s.id for s in spots if s.status in ANY and s.article.section == "Section 1"]

        seen = listed(query, 3)

        assert [n for page in seen for n in page] == right
        assert any(len(page) < 3 for page in seen[:-1])
        number, more = queue.counts(db.session, [query])[0]
        assert (number <= 11, more) == (True, True)


@pytest.mark.usefixtures("short")
def test_a_search_goes_both_ways_through_all_stretches(app: Flask) -> None:
    with newsroom(app) as (site, _):
        fill(site, 60, status=Status.WAITING, stale=True)
        indexed()
        query = Query((site.id,), q="wrold")
        every = sorted(db.session.scalars(sa.select(Spot.id)), reverse=True)

        for place in range(len(every)):
            cursor = Cursor((every[place],), before=True)
            page = queue.page(db.session, query, cursor, 7)
            there = every[max(place - 7, 0) : place] if place >= 7 else every[:7]
            assert [spot.id for spot in page.spots] == there


@pytest.mark.usefixtures("short")
def test_a_search_looks_no_further_than_it_must(app: Flask) -> None:
    with newsroom(app) as (site, _):
        fill(site, 60, status=Status.WAITING, stale=True)
        indexed()
        if db.engine.dialect.name == "sqlite":
            return  # its engine goes by the ids

        told = explained(
            pages.looked(Query((site.id,), q="wrold"), None, 2, 2, search.top(db.session))
        )

        assert told.count("never executed") > 2, told


@pytest.mark.usefixtures("short")
def test_a_rare_word_is_not_looked_for_spot_by_spot_among_millions(app: Flask) -> None:
    with newsroom(app) as (site, _):
        if db.engine.dialect.name == "sqlite":
            return  # its engine has one way
        fill(site, 1000, status=Status.WAITING, stale=True)
        db.session.execute(sa.text("UPDATE spot SET exact = 'rare' WHERE id = 7"))
        db.session.commit()
        indexed()
        db.session.execute(sa.text("ANALYZE"))
        db.session.execute(  # so many, as far as plans are made
            sa.text("UPDATE pg_class SET reltuples = 1e8 WHERE relname LIKE '%spot_words%'")
        )

        told = explained(pages.looked(Query((site.id,), q="rare"), None, 51, 51, 1001))

        removed = re.findall(r"Rows Removed by \w+(?: \w+)?: (\d+)", told)
        assert sum(map(int, removed)) < 300, told


def test_words_side_by_side_are_found_by_their_pairs(app: Flask) -> None:
    with newsroom(app) as (site, _):
        a_spot(site, comment="of the second edition")
        indexed()
        mark = search._mark(site.id)

        for asked, found in (
            ('"second edition"', 1),
            ('"the second edition"', 1),
            ("second-edi", 1),
            ('"edition second"', 0),
            ('"of second"', 0),
        ):
            pairs = search._wanted_pairs(mark, terms.asked(asked))
            words = db.session.scalar(sa.select(sa.cast(SpotWords.words, sa.Text)))
            assert pairs, asked
            assert all(pair in words for pair in pairs) is bool(found), asked
            assert len(hits(site, asked)) == found, asked


def test_a_search_is_paged_back(app: Flask) -> None:
    with newsroom(app) as (site, _):
        fill(site, 12, status=Status.WAITING, stale=True)
        indexed()
        query = Query((site.id,), q="wrold")
        first = queue.page(db.session, query, None, 5)
        second = queue.page(db.session, query, first.following, 5)
        third = queue.page(db.session, query, second.following, 5)

        assert third.previous
        assert second.previous
        assert third.following is None
        assert queue.page(db.session, query, third.previous, 5).spots == second.spots
        assert queue.page(db.session, query, second.previous, 5).spots == first.spots


def test_a_search_that_asks_for_nothing_finds_nothing(app: Flask) -> None:
    with newsroom(app) as (site, _):
        fill(site, 2, status=Status.WAITING, stale=True)
        indexed()
        query = Query((site.id,), q="…")

        assert listed(query) == [[]]
        assert queue.counts(db.session, [query]) == [(0, False)]


def test_a_search_is_the_full_text_index_s(app: Flask) -> None:
    with newsroom(app) as (site, _):
        fill(site, 3000, status=Status.WAITING, stale=True)
        db.session.execute(sa.text("UPDATE spot SET exact = 'rare' WHERE id = 7"))
        db.session.commit()
        indexed()
        db.session.execute(sa.text("ANALYZE"))
        db.session.commit()
        sqlite = db.engine.dialect.name == "sqlite"

        rare = plan(pages.looked(Query((site.id,), q="rare"), None, 51))
        common = plan(pages.looked(Query((site.id,), q="wrold"), Cursor((2000,)), 51))

        assert ("VIRTUAL TABLE INDEX" if sqlite else "ix_spot_words_words") in rare
        # What nearly all have is found soonest by going back from the newest.
        assert ("VIRTUAL TABLE INDEX" if sqlite else "pk_spot_words") in common or (
            "ix_spot_words_site" in common
        )
        assert "TEMP B-TREE FOR ORDER BY" not in common.split("VIRTUAL TABLE INDEX")[0]
