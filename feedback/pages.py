"""Pages by key, both ways, of what is read newest first and ordered by its ids."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

#: A row of a table whose key is `id`.
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: at what is older than the row with this id, or at what is newer."""

    id: int
    newer: bool = False


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """What a look has found, on its way; and the id from which another goes on, if there is more.

    Where much is passed over for little, rows may be few and there is more all the same.
    """

    rows: list[T]
    beyond: int | None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows, newest first, and the ids after and before which the pages beside it are."""

    rows: list[T]
    newer: int | None
    older: int | None


def page(look: Callable[[Place | None, int], Seen[T]], place: Place | None, limit: int) -> Page[T]:
    """Give the page of `limit` rows at a place, or the first one.

    `look` gives rows from a place on, the way it goes, and at most so many. A page of what is
    newer that ends with the newest of all is the first page, and full.
    """
    seen = look(place, limit)
    if place is None:
        return Page(seen.rows, None, seen.beyond)
    if place.newer and seen.beyond is None and len(seen.rows) < limit:
        return page(look, None, limit)
    rows = seen.rows[::-1] if place.newer else seen.rows
    edge = _edge(rows, place)
    there = look(Place(edge, not place.newer), 1)
    back = edge if there.rows or there.beyond is not None else None
    return Page(rows, seen.beyond, back) if place.newer else Page(rows, back, seen.beyond)


def _edge(rows: list[T], place: Place) -> int:
    """Give the id from which a look the other way leaves out what a page shows."""
    if rows:
        return _id(rows[-1 if place.newer else 0])
    return place.id + (1 if place.newer else -1)


def cut(rows: list[T], limit: int, beyond: int | None = None) -> Seen[T]:
    """Give `limit` of the rows; where there are no more, another look goes on from `beyond`."""
    if len(rows) <= limit:
        return Seen(rows, beyond)
    return Seen(rows[:limit], _id(rows[limit - 1]))


def _id(row: Any) -> int:
    return int(row.id)
