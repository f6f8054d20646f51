"""A model of the desk: what the documents say of sites, reports and decisions, in plain Python.

It knows nothing of the service's code. `tests/model_machine.py` does the same to both and compares.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.makers import TEXT

STATUSES = ("waiting", "accepted", "fixed", "rejected", "snoozed")
#: What can follow what: the table in docs/desk.md.
FOLLOWS: Mapping[tuple[str, str], str] = {
    ("waiting", "accept"): "accepted",
    ("waiting", "fix"): "fixed",
    ("waiting", "reject"): "rejected",
    ("waiting", "snooze"): "snoozed",
    ("accepted", "fix"): "fixed",
    ("accepted", "reject"): "rejected",
    ("accepted", "reopen"): "waiting",
    ("fixed", "reopen"): "waiting",
    ("rejected", "accept"): "accepted",
    ("rejected", "fix"): "fixed",
    ("rejected", "reopen"): "waiting",
    ("snoozed", "accept"): "accepted",
    ("snoozed", "fix"): "fixed",
    ("snoozed", "reject"): "rejected",
    ("snoozed", "snooze"): "snoozed",
    ("snoozed", "reopen"): "waiting",
}
#: What a reader may select, as words and which of them, and what they should read. The first three
#: are the same words elsewhere; the last two lie over others.
PLACES: Sequence[tuple[str, int, tuple[str, ...]]] = (
    ("wrold", 0, ("world", "globe", "", "wrold")),
    ("wrold", 1, ("world", "globe", "", "wrold")),
    ("wrold", 2, ("world", "globe", "", "wrold")),
    ("teh", 0, ("the", "")),
    ("The wrold is round", 0, ("The world is round", "")),
    ("wrold is round, said the captain, and teh", 0, ("",)),
)
#: What a longer selection says of the words in it.
MEANT = {("The wrold is round", "The world is round"): ("wrold", "world")}
DAY = timedelta(days=1)


@dataclass(eq=False)
class Spot:
    """A place, with all that was concluded on it."""

    site: str
    article: int
    words: str
    span: tuple[int, int]
    id: int = 0
    status: str = "waiting"
    version: int = 1
    until: datetime | None = None
    into: "Spot | None" = None
    #: An editor's wording.
    said: str | None = None
    record: list["Decision"] = field(default_factory=list)
    first_at: datetime | None = None
    last_at: datetime | None = None
    #: What its readers said, while it had any.
    heard: str = ""

    @property
    def head(self) -> "Spot":
        """Where what is reported here lands."""
        return self.into.head if self.into else self

    @property
    def standing(self) -> "Decision | None":
        """The decision that an undo would take back."""
        able = (each for each in self.record if each.kind not in {"undo", "wake"})
        return next((each for each in reversed([*able]) if not each.undone), None)

    @property
    def reason(self) -> str | None:
        """Why it is rejected, while it is."""
        able = (each for each in self.record if each.kind not in {"undo", "wake", "split"})
        last = next((each for each in reversed([*able]) if not each.undone), None)
        return last.reason if last and self.status == "rejected" else None


@dataclass(eq=False)
class Decision:
    """What was concluded, and what the spot was before."""

    kind: str
    by: str
    before: tuple[str, datetime | None, str | None]
    reason: str | None = None
    note: str = ""
    into: Spot | None = None
    until: datetime | None = None
    undone: bool = False


@dataclass(eq=False)
class Report:
    """What a reader sent, and the decisions that have brought it where it is."""

    body: dict[str, Any]
    site: str
    spot: Spot
    #: What its reader was told.
    told: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    way: list[Decision] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(self.body["id"])

    @property
    def words(self) -> str:
        return str(self.body["quote"]["exact"])

    def vote(self, words: str) -> str:
        """What it says that these words should read."""
        correction = self.body["correction"]
        if self.words == words:
            return "" if correction == words else correction
        meant, text = MEANT.get((self.words, correction), ("", ""))
        return text if meant == words else ""


class Model:
    """Two sites, their readers and their editors."""

    def __init__(self) -> None:
        self.spots: list[Spot] = []
        self.reports: list[Report] = []

    def at(self, site: str) -> list[Spot]:
        """The spots of a site."""
        return [spot for spot in self.spots if spot.site == site]

    def on(self, spot: Spot) -> list[Report]:
        """A spot's reports, oldest first."""
        return [report for report in self.reports if report.spot is spot]

    def correction(self, spot: Spot) -> str:
        """An editor's wording, else what most readers say, else nothing."""
        if spot.said is not None:
            return spot.said
        if not self.on(spot):
            return spot.heard
        votes = Counter(vote for report in self.on(spot) if (vote := report.vote(spot.words)))
        return max(votes, key=lambda vote: votes[vote], default="")

    # What readers do.

    def send(self, site: str, article: int, place: int, body: dict[str, Any]) -> Report:
        """Take a report: it lands on the spot that it lies over, of the same words first."""
        words, nth, _ = PLACES[place]
        there = span(words, nth)
        over = [
            spot
            for spot in self.at(site)
            if spot.article == article and min(spot.span[1], there[1]) > max(spot.span[0], there[0])
        ]
        found = min(over, key=lambda spot: (spot.words != words, spot.id), default=None)
        if found is None:
            found = Spot(site, article, words, there)
            self.spots.append(found)
        report = Report(body, site, found.head)
        self.reports.append(report)
        return report

    def dated(self, report: Report, at: datetime) -> None:
        """Take in when a report was taken."""
        report.at = at
        self._date(report.spot)

    def _date(self, *spots: Spot) -> None:
        for spot in spots:
            times = [report.at for report in self.on(spot) if report.at]
            if times:  # a spot whose reports have gone keeps its times, and what they said
                spot.first_at, spot.last_at = min(times), max(times)
                said, spot.said = spot.said, None
                spot.heard, spot.said = self.correction(spot), said

    # What editors do.

    def refused(
        self,
        spot: Spot,
        kind: str,
        into: Spot | None = None,
        reports: Sequence[Report] = (),
        reason: str | None = None,
    ) -> str | None:
        """Which field makes a decision impossible; None where it is possible."""
        if kind == "undo":
            return self._no_undo(spot)
        follows = {(spot.status, "merge"), (spot.status, "split")} | FOLLOWS.keys()
        faults = {
            "kind": spot.status == "merged" or (spot.status, kind) not in follows,
            "reason": kind == "reject" and reason is None,
            "into": kind == "merge" and not self._mergeable(spot, into),
            "reports": kind == "split" and not 0 < len(reports) < len(self.on(spot)),
        }
        return next((field for field, wrong in faults.items() if wrong), None)

    @staticmethod
    def _mergeable(spot: Spot, into: Spot | None) -> bool:
        if into is None or into is spot or into.status == "merged":
            return False
        return (into.site, into.article) == (spot.site, spot.article)

    @staticmethod
    def _no_undo(spot: Spot) -> str | None:
        last = spot.standing
        over = last and last.kind == "split" and last.into and last.into.standing
        return "kind" if last is None or over else None

    def decide(
        self,
        spot: Spot,
        decision: Decision,
        correction: str | None = None,
        reports: Sequence[Report] = (),
    ) -> None:
        """Decide, where that is possible."""
        shown = self.correction(spot)
        kind = decision.kind
        spot.record.append(decision)
        spot.version += 1
        if kind == "undo":
            self._undo(spot)
            return
        if kind == "merge" and decision.into:
            spot.status, spot.until, spot.into = "merged", None, decision.into
            self._bring(self.on(spot), decision, decision.into)
        elif kind == "split":
            decision.into = self._split(spot, decision, reports)
        else:
            spot.status = "waiting" if kind == "wake" else FOLLOWS[spot.status, kind]
            spot.until = decision.until
        if correction not in {None, shown}:
            spot.said = correction

    def _bring(self, reports: Iterable[Report], decision: Decision, to: Spot) -> None:
        for report in reports:
            report.way.append(decision)
            report.spot = to
        self._date(to)

    def _split(self, spot: Spot, decision: Decision, reports: Sequence[Report]) -> Spot:
        first = min(reports, key=self.reports.index)
        place = first.body["position"]
        new = Spot(spot.site, spot.article, first.words, (place["start"], place["end"]))
        self.spots.append(new)
        self._bring(reports, decision, new)
        self._date(spot)
        return new

    def _undo(self, spot: Spot) -> None:
        last = spot.standing
        assert last
        last.undone = True
        spot.status, spot.until, said = last.before
        if spot.said is not None:
            spot.said = said
        if last.kind == "merge":
            self._unmerge(spot, last)
        elif last.kind == "split" and last.into:
            self._unsplit(spot, last, last.into)

    def _unmerge(self, spot: Spot, merged: Decision) -> None:
        """Take those reports back that have gone nowhere since but along with where they went."""
        left = spot.head
        spot.into = None
        for report in self.reports:
            if merged in report.way:
                n = report.way.index(merged)
                along = all(each.kind == "merge" for each in report.way[n:])
                report.way[n:] = [] if along else report.way[n + 1 :]
                report.spot = spot if along else report.spot
        self._date(spot, left)

    def _unsplit(self, spot: Spot, split: Decision, new: Spot) -> None:
        for report in self.reports:
            report.way = [each for each in report.way if each is not split]
            if report.spot is new:
                report.spot = spot
        new.status, new.into, new.version = "merged", spot, new.version + 1
        self._date(spot)

    def wake(self, at: datetime) -> Iterator[Spot]:
        """Let what is snoozed until then wait again."""
        for spot in self.spots:
            if spot.status == "snoozed" and spot.until and spot.until <= at:
                self.decide(spot, Decision("wake", "clock", state(spot)))
                yield spot

    # What is to be seen.

    def listed(
        self, site: str, statuses: Sequence[str], order: str = "newest", readers: int = 0
    ) -> list[int]:
        """The ids of what a query finds, in its order."""
        found = [
            spot
            for spot in self.at(site)
            if spot.status in statuses and len(self.on(spot)) >= readers
        ]
        return [spot.id for spot in sorted(found, key=lambda spot: self._place(spot, order))]

    def _place(self, spot: Spot, order: str) -> tuple[float, ...]:
        if order == "article":
            return (-self._age(spot), spot.span[0], spot.id)
        if order == "most-reported":
            return (-len(self.on(spot)), -spot.id)
        assert spot.last_at
        return (-spot.last_at.timestamp(), -spot.id)

    def _age(self, spot: Spot) -> int:
        """The how-manieth article of its site it is in, by when it was first reported."""
        seen = list(dict.fromkeys(each.article for each in self.at(spot.site)))
        return seen.index(spot.article)


def span(words: str, nth: int) -> tuple[int, int]:
    """Where the nth of these words stand in the article."""
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(words, start + 1)
    return start, start + len(words)


def state(spot: Spot) -> tuple[str, datetime | None, str | None]:
    """What an undo brings back."""
    return spot.status, spot.until, spot.said
