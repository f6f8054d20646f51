"""The demo, run in a folder of its own under the address of a service as an owner would have it.

Ages and the reader's id are fixed, so that a picture changes only when the page does.
"""

import json
import os
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import click
import sqlalchemy as sa
from playwright.sync_api import Route

from feedback import create_app
from feedback.anchoring import normalize
from feedback.articles.models import Article
from feedback.config import load
from feedback.db import db
from feedback.delivery.contract import Office
from feedback.demo.paper import MISTAKES
from tests.browser.service import COMMAND, PATIENCE, a_port
from tests.makers import a_look

BASE = "https://feedback.example"
ARTICLE = BASE + "/demo/errata"
SITE = "The Harbour Letter"
ORIGIN = "https://harbour-letter.example"
TITLE = "The slip of paper that says sorry"

#: How long ago the newest report of each spot came, in minutes, oldest spot first.
AGES = (4, 21, 95, 150, 310, 1500, 40, 260, 63, 480, 700)


@dataclass(frozen=True)
class Demo:
    """The demo, as it runs: where it listens, and how to sign in."""

    home: Path
    bind: str
    email: str
    password: str

    def relay(self, route: Route) -> None:
        """Answer what a browser asks of `BASE`; whatever else it asks for does not exist."""
        asked = urlsplit(route.request.url)
        if f"{asked.scheme}://{asked.netloc}" != BASE:
            route.abort()
            return
        here = f"http://{self.bind}{asked.path}" + (f"?{asked.query}" if asked.query else "")
        answer = route.fetch(url=here, max_redirects=0)
        if "location" in answer.headers:  # a redirect's target would not come by here
            kept = [each for each in answer.headers_array if each["name"].lower() == "set-cookie"]
            route.fulfill(
                headers={"Set-Cookie": "\n".join(each["value"] for each in kept)},
                content_type="text/html",
                body=f'<meta http-equiv="refresh" content="0;url={answer.headers["location"]}">',
            )
            return
        route.fulfill(response=answer)

    @contextmanager
    def inside(self) -> Iterator[Office]:
        """Speak to the demo's database; what is done there and not committed is not kept."""
        app = create_app(load(home=self.home, base_url=BASE))
        with app.app_context():
            yield Office.of(app.extensions["settings"])
            db.session.rollback()
            db.engine.dispose()

    def look(self, *mended: tuple[str, ...]) -> None:
        """Let the article have been looked at, each time with some words of it mended."""
        with urlopen(f"http://{self.bind}{urlsplit(ARTICLE).path}", timeout=PATIENCE) as answer:
            text = normalize(answer.read()).text
        with self.inside():
            article = db.session.scalars(sa.select(Article).where(Article.address == ARTICLE)).one()
            for words in mended:
                read = text
                for word in words:
                    read = read.replace(word, MISTAKES[word])
                a_look(article, read, title=TITLE, author="Marta Lindqvist", section="Print")

    def mend(self, *words: str) -> None:
        """Mend words in the article, as its editor does."""
        (self.home / "demo-mended.json").write_text(json.dumps(words), "utf-8")

    def age(self) -> None:
        """Let the reports have come in over some days, and the last look have been lately."""
        at = datetime.now(UTC).replace(tzinfo=None)
        with sqlite3.connect(self.home / "feedback.sqlite3") as connection:
            looks = [
                (at + timedelta(minutes=minutes, seconds=-20)).isoformat(" ")
                for minutes in (-3, 58, -700)
            ]
            connection.execute(
                "UPDATE article SET looked_at = ?1, read_at = ?1, due_at = ?2", looks[:2]
            )
            connection.execute(
                "UPDATE revision SET first_at = CASE id WHEN 1 THEN ?2 ELSE ?1 END,"
                " last_at = CASE id WHEN 1 THEN ?2 ELSE ?1 END",
                (looks[0], looks[2]),
            )
            for (spot,), minutes in zip(
                connection.execute("SELECT id FROM spot ORDER BY id").fetchall(), AGES, strict=False
            ):
                last = (at - timedelta(minutes=minutes, seconds=20)).isoformat(" ")
                first = (at - timedelta(minutes=3 * minutes, seconds=20)).isoformat(" ")
                connection.execute(
                    "UPDATE spot SET first_at = ?, last_at = ? WHERE id = ?", (first, last, spot)
                )
                connection.execute("UPDATE report SET at = ? WHERE spot_id = ?", (first, spot))
                connection.execute(
                    "UPDATE report SET at = ? WHERE id ="
                    " (SELECT max(id) FROM report WHERE spot_id = ?)",
                    (last, spot),
                )
        connection.close()

    def decided(self, minutes: int = 12) -> None:
        """Let what was just decided have been decided a while ago, after an editor had seen it."""
        at = datetime.now(UTC).replace(tzinfo=None)
        lately, decided, seen = (
            (at - timedelta(minutes=past)).isoformat(" ") for past in (5, minutes, minutes + 2)
        )
        with sqlite3.connect(self.home / "feedback.sqlite3") as connection:
            connection.execute(
                "UPDATE spot SET noticed_at = ?1 WHERE coalesce(noticed_at, ?2) >= ?2"
                " AND id IN (SELECT spot_id FROM decision WHERE at > ?2)",
                (seen, lately),
            )
            for table, column in (("spot", "moved_at"), ("decision", "at")):
                connection.execute(
                    f"UPDATE {table} SET {column} = ?1 WHERE {column} > ?2",  # noqa: S608 -- ours
                    (decided, lately),
                )
        connection.close()


@contextmanager
def running_demo(home: Path) -> Iterator[Demo]:
    """Run `feedback demo`; its second site's origin is what a newspaper's would be."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FEEDBACK_")}
    environment = kept | {
        "FEEDBACK_HOME": str(home),
        "FEEDBACK_BASE_URL": BASE,
        "FEEDBACK_SMTP_URL": "smtp://127.0.0.1:9",  # nobody is there: no mail leaves
    }
    bind = f"127.0.0.1:{a_port()}"
    _prepare(home, environment)
    log = home / "demo.log"
    with log.open("wb") as out:
        words = [COMMAND, "demo", "--bind", bind]
        process = subprocess.Popen(words, env=environment, stdout=out, stderr=out)  # noqa: S603
    try:
        email, password = _access(process, log)
        words = [COMMAND, "site", "add", SITE, "--origin", ORIGIN]
        subprocess.run(words, env=environment, check=True, capture_output=True)  # noqa: S603
        yield Demo(home, bind, email, password)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def _prepare(home: Path, environment: dict[str, str]) -> None:
    """Make the tables, and let no look leave for `BASE`, which is nowhere: its host is resting."""
    subprocess.run([COMMAND, "upgrade"], env=environment, check=True, capture_output=True)  # noqa: S603
    with sqlite3.connect(home / "feedback.sqlite3") as connection:
        never = datetime(2999, 1, 1).isoformat(" ")  # noqa: DTZ001 -- as the column has it
        connection.execute("INSERT INTO host (origin, free_at) VALUES (?, ?)", (BASE, never))
    connection.close()


def _access(process: subprocess.Popen[bytes], log: Path) -> tuple[str, str]:
    """Wait for the line that says how to sign in."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"Sign in\s+(\S+)\s+password: (\S+)", log.read_text())
        if found:
            return found[1], found[2]
        time.sleep(0.05)
    raise click.ClickException(f"the demo did not start: {log.read_text()}")
