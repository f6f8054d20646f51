"""Digests: one letter of all that was gathered for a carrier, with what is needed to decide.

A spot stands in it once, however much happened to it. What only told that a spot waits is left out
where somebody decided meanwhile; where nothing is left, there is no letter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.accounts.models import Editor
from feedback.delivery import outbox
from feedback.delivery.contract import Office
from feedback.delivery.models import Carrier, Happening, Letter, Means
from feedback.delivery.wishes import Wishes
from feedback.desk import bodies, cards, queue
from feedback.desk.letters import actions
from feedback.desk.models import Decision, Gathered, Subscription
from feedback.reports.models import Report, Spot, Status

_T = TypeVar("_T")

#: The kind of these letters.
DIGEST = "digest"
#: How many spots a digest shows, and the comments of each.
SPOTS, COMMENTS = 20, 3
#: Longest comment, in characters; the rest is at the desk.
COMMENT = 400
#: How much of what was gathered is looked at, the newest first, and how many reports of a spot.
_LOOKED, _REPORTS = 2000, 50

#: What tells that a spot waits, and is no news once it does not.
_OPEN = frozenset({Happening.OPENED, Happening.GREW, Happening.RETURNED})
#: What is said of a spot to which several things happened: the first of these.
_FIRST = (
    Happening.OPENED,
    Happening.RETURNED,
    Happening.FIXED,
    Happening.DECIDED,
    Happening.GREW,
)


def due(at: datetime) -> sa.Select[Carrier]:
    """Select and lock the carriers whose digest is due by `at`. The caller limits."""
    return (
        _due(sa.select(Carrier), at)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def ready(at: datetime) -> sa.Select[int]:
    """Select one of those carriers, if there is any, without locking it."""
    return _due(sa.select(Carrier.id), at).limit(1)


def _due(some: sa.Select[_T], at: datetime) -> sa.Select[_T]:
    some = some.where(Carrier.gather_at <= at, Carrier.off_at.is_(None))
    return some.order_by(Carrier.gather_at, Carrier.id)


def write(session: Session, carrier: Carrier, office: Office, at: datetime) -> Letter | None:
    """Write a digest of what was gathered for a carrier, which is locked. The caller commits.

    None where there is nothing to tell, or where it is quiet: then it is written later.
    """
    then = Wishes.read(carrier.wishes).aloud(at)
    if then > at:
        carrier.gather_at = then
        return None
    top = session.scalar(sa.select(sa.func.max(Gathered.id)).where(_theirs(carrier)))
    told = _told(session, carrier, top or 0)
    body = _body(session, carrier, told, office, at) if told and _stands(session, carrier) else None
    session.execute(
        sa.delete(Gathered).where(_theirs(carrier), Gathered.id <= (top or 0)),
        execution_options={"synchronize_session": False},
    )
    carrier.gather_at = None
    return outbox.write(session, carrier, DIGEST, body, at=at) if body else None


def _theirs(carrier: Carrier) -> sa.ColumnElement[bool]:
    return Gathered.carrier_id == carrier.id


def _told(session: Session, carrier: Carrier, top: int) -> Mapping[int, Happening]:
    """Give what is said of each spot, by its id, newest first."""
    rows = session.execute(
        sa.select(Gathered.spot_id, Gathered.kind, Spot.status)
        .join(Spot, Spot.id == Gathered.spot_id)
        .where(_theirs(carrier), Gathered.id <= top)
        .order_by(Gathered.id.desc())
        .limit(_LOOKED)
    )
    happened: dict[int, list[Happening]] = {}
    for spot_id, kind, status in rows:
        if _is_news(kind, status):
            happened.setdefault(spot_id, []).append(kind)
    return {spot_id: min(kinds, key=_FIRST.index) for spot_id, kinds in happened.items()}


def _is_news(kind: Happening, status: Status) -> bool:
    """Tell whether what happened still holds, as the spot is now."""
    if kind in _OPEN:
        return status is Status.WAITING
    return kind is not Happening.FIXED or status is Status.FIXED


def _stands(session: Session, carrier: Carrier) -> bool:
    """Tell whether a carrier is nobody's own, or its editor's who still belongs to the site."""
    editor = _owner(session, carrier)
    if editor is None:
        return True
    return editor.disabled_at is None and editor.role_at(carrier.site_id) is not None


def _owner(session: Session, carrier: Carrier) -> Editor | None:
    return session.scalar(
        sa.select(Editor)
        .join(Subscription, Subscription.editor_id == Editor.id)
        .where(Subscription.carrier_id == carrier.id)
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where the links of a letter lead, and as whom."""

    office: Office
    at: datetime
    #: Whether there are links that decide, and whose they are.
    decides: bool
    editor_id: int | None

    @classmethod
    def of(cls, session: Session, carrier: Carrier, office: Office, at: datetime) -> "_Desk":
        editor = _owner(session, carrier)
        if editor is None:
            return cls(office, at, carrier.means is Means.CHAT, None)
        role = editor.role_at(carrier.site_id)
        return cls(office, at, role is not None and role.decides, editor.id)

    def actions(self, spot: Spot) -> Mapping[str, str]:
        """Give the links that decide on a spot, by kind; none of one that does not wait."""
        if not self.decides or spot.status is not Status.WAITING:
            return {}
        office = self.office
        return actions.links(office.base_url, office.secret, spot, self.editor_id, self.at)


