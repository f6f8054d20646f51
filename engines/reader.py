"""Ann at an article, in any engine: what she does with mouse and keys, and what she sees."""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from engines.engine import Point, Tab, until
from engines.paper import Paper
from tests.browser.article import article
from tests.browser.service import Service

PAGE = Path(__file__).with_name("page.js").read_text("utf-8")
#: Calls one of the page's functions.
CALL = f"([name, given]) => {PAGE}[name](...given)"
#: What browsers themselves say of a service that does not answer; no script can keep them from it.
NETWORK_NOISE = (
    "Failed to load resource",  # Chromium, WebKit
    "Fetch API cannot load",  # WebKit
    "Cross-Origin Request Blocked",  # Firefox, also where nobody answered
)
#: What some ask for though no page names it.
UNASKED = "/favicon.ico"
#: The page's last words: what comes before them has been heard.
LAST_WORDS = "That was all."


@dataclass(frozen=True)
class Dialog:
    """What the dialog shows; empty where it does not have it."""

    text: str
    passage: str
    mark: str
    removed: str
    put_in: str
    fields: dict[str, str]
    buttons: list[str]
    outcome: str
    failure: str


class Ann:
    """Ann, who reads the paper and reports to the service."""

    def __init__(self, tab: Tab, paper: Paper, service: Service, path: str) -> None:
        self._tab = tab
        self._paper = paper
        self._service = service
        self._path = quote(path)

    @property
    def address(self) -> str:
        return self._paper.origin + self._path

    def _ask(self, name: str, *given: Any) -> Any:
        return self._tab.call(CALL, [name, list(given)])

    # What she does

    def read(self, *, button: str = "", **options: Any) -> "Ann":
        """Open an article that embeds by the README's line, under the strict policy."""
        line = f"{self._service.origin}/embed.js"
        html = article(line + (f'" data-button="{button}' if button else ""), **options)
        self._tab.open(self._paper.print(self._path, html, self._service.origin))
        return self

    def reload(self) -> None:
        self._tab.reload()

    def _place(self, words: str) -> tuple[Point, Point]:
        box = until(lambda: self._ask("place", words), f"on the page: {words}")
        return Point(**box["start"]), Point(**box["end"])

    def double_click(self, word: str) -> "Ann":
        start, end = self._place(word)
        self._tab.click(Point((start.x + end.x) / 2, start.y), times=2)
        return self

    def triple_click(self, words: str) -> "Ann":
        start, _ = self._place(words)
        self._tab.click(Point(start.x + 4, start.y), times=3)
        return self

    def drag_over(self, words: str, *, backward: bool = False) -> "Ann":
        return self.drag(words, words, backward=backward)

    def drag(self, first: str, last: str, *, backward: bool = False) -> "Ann":
        """Select from where some words begin to where others end."""
        ends = self._place(first)[0], self._place(last)[1]
        self._tab.drag(*(reversed(ends) if backward else ends))
        return self

    def press(self, *keys: str) -> "Ann":
        self._tab.press(*keys)
        return self

    def asks_to_report(self) -> Dialog:
        """Press Ctrl+Enter and see the dialog."""
        self.press("Control", "Enter")
        return self.sees_dialog()

    def type(self, text: str) -> "Ann":
        self._tab.type(text)
        return self

    def click_button(self, name: str) -> "Ann":
        return self._click("button", name)

    def click_field(self, label: str) -> "Ann":
        return self._click("field", label)

    def double_click_on(self, selector: str) -> "Ann":
        """Double click in the middle of an element of the page."""
        return self._click("middle", selector, times=2)

    def _click(self, kind: str, name: str, *, times: int = 1) -> "Ann":
        self._tab.click(Point(**until(lambda: self._ask(kind, name), f"{kind} {name}")), times)
        return self

    def connect(self) -> None:
        """Be online again, as the browser tells the page."""
        self._ask("connect")

    # What she sees

    def dialog(self) -> Dialog | None:
        shown = self._ask("dialog")
        return shown and Dialog(**shown)

    def sees_dialog(self) -> Dialog:
        return until(self.dialog, "the dialog is open")

    def sees_no_dialog(self) -> None:
        until(lambda: self._ask("gone"), "the dialog is gone")

    def sees_outcome(self) -> str:
        def outcome() -> str:
            dialog = self.dialog()
            return dialog.outcome or dialog.failure if dialog else ""

        return until(outcome, "an outcome")

    def sees_note(self) -> str:
        return until(lambda: self._ask("note"), "a note")

    @property
    def selection(self) -> dict[str, Any]:
        return self._ask("selection")

    @property
    def kept(self) -> dict[str, str]:
        """Reports that wait in the browser, by id."""
        return self._ask("kept")

    # What came of it

    def spot(self) -> dict[str, Any]:
        """Wait until the editors' queue has something of this article, and give it."""
        return until(lambda: next(iter(self.spots()), None), f"a spot of {self.address}")

    def spots(self) -> list[dict[str, Any]]:
        here = [spot for spot in self._service.spots() if spot["article"]["url"] == self.address]
        return [self._service.spot(spot["id"]) for spot in here]

    def noise(self) -> list[str]:
        """Give what the console has heard, but for what browsers say of their own requests."""
        self._ask("say", LAST_WORDS)
        until(lambda: LAST_WORDS in self._tab.heard(), "the console hears")
        said = itertools.takewhile(lambda line: line != LAST_WORDS, self._tab.heard())
        return [line for line in said if not line.startswith(NETWORK_NOISE) and UNASKED not in line]

    def hears_of_the_network(self) -> bool:
        """Whether the browser has said that it could not load something."""
        heard = self._tab.heard()
        return any(line.startswith(NETWORK_NOISE) and UNASKED not in line for line in heard)

    def violations(self) -> list[str]:
        """Give what broke the policy, but for what we break now, to see that it is guarded."""

        def reported() -> list[str]:
            found = [
                f"{v['violated-directive']}: {v['blocked-uri']}" for v in self._paper.violations
            ]
            return [violation for violation in found if not violation.endswith(UNASKED)]

        self._ask("violate")
        until(reported, "the policy is guarded")
        return reported()[:-1]
