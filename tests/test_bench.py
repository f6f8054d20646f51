"""The benchmarks run: a tiny burst through the real server, and the page they write."""

import random
from itertools import islice
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import bodies, intake, servers, tables
from bench.parts import Run, Void
from bench.tables import Table
from feedback.reports import schema


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


def test_a_page_keeps_what_stands_around_the_figures(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{bench.BEGIN}\nold\n{bench.END}\nafter\n")

    bench.keep({"Python": "3"}, [Table("Title", ("", "a"), [("x", "1")])], page)

    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "| x | 1 |" in text
    assert "old" not in text


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
    assert found[0].note == "Void: a row is missing"
