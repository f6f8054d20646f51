"""A newsroom to measure: a database that is full, the service on it, editors who are signed in."""

import http.client
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask

from bench import filling, servers
from bench.parts import Void
from bench.servers import Running
from feedback import create_app, migrations
from feedback.accounts.models import Editor, Membership, Role
from feedback.accounts.passwords import hashed
from feedback.config import load
from feedback.db import db, now

PASSWORD = "correct horse battery"
QUEUE = f"/desk/sites/{filling.SITE}/"

_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Newsroom:
    """A full database, and the application that works on it in this process."""

    home: Path
    database: str
    app: Flask

    @contextmanager
    def serving(self, *, worker: bool) -> Iterator[Running]:
        """Run the service on the database, as a process of its own."""
        with servers.restarted(self.home, self.database, worker=worker) as running:
            yield running

    def close(self) -> None:
        """Leave the database."""
        with self.app.app_context():
            db.engine.dispose()


def newsroom(home: Path, database: str, reports: int, editors: int = 1) -> Newsroom:
    """Fill an empty database with about so many reports, and with editors of the site.

    One on SQLite that was filled before is taken as it is.
    """
    home.mkdir(parents=True, exist_ok=True)
    app = create_app(load(home=home, database_url=database))
    done = home / "filled"
    if done.exists() and database == servers.sqlite(home):
        return Newsroom(home, database, app)
    with app.app_context():
        migrations.upgrade(db.engine)
        filling.fill(db.engine, reports)
        password = hashed(PASSWORD)
        for number in range(editors):
            held = Membership(site_id=filling.SITE, role=Role.EDITOR)
            db.session.add(
                Editor(
                    email=address(number), password=password, created_at=now(), memberships=[held]
                )
            )
        db.session.commit()
    done.touch()
    return Newsroom(home, database, app)


def address(number: int) -> str:
    """Give the e-mail address of an editor."""
    return f"editor{number}@paper.example"


def signed_in(port: int, editors: int) -> Sequence[str]:
    """Sign editors in by the form, each at a browser; give the cookies. Raises Void."""
    return [_sign_in(port, address(number)) for number in range(editors)]


def _sign_in(port: int, email: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=servers.PATIENCE)
    connection.request("GET", "/sign-in")
    answer = connection.getresponse()
    found = _CSRF.search(answer.read().decode())
    given = {"csrf_token": found and found[1], "email": email, "password": PASSWORD}
    headers = {
        "Cookie": _cookie(answer),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", "/sign-in", urlencode(given), headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 303:
        raise Void(f"a sign-in was answered with {answer.status}")
    return _cookie(answer)


def _cookie(answer: http.client.HTTPResponse) -> str:
    return answer.headers.get("Set-Cookie", "").partition(";")[0]
