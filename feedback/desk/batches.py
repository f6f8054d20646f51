"""Batches: one decision on many spots, and one undo for all of it.

A batch is about spots that were chosen, or about all that a query found when the editor saw it.
Such a query is asked again where the batch is made, and what it finds is narrowed to what it found
then: a spot that came later, or was decided meanwhile, is left out.

1. `begin` counts what is found and keeps the batch: from here on it is promised.
2. `proceed` takes a batch some spots further; the place it has come to is kept with them.
3. A worker that ends in the middle leaves `due_at` behind, and another goes on from that place.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import Editor, Membership
from feedback.db import now
from feedback.desk.decisions import AlreadyDecided, NotPossible, Verdict, decide
from feedback.desk.models import Batch, Decision, Kind
from feedback.desk.queue import Query
from feedback.reports.models import Report, Spot

#: What can be decided on many spots at once.
KINDS = (Kind.ACCEPT, Kind.FIX, Kind.REJECT, Kind.SNOOZE, Kind.REOPEN, Kind.MERGE)
#: How many spots one step of a batch decides on; a batch of no more is made at once.
STEP = 100
#: How many spots can be chosen one by one.
CHOSEN = 500
#: After so long a step that was begun and not ended is given up: its worker is gone.
LEASE = timedelta(minutes=2)


class NothingFound(Exception):
    """Nothing is left of what the editor saw."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be decided on each spot of a batch."""

    kind: Kind
    reason: str | None = None
    note: str = ""
    until: datetime | None = None
    #: For a merge: the id of the spot that gets all the reports.
    into: int | None = None

    def __str__(self) -> str:
        """Write the order as JSON."""
        until = self.until.isoformat() if self.until else None
        return json.dumps(asdict(self) | {"kind": self.kind.value, "until": until})

    @classmethod
    def read(cls, text: str) -> "Order":
        """Read what `str` wrote."""
        values: dict[str, Any] = json.loads(text)
        until = datetime.fromisoformat(values["until"]) if values["until"] else None
        return cls(**values | {"kind": Kind(values["kind"]), "until": until})


def chosen(ids: Sequence[int]) -> str:
    """Write what a batch is about: these spots."""
    return json.dumps(sorted(set(ids)))


def head(session: Session, site_id: int, ids: Sequence[int]) -> int:
    """Give the id of the spot that others are best merged into: most readers, then the oldest.

    Raises NotPossible where these are not two spots or more of one article.
    """
    spots = sa.select(Spot.id, Spot.article_id).where(Spot.site_id == site_id, Spot.id.in_(ids))
    found = session.execute(spots.order_by(Spot.readers.desc(), Spot.id)).all()
    if len(found) < 2 or len({row.article_id for row in found}) > 1:
        raise NotPossible("Choose two spots or more of one article to merge them.", field="spots")
    return int(found[0].id)


def begin(
    session: Session, site_id: int, editor: Editor, order: Order, query: str, shown_at: datetime
) -> Batch:
    """Keep a batch that is to be made. The caller commits. Raises NotPossible, NothingFound."""
    if order.kind not in KINDS:
        raise NotPossible("Many spots cannot be decided so at once: %(kind)s.", kind=order.kind)
    at = now()
    batch = Batch(
        site_id=site_id,
        editor_id=editor.id,
        editor=editor,
        verdict=str(order),
        query=query,
        shown_at=shown_at,
        at=at,
        due_at=at,
        total=0,
        done=0,
        skipped=0,
        place=0,
    )
    batch.total = session.scalar(_count(_meant(batch))) or 0
    if not batch.total:
        raise NothingFound
    session.add(batch)
    session.flush()
    return batch


def take_back(session: Session, batch: Batch, editor: Editor) -> Batch:
    """Keep a batch that undoes another, as far as it has come. The caller commits.

    Raises NotPossible where it was taken back already, or is one that takes back.
    """
    if batch.undoes_id is not None or taken_back(session, batch):
        raise NotPossible("This was undone already.")
    at = now()
    batch.due_at = None  # what is left of it is not done any more
    batch.ended_at = batch.ended_at or at
    undo = Batch(
        site_id=batch.site_id,
        editor_id=editor.id,
        editor=editor,
        verdict=str(Order(Kind.UNDO)),
        query="",
        shown_at=at,
        at=at,
        due_at=at,
        total=batch.done,
        done=0,
        skipped=0,
        place=0,
        undoes_id=batch.id,
    )
    session.add(undo)
    session.flush()
    return undo


