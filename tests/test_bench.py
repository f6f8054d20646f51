"""The benchmarks run: tiny bursts, a few visits in a real browser, and the page they write."""

import random
import re
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from bench import __main__ as bench
from bench import (
    article,
    bodies,
    chromium,
    desks,
    filling,
    intake,
    paging,
    record,
    servers,
    tables,
    viewing,
)
from bench.parts import Run, Void, turns
from bench.tables import Table
from feedback.anchoring import normalize
from feedback.db import db
from feedback.desk import index
from feedback.desk.search import SpotWords
from feedback.reports import schema
from feedback.reports.models import Report, Spot, Status

ROOT = Path(__file__).parent.parent


def test_a_burst_is_taken_and_counted(tmp_path: Path) -> None:
    with servers.service(tmp_path, servers.sqlite(tmp_path)) as server:
        contender = intake.Contender("service", server)
        outcome = contender.burst("test", connections=4, seconds=0.2)

    assert outcome.statuses == {"201": len(outcome.times)}


def test_a_missing_row_makes_a_figure_void(tmp_path: Path) -> None:
    with servers.bare("core", tmp_path, servers.sqlite(tmp_path)) as server:
        contender = intake.Contender("core", server, kept=1)
        with pytest.raises(Void, match="rows in note"):
            contender.burst("test", connections=1, seconds=0.1)


def test_the_reports_are_valid_and_some_join_others() -> None:
    made = bodies.bodies("test", 500)

    ids = {schema.read(body).id for _, body in made}

    assert len(ids) == 500
    assert 0.1 < 1 - len({place for place, _ in made}) / 500 < 0.3


def test_the_places_of_an_article_do_not_overlap() -> None:
    found = list(islice(bodies.places(str(random.random())), 300))

    spans = {(place.url, place.start): place.end for place in found}

    assert all(spans[place.url, place.start] == place.end for place in found)


def a_page(folder: Path) -> Path:
    """A page with figures of two parts."""
    page = folder / "page.md"
    page.write_text(f"before\n{record.BEGIN}\nold\n{record.END}\nafter\n")
    found = {name: [Table(name, ("", "a"), [(name, "1")])] for name in ("one", "two")}
    record.keep({"Python": "3"}, found, page)
    return page


def test_a_page_keeps_what_stands_around_the_figures(tmp_path: Path) -> None:
    text = a_page(tmp_path).read_text()

    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "| one | 1 |" in text
    assert "old" not in text


@pytest.mark.parametrize(("name", "other"), [("one", "two"), ("two", "one")])
def test_one_part_is_renewed_in_its_place(tmp_path: Path, name: str, other: str) -> None:
    page = a_page(tmp_path)
    before = page.read_text()

    for figure in ("2", "3"):
        record.renew({"Load": figure}, {name: [Table(name, ("", "a"), [(name, figure)])]}, page)

    text = page.read_text()
    assert f"| {name} | 3 |" in text
    assert "Measured by itself. Load: 3." in text
    assert text.replace("Measured by itself. Load: 3.\n\n", "").replace("| 3 |", "| 1 |") == before
    assert f"| {other} | 1 |" in text


def test_a_part_without_a_place_is_not_renewed(tmp_path: Path) -> None:
    page = a_page(tmp_path)
    before = page.read_text()

    with pytest.raises(record.Unmarked, match="three"):
        record.renew({}, {"three": []}, page)

    assert page.read_text() == before


def test_the_page_has_the_parts_in_their_order() -> None:
    marks = re.findall("<!-- part: (.*) -->", record.PAGE.read_text())

    assert "embed" in marks
    assert marks == [name for name in bench.PARTS if name in marks]


def test_columns_are_aligned() -> None:
    written = tables.text(Table("Title", ("", "a"), [("long name", "1"), ("x", "22")]))

    assert written.splitlines()[1:] == [
        "            a",
        "---------  --",
        "long name   1",
        "x          22",
    ]


def test_a_void_part_is_told_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_run: Run) -> list[Table]:
        raise Void("a row is missing")

    monkeypatch.setitem(bench.PARTS, "embed", fails)

    found, failures = bench.measured(Run(tmp_path, rounds=1, seconds=0.1), ["embed"])

    assert failures == 1
    assert found["embed"][0].note == "Void: a row is missing"


def test_each_round_begins_with_another() -> None:
    assert [turns("abc", number) for number in range(4)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]


def test_the_long_article_is_long() -> None:
    html = article.article("https://feedback.example/embed.js")

    assert 90_000 < len(html) < 110_000
    assert len(normalize(html).text) > 0.9 * len(html)


