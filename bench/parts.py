"""What a run is made of: its parts share a folder, a pace, and what they find out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bench import servers
from bench.tables import Table


class Void(Exception):
    """A figure that does not count; the message says why."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the benchmarks."""

    #: An empty folder on the disk that is measured.
    folder: Path
    #: How often each contender has its turn, and for how many seconds.
    rounds: int
    seconds: float
    connections: tuple[int, ...] = (8, 32)
    #: How often a browser visits each page.
    visits: int = 1
    #: How many reports are behind a queue: little, and much.
    reports: tuple[int, int] = (1_000, 3_000)
    #: What the figures were measured on.
    facts: dict[str, str] = field(default_factory=dict)
    #: Where full databases are kept from run to run; in the run's own folder unless told.
    kept: Path | None = None

    def filled(self, reports: int) -> Path:
        """Give the home of a service that has a full SQLite database."""
        return (self.kept or self.folder / "filled") / str(reports)

    def database(self, reports: int) -> str:
        """Give the address of that database."""
        return servers.sqlite(self.filled(reports))


Part = Callable[[Run], list[Table]]

_Contender = TypeVar("_Contender")


def turns(contenders: Sequence[_Contender], number: int) -> list[_Contender]:
    """Give the contenders in the order of a round: each round begins with another."""
    first = number % len(contenders)
    return [*contenders[first:], *contenders[:first]]
