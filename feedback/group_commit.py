"""Group commit: what several threads have to write becomes one transaction.

A commit waits for the disk, and SQLite takes one writer at a time; so writers that each commit by
themselves wait for the disk one after another. Here those who come while it is busy wait together,
and are then committed together. Nobody is answered before the commit that has their work in it.

It is done as databases do it among themselves: whoever finds nobody at work leads, the others wait
until their work is done, or until it is their turn to lead.
"""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

R = TypeVar("R")
Work = Callable[[sa.Connection], Any]


class _Waiting:
    """Somebody's work, and what came of it. `told` is held until there is something to tell."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.told = threading.Lock()
        self.told.acquire()
        self.done = False
        self.result: Any = None
        #: What it raised, if nobody else's work was with it, or why nothing could be begun.
        self.error: Exception | None = None


class GroupCommit:
    """The line of those who have something to write to one database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: list[_Waiting] = []
        self._led = False

    def run(self, connection: sa.Connection, work: Callable[[sa.Connection], R]) -> R:
        """Carry out `work` in a transaction, and give what it gives once that is committed.

        `connection` has no transaction yet; `work` may be given another one, in the thread of
        whoever leads. If it raises, or its transaction fails by somebody else's work, it is
        carried out again, alone: so it must change nothing but the database. Raises what it does
        then, and OperationalError where no transaction could be begun.
        """
        mine = _Waiting(work)
        if not self._leads(mine):
            mine.told.acquire()
        if not mine.done:
            self._lead(connection)
        if mine.error is not None:
            raise mine.error
        if mine.result is None:
            with connection.begin():
                return work(connection)
        return mine.result[0]  # type: ignore[no-any-return]  # what `work` gave

    def _leads(self, mine: _Waiting) -> bool:
        """Stand in line; tell whether nobody leads."""
        with self._lock:
            self._line.append(mine)
            led, self._led = self._led, True
        return not led

    def _lead(self, connection: sa.Connection) -> None:
        """Carry out what stands in line by the time that it may be, and say who leads next."""
        group: list[_Waiting] = []
        try:
            with connection.begin():
                group = self._group()
                results = [(each.work(connection),) for each in group]
            for each, result in zip(group, results, strict=True):
                each.result = result
        except Exception as error:
            begun = bool(group)
            group = group or self._group()
            if len(group) == 1 or not begun:
                for each in group:
                    each.error = error
        finally:
            self._tell(group)

    def _group(self) -> list[_Waiting]:
        with self._lock:
            group, self._line = self._line, []
        return group

    def _tell(self, group: list[_Waiting]) -> None:
        for each in group:
            each.done = True
            each.told.release()
        with self._lock:
            self._led = bool(self._line)
            if self._line:
                self._line[0].told.release()
