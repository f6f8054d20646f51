"""Corrections: what a site tells everybody of the mistakes that were mended in its articles.

Told is what is beyond doubt. Of a spot that is fixed, and whose decision cannot be undone on the
quiet any more, it is said what the article said, and what it was seen to say since. Where no look
can tell, it is what an editor said or confirmed. What only readers said is never told, no comment
is, and nothing of images and links.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.anchoring import words
from feedback.anchoring.locate import Presence
from feedback.anchoring.words import Piece
from feedback.articles.models import Article
from feedback.desk import queue
from feedback.desk.cards import surroundings
from feedback.desk.models import Decision, Kind
from feedback.reports.models import Spot, Status

#: How many spots are looked at for one page at the most.
LOOKED = 200
#: What a count stops at.
COUNTED = 1000

#: As the partial indexes say it: with values that are bound, none of them would be of use.
_FIXED = sa.text("spot.status = 'fixed' AND spot.about = ''")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadPlace(ValueError):
    """A place in the list that this one did not give."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: at what is older than the spot with these keys."""

    moved_at: datetime
    id: int

    def __str__(self) -> str:
        """Write the place for an address."""
        micros = (self.moved_at - _EPOCH) // timedelta(microseconds=1)
        return base64.urlsafe_b64encode(f"{micros}.{self.id}".encode()).rstrip(b"=").decode()

    @classmethod
    def read(cls, text: str) -> "Place":
        """Read what `str` wrote. Raises BadPlace."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
            micros, number = (int(part) for part in raw.split("."))
            moved_at = _EPOCH + timedelta(microseconds=micros)
        except (binascii.Error, ValueError, OverflowError):
            raise BadPlace from None
        if not 0 <= number < 2**63:
            raise BadPlace
        return cls(moved_at, number)


@dataclass(frozen=True, slots=True)
class Correction:
    """A mistake that was mended."""

    spot: Spot
    said: str
    #: What the article says instead; empty where the words were taken out.
    says: str
    #: When it was decided that it is mended.
    at: datetime

    @property
    def id(self) -> int:
        """What it is known by: its spot's id."""
        return self.spot.id

    @property
    def article(self) -> Article:
        """Where it was."""
        return self.spot.article

    @property
    def link(self) -> str:
        """The article's address; where a look has found the place, what leads to it."""
        place = f"#{self.spot.place}" if self.spot.place else ""
        return self.article.address + place

    @property
    def pieces(self) -> list[Piece]:
        """How what it said became what it says."""
        return words.difference(self.said, self.says)

    @property
    def around(self) -> tuple[str, str]:
        """What stands before and after it in its sentence."""
        return surroundings(self.spot)


@dataclass(frozen=True, slots=True)
class Page:
    """Corrections, newest first, and where those begin that are older, if there are any."""

    corrections: list[Correction]
    older: Place | None


def page(
    session: Session,
    site_id: int,
    until: datetime,
    place: Place | None = None,
    limit: int = 50,
    *,
    article_id: int | None = None,
) -> Page:
    """Give a page of a site's corrections, or of one article's.

    What was decided after `until` can still be undone, and is left out. Some spots are looked at,
    and if need be `LOOKED`; where they give fewer than `limit` corrections the page is short, and
    the next one goes on.
    """
    seen = Page([], None)
    for most in (min(2 * limit, LOOKED), LOOKED):
        seen = _look(session, fixed(site_id, until, place, article_id, most), limit, most)
        if len(seen.corrections) == limit or seen.older is None:
            break
    return seen


def _look(session: Session, found: sa.Select[Spot], limit: int, most: int) -> Page:
    spots = session.scalars(found).all()
    told = _told(spots[:most], _verdicts(session, spots[:most]))
    if len(told) > limit:
        return Page(told[:limit], _place(told[limit - 1].spot))
    return Page(told, _place(spots[most - 1]) if len(spots) > most else None)


def fixed(
    site_id: int,
    until: datetime,
    place: Place | None = None,
    article_id: int | None = None,
    most: int = LOOKED,
) -> sa.Select[Spot]:
    """Select the `most` spots that are looked at for a page, and one more, with their articles."""
    keys = sa.tuple_(Spot.moved_at, Spot.id)
    spots = _mended(site_id, until)
    if article_id is not None:
        spots = spots.where(Spot.article_id == article_id)
    if place is not None:
        spots = spots.where(keys < sa.tuple_(*_bound(place)))
    return (
        spots.order_by(Spot.moved_at.desc(), Spot.id.desc())
        .limit(most + 1)
        .options(joinedload(Spot.article, innerjoin=True))
    )


def _mended(site_id: int, until: datetime) -> sa.Select[Spot]:
    """Select the spots about words that are fixed, unless the words were seen to stand still."""
    return sa.select(Spot).where(
        Spot.site_id == site_id,
        _FIXED,
        Spot.moved_at <= until,
        Spot.presence != Presence.STILL,
    )


def _bound(place: Place) -> tuple[Any, Any]:
    return sa.literal(place.moved_at, Spot.moved_at.type), sa.literal(place.id, Spot.id.type)


def _place(spot: Spot) -> Place | None:
    return Place(spot.moved_at, spot.id) if spot.moved_at else None


def _verdicts(session: Session, spots: Iterable[Spot]) -> dict[int, Decision]:
    ids = [spot.id for spot in spots]
    found: Iterable[Decision] = session.scalars(queue.verdicts(ids)) if ids else ()
    return {decision.spot_id: decision for decision in found}


def _told(spots: Iterable[Spot], verdicts: Mapping[int, Decision]) -> list[Correction]:
    found: list[Correction] = []
    for spot in spots:
        decision = verdicts.get(spot.id)
        says = reads(spot, decision) if decision else None
        if decision and says is not None and says != spot.exact:
            found.append(Correction(spot, spot.exact, says, decision.at))
    return found


def reads(spot: Spot, decision: Decision) -> str | None:
    """Give what an article says in a fixed spot's place; None where nobody knows for sure.

    1. What the look saw by which the spot was closed; it stands whatever is written there later.
    2. What a look sees there now. The words standing still, or the passage being gone, is no
       correction.
    3. Where looks cannot tell: an editor's own words, or what was there to be seen when an editor
       called it fixed.
    """
    if decision.kind is not Kind.FIX or decision.status_after is not Status.FIXED:
        return None
    if decision.editor_id is None:
        return decision.became
    if spot.presence is Presence.CHANGED:
        return spot.reads
    if spot.presence in {Presence.STILL, Presence.GONE}:
        return None
    return (spot.correction if spot.settled else decision.correction_before) or None


def counted(session: Session, site_id: int, since: datetime, until: datetime) -> tuple[int, bool]:
    """Count what was mended from one moment to another; tell whether there may be more."""
    spots = _mended(site_id, until).where(Spot.moved_at >= since)
    newest = spots.with_only_columns(Spot.id).order_by(Spot.moved_at.desc())  # by the index
    some = newest.limit(COUNTED + 1).subquery()
    number = session.scalar(sa.select(sa.func.count()).select_from(some)) or 0
    return min(number, COUNTED), number > COUNTED


def article(session: Session, site_id: int, address: str) -> Article | None:
    """Give the article of a site that is known by an address."""
    theirs = sa.select(Article).where(Article.site_id == site_id, Article.address == address)
    return session.scalar(theirs)
