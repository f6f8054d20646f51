"""Traces: when a sign-in or a token was used last, to some minutes; when a spot was first seen.

Most requests only read, and their transaction cannot write. So what a request
leaves is written once its answer is made, in a transaction of its own, and
seldom: every few minutes, and once a spot.
"""

import logging

import sqlalchemy as sa
from flask import Flask, Response, g
from sqlalchemy.exc import OperationalError

from feedback.accounts import keys
from feedback.accounts.models import SignIn, Token
from feedback.db import db, now
from feedback.desk import claims
from feedback.reports.models import Spot

log = logging.getLogger("feedback.web")


def init_app(app: Flask) -> None:
    """Write what each request leaves."""
    app.after_request(_write)


def leave(key: SignIn | Token) -> None:
    """Remember that this request was let in by `key`."""
    _remember(keys.used(key, now()))


def notice(spot: Spot) -> None:
    """Remember that this request shows a spot to an editor."""
    if spot.noticed_at is None:
        _remember(claims.notice(spot.id, now()))


def _remember(statement: sa.Update | None) -> None:
    if statement is not None:
        g.setdefault("traces", []).append(statement)


def _write(response: Response) -> Response:
    statements: list[sa.Update] = g.pop("traces", [])
    if not statements:
        return response
    db.session.close()  # the one writer of SQLite would wait for itself
    try:
        with db.writing() as connection:
            for statement in statements:
                connection.execute(statement)
    except OperationalError as error:
        log.warning("When something was used or seen could not be kept: %s", error.orig)
    return response
