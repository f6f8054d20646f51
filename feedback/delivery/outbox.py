"""The outbox: letters wait here, are claimed, carried, and settled.

A carrier's row says when one of its letters is due, and is locked while one is claimed: so no
query looks through letters that cannot go, and a far end that is slow or down keeps one place of
its own, never those of others.

1. `write` keeps a letter, in the transaction of what it tells.
2. `claim` takes the first letter that may go, for as long as the lease.
3. `settle` says what came of it. A claim that was lost meanwhile changes nothing.

A far end is in trouble while its last letter was not taken, or only after long: it is given one
letter at a time, and `due` can leave those carriers out, so that they never take every hand.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from feedback.db import Instant
from feedback.delivery import retrying
from feedback.delivery.contract import SAID, NotTaken, Parcel, Taken
from feedback.delivery.models import Attempt, Carrier, Letter, Means, State
from feedback.delivery.wishes import Wishes

#: How many letters of one carrier are on their way at once; one where it is in trouble.
ABREAST = 2
#: A far end that takes longer to take a letter is in trouble.
SLOW = timedelta(seconds=5)
#: How long letters are kept that arrived or were dropped, unless somebody says otherwise; and how
#: often as long dead ones, and those that wait for a carrier that is switched off.
KEPT = timedelta(days=30)
DEAD_TIMES = 3
#: The kind of a letter by which somebody tries a carrier out: it is tried once.
TEST = "test"


class CannotReplay(Exception):
    """A letter cannot be carried again; the message says why."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that is ours to carry."""

    letter_id: int
    means: Means
    parcel: Parcel
    #: Until when; by this the claim is known.
    until: datetime


def write(
    session: Session,
    carrier: Carrier,
    kind: str,
    body: Mapping[str, Any],
    *,
    at: datetime,
    due_at: datetime | None = None,
    thread: str = "",
    address: str = "",
) -> Letter:
    """Keep a letter that is to go out. The caller commits."""
    letter = Letter(
        uid=uuid4(),
        carrier_id=carrier.id,
        kind=kind,
        body=json.dumps(body, ensure_ascii=False),
        at=at,
        due_at=due_at or at,
        thread=thread,
        address=address,
        tries=0,
    )
    session.add(letter)
    session.flush()
    _soon(session, carrier.id, due_at or at)
    return letter


def _soon(session: Session, carrier_id: int, at: datetime) -> None:
    """Let a carrier be due at `at`, or earlier if it is; once it has rested where it rests."""
    then = sa.case((Carrier.rest_until > at, Carrier.rest_until), else_=sa.literal(at, Instant))
    session.execute(
        sa.update(Carrier)
        .where(Carrier.id == carrier_id, Carrier.due_at.is_(None) | (Carrier.due_at > at))
        .values(due_at=then)
        .execution_options(synchronize_session=False)
    )


def due(at: datetime, *, troubled: bool = True) -> sa.Select[Carrier]:
    """Select the carriers that have something to carry by `at`.

    Without `troubled` only those whose far ends took their last letter, and soon.
    """
    some = sa.select(Carrier).where(Carrier.due_at <= at, Carrier.off_at.is_(None))
    if not troubled:
        some = some.where(Carrier.rest_until.is_(None))
    return some.order_by(Carrier.due_at, Carrier.id)


def free(at: datetime, *, troubled: bool = True) -> sa.Select[Carrier]:
    """Select and lock one of those that nobody else has locked."""
    mine = due(at, troubled=troubled).limit(1).with_for_update(skip_locked=True)
    return mine.execution_options(populate_existing=True)


