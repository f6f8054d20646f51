"""What a look at an article costs, beside fetching and parsing its page and nothing else."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from uuid import UUID

import requests
from flask import Flask
from selectolax.lexbor import LexborHTMLParser

from bench import bodies
from bench.parts import Run, Void
from bench.servers import sqlite
from bench.tables import Table
from feedback import create_app, migrations, sites
from feedback.articles import schedule
from feedback.config import load
from feedback.db import db, now
from feedback.reports import intake
from feedback.reports.schema import Position, Quote, Submission
from feedback.sites import Door
from feedback.worker import looks

#: How many paragraphs the article has, and how many spots at the most.
_PARAGRAPHS, _SPOTS = 120, 20
_PATH = "/article"


@dataclass
class Press:
    """A server of one article."""

    page: bytes = b""
    server: ThreadingHTTPServer = field(init=False)

    @property
    def origin(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server.server_port}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Serve the page, with an ETag, until the block ends."""
        press = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = b"" if self.path == "/robots.txt" else press.page
                etag = f'"{sha256(body).hexdigest()[:12]}"'
                same = self.headers.get("If-None-Match") == etag
                self.send_response(304 if same else 200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", "0" if same else str(len(body)))
                self.send_header("ETag", etag)
                self.end_headers()
                self.wfile.write(b"" if same else body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join()


def looking(run: Run) -> list[Table]:
    """Measure looks at an article: not changed, changed, and with many spots."""
    press, text = Press(), _text()
    with press.running(), _service(run, press).app_context():
        press.page = _set(text, 0)
        door = _door(press)
        _report(press, door, text, 1)
        _look()  # the robots.txt, and the page for the first time
        rows: dict[str, list[float]] = {}
        for round_ in range(10 * run.rounds):
            _time(rows, "fetch and parse the page (= 1)", lambda: _bare(press))
            _time(rows, "look: 304, one spot", _look)
            press.page = _set(text, round_ + 1)
            _time(rows, "look: changed elsewhere, one spot", _look)
        _report(press, door, text, _SPOTS)
        _look()
        for round_ in range(10 * run.rounds):
            press.page = _set(text, 1000 + round_)
            _time(rows, f"look: changed elsewhere, {_SPOTS} spots", _look)
    size = f"The page has {len(press.page) // 1000} KB, its text {len(text):,} characters."
    return [_table(rows, size)]


def _table(rows: dict[str, list[float]], note: str) -> Table:
    least = median(next(iter(rows.values())))
    head = ("", "ms", "least-most", "ratio")
    figures = [
        (
            name,
            f"{median(taken) * 1000:.1f}",
            f"{min(taken) * 1000:.1f}-{max(taken) * 1000:.1f}",
            f"{median(taken) / least:.1f}",
        )
        for name, taken in rows.items()
    ]
    return Table("A look at an article", head, figures, note)


def _time(rows: dict[str, list[float]], name: str, do: Callable[[], object]) -> None:
    began = time.perf_counter()
    do()
    rows.setdefault(name, []).append(time.perf_counter() - began)


def _bare(press: Press) -> None:
    answer = requests.get(press.origin + _PATH, timeout=10)
    LexborHTMLParser(answer.text)


def _look() -> None:
    """Have the article looked at, robots.txt and all. Raises Void if there was nothing to do."""
    for article in db.session.scalars(schedule.due(now().replace(year=2100))).all():
        schedule.hasten(db.session, article.id, now())
    db.session.commit()
    if not looks.look_at_next():
        raise Void("no article was due")
    while looks.look_at_next():
        pass


def _service(run: Run, press: Press) -> Flask:
    home = run.folder / "looks"
    home.mkdir()
    pair = press.origin.removeprefix("http://")
    app = create_app(
        load(
            home=home,
            database_url=sqlite(home),
            fetch_allow=[pair],
            fetch_pause=0,
            check_delays=[86_400],
        )
    )
    with app.app_context():
        migrations.upgrade(db.engine)
    return app


def _door(press: Press) -> Door:
    site = sites.add(db.session, "Paper", [press.origin])
    db.session.commit()
    return Door(site.id, press.origin)


def _report(press: Press, door: Door, text: str, most: int) -> None:
    """Report so many words, all over the article."""
    for number in range(most):
        start = text.index(" ", number * len(text) // (most + 1)) + 1
        end = min(at for at in (text.find(c, start) for c in " \n") if at > 0)
        submission = Submission(
            id=UUID(int=random.Random(f"{most} {number}").getrandbits(128), version=4),
            url=press.origin + _PATH,
            quote=Quote(
                exact=text[start:end],
                prefix=text[max(0, start - 64) : start],
                suffix=text[end : end + 64],
            ),
            position=Position(start=start, end=end, length=len(text)),
        )
        with db.writing() as connection:
            intake.receive(connection, intake.admit(connection, door, submission))


def _text() -> str:
    chance = random.Random("an article")
    lines = (bodies.words(chance, chance.randint(20, 90)) for _ in range(_PARAGRAPHS))
    return "\n".join(lines)


def _set(text: str, edition: int) -> bytes:
    """Set the text as a page; each edition has another paragraph in the middle."""
    lines = text.split("\n")
    lines.insert(len(lines) // 2, f"Edition {edition} has this to say.")
    body = "".join(f'<div class="paragraph"><p>{line}</p></div>\n' for line in lines)
    return f"<!doctype html><title>Paper</title><article>{body}</article>".encode()
