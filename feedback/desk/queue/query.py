"""Queries: which spots an editor asks for, as it stands in the address."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa

from feedback.anchoring.locate import Presence
from feedback.anchoring.slips import Slip
from feedback.articles.models import Article
from feedback.db import now
from feedback.desk import search, terms
from feedback.reports.models import Kind, Report, Spot, Status

#: Every status at once. Merged spots are left out: their reports are on others.
ANY = tuple(status for status in Status if status is not Status.MERGED)
#: Longest text of a filter, in characters.
LONGEST = 200
#: Names for ages, in days.
AGES = {"day": 1, "week": 7, "month": 30}
_DAY = timedelta(days=1)


class Order(StrEnum):
    """How the queue is ordered."""

    URGENT = "urgent"
    NEWEST = "newest"
    MOST_REPORTED = "most-reported"
    ARTICLE = "article"


class BadQuery(ValueError):
    """A query that cannot be asked: the value of `field` is none that it takes."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Query:
    """Which spots are asked for: all that every one of these says of them."""

    sites: tuple[int, ...]
    statuses: tuple[Status, ...] = (Status.WAITING,)
    presence: Presence | None = None
    slip: Slip | None = None
    #: What a reader said that the mistake is.
    kind: Kind | None = None
    #: Of the article.
    section: str = ""
    author: str = ""
    #: BCP 47: `en` is any English.
    lang: str = ""
    #: When it was reported last: from `since` on, before `until`.
    since: datetime | None = None
    until: datetime | None = None
    #: Reported within so many days.
    age: int | None = None
    #: At least so many.
    readers: int = 0
    #: Words to search for. What is found comes newest first, whatever the order.
    q: str = ""
    order: Order = Order.URGENT

    @classmethod
    def read(cls, site_id: int | Sequence[int], args: Mapping[str, str]) -> "Query":
        """Read a query of one site, or of several, from an address's arguments.

        Those that are no part of a query are let be. Raises BadQuery.
        """
        sites = (site_id,) if isinstance(site_id, int) else tuple(dict.fromkeys(site_id))
        values: dict[str, Any] = {}
        for name, reading in _READ.items():
            text = args.get(name, "").strip()
            if text:
                values[_FIELDS.get(name, name)] = _value(name, reading, text)
        return cls(sites, **values)

    @classmethod
    def written(cls, site_id: int | Sequence[int], text: str) -> "Query":
        """Read what `address` wrote. Raises BadQuery."""
        return cls.read(site_id, dict(parse_qsl(text)))

    def address(self) -> str:
        """Write the query for an address: what is as it is by default is left out."""
        return urlencode(self.args())

    def args(self) -> dict[str, str]:
        """Give the query as an address's arguments, which `read` reads."""
        usual = Query(self.sites)
        return {
            name: write(getattr(self, field))
            for name, write in _WRITTEN.items()
            if getattr(self, field := _FIELDS.get(name, name)) != getattr(usual, field)
        }

    @property
    def site_id(self) -> int:
        """The site that is asked; the first of several."""
        return self.sites[0]

    @property
    def wanted(self) -> list[terms.Phrase]:
        """What is searched for; empty where nothing is, or nothing that a text can have."""
        return terms.asked(self.q)

    @property
    def filters(self) -> bool:
        """Whether more is asked for than a status."""
        usual = Query(self.sites, self.statuses, order=self.order)
        return self != usual

    def matching(self) -> sa.Select[Spot]:
        """Select all spots that are asked for, in no order. The caller limits."""
        spots = (
            sa.select(Spot)
            .join(Spot.article)
            .where(Spot.site_id.in_(self.sites), Spot.status.in_(self.statuses))
            .where(*self.when(), *self.crowd(), *self.rest())
        )
        if not self.q:
            return spots
        return spots.where(sa.or_(*(search.among(site, self.wanted) for site in self.sites)))

    def when(self) -> list[sa.ColumnElement[bool]]:
        """Give what is asked of the time at which a spot was reported last."""
        since = [moment for moment in (self.since, self._youngest()) if moment]
        found = [Spot.last_at >= moment for moment in since]
        return [*found, Spot.last_at < self.until] if self.until else found

    def _youngest(self) -> datetime | None:
        return now() - self.age * _DAY if self.age else None

    def crowd(self) -> list[sa.ColumnElement[bool]]:
        """Give what is asked of the number of readers."""
        return [Spot.readers >= self.readers] if self.readers else []

    def rest(self) -> list[sa.ColumnElement[bool]]:
        """Give what else is asked of a spot and its article, besides site, status and words."""
        same = {
            Spot.presence: self.presence,
            Spot.slip: self.slip,
            Article.section: self.section,
            Article.author: self.author,
        }
        found: list[sa.ColumnElement[bool]] = [col == value for col, value in same.items() if value]
        if self.lang:
            lang = sa.func.lower(Article.lang)
            found.append((lang == self.lang) | lang.startswith(f"{self.lang}-"))
        if self.kind:
            said = sa.select(Report.id).where(Report.spot_id == Spot.id, Report.kind == self.kind)
            found.append(said.exists())
        return found


def _value(name: str, reading: Callable[[str], Any], text: str) -> Any:
    if len(text) > LONGEST:
        raise BadQuery(name, f"is longer than {LONGEST} characters")
    if "\x00" in text or any("\ud800" <= part <= "\udfff" for part in text):
        raise BadQuery(name, "is no text")
    try:
        return reading(text)
    except (ValueError, OverflowError):
        raise BadQuery(name, "has no such value") from None


def _statuses(text: str) -> tuple[Status, ...]:
    if text == "any":
        return ANY
    chosen = {Status(each) for each in text.split(",")}
    return tuple(status for status in Status if status in chosen)


def _lang(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", text):
        raise ValueError
    return text.lower()


def _number(text: str, most: int = 10**9) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > most:
        raise ValueError
    return int(text)


def _age(text: str) -> int | None:
    return AGES.get(text) or _number(text, 36_500) or None


def _since(text: str) -> datetime:
    """Read a day, from whose beginning in UTC, or a time as RFC 3339 has it."""
    moment = datetime.fromisoformat(text)
    if len(text) == 10:
        return moment.replace(tzinfo=UTC)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _until(text: str) -> datetime:
    """Read a day, until whose end in UTC, or a time."""
    return _since(text) + (_DAY if len(text) == 10 else timedelta(0))


def _written_since(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    midnight = moment.time() == moment.min.time()
    return (moment.date() if midnight else moment).isoformat().replace("+00:00", "Z")


def _written_until(moment: datetime) -> str:
    text = _written_since(moment)
    return (date.fromisoformat(text) - _DAY).isoformat() if len(text) == 10 else text


def _written_age(days: int) -> str:
    return next((name for name, length in AGES.items() if length == days), str(days))


def _written_statuses(statuses: tuple[Status, ...]) -> str:
    return "any" if statuses == ANY else ",".join(statuses)


#: What a field is called in the address, where that is not its own name.
_FIELDS = {"status": "statuses"}
#: How each part of an address is read, and how it is written.
_READ: dict[str, Callable[[str], Any]] = {
    "status": _statuses,
    "presence": Presence,
    "slip": Slip,
    "kind": Kind,
    "section": str,
    "author": str,
    "lang": _lang,
    "since": _since,
    "until": _until,
    "age": _age,
    "readers": _number,
    "q": str,
    "order": Order,
}
_WRITTEN: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(_READ, str),
    "status": _written_statuses,
    "since": _written_since,
    "until": _written_until,
    "age": _written_age,
}
