"""A real Chromium, a site with articles, and people who read them."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from tests.browser.article import article, strict_policy
from tests.browser.loopback import ArticleSite, ServiceDouble

CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
# What the browser itself says of an answer that is an error; no script can keep it from doing so.
NETWORK_NOISE = "Failed to load resource"


def chromium() -> str:
    """Where the system's Chromium is."""
    named = os.environ.get("FEEDBACK_TEST_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if not found:
        message = (
            "No Chromium found. Install it (Debian: apt install chromium) or name the program in "
            "FEEDBACK_TEST_CHROMIUM."
        )
        raise pytest.UsageError(message)
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": chromium(), "args": CHROMIUM_ARGS}


@pytest.fixture(scope="session")
def base_url() -> None:
    """No base: pages name their origin. (The plugin's own fixture is of a deprecated kind.)"""


@pytest.fixture(scope="session")
def article_site() -> Iterator[ArticleSite]:
    with ArticleSite.running() as site:
        yield site


@pytest.fixture(scope="session")
def running_service_double() -> Iterator[ServiceDouble]:
    with ServiceDouble.running() as service:
        yield service


@pytest.fixture
def service_double(running_service_double: ServiceDouble) -> Iterator[ServiceDouble]:
    running_service_double.reset()
    yield running_service_double
    running_service_double.open_gate.set()


class ReaderPage:
    """Ann at an article: what she does with the mouse and the keys, and what she sees."""

    def __init__(self, page: Page, site: ArticleSite, service: ServiceDouble) -> None:
        self.page = page
        self.site = site
        self.service = service
        self.noise: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.noise.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if not message.text.startswith(NETWORK_NOISE):
            self.noise.append(message.text)

    def visit(self, *, headers: dict[str, str] | None = None, **options: Any) -> "ReaderPage":
        """Open an article, under the strict policy unless `headers` says otherwise."""
        policy = {"Content-Security-Policy": strict_policy(self.service.origin)}
        html = article(self.service.embed, **options)
        address = self.site.publish("/article", html, policy if headers is None else headers)
        self.page.goto(address, wait_until="load")
        return self

    def _box(self, text: str) -> dict[str, float]:
        """Where `text` stands on the screen: its first and last line's ends, in CSS pixels."""
        return self.page.evaluate(
            """text => {
              const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              while (walker.nextNode()) {
                const at = walker.currentNode.data.indexOf(text);
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(walker.currentNode, at);
                range.setEnd(walker.currentNode, at + text.length);
                const boxes = [...range.getClientRects()];
                const [a, z] = [boxes[0], boxes.at(-1)];
                return {left: a.left, top: (a.top + a.bottom) / 2,
                        right: z.right, bottom: (z.top + z.bottom) / 2};
              }
              throw new Error(`not on the page: ${text}`);
            }""",
            text,
        )

    def double_click(self, word: str) -> "ReaderPage":
        box = self._box(word)
        self.page.mouse.dblclick((box["left"] + box["right"]) / 2, box["top"])
        return self

    def select(self, words: str) -> "ReaderPage":
        """Select just these letters, within one text."""
        self.page.evaluate(
            """words => {
              const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              while (walker.nextNode()) {
                const node = walker.currentNode;
                const at = node.data.replaceAll("\\n", " ").indexOf(words);
                if (at >= 0) getSelection().setBaseAndExtent(node, at, node, at + words.length);
              }
            }""",
            words,
        )
        return self

    def click_before(self, words: str) -> "ReaderPage":
        box = self._box(words)
        self.page.mouse.click(box["left"], box["top"])
        return self

    def triple_click(self, words: str) -> "ReaderPage":
        box = self._box(words)
        self.page.mouse.click(box["left"] + 4, box["top"], click_count=3)
        return self

    def drag_over(self, phrase: str, *, backward: bool = False) -> "ReaderPage":
        box = self._box(phrase)
        ends = [(box["left"], box["top"]), (box["right"], box["bottom"])]
        (x, y), (to_x, to_y) = reversed(ends) if backward else ends
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(to_x, to_y, steps=5)
        self.page.mouse.up()
        return self

    def press(self, keys: str = "Control+Enter") -> "ReaderPage":
        self.page.keyboard.press(keys)
        return self

    def report(self, word: str = "Novembre") -> "ReaderPage":
        """Select a word and open the dialog on it, once none is there any more."""
        expect(self.dialog).to_have_count(0)
        self.double_click(word).press()
        self.correction.wait_for()
        return self

    @property
    def dialog(self) -> Locator:
        return self.page.locator("reader-feedback dialog")

    @property
    def passage(self) -> Locator:
        return self.dialog.locator("blockquote")

    @property
    def correction(self) -> Locator:
        return self.dialog.get_by_label("Correction")

    @property
    def comment(self) -> Locator:
        return self.dialog.get_by_label("Your comment (optional)")

    @property
    def choice(self) -> Locator:
        return self.dialog.get_by_label("Something else is wrong here")

    def button(self, name: str) -> Locator:
        return self.dialog.get_by_role("button", name=name, exact=True)

    @property
    def outcome(self) -> Locator:
        return self.dialog.get_by_role("status")

    @property
    def failure(self) -> Locator:
        return self.dialog.get_by_role("alert")

    @property
    def selection(self) -> str:
        return self.page.evaluate("getSelection().toString()")


@pytest.fixture
def reader_page(
    page: Page, article_site: ArticleSite, service_double: ServiceDouble
) -> Iterator[ReaderPage]:
    """Ann, not yet at any article. Whatever the page's console hears fails the test."""
    reader = ReaderPage(page, article_site, service_double)
    yield reader
    assert reader.noise == []
