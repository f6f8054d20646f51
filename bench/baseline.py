"""The baselines of the intake: bare Flask views on the service's own server.

`python -m bench.baseline KIND DATABASE HOST:PORT` serves one of them:

orm     parses the JSON, does one ORM insert, commits (`bench.least`)
core    the same with one Core insert on the engine that `feedback.db` sets up
answer  parses the JSON and answers: what the server and Flask cost alone
"""

import signal
import sys
import threading

import sqlalchemy as sa
from flask import Flask, Response

from bench import least
from bench.least import Base, Note
from feedback.config import load
from feedback.db import db
from feedback.server import Server


def _core(app: Flask, address: str) -> None:
    app.extensions["settings"] = load(database_url=address)
    db.init_app(app)
    with app.app_context(), db.writing() as connection:
        Base.metadata.create_all(connection)

    @app.post(least.PATH)
    def keep() -> Response:
        values = least.sent()
        with db.writing() as connection:
            connection.execute(sa.insert(Note).values(values))
        return least.kept(values["uid"])


def _answer(app: Flask, _address: str) -> None:
    @app.post(least.PATH)
    def parse() -> Response:
        return least.kept(least.sent()["uid"])


KINDS = {"orm": least.orm, "core": _core, "answer": _answer}


def main(kind: str, address: str, bind: str) -> None:
    """Serve the baseline called `kind` until SIGTERM."""
    app = least.app()
    KINDS[kind](app, address)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    Server(app, bind).run(stopping)


if __name__ == "__main__":
    main(*sys.argv[1:])