def _body(
    session: Session,
    carrier: Carrier,
    told: Mapping[int, Happening],
    office: Office,
    at: datetime,
) -> Mapping[str, Any]:
    shown = list(told)[:SPOTS]
    spots = {spot.id: spot for spot in session.scalars(_shown(shown))}
    decided = {each.spot_id: each for each in session.scalars(queue.latest(shown))}
    desk = _Desk.of(session, carrier, office, at)
    ((waiting, more),) = queue.counts(session, [queue.Query((carrier.site_id,))])
    return {
        "site": {
            "id": carrier.site_id,
            "name": carrier.site.name,
            "link": f"{office.base_url}/desk/sites/{carrier.site_id}/",
        },
        "waiting": waiting + more,
        "more": len(told) - len(shown),
        "spots": [
            _spot(session, spots[spot_id], told[spot_id], decided.get(spot_id), desk)
            for spot_id in shown
        ],
    }


def _shown(spot_ids: Sequence[int]) -> sa.Select[Spot]:
    return (
        queue.named(spot_ids)
        .options(joinedload(Spot.site), joinedload(Spot.article))
        .execution_options(populate_existing=True)
    )


def _spot(
    session: Session, spot: Spot, happened: Happening, decided: Decision | None, desk: _Desk
) -> Mapping[str, Any]:
    before, after = cards.surroundings(spot)
    known = decided if happened not in {Happening.OPENED, Happening.GREW} else None
    return {
        "happened": happened.value,
        "spot": bodies.Spot.of(spot).model_dump(mode="json"),
        "before": before,
        "after": after,
        "pieces": [[piece.step.value, piece.text] for piece in cards.pieces(spot)],
        "comments": _comments(session, spot.id),
        "decision": bodies.Decision.of(known).model_dump(mode="json") if known else None,
        "desk": f"{desk.office.base_url}/desk/spots/{spot.id}",
        "actions": desk.actions(spot),
    }


def _comments(session: Session, spot_id: int) -> list[str]:
    """Give what readers wrote of a spot, the newest first."""
    newest = queue.reports(spot_id).limit(_REPORTS).with_only_columns(Report.comment)
    said = (" ".join(text.split()) for text in session.scalars(newest))
    return [_cut(text) for text in said if text][:COMMENTS]


def _cut(text: str) -> str:
    return text if len(text) <= COMMENT else f"{text[: COMMENT - 1].rstrip()}…"
