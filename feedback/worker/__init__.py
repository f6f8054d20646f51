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
from flask import Flask, current_app
from sqlalchemy.exc import InterfaceError, OperationalError

from feedback.accounts import forgetting
from feedback.config import Settings
from feedback.db import db, now
from feedback.worker import answers, desk, digests, figures, indexing, letters, looks, retention

log = logging.getLogger("feedback.worker")

#: How many of each kind are deleted in one transaction: SQLite has one writer at a time.
_SOME = 500
#: Seconds that a duty rests when the database does not answer.
_REST = 5.0
#: Seconds within which the log says once that it does not.
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that is done again and again, `every` so many seconds."""

    name: str
    every: float
    #: Does it; True if there may be more to do at once.
    do: Callable[[], object]
    #: How many may do it at once, in this process.
    abreast: int = 1
    #: How much of the time it may take while there is always more to do: it rests in between, so
    #: that readers and editors, who share the process, come first.
    share: float = 1.0


def forget_ended_keys() -> bool:
    """Delete some of the sign-ins, invitations and tokens that ended; True if there may be more."""
    settings: Settings = current_app.extensions["settings"]
    more = forgetting.forget(db.session, now(), settings.idle, _SOME)
    db.session.commit()
    return more


def keep_statistics() -> None:
    """Let the database look at how its tables have grown, so that it plans queries well."""
    if db.engine.dialect.name == "sqlite":
        with db.writing() as connection:
            connection.execute(sa.text("PRAGMA optimize"))


DUTIES = (
    Duty("look at articles", 1, looks.look_at_next, abreast=3),
    Duty("go on with batches", 1, desk.go_on_with_batches),
    Duty("wake what was snoozed", 15, desk.wake_what_was_snoozed),
    Duty("forget ended claims", 300, desk.forget_ended_claims),
    Duty("tell what happened", 1, letters.tell_what_happened),
    Duty("write digests", 2, digests.write_digests),
    Duty("raise alarms", 60, digests.raise_alarms),
    Duty("forget old alarms", 3600, digests.forget_old_alarms),
    Duty("carry letters", 0.5, letters.carry_next, abreast=letters.HANDS),
    Duty("forget old letters", 3600, letters.forget_old_letters),
    Duty("answer readers", 5, answers.answer_readers, share=0.1),
    Duty("forget who was answered", 3600, answers.forget_answered),
    Duty("index spots", 1, indexing.index_stale, share=0.2),
    Duty("add up figures", 30, figures.add_up),
    Duty("forget ended keys", 3600, forget_ended_keys),
    Duty("forget decided spots", 21_600, retention.forget_decided_spots, share=0.1),
    Duty("keep statistics", 86_400, keep_statistics),
    Duty("empty the log", 86_400, retention.empty_log),
)


class Worker:
    """Does each duty when it is due, in threads of its own, until it is told to stop."""

    def __init__(self, app: Flask, duties: tuple[Duty, ...] = DUTIES) -> None:
        self._app = app
        self._duties = duties
        self._stop = threading.Event()
        self._told = float("-inf")

    def run(self) -> None:
        """Work until `stop` is called; what is being done then is finished."""
        threads = [
            threading.Thread(target=self._repeat, args=(duty,), name=f"{duty.name} {n}")
            for duty in self._duties
            for n in range(duty.abreast)
        ]
        for thread in threads:
            thread.start()
        self._stop.wait()
        for thread in threads:
            thread.join()

    def _repeat(self, duty: Duty) -> None:
        while not self._stop.is_set():
            begun = time.monotonic()
            more = self._do(duty)
            if more is None:
                self._stop.wait(max(_REST, duty.every))
                continue
            rest = (time.monotonic() - begun) * (1 / duty.share - 1)
            self._stop.wait(rest if more else max(rest, duty.every))

    def _do(self, duty: Duty) -> bool | None:
        """Do a duty; tell whether there may be more to do at once, None if there is no database."""
        try:
            with self._app.app_context():
                return duty.do() is True
        except (OperationalError, InterfaceError) as error:
            self._lost(duty, error)
            return None
        except Exception:
            log.exception("%s failed; it is tried again in %d s", duty.name, duty.every)
            return False

    def _lost(self, duty: Duty, error: InterfaceError | OperationalError) -> None:
        """Say so, but not for each of all duties, and see that it can be had again."""
        if time.monotonic() - self._told > _MINUTE:
            self._told = time.monotonic()
            log.error("%s failed, the database does not answer: %s", duty.name, error.orig)
        with self._app.app_context():
            db.heal(error)

    def work(self) -> None:
        """Do every duty, one after another, until none has more to do."""
        for duty in self._duties:
            while self._do(duty):
                pass

    def stop(self) -> None:
        """Ask the worker to end soon."""
        self._stop.set()
