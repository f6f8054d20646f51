"""The worker: whatever is due.

A duty is a function that does what is due by now and commits; being run twice,
or on two machines at once, does no harm. What must not be forgotten is a row
in the database, never an entry in a queue of its own.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask

from feedback.accounts import keys
from feedback.db import db

log = logging.getLogger("feedback.worker")


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that is done again and again, `every` so many seconds."""

    name: str
    every: float
    do: Callable[[], object]


def forget_ended_sign_ins() -> int:
    """Delete the sign-ins that have expired; tell how many."""
    count = keys.forget_ended(db.session)
    db.session.commit()
    return count


def keep_statistics() -> None:
    """Let the database look at how its tables have grown, so that it plans queries well."""
    if db.engine.dialect.name == "sqlite":
        with db.writing() as connection:
            connection.execute(sa.text("PRAGMA optimize"))


DUTIES = (
    Duty("forget ended sign-ins", 3600, forget_ended_sign_ins),
    Duty("keep statistics", 86_400, keep_statistics),
)


class Worker:
    """Does each duty when it is due, one after another, until it is told to stop."""

    def __init__(self, app: Flask, duties: tuple[Duty, ...] = DUTIES) -> None:
        self._app = app
        self._due = dict.fromkeys(duties, 0.0)
        self._stop = threading.Event()

    def run(self) -> None:
        """Work until `stop` is called; the duty at hand is finished."""
        while not self._stop.is_set():
            self.work(time.monotonic())
            pause = min(self._due.values(), default=1.0) - time.monotonic()
            self._stop.wait(max(0.05, min(pause, 60.0)))

    def work(self, at: float) -> None:
        """Do all that is due at `at`, in seconds of the monotonic clock."""
        for duty, due in self._due.items():
            if due <= at and not self._stop.is_set():
                self._due[duty] = at + duty.every
                self._do(duty)

    def _do(self, duty: Duty) -> None:
        try:
            with self._app.app_context():
                duty.do()
        except Exception:
            log.exception("%s failed; it is tried again in %d s", duty.name, duty.every)

    def stop(self) -> None:
        """Ask the worker to end soon."""
        self._stop.set()
