"""A newspaper's years: a site's spots with their articles, reports and decisions, among others'.

All of it is drawn by chance, the same each time. Of 100 reports some 72 name a place of their own;
nearly all of the spots are fixed or rejected, and what waits is mostly new.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count

import sqlalchemy as sa

from bench import bulk, vocabulary
from bench.bodies import ORIGIN
from bench.bulk import Cell
from feedback.anchoring.slips import slip
from feedback.db import now
from feedback.desk import index, search, terms
from feedback.desk.models import Reason

#: The site that is measured, and how many others there are, each with a hundredth as much.
SITE, OTHERS = 1, 10
#: How many spots there are for a report, and articles for a spot.
SPOTS, _ARTICLES = 0.72, 0.07
#: How many spots wait, at the most, and which part of the spots.
WAITING, _MOST = 2000, 0.4
#: A word that so many of the waiting spots have, and a phrase that as many have, of words that a
#: tenth of all reports have.
FEW, RARE, RARE_PHRASE = 5, "zugzwang", "edition second"
#: What a tenth of the readers ends with.
PHRASE, _PHRASED = "in the second edition", 0.1

_YEARS = timedelta(days=3 * 365)
_AT_ONCE = 10_000
_SECTIONS = "News Politics Economy Sport Culture Science Opinion Local".split()
#: How many readers a spot has, by their shares.
_READERS = {1: 82, 2: 11, 3: 4, 5: 2, 10: 0.8, 40: 0.2}
#: What has been decided, by its share.
_DECIDED = {"fixed": 65, "rejected": 29, "merged": 3, "accepted": 2, "snoozed": 1}
_KINDS = {
    "fixed": "fix",
    "rejected": "reject",
    "merged": "merge",
    "accepted": "accept",
    "snoozed": "snooze",
}
_PRESENCES = {"waiting": "still", "accepted": "still", "fixed": "changed"}


@dataclass(frozen=True, slots=True)
class _Report:
    id: int
    correction: str
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Spot:
    id: int
    site_id: int
    article_id: int
    status: str
    exact: str
    correction: str
    reports: Sequence[_Report]
    at: datetime
    merged_into: int | None

    @property
    def last_at(self) -> datetime:
        return self.reports[-1].at if self.reports else self.at

    @property
    def slip(self) -> str:
        return _slip(self.exact, self.correction)


def fill(engine: sa.Engine, reports: int) -> None:
    """Put about so many reports at `SITE`, and all that belongs to them, into an empty database."""
    press = Press(reports, postgres=engine.dialect.name == "postgresql")
    with bulk.filling(engine) as connection:
        for table, columns, rows in press.tables():
            bulk.put(connection, table, columns, rows)


_slip = cache(lambda exact, correction: str(slip(exact, correction) or ""))
_terms = cache(lambda text: terms.document([text]))


@dataclass
class Press:
    """All that is put into a database, part by part."""

    reports: int
    postgres: bool
    chance: random.Random = field(default_factory=lambda: random.Random("a newspaper"))

    def __post_init__(self) -> None:
        self._spots = max(int(self.reports * SPOTS), FEW + 5)
        self._all = int(self._spots / (1 - OTHERS / 100))
        self._waiting = int(min(WAITING, _MOST * self._spots))
        self._articles = max(int(self._all * _ARTICLES), 10)
        self._end = now().replace(microsecond=0) - timedelta(hours=1)
        self._ids = count(1)
        self._few = 0
        self._langs: list[str] = []
        self._titles: list[str] = []
        self._sites: list[int] = []
        self._heads: dict[int, int] = {}
        self._pool: dict[str, list[str]] = {}
        self._slips: dict[str, list[tuple[str, str]]] = {}

    def tables(self) -> Iterator[tuple[str, Sequence[str], Iterator[Sequence[Cell]]]]:
        """Give rows by their table and its columns, in an order that foreign keys allow."""
        yield "site", ("id", "name", "created_at"), self._site_rows()
        yield "origin", ("id", "site_id", "origin"), self._origin_rows()
        yield "article", _ARTICLE, self._article_rows()
        self._prepare()
        begun = self._end - _YEARS
        for first in range(0, self._all, _AT_ONCE):
            spots = [self._spot(n, begun) for n in range(first, min(first + _AT_ONCE, self._all))]
            yield "spot", _SPOT, map(_spot_row, spots)
            yield "report", _REPORT, (row for spot in spots for row in self._report_rows(spot))
            decided = (spot for spot in spots if spot.status != "waiting")
            yield "decision", _DECISION, map(self._decision_row, decided)
            yield "spot_words", ("spot_id", "site_id", "words"), map(self._words_row, spots)

    def _site_rows(self) -> Iterator[Sequence[Cell]]:
        for number in range(SITE, SITE + 1 + OTHERS):
            yield (
                number,
                "Paper" if number == SITE else f"Paper {number}",
                _time(self._end - _YEARS),
            )

    def _origin_rows(self) -> Iterator[Sequence[Cell]]:
        for number in range(SITE, SITE + 1 + OTHERS):
            yield number, number, ORIGIN if number == SITE else f"https://{number}.example"

    def _article_rows(self) -> Iterator[Sequence[Cell]]:
        langs = self.chance.choices(
            list(vocabulary.SHARES), list(vocabulary.SHARES.values()), k=self._articles
        )
        for number, lang in enumerate(langs, 1):
            words = vocabulary.of(lang).some(self.chance, self.chance.randint(5, 11))
            title = " ".join(words).capitalize()
            elsewhere = number % 100 < OTHERS
            site_id = SITE + 1 + number % 100 if elsewhere else SITE
            self._sites.append(site_id)
            self._langs.append(lang)
            self._titles.append(title)
            author = f"{_SECTIONS[number % 5]} Writer {number % 40}"
            at = self._end - _YEARS * (1 - number / self._articles)
            address = f"{ORIGIN}/{lang}/{number}"
            section = _SECTIONS[number % len(_SECTIONS)]
            yield number, site_id, address, title, lang, author, section, "", _time(at), *_UNSEEN

    def _prepare(self) -> None:
        """Write the comments and the slips that reports are drawn from."""
        self._of_site = {
            here: [n for n, site in enumerate(self._sites) if (site == SITE) is here]
            for here in (True, False)
        }
        some = min(2000, self._all)
        for lang in vocabulary.SHARES:
            words = vocabulary.of(lang)
            self._pool[lang] = [
                " ".join(words.some(self.chance, self.chance.randint(4, 14))) for _ in range(some)
            ]
            right = [word for word in words.some(self.chance, 3 * some) if len(word) > 3]
            self._slips[lang] = [(vocabulary.slipped(self.chance, word), word) for word in right]

    def _spot(self, number: int, begun: datetime) -> _Spot:
        """Draw the spot `number` of all; the last ones are the newest."""
        chance = self.chance
        articles = self._of_site[chance.random() >= OTHERS / 100] or self._of_site[True]
        near = len(articles) * number // self._all - int(chance.expovariate(1 / 20))
        article = articles[max(near, 0)]
        site_id, lang = self._sites[article], self._langs[article]
        at = begun + _YEARS * (number / self._all)
        status = self._status(number)
        head = self._heads.get(article)
        if status == "merged" and head is None:
            status = "fixed"
        wrong, right = chance.choice(self._slips[lang])
        correction = right if chance.random() < 0.85 else ""
        reports: list[_Report] = []
        if status != "merged":
            rare = status == "waiting" and site_id == SITE and number > self._all // 2
            reports = self._reports(lang, correction, at, rare=rare)
            self._heads[article] = number + 1
        into = head if status == "merged" else None
        return _Spot(number + 1, site_id, article + 1, status, wrong, correction, reports, at, into)

    def _status(self, number: int) -> str:
        left, waiting = self._all - number, self._waiting
        new = left <= waiting
        share = 0.8 if new else 0.2 * waiting / (self._all - waiting)
        if self.chance.random() < share:
            return "waiting"
        return self.chance.choices(list(_DECIDED), list(_DECIDED.values()))[0]

    def _reports(self, lang: str, correction: str, at: datetime, *, rare: bool) -> list[_Report]:
        chance, found = self.chance, []
        readers = chance.choices(list(_READERS), list(_READERS.values()))[0]
        for nth in range(readers):
            comment = chance.choice(self._pool[lang]) if chance.random() < 0.3 else ""
            if chance.random() < _PHRASED:
                comment = f"{comment} {PHRASE}".strip()
            elif rare and self._few < 2 * FEW:
                comment = RARE if self._few % 2 else RARE_PHRASE
                self._few += 1
                rare = False
            later = timedelta(minutes=nth * chance.randint(1, 200))
            moment = min(at + later, self._end + timedelta(minutes=59))
            found.append(_Report(next(self._ids), correction, comment, moment))
        return sorted(found, key=lambda report: (report.at, report.id))

    def _report_rows(self, spot: _Spot) -> Iterator[Sequence[Cell]]:
        lang, address = self._langs[spot.article_id - 1], f"{ORIGIN}/{spot.article_id}"
        for nth, report in enumerate(spot.reports, 1):
            yield (
                report.id,
                f"{self.chance.getrandbits(128):032x}",
                self.chance.randbytes(32),
                spot.site_id,
                spot.id,
                _time(report.at),
                address,
                lang,
                *_place(spot),
                report.correction,
                report.comment,
                report.correction,
                "",
                "",
                nth,
                "waiting",
                spot.exact,
                "",
                "",
                "",
            )

    def _decision_row(self, spot: _Spot) -> Sequence[Cell]:
        reason = self.chance.choice(list(Reason)).value if spot.status == "rejected" else None
        at = spot.last_at + timedelta(hours=1)
        until = _time(at + timedelta(days=3000)) if spot.status == "snoozed" else None
        kind = _KINDS[spot.status]
        into = spot.merged_into
        before = ("waiting", spot.status, spot.correction, 0)
        return spot.id, spot.id, kind, reason, "", "", "", _time(at), "", into, until, *before

    def _words_row(self, spot: _Spot) -> Sequence[Cell]:
        """Write what a spot is found by, as `desk.index` does, and most of it once for all."""
        own = [spot.exact, "", spot.correction, self._titles[spot.article_id - 1]]
        newest = sorted(spot.reports, key=lambda report: -report.id)[: index.HEARD]
        said = [text for report in newest for text in (report.correction, report.comment)]
        document = [term for text in dict.fromkeys(own + said) for term in _terms(text)]
        return spot.id, spot.site_id, self._write(spot.id, spot.site_id, document)

    @property
    def _write(self) -> Callable[[int, int, Sequence[str]], str]:
        return search._vector if self.postgres else search._line  # noqa: SLF001 -- as it writes


def _spot_row(spot: _Spot) -> Sequence[Cell]:
    readers, last = len(spot.reports), spot.last_at
    moved = None if spot.status == "waiting" else _time(last + timedelta(hours=1))
    snoozed = _time(last + timedelta(days=3000)) if spot.status == "snoozed" else None
    return (
        spot.id,
        spot.site_id,
        spot.article_id,
        spot.status,
        _PRESENCES.get(spot.status, "gone" if spot.id % 3 else "still"),
        *_place(spot),
        spot.exact,
        spot.correction,
        0,
        readers,
        _time(spot.at),
        _time(last),
        1 if spot.status == "waiting" else 2,
        spot.merged_into,
        snoozed,
        moved,
        spot.slip,
        index.urgency(readers, last, spot.slip),
        *_NOTHING,
    )


def _place(spot: _Spot) -> Sequence[Cell]:
    """Give where a spot is: its context, and its place."""
    around, start = f" {spot.exact} and what stands around it ", spot.id * 37 % 9000
    return around, around, start, start + len(spot.exact), 9120


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


_UNSEEN: tuple[Cell, ...] = (0, "", 0, "", "", "")
_ARTICLE = (
    *("id", "site_id", "address", "title", "lang", "author", "section", "canonical", "created_at"),
    *("step", "trouble", "failures", "etag", "last_modified", "digest"),
)
_PLACE = ("prefix", "suffix", "start", "end", "length")
_NOTHING: tuple[Cell, ...] = (0, 0, "", "", "", "", "")
_SPOT = (
    *("id", "site_id", "article_id", "status", "presence", *_PLACE, "exact", "correction"),
    *("settled", "readers", "first_at", "last_at", "version", "merged_into_id"),
    *("snoozed_until", "moved_at", "slip", "urgency"),
    *("stale", "looks", "reads", "place", "about", "about_text", "about_url"),
)
_REPORT = (
    *("id", "uid", "digest", "site_id", "spot_id", "at", "url", "lang", *_PLACE, "correction"),
    *("comment", "vote", "kind", "email", "told_readers", "told_status"),
    *("exact", "about", "about_text", "about_url"),
)
_DECISION = (
    *("id", "spot_id", "kind", "reason", "label", "sentence", "note", "at", "became", "into_id"),
    *("until", "status_before", "status_after", "correction_before", "settled_before"),
)
