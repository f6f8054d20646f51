"""The queue: what an editor sees, as selects. The caller executes them."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from feedback.desk.models import Decision, Kind
from feedback.reports.models import Report, Spot, Status

#: What a count stops at; beyond, nobody reads the digits.
COUNTED = 1000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Order(StrEnum):
    """How the queue is ordered."""

    NEWEST = "newest"
    MOST_REPORTED = "most-reported"


class BadCursor(ValueError):
    """A cursor that this queue did not give."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the queue: after the spot with this key and id."""

    key: int
    spot_id: int

    def __str__(self) -> str:
        """Write the cursor for an address."""
        raw = json.dumps([self.key, self.spot_id], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Read what `str` wrote. Raises BadCursor."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            key, spot_id = json.loads(raw)
        except (binascii.Error, ValueError, TypeError, RecursionError):
            raise BadCursor("the cursor is not one of this queue's") from None
        if not (_counts(key) and _counts(spot_id)):
            raise BadCursor("the cursor is not one of this queue's")
        return cls(key, spot_id)

    @classmethod
    def after(cls, spot: Spot, order: Order) -> "Cursor":
        """Give the place behind `spot`."""
        newest = order is Order.NEWEST
        return cls(_microseconds(spot.last_at) if newest else spot.readers, spot.id)


def _counts(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**62


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def listed(
    site_id: int,
    status: Status = Status.WAITING,
    order: Order = Order.NEWEST,
    after: Cursor | None = None,
) -> sa.Select[Spot]:
    """Select a site's spots in a status, with their articles. The caller limits.

    Pages by key, never by offset: the cost does not grow with what lies before.
    """
    column = Spot.last_at if order is Order.NEWEST else Spot.readers
    spots = (
        sa.select(Spot)
        .where(Spot.site_id == site_id, Spot.status == status)
        .order_by(column.desc(), Spot.id.desc())
        .options(joinedload(Spot.article))
    )
    if after is None:
        return spots
    return spots.where(sa.tuple_(column, Spot.id) < sa.tuple_(*_bounds(order, after)))


def _bounds(order: Order, after: Cursor) -> tuple[Any, Any]:
    key: Any = after.key
    if order is Order.NEWEST:
        try:
            key = _EPOCH + timedelta(microseconds=after.key)
        except OverflowError:
            raise BadCursor("the cursor is not one of this queue's") from None
        return sa.literal(key, Spot.last_at.type), sa.literal(after.spot_id, Spot.id.type)
    return sa.literal(key, Spot.readers.type), sa.literal(after.spot_id, Spot.id.type)


def counted(site_id: int, status: Status) -> sa.Select[int]:
    """Select how many spots a site has in a status, at most one more than `COUNTED`."""
    some = (
        sa.select(Spot.id)
        .where(Spot.site_id == site_id, Spot.status == status)
        .limit(COUNTED + 1)
        .subquery()
    )
    return sa.select(sa.func.count()).select_from(some)


def whole(spot_id: int) -> sa.Select[Spot]:
    """Select a spot with its article and site."""
    return (
        sa.select(Spot)
        .where(Spot.id == spot_id)
        .options(joinedload(Spot.article), joinedload(Spot.site))
    )


def reports(spot_id: int) -> sa.Select[Report]:
    """Select a spot's reports, newest first. The caller limits."""
    return sa.select(Report).where(Report.spot_id == spot_id).order_by(Report.id.desc())


def record(spot_id: int) -> sa.Select[Decision]:
    """Select a spot's decisions with who made them, newest first."""
    return (
        sa.select(Decision)
        .where(Decision.spot_id == spot_id)
        .order_by(Decision.id.desc())
        .options(joinedload(Decision.editor))
    )


def history(spot_id: int) -> sa.Select[Decision]:
    """Select a spot's decisions, and those on other spots that brought reports here.

    Newest first. A merge stands in the record of the spot that it took the reports from, a
    split in that of the spot that lost them: both are part of this one's history.
    """
    return (
        sa.select(Decision)
        .where((Decision.spot_id == spot_id) | (Decision.into_id == spot_id))
        .order_by(Decision.id.desc())
        .options(joinedload(Decision.editor), joinedload(Decision.spot))
    )


def standing(spot_id: int, at: datetime | None = None) -> sa.Select[Decision]:
    """Select the decision that an undo would take back: the last one not taken back, `at` then."""
    theirs = Decision.spot_id == spot_id
    if at is not None:
        theirs &= Decision.at <= at
    return record(spot_id).where(theirs, *_not_taken_back(theirs)).limit(1)


def concluded(spot_id: int, at: datetime | None = None) -> sa.Select[Decision]:
    """Select the decision that a spot's status comes from, or came from `at` an earlier time.

    Splitting a spot leaves its status.
    """
    return standing(spot_id, at).where(Decision.kind != Kind.SPLIT)


def after(spot_id: int, at: datetime) -> sa.Select[Decision]:
    """Select the first decision on a spot after a time: it tells what the spot was at then."""
    later = (Decision.spot_id == spot_id) & (Decision.at > at)
    return sa.select(Decision).where(later).order_by(Decision.id).limit(1)


def latest(spot_ids: Sequence[int]) -> sa.Select[Decision]:
    """Select the last decision on each of these spots, with who made it."""
    last = sa.select(sa.func.max(Decision.id)).where(Decision.spot_id.in_(spot_ids))
    newest = last.group_by(Decision.spot_id)
    return sa.select(Decision).where(Decision.id.in_(newest)).options(joinedload(Decision.editor))


def verdicts(spot_ids: Sequence[int]) -> sa.Select[Decision]:
    """Select, of each of these spots, the decision that its status comes from."""
    theirs = Decision.spot_id.in_(spot_ids)
    last = (
        sa.select(sa.func.max(Decision.id))
        .where(theirs, Decision.kind != Kind.SPLIT, *_not_taken_back(theirs))
        .group_by(Decision.spot_id)
    )
    return sa.select(Decision).where(Decision.id.in_(last)).options(joinedload(Decision.editor))


def _not_taken_back(theirs: sa.ColumnElement[bool]) -> tuple[sa.ColumnElement[bool], ...]:
    """Tell the decisions that stand from those that do not, among those that `theirs` names."""
    undone = sa.select(Decision.undoes_id).where(theirs, Decision.undoes_id.is_not(None))
    return Decision.kind.not_in([Kind.UNDO, Kind.WAKE]), Decision.id.not_in(undone)


def undone(decision_ids: Sequence[int]) -> sa.Select[int | None]:
    """Select which of these decisions were taken back."""
    return sa.select(Decision.undoes_id).where(Decision.undoes_id.in_(decision_ids))


def beside(spot: Spot) -> sa.Select[Spot]:
    """Select the other spots of a spot's article that have reports, nearest first.

    The caller limits.
    """
    return (
        sa.select(Spot)
        .where(Spot.article_id == spot.article_id, Spot.id != spot.id, Spot.status != Status.MERGED)
        .order_by(sa.func.abs(Spot.start - spot.start), Spot.id)
    )


def named(spot_ids: Sequence[int]) -> sa.Select[Spot]:
    """Select spots by their ids."""
    return sa.select(Spot).where(Spot.id.in_(spot_ids))


def numbers(spot_id: int, uids: Sequence[UUID]) -> sa.Select[int]:
    """Select the ids of those reports of a spot that readers' browsers called so."""
    return sa.select(Report.id).where(Report.spot_id == spot_id, Report.uid.in_(uids))
