"""Traces: when a sign-in or a token was used last, to some minutes.

Most requests only read, and their transaction cannot write. So what a request
leaves is written once its answer is made, in a transaction of its own, and
only every few minutes.
"""

import logging

from flask import Flask, Response, g
from sqlalchemy.exc import OperationalError

from feedback.accounts import keys
from feedback.accounts.models import SignIn, Token
from feedback.db import db, now

log = logging.getLogger("feedback.web")


def init_app(app: Flask) -> None:
    """Write what each request leaves."""
    app.after_request(_write)


def leave(key: SignIn | Token) -> None:
    """Remember that this request was let in by `key`."""
    g.trace = keys.used(key, now())


def _write(response: Response) -> Response:
    statement = g.pop("trace", None)
    if statement is None:
        return response
    db.session.close()  # the one writer of SQLite would wait for itself
    try:
        with db.writing() as connection:
            connection.execute(statement)
    except OperationalError as error:
        log.warning("When a key was used last could not be kept: %s", error.orig)
    return response
