"""Exports: all of a site's spots and reports for other programs, and nothing that harms them."""

import csv
import io
import json
import os
import re
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask

from feedback.accounts.models import Editor
from feedback.cli import exports, feedback, installation, tables
from feedback.db import db
from feedback.desk import bodies, decisions
from feedback.desk.decisions import Verdict
from feedback.desk.models import Kind
from feedback.reports.models import Report, Spot
from tests import hostile
from tests.command import COMMAND, Installation
from tests.installation import Place, place
from tests.makers import a_site, a_spot, a_token, newsroom

__all__ = ["place"]

ANN = "ann@reader.example"

#: What strangers wrote is written the same from both databases.
shown = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.fixture
def paper(app: Flask) -> Flask:
    """A paper with three reports of two spots, the first of which is decided, and the Tribune."""
    with newsroom(app) as (site, ed):
        a_spot(site, comment="It is round.", email=ANN)
        first = a_spot(site, correction="World")
        a_spot(site, "teh")
        a_spot(a_site("Tribune", "https://tribune.example"), url="https://tribune.example/1")
        spot = db.session.get_one(Spot, first.id)
        decisions.decide(db.session, spot, ed, Verdict(Kind.ACCEPT, spot.version, note="Yes."))
        db.session.commit()
    return app


@contextmanager
def commanding(app: Flask) -> Iterator[Callable[..., Result]]:
    """Run the command on the application of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(installation, "made", lambda: app)
        yield lambda *args: CliRunner().invoke(feedback, ["export", *args])


def said(app: Flask, *args: str) -> str:
    """Export to standard output; give what comes."""
    with commanding(app) as export:
        done = export(*args)
    assert done.exit_code == 0, done.output
    return done.stdout_bytes.decode()


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith(tables.MARK)
    return list(csv.DictReader(io.StringIO(text.removeprefix(tables.MARK), newline="")))


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def answered(app: Flask, path: str, accept: str = "application/json") -> dict[str, Any]:
    """What the API answers to a program of Ed's."""
    with app.app_context():
        ed = db.session.scalars(sa.select(Editor)).one()
        token = a_token(ed, a_site())
    headers = {"Authorization": f"Bearer {token}", "Accept": accept}
    answer: dict[str, Any] = app.test_client().get(path, headers=headers).get_json(force=True)
    return answer


def test_a_line_is_what_the_api_answers_for_a_spot(paper: Flask) -> None:
    found = objects(said(paper, "--format", "json", "--site", "Paper"))

    assert found == [answered(paper, f"/api/v1/spots/{number}") for number in (1, 2)]
    assert [len(each["reports"]) for each in found] == [2, 1]
    assert [each["kind"] for each in found[0]["decisions"]] == ["accept"]


def test_a_line_is_the_web_annotation_of_a_spot(paper: Flask) -> None:
    found = objects(said(paper, "--format", "annotations", "--site", "Paper"))

    linked = "application/ld+json"
    assert found == [answered(paper, f"/api/v1/spots/{number}", linked) for number in (1, 2)]
    assert [body["purpose"] for body in found[0]["body"]] == ["editing", "commenting"]


def test_a_row_is_a_report(paper: Flask) -> None:
    found = rows(said(paper))

    assert [(row["site"], row["id"], row["report.quote.exact"]) for row in found] == [
        ("Paper", "1", "wrold"),
        ("Paper", "1", "wrold"),
        ("Paper", "2", "teh"),
        ("Tribune", "3", "wrold"),
    ]
    assert [row["report.comment"] for row in found] == ["", "It is round.", "", ""]
    assert found[0]["status"] == "accepted"
    assert found[0]["article.url"] == "https://paper.example/news/captain"
    assert found[0]["about.type"] == ""