def an_event(name: str, ts: int, dur: int, *, url: str = "", tid: int = 1) -> chromium.Event:
    """An event of a trace that took `dur` microseconds, half of them the processor's."""
    times = {"ts": ts, "dur": dur, "tdur": dur // 2}
    return {"ph": "X", "name": name, "pid": 1, "tid": tid, "args": {"data": {"url": url}}} | times


def test_the_time_of_a_script_is_that_of_its_calls_on_its_thread() -> None:
    events = [
        an_event("EvaluateScript", 1000, 800, url="embed.js"),
        an_event("v8.compile", 1100, 100, url="embed.js"),  # within
        an_event("v8.parseOnBackground", 100, 5000, url="embed.js", tid=2),
        an_event("FunctionCall", 2000, 4000, url="other.js"),
        an_event("FireIdleCallback", 9000, 500),
        an_event("FunctionCall", 9100, 400, url="embed.js"),
    ]

    spent = viewing.spent(events, "embed.js")

    assert spent == viewing.Spent(whole=1.2, idle=0.4, cpu=0.6)


def test_a_script_that_never_ran_makes_its_figures_void() -> None:
    with pytest.raises(Void, match="was not run"):
        viewing.spent([an_event("EvaluateScript", 0, 1, url="other.js")], "embed.js")


def test_the_readers_side_is_measured_in_a_browser() -> None:
    """In a process of its own: one thread can drive one browser alone."""
    command = [sys.executable, "-m", "bench", "--quick", "--only", "embed"]

    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240
    )

    assert done.returncode == 0, done.stdout + done.stderr
    for told in (
        r"each page view: embed\.js +1 +\d+",
        r"browser counts: 2; all begun before any was answered in 1 of 1",
        r"embed\.js +\d+\.\d\d .* 0\.000 +\d\.\d\n",
        r"nothing fetched +as it is +150 ms +\d+",
    ):
        assert re.search(told, done.stdout), (told, done.stdout)


def indexed() -> list[tuple[object, ...]]:
    """What spots are ordered and found by."""
    found = sa.select(Spot.id, Spot.slip, Spot.urgency, SpotWords.words)
    rows = db.session.execute(found.join(SpotWords, SpotWords.spot_id == Spot.id).order_by(Spot.id))
    return [tuple(row) for row in rows]


def test_what_is_filled_in_is_as_the_code_writes_it(app: Flask) -> None:
    with app.app_context():
        filling.fill(db.engine, 150)
        filled = indexed()
        db.session.execute(sa.update(Spot).values(stale=True, slip="", urgency=0))
        db.session.execute(sa.delete(SpotWords))
        while index.refresh(db.session, 100):
            db.session.commit()

        assert indexed() == filled


def test_a_site_is_filled_among_others(app: Flask) -> None:
    with app.app_context():
        filling.fill(db.engine, 300)

        reports = sa.select(Report.site_id, sa.func.count()).group_by(Report.site_id)
        sites = dict(db.session.execute(reports).all())
        statuses = set(db.session.scalars(sa.select(Spot.status)))
        counted = sa.select(sa.func.count()).select_from(Report).group_by(Report.spot_id)
        readers = sa.select(Spot.readers).where(Spot.readers > 0)

        assert 200 < sites[filling.SITE] < 400
        assert statuses >= {Status.WAITING, Status.FIXED, Status.REJECTED}
        assert sorted(db.session.scalars(counted)) == sorted(db.session.scalars(readers))


def a_run(folder: Path) -> Run:
    """The least that can be measured."""
    return Run(folder, rounds=1, seconds=0.1, reports=(400, 500))


def test_the_queue_is_measured(tmp_path: Path) -> None:
    table = paging.on_sqlite(a_run(tmp_path))

    rows = {row[0]: row for row in table.rows}
    assert set(rows) > set(paging.PAGES)
    assert rows["what waits"][1:3] == ["50", "9"]
    assert rows[f"a word of {filling.FEW} spots"][1] == str(filling.FEW)
    assert re.search(r"\d+ reports of \d+ spots, of which \d+ wait", table.note)


def test_the_intake_is_measured_with_a_history_that_is_filled_once(tmp_path: Path) -> None:
    first, second = (
        Run(tmp_path / name, rounds=1, seconds=0.1, reports=(400, 500), kept=tmp_path / "kept")
        for name in ("first", "second")
    )

    (table,) = intake.with_history(first)
    filled = (tmp_path / "kept" / "500" / "filled").stat()
    intake.with_history(second)

    assert [row[0] for row in table.rows[:2]] == [
        "feedback, with 400 reports behind it (= 1)",
        "feedback, with 500 reports behind it",
    ]
    assert (tmp_path / "kept" / "500" / "filled").stat() == filled


def test_open_desks_are_measured(tmp_path: Path) -> None:
    costs, taken = desks.on_sqlite(a_run(tmp_path))

    assert [row[0] for row in costs.rows] == [
        "no desk open",
        "as many requests of /healthz (= 1)",
        "5 desks, nothing new",
        "5 desks, each hears of 60 decisions each time",
    ]
    assert all(int(row[1]) > 0 for row in costs.rows[1:])
    assert [row[0] for row in taken.rows] == ["no desk open (= 1)", "5 desks open"]
