"""Fanning: what happened becomes letters to those who want to hear of it.

1. The events that are due are locked, oldest first. Of two who do so at once the second waits, and
   finds what is left: so letters are written in the order of what they tell. Of a spot that grew
   the newest is told.
2. Who hears is found: carriers that are on, want to hear of it, and were there when it happened.
   An editor's own hears as long as the editor belongs to the site.
3. To who hears of each by itself goes a letter; for others it is gathered until they are told.
4. The events are deleted, in the same transaction: each is told once, or not yet.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback import sites
from feedback.accounts.models import Editor, Membership
from feedback.articles.models import Article
from feedback.db import Instant
from feedback.delivery import carriers, events, outbox
from feedback.delivery.models import Carrier, Event, Happening
from feedback.delivery.wishes import Rhythm, Wishes
from feedback.desk import bodies
from feedback.desk.letters.events import EVENTS, Site
from feedback.desk.models import Decision, Gathered, Subscription
from feedback.reports.models import Report, Spot

log = logging.getLogger("feedback.letters")

_Row = TypeVar("_Row", sites.Site, Spot, Report, Decision, Article)


@dataclass(frozen=True, slots=True)
class _Known:
    """What events are about, as it is now."""

    sites: Mapping[int, sites.Site]
    spots: Mapping[int, Spot]
    reports: Mapping[int, Report]
    decisions: Mapping[int, Decision]
    articles: Mapping[int, Article]
    #: What was put into words, by the event's id.
    _said: dict[int, Mapping[str, Any] | None] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, told: Sequence[Event]) -> "_Known":
        """Load it."""
        spots = sa.select(Spot).options(joinedload(Spot.site), joinedload(Spot.article))
        decisions = sa.select(Decision).options(joinedload(Decision.editor))
        return cls(
            sites=_by_id(session, sa.select(sites.Site), (event.site_id for event in told)),
            spots=_by_id(session, spots, (event.spot_id for event in told)),
            reports=_by_id(session, sa.select(Report), (event.report_id for event in told)),
            decisions=_by_id(session, decisions, (event.decision_id for event in told)),
            articles=_by_id(session, sa.select(Article), (event.article_id for event in told)),
        )

    def body(self, event: Event) -> Mapping[str, Any] | None:
        """Give what a program is told; None where that cannot be put into words.

        That is a fault of ours. It stands in the log, and keeps nothing else from being told.
        """
        if event.id not in self._said:
            try:
                self._said[event.id] = self._put(event)
            except (AttributeError, LookupError, TypeError, ValueError):
                log.exception("%s of spot %s cannot be told", event.kind, event.spot_id)
                self._said[event.id] = None
        return self._said[event.id]

    def _put(self, event: Event) -> Mapping[str, Any]:
        data: dict[str, Any] = {"site": Site.of(self.sites[event.site_id])}
        if event.spot_id is None:
            data["article"] = bodies.Article.of(self.articles[event.article_id])
        else:
            data["spot"] = bodies.Spot.of(self.spots[event.spot_id])
        if event.report_id is not None:
            data["report"] = bodies.Report.of(self.reports[event.report_id])
        if event.decision_id is not None:
            data["decision"] = bodies.Decision.of(self.decisions[event.decision_id])
        put = {"type": event.kind, "timestamp": event.at, "data": data}
        return EVENTS[event.kind].model_validate(put).model_dump(mode="json")

    def has(self, event: Event) -> bool:
        """Tell whether all that an event is about is still there."""
        return (
            event.article_id in self.articles
            and (event.spot_id is None or event.spot_id in self.spots)
            and (event.report_id is None or event.report_id in self.reports)
            and (event.decision_id is None or event.decision_id in self.decisions)
        )


@dataclass(frozen=True, slots=True)
class _Hearer:
    """A carrier with what it wants to hear."""

    carrier: Carrier
    wishes: Wishes

    def wants(self, event: Event, section: str) -> bool:
        """Tell whether it is to hear of this; what is gathered is about spots."""
        there = self.carrier.created_at <= event.at
        fits = event.spot_id is not None or self.wishes.rhythm is Rhythm.EACH
        return there and fits and self.wishes.hears(event.kind, section)


def fan(session: Session, at: datetime, undo: timedelta, most: int) -> bool:
    """Make letters of what happened and is due; True if there may be more. The caller commits.

    `undo`: how long a decision can be taken back without a word.
    """
    due = session.scalars(events.due(at, undo).limit(most).with_for_update()).all()
    hearers = _hearers(session, {event.site_id for event in due})
    told = [event for event in _newest(due) if event.site_id in hearers]
    known = _Known.of(session, told)
    for event in told:
        if known.has(event):
            section = known.articles[event.article_id].section
            for hearer in hearers[event.site_id]:
                if hearer.wants(event, section):
                    _tell(session, hearer, event, known, at)
    if due:
        done = sa.delete(Event).where(Event.id.in_([event.id for event in due]))
        session.execute(done, execution_options={"synchronize_session": False})
    return len(due) == most


def _newest(due: Sequence[Event]) -> list[Event]:
    """Leave out that a spot grew where it did so again."""
    last = {event.spot_id: event.id for event in due if event.kind is Happening.GREW}
    return [
        event
        for event in due
        if event.kind is not Happening.GREW or last[event.spot_id] == event.id
    ]


def _hearers(session: Session, site_ids: Iterable[int]) -> Mapping[int, list[_Hearer]]:
    """Give who hears, by site."""
    found: dict[int, list[_Hearer]] = defaultdict(list)
    for carrier in session.scalars(
        carriers.hearing().where(Carrier.site_id.in_(site_ids), _stands())
    ):
        found[carrier.site_id].append(_Hearer(carrier, Wishes.read(carrier.wishes)))
    return found


def _stands() -> sa.ColumnElement[bool]:
    """Whether a carrier is nobody's own, or its editor's who still belongs to the site."""
    own = sa.select(Subscription.carrier_id).where(Subscription.carrier_id == Carrier.id)
    member = (
        own.join(Editor, Editor.id == Subscription.editor_id)
        .join(Membership, Membership.editor_id == Editor.id)
        .where(Membership.site_id == Carrier.site_id, Editor.disabled_at.is_(None))
    )
    return ~own.exists() | member.exists()


def _by_id(
    session: Session, rows: sa.Select[_Row], ids: Iterable[int | None]
) -> Mapping[int, _Row]:
    entity = rows.column_descriptions[0]["entity"]
    wanted = {each for each in ids if each is not None}
    found = session.scalars(rows.where(entity.id.in_(wanted)), execution_options=_AS_IT_IS)
    return {row.id: row for row in found} if wanted else {}


_AS_IT_IS = {"populate_existing": True}


def _tell(session: Session, hearer: _Hearer, event: Event, known: _Known, at: datetime) -> None:
    """Write a letter, or gather what happened for one."""
    carrier, wishes = hearer.carrier, hearer.wishes
    then = wishes.next(at)
    if wishes.rhythm is Rhythm.EACH:
        thread = f"spot:{event.spot_id}" if event.spot_id is not None else ""
        body = known.body(event)
        if body is None:
            return
        outbox.write(session, carrier, event.kind, body, at=event.at, due_at=then, thread=thread)
        return
    assert event.spot_id is not None  # noqa: S101 -- nobody hears of anything else so
    session.add(
        Gathered(carrier_id=carrier.id, kind=event.kind, spot_id=event.spot_id, at=event.at)
    )
    _gather_by(session, carrier.id, then)


def _gather_by(session: Session, carrier_id: int, then: datetime) -> None:
    """Let what was gathered for a carrier be told by `then`.

    The carrier is locked even where it is told sooner: else who tells it at this moment would take
    it for told, and what was gathered here would be left.
    """
    at = sa.literal(then, Instant)
    session.execute(
        sa.update(Carrier)
        .where(Carrier.id == carrier_id)
        .values(gather_at=sa.case((Carrier.gather_at < at, Carrier.gather_at), else_=at))
        .execution_options(synchronize_session=False)
    )
