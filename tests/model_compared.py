"""Compares the service with its model: what is asked of the one is looked up in the other."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis.stateful import RuleBasedStateMachine, invariant

from feedback.accounts.models import Role
from tests.makers import a_body, a_site, a_token, an_editor, send, signed_in
from tests.model import PLACES, STATUSES, Decision, Model, Report, Spot, state

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SITES = ("paper", "gazette")
#: What is asked for in turn: statuses as the API takes them, an order, and readers at the least.
QUERIES = [
    (statuses, order, readers)
    for order in ("newest", "most-reported", "article")
    for statuses, readers in (
        ("waiting", 0),
        ("any", 0),
        ("accepted,fixed", 0),
        ("rejected", 0),
        ("snoozed,merged", 0),
        ("any", 2),
    )
]
#: What a receipt says of a spot; whether that is snoozed is the editors' business.
HEADLINES = {
    "waiting": "Your report is with the editors",
    "snoozed": "Your report is with the editors",
    "accepted": "It will be corrected",
    "fixed": "It is corrected",
    "rejected": "It stays as it is",
}
#: What is compared of a decision.
FACTS = ("kind", "by", "reason", "note", "into")

#: Each site of an example is new, so that all examples are in one database.
_numbers = count(1)


@dataclass
class Desk:
    """A site as those see it who have to do with it."""

    origin: str
    editor: str
    tokens: dict[str, str] = field(default_factory=dict)

    def headers(self, who: str = "editor") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who]}"}


def opened(app: Flask, name: str) -> Desk:
    """Make a site with an editor and a viewer."""
    name = f"{name}{next(_numbers)}"
    desk = Desk(f"https://{name}.example", f"ed@{name}.example")
    with app.app_context():
        site = a_site(name, desk.origin)
        for who, role in (("editor", Role.EDITOR), ("viewer", Role.VIEWER)):
            email = desk.editor if who == "editor" else f"{who}@{name}.example"
            desk.tokens[who] = a_token(an_editor(site, email, role), site)
    return desk


class Compared(RuleBasedStateMachine):
    """Two sites, in the service and in the model, which must say the same."""

    app: Flask

    def __init__(self) -> None:
        super().__init__()
        self.travel = time_machine.travel(NOON)
        self.clock = self.travel.start()
        self.client: FlaskClient = self.app.test_client()
        self.model = Model()
        self.desks = {name: opened(self.app, name) for name in SITES}
        self.uids = count(1)
        self.queries = count()
        #: What the last step had to do with.
        self.spots: list[Spot] = []
        self.reports: list[Report] = []
        self.sites: Sequence[str] = SITES

    def teardown(self) -> None:
        """See at the end that all is as it must be, not only what was touched last."""
        try:
            self._touch(self.model.spots, self.model.reports, SITES)
            self.the_queue_is_as_the_model_says()
            self.each_spot_is_as_the_model_says()
            self.receipts_say_what_became()
            for name in SITES:
                self._counts(name)
        finally:
            self.travel.stop()

    # What must hold.

    @invariant()
    def the_queue_is_as_the_model_says(self) -> None:
        for name in self.sites:
            everything = (*STATUSES, "merged")
            listed = self._list(name, f"status={','.join(everything)}&order=newest&limit=200")
            assert [spot["id"] for spot in listed["spots"]] == self.model.listed(name, everything)
            known = {spot.id: spot for spot in self.model.at(name)}
            for spot in listed["spots"]:
                self._compare(known[spot["id"]], spot)
            turn = next(self.queries)
            if turn % 3 == 0 or self.model.spots is self.spots:
                self._pages(name, *QUERIES[turn // 3 % len(QUERIES)])

    @invariant()
    def each_spot_is_as_the_model_says(self) -> None:
        for spot in self.spots:
            path, headers = f"/api/v1/spots/{spot.id}", self.desks[spot.site].headers()
            whole = self.client.get(path, headers=headers).get_json()
            self._compare(spot, whole)
            self._compare_whole(spot, whole)

    @invariant()
    def receipts_say_what_became(self) -> None:
        for report in self.reports:
            page = self.client.get(report.told["receipt"])
            assert page.status_code == 200
            assert HEADLINES[report.spot.status] in head(page.text), report.id
            readers = re.search(r"(\d+) readers said so", page.text)
            assert int(readers[1] if readers else 1) == len(self.model.on(report.spot))

    # How it is done.

    def _body(self, site: str, article: int, place: int, correction: int) -> dict[str, Any]:
        words, turn, corrections = PLACES[place]
        url = f"{self.desks[site].origin}/news/{article}"
        says = corrections[correction % len(corrections)]
        uid = str(UUID(int=next(_numbers) << 64 | next(self.uids), version=4))
        return a_body(words, nth=turn, id=uid, url=url, correction=says)

    def _send(self, site: str, body: dict[str, Any]) -> Any:
        return send(self.client, body, origin=self.desks[site].origin)

    def _taken(
        self, site: str, article: int, place: int, body: dict[str, Any], told: dict[str, Any]
    ) -> None:
        """Take in that a report was taken: learn its spot's id, if that is new, and when it was."""
        report = self.model.send(site, article, place, body)
        report.told, spot = told, report.spot
        if not spot.id:
            spot.id = self._new(site)
        whole = self._whole(spot)
        uids = [each["id"] for each in whole["reports"]]
        assert report.id in uids
        self.model.dated(report, moment(whole["reports"][uids.index(report.id)]["at"]))
        status = "waiting" if spot.status == "snoozed" else spot.status
        assert (told["status"], told["readers"]) == (status, len(self.model.on(spot)))
        assert told.get("reason") == spot.reason
        self._touch([spot], [report])

    def _new(self, site: str) -> int:
        """The id of the one spot of a site that the model does not know yet."""
        known = {spot.id for spot in self.model.at(site)}
        (new,) = {spot["id"] for spot in self._list(site, "status=any")["spots"]} - known
        return int(new)

    def _decide(
        self,
        spot: Spot,
        kind: str,
        into: Spot | None = None,
        reports: Sequence[Report] = (),
        **stated: Any,
    ) -> None:
        body: dict[str, Any] = {"kind": kind, "version": spot.version, **stated}
        if into:
            body["into"] = into.id
        if kind == "split":
            body["reports"] = [report.id for report in reports]
        strangers = any(report.spot is not spot for report in reports)
        refused = self.model.refused(spot, kind, into, reports, stated.get("reason"))

        answer = self._post(spot, body)

        told = answer.get_json()
        self._touch([spot, *([into] if into else [])], [])
        if strangers or refused:
            code, fault = ("invalid", "reports") if strangers else ("not-possible", refused)
            assert (answer.status_code, told.get("code"), told.get("field")) == (422, code, fault)
            return
        assert answer.status_code == 201, answer.text
        self._made(spot, kind, into, reports, told, stated)

    def _made(
        self,
        spot: Spot,
        kind: str,
        into: Spot | None,
        reports: Sequence[Report],
        told: dict[str, Any],
        stated: dict[str, Any],
    ) -> None:
        made = told["decisions"][0]
        undone = spot.standing if kind == "undo" else None
        decision = Decision(
            kind,
            self.desks[spot.site].editor,
            state(spot),
            reason=stated.get("reason"),
            note=stated.get("note", ""),
            into=into,
            until=self._until(made, stated) if kind == "snooze" else None,
        )
        self.model.decide(spot, decision, stated.get("correction"), reports)
        if kind == "split" and decision.into:
            decision.into.id = made["into"]
        self._compare(spot, told)
        self._compare_whole(spot, told)
        ends = [each for each in (decision.into, undone and undone.into) if each]
        self._touch(
            [spot, *ends], [each for at in (spot, *ends) for each in self.model.on(at)[-2:]]
        )

    @staticmethod
    def _until(made: dict[str, Any], stated: dict[str, Any]) -> datetime:
        until = moment(made["until"])
        expected = stated.get("until")
        assert until == (moment(expected) if expected else moment(made["at"]) + timedelta(days=1))
        return until

    def _post(self, spot: Spot, body: dict[str, Any], headers: Any = None) -> Any:
        headers = self.desks[spot.site].headers() if headers is None else headers
        path = f"/api/v1/spots/{spot.id}/decisions"
        return self.client.post(path, json=body, headers=headers)

    def _list(self, site: str, query: str) -> Any:
        answer = self.client.get(f"/api/v1/spots?{query}", headers=self.desks[site].headers())
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def _whole(self, spot: Spot) -> Any:
        headers = self.desks[spot.site].headers()
        return self.client.get(f"/api/v1/spots/{spot.id}", headers=headers).get_json()

    def _pages(self, name: str, statuses: str, order: str, readers: int) -> None:
        """Go through a query's pages, three spots each."""
        wanted = STATUSES if statuses == "any" else statuses.split(",")
        expected = self.model.listed(name, wanted, order, readers)
        found: list[int] = []
        query, cursor = f"status={statuses}&order={order}&readers={readers}&limit=3", ""
        for _ in range(len(expected) // 3 + 1):
            page = self._list(name, f"{query}&cursor={cursor}")
            found += [spot["id"] for spot in page["spots"]]
            cursor = page["next"]
            if not cursor:
                break
        assert (found, cursor) == (expected, None), query

    def _counts(self, name: str) -> None:
        """See the numbers on the tabs of a site's queue."""
        client = signed_in(self.app, self.desks[name].editor)
        page = client.get("/", base_url="https://feedback.example", follow_redirects=True).text
        counts = dict(re.findall(r'data-count="(\w+)">(\d+)<', page))
        for status in STATUSES:
            assert int(counts[status]) == len(self.model.listed(name, [status])), status

    def _touch(self, spots: list[Spot], reports: list[Report], sites: Sequence[str] = ()) -> None:
        self.spots, self.reports = spots, reports
        self.sites = sites or sorted({spot.site for spot in spots})

    def _compare(self, spot: Spot, seen: dict[str, Any]) -> None:
        expected = {
            "status": spot.status,
            "version": spot.version,
            "readers": len(self.model.on(spot)),
            "correction": self.model.correction(spot),
            "merged_into": spot.into.id if spot.into else None,
        }
        assert {name: seen[name] for name in expected} == expected, spot.id
        times = [
            seen[name] and moment(seen[name]) for name in ("first_at", "last_at", "snoozed_until")
        ]
        assert times == [spot.first_at, spot.last_at, spot.until], spot.id
        assert seen["quote"]["exact"] == spot.words

    def _compare_whole(self, spot: Spot, seen: dict[str, Any]) -> None:
        uids = [report.id for report in reversed(self.model.on(spot))]
        assert [report["id"] for report in seen["reports"]] == uids
        record = [
            (each.kind, each.by, each.reason, each.note, each.into and each.into.id, each.until)
            for each in reversed(spot.record)
        ]
        told = [
            (*(each[name] for name in FACTS), each["until"] and moment(each["until"]))
            for each in seen["decisions"]
        ]
        assert told == record, spot.id


def nth(things: Sequence[Any], n: int) -> Any:
    """The nth from the last, round and round."""
    return things[-1 - n % len(things)]


def other(site: str) -> str:
    return SITES[1 - SITES.index(site)]


def places(words: str) -> list[int]:
    """Where these words begin, as readers may select them."""
    return [
        a_body(each, nth=turn)["position"]["start"] for each, turn, _ in PLACES if each == words
    ]


def can_merge(model: Model) -> Iterator[tuple[Spot, Spot]]:
    """All pairs that can be merged."""
    for spot in model.spots:
        for into in model.spots:
            if spot.status != "merged" and model.refused(spot, "merge", into) is None:
                yield spot, into


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def head(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page)
    return found[1] if found else ""
