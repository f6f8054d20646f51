"""What readers and editors come up with: rules that do it to the service and to its model."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from feedback.worker.desk import wake_what_was_snoozed
from tests.makers import send
from tests.model import FOLLOWS, PLACES, Spot
from tests.model_compared import SITES, Compared, can_merge, nth, other, places

REASONS = ("correct", "quoted", "other")
KINDS = ("accept", "fix", "reject", "snooze", "reopen")

#: Which one, from the newest on.
which = st.integers(0, 7)
#: Where a reader may report what: site, article, place, and what it should read.
reports = st.tuples(
    st.sampled_from(("paper", "paper", "gazette")),
    st.sampled_from((0, 0, 0, 1)),
    st.integers(0, len(PLACES) - 1),
    st.integers(0, 3),
)
#: What an editor may say: what kind of decision, why, what it should read, for how many hours.
verdicts = st.tuples(
    st.sampled_from((*KINDS, "merge", "split")),
    st.sampled_from((*REASONS, None)),
    st.sampled_from((None, None, "earth", "")),
    st.sampled_from((None, 1, 3)),
)


class Newsrooms(Compared):
    """What readers and editors may do: it is done to the service and to the model."""

    # Readers.

    @initialize(those=st.lists(reports, min_size=3, max_size=6))
    def readers_report(self, those: list[tuple[str, int, int, int]]) -> None:
        for one in those:
            self._report(*one)

    @rule(one=reports)
    def a_reader_reports(self, one: tuple[str, int, int, int]) -> None:
        self._report(*one)

    def _report(self, site: str, article: int, place: int, correction: int) -> None:
        body = self._body(site, article, place, correction)

        answer = self._send(site, body)

        assert answer.status_code == 201, answer.text
        self._taken(site, article, place, body, answer.get_json())

    @rule(n=which, correction=st.integers(0, 3))
    def another_reader_reports_the_same(self, n: int, correction: int) -> None:
        first = nth(self.model.reports, n)
        place = places(first.words).index(first.body["position"]["start"])
        numbers = [m for m, (words, _, _) in enumerate(PLACES) if words == first.words]
        article = int(first.body["url"][-1])

        self._report(first.site, article, numbers[place], correction)

    @rule(n=which, changed=st.booleans(), elsewhere=st.booleans())
    def a_report_comes_again(self, n: int, changed: bool, elsewhere: bool) -> None:
        report = nth(self.model.reports, n)
        site = other(report.site) if elsewhere else report.site
        url = f"{self.desks[site].origin}/news/{report.body['url'][-1]}"
        change = {"comment": "Not what I said."} if changed else {}

        answer = self._send(site, report.body | {"url": url} | change)

        told = answer.get_json()
        if changed or elsewhere:
            assert (answer.status_code, told["code"]) == (409, "id-taken")
        else:
            same = ("id", "readers", "status", "receipt")
            assert answer.status_code == 200
            assert [told[name] for name in same] == [report.told[name] for name in same]
        self._touch([report.spot], [report])

    @rule(site=st.sampled_from(SITES), how=st.integers(0, 2))
    def nobody_reports_to_the_other_site(self, site: str, how: int) -> None:
        mine, theirs = self.desks[site].origin, self.desks[other(site)].origin
        page, origin = [(mine, theirs), (theirs, mine), (mine, "https://far.example")][how]
        body = self._body(site, 0, 0, 0) | {"url": f"{page}/news/0"}

        answer = send(self.client, body, origin=origin)

        assert (answer.status_code, answer.get_json()["code"]) == (403, "not-admitted")
        self._touch([], [], SITES)

    # Editors.

    @rule(n=which, m=which, verdict=verdicts, reports=st.sets(which, max_size=3))
    def an_editor_tries(self, n: int, m: int, verdict: tuple[Any, ...], reports: set[int]) -> None:
        spot = nth(self.model.spots, n)
        if verdict[0] == "merge":
            self._decide(spot, "merge", into=nth(self.model.spots, m))
        elif verdict[0] == "split":
            chosen = dict.fromkeys(nth(self.model.reports, each) for each in sorted(reports))
            self._decide(spot, "split", reports=list(chosen))
        else:
            self._state(spot, *verdict)

    @rule(n=which, m=which, verdict=verdicts)
    def an_editor_decides_what_can_be(self, n: int, m: int, verdict: tuple[Any, ...]) -> None:
        spot = nth(self.model.spots, n).head
        self._state(spot, nth(can_be(spot), m), *verdict[1:])

    @rule(
        n=which, turns=st.lists(st.tuples(st.booleans(), which, verdicts), min_size=3, max_size=6)
    )
    def an_editor_goes_to_and_fro(self, n: int, turns: list[tuple[bool, int, Any]]) -> None:
        spot = nth(self.model.spots, n).head
        for back, m, verdict in turns:
            if back and spot.standing:
                self._decide(spot, "undo")
            else:
                self._state(spot, nth(can_be(spot.head), m), *verdict[1:])

    @rule(n=which)
    def an_editor_undoes(self, n: int) -> None:
        standing = [spot for spot in self.model.spots if spot.standing]
        self._decide(nth(standing or self.model.spots, n), "undo")

    @precondition(lambda self: any(can_merge(self.model)))
    @rule(n=which)
    def an_editor_merges(self, n: int) -> None:
        spot, into = nth(list(can_merge(self.model)), n)
        self._decide(spot, "merge", into=into)

    @precondition(lambda self: any(len(self.model.on(spot)) > 1 for spot in self.model.spots))
    @rule(n=which, some=st.integers(1, 31))
    def an_editor_splits(self, n: int, some: int) -> None:
        crowded = [spot for spot in self.model.spots if len(self.model.on(spot)) > 1]
        spot = nth(crowded, n)
        reports = self.model.on(spot)
        chosen = [report for m, report in enumerate(reports) if some >> m % 5 & 1]
        self._decide(spot, "split", reports=chosen[: len(reports) - 1] or reports[:1])

    @precondition(lambda self: any(spot.record for spot in self.model.spots))
    @rule(n=which, back=st.integers(1, 3), kind=st.sampled_from((*KINDS, "undo", "merge", "split")))
    def an_editor_comes_late(self, n: int, back: int, kind: str) -> None:
        spot = nth([spot for spot in self.model.spots if spot.record], n)
        body = {"kind": kind, "version": max(0, spot.version - back), "reason": "quoted"}

        answer = self._post(spot, body)

        assert (answer.status_code, answer.get_json()["code"]) == (409, "stale-version")
        self._compare(spot, answer.get_json()["spot"])
        self._touch([spot], [])

    @rule(n=which, kind=st.sampled_from((*KINDS, "undo")), who=st.integers(0, 2))
    def others_may_not(self, n: int, kind: str, who: int) -> None:
        spot = nth(self.model.spots, n)
        mine, theirs = self.desks[spot.site], self.desks[other(spot.site)]
        status, code, headers = [
            (403, "scope", mine.headers("viewer")),
            (404, "not-found", theirs.headers()),
            (401, "token", {}),
        ][who]
        body = {"kind": kind, "version": spot.version, "reason": "quoted"}

        answer = self._post(spot, body, headers)
        seen = self.client.get(f"/api/v1/spots/{spot.id}", headers=headers)

        assert (answer.status_code, answer.get_json()["code"]) == (status, code)
        assert seen.status_code == (200 if who == 0 else status)
        self._touch([spot], [])

    @rule(hours=st.sampled_from((2, 4, 25)))
    def time_passes(self, hours: int) -> None:
        self.clock.shift(timedelta(hours=hours))
        with self.app.app_context():
            while wake_what_was_snoozed():
                pass
        self._touch(list(self.model.wake(datetime.now(UTC))), [])

    def _state(
        self, spot: Spot, kind: str, reason: str | None, correction: str | None, hours: int | None
    ) -> None:
        """Decide, with what belongs to the kind."""
        stated: dict[str, Any] = {"correction": correction, "note": f"a {kind}"}
        if kind == "reject":
            stated["reason"] = reason
        if kind == "snooze" and hours:
            stated["until"] = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
        self._decide(spot, kind, **stated)


def can_be(spot: Spot) -> list[str]:
    """What can be concluded on a spot that has reports."""
    return [kind for status, kind in FOLLOWS if status == spot.status]