def test_all_that_the_api_tells_has_a_column() -> None:
    def names(model: Any, *apart: str) -> Iterator[str]:
        for name, field in model.model_fields.items():
            parts = [field.annotation, *getattr(field.annotation, "__args__", ())]
            inner = next((each for each in parts if hasattr(each, "model_fields")), None)
            if name not in apart:
                yield from (f"{name}.{each}" for each in names(inner)) if inner else [name]

    assert sorted(exports.SPOT) == sorted(names(bodies.Spot))
    assert sorted(exports.REPORT) == sorted(names(bodies.Report))


def test_a_spot_without_reports_has_a_row(paper: Flask) -> None:
    with paper.app_context():
        spot, ed = db.session.get_one(Spot, 2), db.session.scalars(sa.select(Editor)).one()
        decisions.decide(db.session, spot, ed, Verdict(Kind.MERGE, spot.version, into=1))
        db.session.commit()

    found = rows(said(paper, "--site", "Paper"))

    assert [(row["id"], row["merged_into"], bool(row["report.id"])) for row in found] == [
        *[("1", "", True)] * 3,
        ("2", "1", False),
    ]


def test_of_many_spots_and_reports_none_is_missing(
    paper: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "_SPOTS", 2)
    monkeypatch.setattr(exports, "_REPORTS", 2)
    with paper.app_context():
        site = a_site()
        for n in range(5):
            a_spot(site, url=f"https://paper.example/{n}")
            for _ in range(n):
                a_spot(site, url=f"https://paper.example/{n}", comment="me too")
        kept = set(db.session.scalars(sa.select(Report.uid)))

    lines = objects(said(paper, "--format", "json"))
    linked = objects(said(paper, "--format", "annotations"))

    assert [each["id"] for each in lines] == [*range(1, 9)]
    assert {report["id"] for each in lines for report in each["reports"]} == set(map(str, kept))
    assert sorted(row["report.id"] for row in rows(said(paper))) == sorted(map(str, kept))
    assert [len(each["body"]) for each in linked] == [2, 0, 1, 1, 2, 3, 4, 5]


def test_since_leaves_out_what_was_reported_last_before(paper: Flask) -> None:
    with paper.app_context():
        then = datetime.fromisoformat("2026-01-31T23:59:59Z")
        db.session.execute(sa.update(Spot).where(Spot.id == 1).values(last_at=then))
        db.session.commit()

    def ids(since: str) -> list[int]:
        found = objects(said(paper, "--format", "json", "--site", "Paper", "--since", since))
        return [each["id"] for each in found]

    assert ids("2026-01-31") == ids("2026-01-31T23:59:59Z") == [1, 2]
    assert ids("2026-02-01") == ids("2026-02-01T01:00:00+01:00") == [2]


# Addresses


def test_addresses_are_left_out_unless_they_are_asked_for(paper: Flask) -> None:
    usual = [said(paper, "--format", form) for form in exports.FORMS]
    lines = objects(said(paper, "--format", "json", "--with-addresses"))
    table = rows(said(paper, "--with-addresses"))

    assert all(ANN not in text and "reader.example" not in text for text in usual)
    assert [report["email"] for report in lines[0]["reports"]] == ["", ANN]
    assert [row["report.email"] for row in table] == ["", ANN, "", ""]


def test_what_was_erased_is_not_exported(paper: Flask) -> None:
    with commanding(paper):
        erased = CliRunner().invoke(feedback, ["erase", ANN])

    texts = [said(paper, "--format", form, "--with-addresses") for form in ("csv", "json")]

    assert "1 report" in erased.output
    assert all("reader.example" not in text for text in texts)


# What strangers wrote


@shown
def test_programs_read_texts_as_they_were_sent(place: Place) -> None:
    found = {each["id"]: each for each in objects(said(place.app, "--format", "json"))}
    linked = objects(said(place.app, "--format", "annotations"))
    comments = {int(each["id"].rsplit("/", 1)[1]): each["body"][-1]["value"] for each in linked}

    for name, text in hostile.EVERYWHERE.items():
        report = found[place.spots[name]]["reports"][0]
        assert (report["comment"], report["quote"]["exact"]) == (text, text[:1900]), name
        assert comments[place.spots[name]] == text, name


