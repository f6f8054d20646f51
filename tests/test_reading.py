"""Pages that must not harm whoever reads them: each is read in a process of its own."""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from feedback.articles.page import read
from feedback.articles.reading import Limits, Unreadable, read_apart
from tests.prose import STORIES

HERE = "https://paper.example/a"
PAGE = f"<title>The light</title><h1 id=top>Light</h1><p>{STORIES['ja']}<p>{STORIES['ar']}"
BRIEF = Limits(seconds=2)

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory")


def test_a_page_is_read_apart_as_it_is_here() -> None:
    body = PAGE.encode("utf-8")

    assert read_apart(body, "utf-8", HERE) == read(body, "utf-8", HERE)


def test_the_label_and_the_address_reach_the_reader() -> None:
    body = ('<link rel=canonical href="/b"><p>' + STORIES["ru"]).encode("cp1251")

    found = read_apart(body, "windows-1251", HERE)

    assert found.text == STORIES["ru"].replace("\n", " ")
    assert found.canonical == "https://paper.example/b"


def test_markup_that_nests_without_end_is_left_in_time() -> None:
    start = time.monotonic()

    with pytest.raises(Unreadable, match="longer than 2 s"):
        read_apart(b"<div>" * 1_000_000, None, HERE, BRIEF)

    assert time.monotonic() - start < 15  # 2.1 s where it was written


@linux
def test_markup_that_swells_ends_only_its_reader() -> None:
    with pytest.raises(Unreadable, match="more than 192 MB"):
        read_apart(b"<p>x" * 1_250_000, None, HERE, Limits(memory=192 * 1024 * 1024))


@linux
def test_a_reader_ends_by_itself_when_nobody_waits_for_it() -> None:
    limits = {"seconds": 1, "memory": 512 * 1024 * 1024}
    given = {"room": "feedback.articles.page", "charset": None, "address": HERE} | limits
    hard = json.dumps(given).encode()
    command = [sys.executable, "-c", "from feedback.articles import reader; reader.main()"]

    page = b"<div>" * 1_000_000
    ended = subprocess.run(command, input=hard + b"\n" + page, timeout=30, check=False)

    assert ended.returncode < 0


HOSTILE = {
    "formatting": b"<b><i><u><s><em>" * 2_000 + b"<p>x" * 30_000,
    "misnested": b"<a><p>" * 100_000,
    "tables": b"<table>" * 100_000,
    "templates": b"<template>" * 200_000,
    "attributes": b"<p " + b" ".join(b"a%d=1" % n for n in range(100_000)) + b">x",
    "opened only": b"<" * 5_000_000,
    "nothings": b"\0" * 5_000_000,
    "entities": b"&nGt;" * 1_000_000,
    "comments": b"<!--" * 1_000_000,
    "ids": b"".join(b"<p id=a%d>x" % n for n in range(100_000)),
    "linked data": b'<script type="application/ld+json">' + b"[" * 4_000_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_markup_is_read_or_left_within_the_limits(body: bytes) -> None:
    start = time.monotonic()

    with suppress(Unreadable):
        read_apart(body, None, HERE, BRIEF)

    assert time.monotonic() - start < 15  # 2.1 s where it was written


BROKEN = {
    "crashes": ("import os; os.abort()", "breaks the parser"),
    "fails": ("raise ValueError", "breaks the parser"),
    "writes nonsense": ("print('{}'); raise SystemExit(0)", "wrote nonsense"),
    "writes nothing": ("raise SystemExit(0)", "wrote nonsense"),
    "hangs": ("import threading; threading.Event().wait()", "longer than 1 s"),
}


@pytest.mark.parametrize(("program", "told"), BROKEN.values(), ids=BROKEN)
def test_a_reader_that_breaks_is_a_page_that_cannot_be_read(
    program: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (tmp_path / "selectolax.py").write_text(program)

    with pytest.raises(Unreadable, match=told):
        read_apart(b"<p>words", None, HERE, Limits(seconds=1))


def test_a_python_that_cannot_be_started_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")

    with pytest.raises(Unreadable, match="/no/such/python cannot be started"):
        read_apart(b"<p>words", None, HERE)


def test_the_reader_sees_no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    folder = tmp_path / "first"
    folder.mkdir()
    (folder / "selectolax.py").write_text(
        f"import os\nopen({str(seen)!r}, 'w').write(' '.join(os.environ))\nraise SystemExit(1)\n"
    )
    monkeypatch.setenv("FEEDBACK_SECRET_KEY", "secret")
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])

    with pytest.raises(Unreadable):
        read_apart(b"<p>words", None, HERE)

    assert "FEEDBACK_SECRET_KEY" in os.environ
    assert "FEEDBACK" not in seen.read_text()


def test_a_reader_brings_no_flask_and_no_database() -> None:
    heavy = "{'flask', 'sqlalchemy', 'pydantic', 'requests', 'chardet'}"
    rooms = "feedback.articles.reader, feedback.articles.page, feedback.embedding.markup"
    program = f"import sys, {rooms}; print({heavy} & set(sys.modules))"

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert ended.stdout.strip() == b"set()"
