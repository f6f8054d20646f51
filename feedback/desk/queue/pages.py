"""Pages: the queue in its order, a page at a time, both ways; and how many spots there are.

Pages go by key, never by offset, over an index of what a site has in a status: the cost does not
grow with what lies before, nor with what is never shown. Where more is asked for than a status,
`LOOKED` spots at the most are looked at for a page. If they are not enough to fill it, the page is
short, and the next one goes on where the look ended.

Of several sites or statuses each is asked on its own, and what they give is put in order.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.articles.models import Article
from feedback.db import Instant
from feedback.desk import search
from feedback.desk.queue.query import Order, Query
from feedback.desk.search import Window
from feedback.reports.models import Spot, Status

#: What a count stops at; beyond, nobody reads the digits.
COUNTED = 1000
#: How many spots are looked at for one page.
LOOKED = 2000
#: How many are looked at first: mostly they are enough.
_SOME = 200
#: How many selects one statement puts together. SQLite takes 500.
_LEGS = 400

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadCursor(ValueError):
    """A cursor that this queue did not give."""

    def __init__(self) -> None:
        super().__init__("the cursor is not one of this queue's")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the queue: after the spot with these keys, or before it."""

    keys: tuple[int, ...]
    before: bool = False

    def __str__(self) -> str:
        """Write the cursor for an address."""
        parts = ["before", *self.keys] if self.before else [*self.keys]
        raw = json.dumps(parts, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Read what `str` wrote. Raises BadCursor."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            parts = json.loads(raw)
        except (binascii.Error, ValueError, TypeError, RecursionError):
            raise BadCursor from None
        if not isinstance(parts, list):
            raise BadCursor
        before = parts[:1] == ["before"]
        keys = tuple(parts[1:] if before else parts)
        if not 1 <= len(keys) <= 3 or not all(_counts(key) for key in keys):
            raise BadCursor
        return cls(keys, before)


def _counts(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**62


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the queue in its order, and where the pages beside it are, if there are any."""

    spots: list[Spot]
    previous: Cursor | None
    following: Cursor | None


@dataclass(frozen=True, slots=True)
class _Key:
    """A column that the queue is ordered by."""

    column: Any
    down: bool = True

    def beyond(self, bound: Any, back: bool) -> Any:
        """Tell whether the column is beyond a bound on the way."""
        return self.column < bound if self.down is not back else self.column > bound

    def order(self, back: bool, column: Any = None) -> Any:
        column = self.column if column is None else column
        return column.desc() if self.down is not back else column.asc()

    def read(self, number: int) -> Any:
        """Make of a cursor's number what the column holds. Raises BadCursor."""
        value: Any = number
        if isinstance(self.column.type, Instant):
            try:
                value = _EPOCH + timedelta(microseconds=number)
            except OverflowError:
                raise BadCursor from None
        return sa.literal(value, self.column.type)

    @staticmethod
    def written(value: Any) -> int:
        """Make of what the column holds a cursor's number."""
        if isinstance(value, datetime):
            return (value - _EPOCH) // timedelta(microseconds=1)
        return int(value)


_ID = _Key(Spot.id)
#: What each order goes by. The last is always the id, and before it stands what an index has.
_KEYS: dict[Order, tuple[_Key, ...]] = {
    Order.URGENT: (_Key(Spot.urgency), _ID),
    Order.NEWEST: (_Key(Spot.last_at), _ID),
    Order.MOST_REPORTED: (_Key(Spot.readers), _ID),
    # The articles newest first, each from its beginning.
    Order.ARTICLE: (_Key(Spot.article_id), _Key(Spot.start, down=False), _Key(Spot.id, down=False)),
}


def _keys(query: Query) -> tuple[_Key, ...]:
    return (_ID,) if query.q else _KEYS[query.order]


def page(session: Session, query: Query, cursor: Cursor | None = None, limit: int = 50) -> Page:
    """Give the page of a query at a cursor, or the first one. Raises BadCursor.

    A page before a cursor at which the queue begins is the first page, and full.
    """
    keys = _keys(query)
    if cursor is not None and len(cursor.keys) != len(keys):
        raise BadCursor
    back = cursor is not None and cursor.before
    top = search.top(session) if query.q and cursor is None else None
    seen = _look(session, query, cursor, limit, top)
    if back and seen.beyond is None and len(seen.spots) < limit:
        return page(session, query, None, limit)
    onward = Cursor(seen.beyond, back) if seen.beyond else None
    if cursor is None:
        return Page(seen.spots, None, onward)
    spots = seen.spots[::-1] if back else seen.spots
    edge = spots[-1 if back else 0] if spots else None
    behind = Cursor(_place(keys, edge) if edge else _beside(keys, cursor), not back)
    there = _look(session, query, behind, 1)
    returning = behind if there.spots or there.beyond else None
    return Page(spots, onward, returning) if back else Page(spots, returning, onward)


def _place(keys: Sequence[_Key], spot: Spot) -> tuple[int, ...]:
    return tuple(key.written(getattr(spot, key.column.key)) for key in keys)


def _beside(keys: Sequence[_Key], cursor: Cursor) -> tuple[int, ...]:
    """Give the place from which a look the other way begins with a cursor's own spot."""
    step = -1 if keys[-1].down is not cursor.before else 1
    return (*cursor.keys[:-1], max(cursor.keys[-1] + step, 0))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a look has found, on its way; and where another goes on, if there is more to see."""

    spots: list[Spot]
    beyond: tuple[int, ...] | None


def _look(
    session: Session, query: Query, cursor: Cursor | None, limit: int, top: int | None = None
) -> _Seen:
    """Look for spots from a cursor on, the way it goes: at some, and if need be at many."""
    seen = _Seen([], None)
    for most in (min(max(4 * limit, _SOME), LOOKED), LOOKED):
        seen = _glance(session, query, cursor, limit, most, top)
        if len(seen.spots) == limit or seen.beyond is None:
            break
    return seen


def _glance(
    session: Session, query: Query, cursor: Cursor | None, limit: int, most: int, top: int | None
) -> _Seen:
    spots = list(session.scalars(looked(query, cursor, limit + 1, most, top)))
    keys = _keys(query)
    if len(spots) > limit:
        return _Seen(spots[:limit], _place(keys, spots[limit - 1]))
    if not _filtered(query):
        return _Seen(spots, None)
    back = cursor is not None and cursor.before
    window = _window(query, cursor, most + 1, top)
    ends = sa.select(*window.c).order_by(*_ordered(keys, back, window)).offset(most - 1).limit(2)
    last = session.execute(ends).all()
    more = tuple(map(_Key.written, last[0])) if len(last) > 1 else None
    return _Seen(spots, more)


def looked(
    query: Query, cursor: Cursor | None, limit: int, most: int = LOOKED, top: int | None = None
) -> sa.Select[Spot]:
    """Select the spots that a query finds from a cursor on, the way it goes, with their articles.

    `most` of them are looked at, where more is asked for than a status. A search without a cursor
    is told that all ids are below `top`, if it is to cost little. Raises BadCursor.
    """
    keys = _keys(query)
    back = cursor is not None and cursor.before
    found = _window(query, cursor, most if _filtered(query) else limit, top)
    if _filtered(query):
        chosen = (
            sa.select(*found.c)
            .join(Spot, Spot.id == _last(found))
            .join(Article, Article.id == Spot.article_id)
            .where(*_beside_keys(query))
        )
        found = chosen.order_by(*_ordered(keys, back, found)).limit(limit).subquery()
    return (
        sa.select(Spot)
        .join(found, _last(found) == Spot.id)
        .order_by(*(key.order(back) for key in keys))
        .options(joinedload(Spot.article, innerjoin=True))
    )


def _filtered(query: Query) -> bool:
    """Tell whether more is asked for than the order's index answers."""
    return bool(query.q or _beside_keys(query))


def _beside_keys(query: Query) -> list[sa.ColumnElement[bool]]:
    """Give what is asked for that the order's index does not answer."""
    found = query.rest()
    if query.q:
        found.append(Spot.status.in_(query.statuses))
    for order, conditions in _served(query).items():
        if query.q or query.order is not order:
            found += conditions
    return found


def _served(query: Query) -> dict[Order, list[sa.ColumnElement[bool]]]:
    """Give what is asked for that is a range of an order's own index."""
    return {Order.NEWEST: query.when(), Order.MOST_REPORTED: query.crowd()}


def _last(found: sa.Subquery) -> Any:
    return [*found.c][-1]


def _ordered(keys: Sequence[_Key], back: bool, found: sa.Subquery) -> list[Any]:
    return [key.order(back, column) for key, column in zip(keys, found.c, strict=True)]


def _window(query: Query, cursor: Cursor | None, most: int, top: int | None = None) -> sa.Subquery:
    """Select the keys of the spots that are looked at, as far as an index gives them in order."""
    keys, back = _keys(query), cursor is not None and cursor.before
    legs: list[sa.Select[Any]] = []
    for site_id in query.sites:
        if query.q:
            legs.append(_found(query, site_id, cursor, most, top))
            continue
        legs += [_waiting(query, site_id, status, cursor, most) for status in query.statuses]
    return _together(keys, back, legs, most)


def _found(
    query: Query, site_id: int, cursor: Cursor | None, most: int, top: int | None
) -> sa.Select[Any]:
    """Select the ids of the spots of a site that a search finds."""
    bound = cursor.keys[0] if cursor else top
    window = Window(most, bound, back=cursor is not None and cursor.before)
    return search.found(site_id, query.wanted, window)


def _waiting(
    query: Query, site_id: int, status: Status, cursor: Cursor | None, most: int
) -> sa.Select[Any]:
    """Select the keys of the spots that a site has in a status, in the order of an index."""
    keys, back = _keys(query), cursor is not None and cursor.before
    spots = (
        sa.select(*(key.column.label(f"key_{n}") for n, key in enumerate(keys)))
        .where(Spot.site_id == site_id, Spot.status == status)
        .where(*_served(query).get(query.order, []))
        .order_by(*(key.order(back) for key in keys))
        .limit(most)
    )
    return spots.where(*_beyond(keys, cursor)) if cursor else spots


def _beyond(keys: Sequence[_Key], cursor: Cursor) -> list[Any]:
    """Tell whether a spot is beyond a cursor on the way it goes."""
    first, *rest = keys
    bound, *bounds = [key.read(number) for key, number in zip(keys, cursor.keys, strict=True)]
    if all(key.down for key in keys):
        there = sa.tuple_(*(key.column for key in keys)), sa.tuple_(bound, *bounds)
        return [there[0] > there[1] if cursor.before else there[0] < there[1]]
    # Two ways at once: the index leads to the first key, and what it has of that is passed over.
    further = sa.tuple_(*(key.column for key in rest)), sa.tuple_(*bounds)
    same = further[0] < further[1] if cursor.before else further[0] > further[1]
    not_before = first.column >= bound if cursor.before else first.column <= bound
    return [not_before, sa.or_(first.beyond(bound, cursor.before), same)]


def _together(
    keys: Sequence[_Key],
    back: bool,
    legs: Sequence[sa.Select[Any]],
    most: int,
) -> sa.Subquery:
    """Put selects in one order, and limit them as one."""
    if len(legs) == 1:
        return legs[0].subquery()
    if len(legs) > _LEGS:
        groups = [legs[n : n + _LEGS] for n in range(0, len(legs), _LEGS)]
        parts = [_together(keys, back, group, most) for group in groups]
    else:
        parts = [leg.subquery() for leg in legs]
    union = sa.union_all(*(sa.select(*part.c) for part in parts)).subquery()
    ordered = sa.select(*union.c).order_by(*_ordered(keys, back, union))
    return ordered.limit(most).subquery()


def counted(query: Query, top: int | None = None) -> sa.Select[int, bool]:
    """Select how many spots a query finds, and whether there may be more.

    `COUNTED` spots and one more are looked at, at the most: of those it tells how many there are.
    `top` is as in `looked`.
    """
    if len(query.sites) > 1 and not _filtered(query):
        window = _any(query, COUNTED + 1)
    else:
        window = _window(query, None, COUNTED + 1, top)
    more = sa.func.count() > COUNTED
    if not _filtered(query):
        return sa.select(sa.func.count(), more).select_from(window)
    matches = sa.case((sa.and_(*_beside_keys(query)), 1))
    return (
        sa.select(sa.func.count(matches), more)
        .select_from(window)
        .join(Spot, Spot.id == _last(window))
        .join(Article, Article.id == Spot.article_id)
    )


def _any(query: Query, most: int) -> sa.Subquery:
    """Select so many of the spots of several sites, in no order: no index has it."""
    spots = sa.select(Spot.id.label("key_0")).where(
        Spot.site_id.in_(query.sites), Spot.status.in_(query.statuses)
    )
    return spots.where(*_served(query).get(query.order, [])).limit(most).subquery()


def counts(session: Session, queries: Sequence[Query]) -> list[tuple[int, bool]]:
    """Count what each of several queries finds, as `counted` does, in one statement."""
    top = search.top(session) if any(query.q for query in queries) else None
    parts = [counted(query, top).add_columns(sa.literal(n)) for n, query in enumerate(queries)]
    rows = session.execute(sa.union_all(*parts)).all() if parts else []
    return [(number, bool(more)) for number, more, _ in sorted(rows, key=lambda row: row[2])]