def taken_back(session: Session, batch: Batch) -> bool:
    """Tell whether a batch was undone."""
    return session.scalar(sa.select(Batch.id).where(Batch.undoes_id == batch.id)) is not None


def proceed(session: Session, batch: Batch) -> bool:
    """Take a batch a step further; tell whether there is more. The caller commits.

    Spots that were decided since the editor saw them are skipped, and counted. So is all that is
    left once the editor may not decide at the site any more.
    """
    if not _may(session, batch):
        batch.skipped = batch.total - batch.done
        batch.due_at, batch.ended_at = None, now()
        session.flush()
        return False
    order = Order.read(batch.verdict)
    found = session.scalars(
        _meant(batch).where(Spot.id > batch.place).order_by(Spot.id).limit(STEP)
    ).all()
    for spot in found:
        decided = _decided(session, batch, order, spot)
        batch.done += decided
        batch.skipped += not decided
        batch.place = spot.id
    if len(found) < STEP:
        batch.due_at, batch.ended_at = None, now()
    else:
        batch.due_at = now()
    session.flush()
    return batch.ended_at is None


def _may(session: Session, batch: Batch) -> bool:
    """Tell whether a batch's editor may decide at its site, as of now."""
    role = session.scalar(
        sa.select(Membership.role)
        .join(Editor, Editor.id == Membership.editor_id)
        .where(Membership.editor_id == batch.editor_id, Membership.site_id == batch.site_id)
        .where(Editor.disabled_at.is_(None))
    )
    return role is not None and role.decides


def _decided(session: Session, batch: Batch, order: Order, spot: Spot) -> bool:
    verdict = Verdict(
        order.kind,
        spot.version,
        order.reason,
        order.note,
        into=order.into,
        until=order.until,
        batch_id=batch.id,
    )
    try:
        with session.begin_nested():
            decide(session, spot, batch.editor, verdict)
    except (AlreadyDecided, NotPossible):
        return False
    return True


def _meant(batch: Batch) -> sa.Select[Spot]:
    """Select the spots that a batch is about, as they are now."""
    if batch.undoes_id is not None:
        return _made(batch.undoes_id)
    unmoved = Spot.moved_at.is_(None) | (Spot.moved_at <= batch.shown_at)
    if batch.query.startswith("["):
        ids = set(json.loads(batch.query)) - {Order.read(batch.verdict).into}
        return sa.select(Spot).where(Spot.site_id == batch.site_id, Spot.id.in_(ids), unmoved)
    query = Query.written(batch.site_id, batch.query)
    found = query.matching().where(Spot.first_at <= batch.shown_at, unmoved)
    return found.where(_readers(batch) >= query.readers) if query.readers else found


def _readers(batch: Batch) -> sa.ScalarSelect[int]:
    """Count the reports that a spot had when the editor saw it."""
    then = (Report.spot_id == Spot.id) & (Report.at <= batch.shown_at)
    return sa.select(sa.func.count()).where(then).correlate(Spot).scalar_subquery()


def _made(batch_id: int) -> sa.Select[Spot]:
    """Select the spots whose last decision is one of a batch: those that it can be undone on."""
    made = sa.select(Decision.spot_id, sa.func.max(Decision.id).label("id")).where(
        Decision.batch_id == batch_id
    )
    mine = made.group_by(Decision.spot_id).subquery()
    later = sa.select(Decision.id).where(
        Decision.spot_id == mine.c.spot_id, Decision.id > mine.c.id
    )
    return sa.select(Spot).join(mine, mine.c.spot_id == Spot.id).where(~later.exists())


def _count(spots: sa.Select[Spot]) -> sa.Select[int]:
    return sa.select(sa.func.count()).select_from(spots.with_only_columns(Spot.id).subquery())


def due(at: datetime) -> sa.Select[Batch]:
    """Select the batches that are to go on, longest due first. The caller limits."""
    return sa.select(Batch).where(Batch.due_at <= at).order_by(Batch.due_at)


def claim(session: Session, batch: Batch, at: datetime) -> bool:
    """Take a batch as it was loaded; tell whether nobody else has. The caller commits."""
    mine = session.execute(
        sa.update(Batch)
        .where(Batch.id == batch.id, Batch.due_at.is_not_distinct_from(batch.due_at))
        .values(due_at=at + LEASE)
        .returning(Batch.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    session.refresh(batch)
    return mine is not None