def claim(session: Session, carrier: Carrier, at: datetime, lease: float) -> Claimed | None:
    """Claim the first letter of a carrier that may go, if one may. The caller commits.

    `lease`: seconds. The carrier, which is locked, is due again for its next letter.
    """
    until = at + timedelta(seconds=lease)
    abreast = ABREAST if carrier.rest_until is None else 1
    busy = session.scalar(_on_their_way(carrier.id, at)) or 0
    letter = session.scalar(_ready(carrier.id, at).limit(1)) if busy < abreast else None
    if letter is None:
        carrier.due_at = session.scalar(_next(carrier.id, at))
        return None
    _lease(letter, until)
    session.flush()
    more = busy + 1 < abreast and session.scalar(_ready(carrier.id, at).limit(1)) is not None
    carrier.due_at = at if more else session.scalar(_next(carrier.id, at))
    return Claimed(letter.id, carrier.means, _parcel(carrier, letter, at), until)


def seize(session: Session, letter: Letter, at: datetime, lease: float) -> Claimed:
    """Claim this very letter, which was just written, whatever waits. The caller commits."""
    until = at + timedelta(seconds=lease)
    _lease(letter, until)
    carrier = session.get_one(Carrier, letter.carrier_id)
    return Claimed(letter.id, carrier.means, _parcel(carrier, letter, at), until)


def _lease(letter: Letter, until: datetime) -> None:
    letter.due_at = letter.leased_until = until
    letter.tries += 1


def _on_their_way(carrier_id: int, at: datetime) -> sa.Select[int]:
    leased = Letter.due_at.is_not(None) & (Letter.leased_until > at)
    return sa.select(sa.func.count()).where(Letter.carrier_id == carrier_id, leased)


def _ready(carrier_id: int, at: datetime) -> sa.Select[Letter]:
    """Select what may go: due, and first of its thread."""
    earlier = aliased(Letter)
    before = sa.select(earlier.id).where(
        earlier.carrier_id == carrier_id,
        earlier.due_at.is_not(None),
        earlier.thread == Letter.thread,
        earlier.id < Letter.id,
    )
    return (
        sa.select(Letter)
        .where(Letter.carrier_id == carrier_id, Letter.due_at <= at)
        .where((Letter.thread == "") | ~before.exists())
        .order_by(Letter.due_at, Letter.id)
    )


def _next(carrier_id: int, at: datetime) -> sa.Select[datetime | None]:
    """Give when something of a carrier is due that is not yet: what others wait for, too."""
    return sa.select(sa.func.min(Letter.due_at)).where(
        Letter.carrier_id == carrier_id, Letter.due_at > at
    )


