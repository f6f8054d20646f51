"""Exports: spots with all that was said of them, one after the other, in forms for other programs.

Spots come in the order of their ids, and however many there are, some at a time are in memory. So
are a spot's reports. What is written is what the API answers: its fields, its names.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.cli import tables
from feedback.desk import bodies
from feedback.desk.models import Decision
from feedback.reports.models import Report, Spot
from feedback.web.api import annotations

#: How many spots are read at once, and how many reports.
_SPOTS = 200
_REPORTS = 500

#: The columns of a table: fields of the API's spot and report. A row is a report.
SPOT = (
    *("site", "id", "status", "presence", "reads", "looked_at", "snoozed_until", "merged_into"),
    *("article.url", "article.title", "article.author", "article.section", "article.lang"),
    *("quote.exact", "quote.prefix", "quote.suffix", "correction", "slip"),
    *("about.type", "about.text", "about.url", "readers", "first_at", "last_at", "version", "link"),
)
REPORT = (
    *("id", "at", "quote.exact", "quote.prefix", "quote.suffix", "correction", "comment", "kind"),
    *("about.type", "about.text", "about.url"),
)
#: The reader's address, where it was asked for.
EMAIL = "email"

#: What ends a line for some programs, though not for JSON.
_BREAKS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}


@dataclass(slots=True)
class Whole:
    """A spot, its reports, which are read while they are asked for, and its decisions."""

    spot: Spot
    #: Newest first, as decisions are.
    reports: Iterator[Report]
    decisions: list[Decision]


class Wholes:
    """The spots that a select finds, each with what belongs to it; they are counted on the way."""

    def __init__(self, session: Session, spots: sa.Select[Spot]) -> None:
        whole = (joinedload(Spot.article), joinedload(Spot.site))
        self._session = session
        self._select = spots.order_by(Spot.id).options(*whole)
        self.spots = self.reports = 0

    def __iter__(self) -> Iterator[Whole]:
        found = self._session.scalars(self._select, execution_options={"yield_per": _SPOTS})
        for some in found.partitions():
            yield from self._some({spot.id: spot for spot in some})

    def _some(self, spots: dict[int, Spot]) -> Iterator[Whole]:
        """Give spots by their ids with what belongs to each."""
        decided: dict[int, list[Decision]] = {spot_id: [] for spot_id in spots}
        for decision in self._session.scalars(_decisions(spots)):
            decided[decision.spot_id].append(decision)
        reports = self._session.scalars(_reports(spots), execution_options={"yield_per": _REPORTS})
        groups = groupby(reports, lambda report: report.spot_id)
        group = next(groups, None)
        for spot_id, spot in spots.items():
            theirs = group[1] if group and group[0] == spot_id else iter(())
            self.spots += 1
            yield Whole(spot, self._counted(theirs), decided[spot_id])
            if group and group[0] == spot_id:
                group = next(groups, None)

    def _counted(self, reports: Iterator[Report]) -> Iterator[Report]:
        for report in reports:
            self.reports += 1
            yield report


def _decisions(spots: Iterable[int]) -> sa.Select[Decision]:
    theirs = sa.select(Decision).where(Decision.spot_id.in_(spots))
    return theirs.order_by(Decision.id.desc()).options(joinedload(Decision.editor))


def _reports(spots: Iterable[int]) -> sa.Select[Report]:
    theirs = sa.select(Report).where(Report.spot_id.in_(spots))
    return theirs.order_by(Report.spot_id, Report.id.desc())


def table(wholes: Iterable[Whole], *, addresses: bool) -> Iterator[str]:
    """Give a table in CSV: a row for each report, with its spot, and for a spot that has none."""
    return tables.lines(_rows(wholes, (*REPORT, EMAIL) if addresses else REPORT))


def _rows(wholes: Iterable[Whole], names: tuple[str, ...]) -> Iterator[list[object]]:
    yield [*SPOT, *(f"report.{name}" for name in names)]
    for whole in wholes:
        fields = bodies.Spot.of(whole.spot).model_dump(mode="json")
        spot = [_field(fields, name) for name in SPOT]
        bare = True
        for report in whole.reports:
            said, bare = _said(report, addresses=EMAIL in names), False
            yield [*spot, *(_field(said, name) for name in names)]
        if bare:
            yield [*spot, *(None for _ in names)]


def _field(fields: Any, name: str) -> Any:
    """Give a field, `a.b` of what is called `a`; None where there is none."""
    for part in name.split("."):
        fields = fields and fields[part]
    return fields


def _said(report: Report, *, addresses: bool) -> dict[str, Any]:
    said = bodies.Report.of(report).model_dump(mode="json")
    return said | {EMAIL: report.email} if addresses else said


def lines(wholes: Iterable[Whole], *, addresses: bool) -> Iterator[str]:
    """Give each spot as a line of JSON: what the API answers for one, with all its reports."""
    for whole in wholes:
        said = (_json(_said(report, addresses=addresses)) for report in whole.reports)
        decided = (bodies.Decision.of(each).model_dump_json() for each in whole.decisions)
        spot = bodies.Spot.of(whole.spot).model_dump_json()
        yield from _line(spot, reports=said, decisions=decided)


def linked(wholes: Iterable[Whole], base: str) -> Iterator[str]:
    """Give each spot as a Web Annotation on a line; `base` is the address of all spots."""
    for whole in wholes:
        bare = annotations.one(whole.spot, (), base)
        spot = bare.model_dump_json(by_alias=True, exclude_none=True, exclude={"body"})
        said = (each.model_dump_json(exclude_none=True) for each in _bodies(whole, base))
        yield from _line(spot, body=said)


def _bodies(whole: Whole, base: str) -> Iterator[annotations.TextualBody]:
    """Give the bodies of an annotation, some reports' comments at a time."""
    first = annotations.one(whole.spot, (), base).body
    yield from first
    while some := list(islice(whole.reports, _REPORTS)):
        yield from annotations.one(whole.spot, some, base).body[len(first) :]


def _line(fields: str, **lists: Iterable[str]) -> Iterator[str]:
    """Give an object, with lists in it besides, as a line of JSON, piece by piece."""
    yield fields[:-1].translate(_BREAKS)
    for name, members in lists.items():
        yield f',"{name}":['
        for place, member in enumerate(members):
            yield ("," if place else "") + member.translate(_BREAKS)
        yield "]"
    yield "}\n"


def _json(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


#: What an export can be written as.
FORMS: dict[str, Callable[[Iterable[Whole], str, bool], Iterator[str]]] = {
    "csv": lambda wholes, _base, addresses: table(wholes, addresses=addresses),
    "json": lambda wholes, _base, addresses: lines(wholes, addresses=addresses),
    "annotations": lambda wholes, base, _addresses: linked(wholes, base),
}
