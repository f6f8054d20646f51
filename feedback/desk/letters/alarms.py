"""Alarms: fresh spots pile up, or a page gets many reports at once; told when it begins to.

Each is told once in `REST`, however long it goes on. Nothing here grows with a site's history: what
is looked at are the spots of the last hour, at most `_LOOKED` of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.articles.models import Article
from feedback.delivery import outbox
from feedback.delivery.contract import Office
from feedback.delivery.models import Carrier, Letter, Means
from feedback.delivery.wishes import Wishes
from feedback.desk import queue
from feedback.desk.models import Alarm
from feedback.reports.models import Report, Spot, Status

#: The kind of these letters.
ALARM = "alarm"
#: What `Alarm.about` is for the whole queue; else it is an article's id.
QUEUE = 0
#: Within how long spots and reports are counted.
SPAN = timedelta(hours=1)
#: For how long nobody is alarmed of the same again.
REST = timedelta(hours=6)
#: How many pages one look alarms of.
PAGES = 3
_LOOKED = 1000

#: How wishes say that they want no alarm; what is older does not speak of alarms at all.
_NONE = '"alarm_spots": 0, "alarm_reports": 0'


@dataclass(frozen=True, slots=True)
class Heap:
    """What piled up."""

    #: An article's id, or `QUEUE`.
    about: int
    count: int


@dataclass(frozen=True, slots=True)
class _Watch:
    """What a carrier is watching for."""

    site_id: int
    wishes: Wishes
    since: datetime

    def heaps(self, on: sa.Connection | Session) -> Iterator[Heap]:
        """Give what piled up, the queue first."""
        wishes = self.wishes
        if wishes.alarm_spots:
            count = on.scalar(self._fresh()) or 0
            if count >= wishes.alarm_spots:
                yield Heap(QUEUE, count)
        if wishes.alarm_reports:
            for article_id, count in on.execute(self._crowded()):
                yield Heap(article_id, count)

    def _fresh(self) -> sa.Select[int]:
        """Count the waiting spots that were opened lately."""
        lately = self._lately((Status.WAITING,)).subquery()
        return sa.select(sa.func.count()).where(lately.c.first_at > self.since)

    def _crowded(self) -> sa.Select[int, int]:
        """Select the articles that have many reports of late, with how many, most first."""
        lately = self._lately(tuple(Status)).subquery()
        many = sa.func.count(Report.id)
        return (
            sa.select(lately.c.article_id, many)
            .join(Report, Report.spot_id == lately.c.id)
            .where(Report.at > self.since)
            .group_by(lately.c.article_id)
            .having(many >= self.wishes.alarm_reports)
            .order_by(many.desc(), lately.c.article_id)
            .limit(PAGES)
        )

    def _lately(self, statuses: tuple[Status, ...]) -> sa.Select[int, int, datetime]:
        """Select the spots that were reported of late: by index, one status after another."""
        legs = [self._leg(status).subquery() for status in statuses]
        every = sa.union_all(*(sa.select(*leg.c) for leg in legs)).subquery()
        return sa.select(*every.c)

    def _leg(self, status: Status) -> sa.Select[int, int, datetime]:
        spots = sa.select(Spot.id, Spot.article_id, Spot.first_at).where(
            Spot.site_id == self.site_id, Spot.status == status, Spot.last_at > self.since
        )
        if self.wishes.sections:
            spots = spots.join(Article, Article.id == Spot.article_id).where(
                Article.section.in_(self.wishes.sections)
            )
        return spots.order_by(Spot.last_at.desc()).limit(_LOOKED)


def watching(after: int) -> sa.Select[int, int, str]:
    """Select the carriers that want alarms, with site and wishes, from an id on.

    The caller limits.
    """
    return (
        sa.select(Carrier.id, Carrier.site_id, Carrier.wishes)
        .where(Carrier.id > after, Carrier.off_at.is_(None), Carrier.means != Means.POST)
        .where(Carrier.wishes.contains('"alarm_'), ~Carrier.wishes.contains(_NONE))
        .order_by(Carrier.id)
    )


def rings(on: sa.Connection | Session, site_id: int, wishes: str, at: datetime) -> bool:
    """Tell whether anything piled up that a carrier with these wishes wants to hear of."""
    return any(_Watch(site_id, Wishes.read(wishes), at - SPAN).heaps(on))


def ring(session: Session, carrier_id: int, office: Office, at: datetime) -> list[Letter]:
    """Write the alarms that a carrier wants and has not had of late. The caller commits.

    Of two who do so at once the second finds the carrier locked, and leaves it.
    """
    carrier = session.scalar(
        sa.select(Carrier)
        .where(Carrier.id == carrier_id, Carrier.off_at.is_(None))
        .with_for_update(skip_locked=True)
    )
    if carrier is None:
        return []
    wishes = Wishes.read(carrier.wishes)
    heaps = list(_Watch(carrier.site_id, wishes, at - SPAN).heaps(session))
    return [
        outbox.write(
            session,
            carrier,
            ALARM,
            _body(session, carrier, heap, office, at),
            at=at,
            due_at=wishes.aloud(at),
        )
        for heap in heaps
        if _first(session, carrier_id, heap.about, at)
    ]


def _first(session: Session, carrier_id: int, about: int, at: datetime) -> bool:
    """Remember an alarm; tell whether there was none of the same of late."""
    alarm = session.get(Alarm, (carrier_id, about))
    if alarm is not None and alarm.at > at - REST:
        return False
    session.merge(Alarm(carrier_id=carrier_id, about=about, at=at))
    return True


def _body(
    session: Session, carrier: Carrier, heap: Heap, office: Office, at: datetime
) -> Mapping[str, Any]:
    desk = f"{office.base_url}/desk/sites/{carrier.site_id}/"
    body = {
        "site": {"id": carrier.site_id, "name": carrier.site.name, "link": desk},
        "count": heap.count,
        "hours": SPAN // timedelta(hours=1),
    }
    if heap.about == QUEUE:
        asked = queue.Query(
            (carrier.site_id,), since=(at - SPAN).replace(microsecond=0), order=queue.Order.NEWEST
        )
        return {**body, "about": "queue", "article": None, "link": f"{desk}?{asked.address()}"}
    article = session.get_one(Article, heap.about)
    busiest = (
        sa.select(Spot.id)
        .where(Spot.article_id == article.id, Spot.status != Status.MERGED)
        .order_by(Spot.readers.desc(), Spot.id)
        .limit(1)
    )
    return {
        **body,
        "about": "article",
        "article": {"title": article.title, "url": article.address},
        "link": f"{office.base_url}/desk/spots/{session.scalar(busiest)}",
    }


def forget(session: Session, at: datetime, most: int) -> bool:
    """Delete some of the alarms that keep nobody from hearing any more; True if there may be more.

    The caller commits. Others remember by the same table, for a day at the most.
    """
    old = sa.select(Alarm.carrier_id, Alarm.about).where(Alarm.at < at - timedelta(days=2))
    rows = session.execute(old.limit(most)).all()
    for carrier_id, about in rows:
        session.execute(
            sa.delete(Alarm).where(Alarm.carrier_id == carrier_id, Alarm.about == about)
        )
    return len(rows) == most