def _parcel(carrier: Carrier, letter: Letter, at: datetime) -> Parcel:
    secrets = [carrier.secret] if carrier.secret else []
    if carrier.old_secret and carrier.old_until and carrier.old_until > at:
        secrets.append(carrier.old_secret)
    return Parcel(
        uid=letter.uid,
        kind=letter.kind,
        at=letter.at,
        body=json.loads(letter.body),
        address=letter.address or carrier.address,
        secrets=tuple(secrets),
        wishes=Wishes.read(carrier.wishes),
        carrier_id=carrier.id,
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a try, where somebody must be told."""

    letter: Letter
    carrier: Carrier
    #: Whether the letter is given up, and whether its carrier was switched off by that.
    dead: bool
    off: bool


def settle(
    session: Session,
    claimed: Claimed,
    result: Taken | NotTaken,
    begun: datetime,
    at: datetime,
    delays: Sequence[float],
) -> Settled | None:
    """Keep what came of a letter; None where the claim was lost meanwhile. The caller commits.

    `delays`: seconds from one try to the next.
    """
    carrier = _locked(session, claimed)
    letter = session.get(Letter, claimed.letter_id, populate_existing=True)
    if letter is None or carrier is None or letter.leased_until != claimed.until:
        return None
    was_on = carrier.off_at is None
    session.add(_attempt(letter, result, begun, at))
    letter.leased_until = None
    if isinstance(result, Taken):
        carrier.sent_at = carrier.due_at = at
        carrier.rest_until = at if at - begun > SLOW else None
        end(letter, State.SENT, at)
    else:
        _not_taken(carrier, letter, result, at, delays)
    session.flush()
    off = was_on and carrier.off_at is not None
    return Settled(letter, carrier, letter.state is State.DEAD, off)


def _attempt(letter: Letter, result: Taken | NotTaken, begun: datetime, at: datetime) -> Attempt:
    return Attempt(
        letter_id=letter.id,
        at=begun,
        took=max(0, round((at - begun).total_seconds() * 1000)),
        arrived=isinstance(result, Taken),
        status=result.status,
        said=unnamed(result.said, letter.address)[:SAID],
    )


def unnamed(said: str, address: str) -> str:
    """Leave out whom a letter was to: mail servers repeat it, and it is to be forgotten."""
    return re.sub(re.escape(address), "…", said, flags=re.IGNORECASE) if address else said


def _locked(session: Session, claimed: Claimed) -> Carrier | None:
    return session.get(
        Carrier, claimed.parcel.carrier_id, with_for_update=True, populate_existing=True
    )


def _not_taken(
    carrier: Carrier, letter: Letter, why: NotTaken, at: datetime, delays: Sequence[float]
) -> None:
    """Try a letter again later, or give it up; let the others of its far end wait as well."""
    if why.gone and carrier.off_at is None and not letter.address:
        carrier.off_at, carrier.off_why = at, why.said
    if why.permanent or letter.tries > len(delays) or letter.kind == TEST:
        end(letter, State.DROPPED if letter.kind == TEST else State.DEAD, at)
        carrier.due_at = at
        return
    wait = retrying.after(delays, letter.tries, why.retry_after)
    letter.due_at = at + wait
    rest = min(wait, timedelta(seconds=delays[0])) if why.retry_after is None else wait
    carrier.rest_until = at + rest if why.resting else None
    carrier.due_at = carrier.rest_until or at


def end(letter: Letter, state: State, at: datetime) -> None:
    """Settle a letter; whom it was to, if it said so itself, is forgotten."""
    letter.state, letter.settled_at = state, at
    letter.due_at = letter.leased_until = None
    letter.address = ""


def replay(session: Session, letter: Letter, at: datetime) -> None:
    """Carry a letter that is settled once more, under the same id. The caller commits.

    Raises CannotReplay.
    """
    if letter.state is State.WAITING:
        raise CannotReplay("This letter is still on its way.")
    if letter.carrier.means is Means.POST:
        raise CannotReplay("Whom this letter was to is forgotten; it cannot go again.")
    letter.state, letter.settled_at, letter.tries, letter.due_at = State.WAITING, None, 0, at
    _soon(session, letter.carrier_id, at)


def drop(letter: Letter, at: datetime) -> None:
    """Let a letter go nowhere any more, dead or waiting. The caller commits."""
    if letter.state in {State.WAITING, State.DEAD}:
        end(letter, State.DROPPED, at)


def forget(
    session: Session,
    at: datetime,
    most: int,
    kept: timedelta = KEPT,
    kept_dead: timedelta = DEAD_TIMES * KEPT,
) -> bool:
    """Delete letters that were kept long enough, with their attempts; True if there may be more.

    At most so many of each sort. The caller commits.
    """
    counts = []
    for old in _old(at - kept, at - kept_dead):
        gone = sa.delete(Letter).where(Letter.id.in_(old.limit(most))).returning(Letter.id)
        done = session.execute(gone, execution_options={"synchronize_session": False})
        counts.append(len(done.all()))
    return most in counts


def _old(before: datetime, dead_before: datetime) -> tuple[sa.Select[int], ...]:
    """Select the letters that need not be kept, by why."""
    ids = sa.select(Letter.id)
    off = sa.select(Carrier.id).where(Carrier.off_at.is_not(None))
    waits = ids.where(Letter.carrier_id.in_(off), Letter.due_at.is_not(None))
    settled = ids.where(Letter.settled_at < before, Letter.state != State.DEAD)
    return (
        settled.order_by(Letter.settled_at),
        ids.where(Letter.settled_at < dead_before).order_by(Letter.settled_at),
        waits.where(Letter.at < dead_before),
    )