#: What a spreadsheet takes for the beginning of a formula.
FORMULA = re.compile(r"[\s\"\u200b\u2060\ufeff]*[=+\-@＝＋－＠]")


def formulas(text: str, separator: str) -> list[str]:
    """The cells that are reckoned; where another separator is expected, quoted or not."""
    return [
        cell
        for quoting in (
            csv.QUOTE_MINIMAL,
            csv.QUOTE_MINIMAL if separator == "," else csv.QUOTE_NONE,
        )
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)
        for cell in row
        if FORMULA.match(cell)
    ]


@shown
def test_a_table_holds_texts_and_no_formula(place: Place) -> None:
    text = said(place.app)
    found = {row["id"]: row for row in rows(text)}

    for name, sent in hostile.EVERYWHERE.items():
        comment = found[str(place.spots[name])]["report.comment"]
        assert comment.replace("'", "") == sent.replace("'", ""), name
    assert [formulas(text.removeprefix(tables.MARK), each) for each in ",;\t"] == [[], [], []]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@A1", "'@A1"),
        ("\t=1", "'\t'=1"),
        ("\rx", "'\rx"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("\u200b=1", "'\u200b=1"),
        ('"=1', "'\"=1"),
        ("a;=1", "a;'=1"),
        ('a;"=1', "a;'\"=1"),
        ("a\n-1", "a\n'-1"),
        ("1-1=0", "1-1=0"),
        ("well-known; a + b", "well-known; a + b"),
        ("'tis", "'tis"),
        ("", ""),
        (None, ""),
        (7, "7"),
    ],
)
def test_what_begins_a_formula_becomes_text(text: object, cell: str) -> None:
    assert tables.cell(text) == cell


# Files


def test_a_file_is_whole_and_its_owners(paper: Flask, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    file = tmp_path / "out" / "paper.csv"

    with commanding(paper) as export:
        done = export("--site", "Paper", "--output", str(file))

    assert done.output.splitlines()[0] == f"{file} has 2 spots and 3 reports."
    assert file.read_bytes().decode() == said(paper, "--site", "Paper")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_is_there_is_not_written_over(paper: Flask, tmp_path: Path) -> None:
    file = tmp_path / "paper.csv"
    file.write_text("mine")

    with commanding(paper) as export:
        done = export("--output", str(file))

    assert done.exit_code == 1
    assert "name another file" in done.output
    assert file.read_text() == "mine"


def test_what_fails_leaves_no_file(
    paper: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise OSError(28, "No space left on device")

    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.setattr(os, "fsync", fail)

    with commanding(paper) as export:
        full = export("--output", str(out / "a.csv"))
        nowhere = export("--output", str(out / "no" / "a.csv"))

    assert "No space left on device; name a file where there is room" in full.output
    assert "No such file or directory; name a file" in nowhere.output
    assert list(out.iterdir()) == []


@pytest.fixture
def fresh(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "home")


def test_what_cannot_be_exported_is_said_in_a_line(fresh: Installation) -> None:
    empty = fresh.refused("export")
    fresh.said("site", "add", "Paper", "--origin", "https://paper.example")

    assert "is this the right FEEDBACK_HOME?" in empty
    assert "feedback site list" in fresh.refused("export", "--site", "Pepper")
    assert "write 2026-11-24" in fresh.refused("export", "--since", "yesterday")
    assert "annotations name nobody" in fresh.refused(
        *"export --format annotations --with-addresses".split()
    )


def test_whoever_has_seen_enough_may_go(fresh: Installation) -> None:
    fresh.said("site", "add", "Paper", "--origin", "https://paper.example")
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [COMMAND, "export"],
        check=False,
        stdout=writing,
        stderr=subprocess.PIPE,
        env=fresh.environ,
        text=True,
    )
    os.close(writing)

    assert (done.returncode, done.stderr) == (1, "")
