"""Chromium, driven by Playwright."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from engines.engine import HEIGHT, PATIENCE, WIDTH, Engine, Point
from tests.browser.conftest import CHROMIUM_ARGS, chromium


@contextmanager
def started(_: Path) -> Iterator[Engine]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGS)
        with browser:
            yield Chromium(browser)


class Chromium:
    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @contextmanager
    def tab(self) -> Iterator["ChromiumTab"]:
        with self._browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}) as context:
            context.set_default_timeout(PATIENCE * 1000)
            yield ChromiumTab(context.new_page())


class ChromiumTab:
    def __init__(self, page: Page) -> None:
        self._page = page
        self._heard: list[str] = []
        page.on("console", lambda message: self._heard.append(message.text))
        page.on("pageerror", lambda error: self._heard.append(str(error)))

    def open(self, address: str) -> None:
        self._page.goto(address, wait_until="load")

    def reload(self) -> None:
        self._page.reload(wait_until="load")

    def call(self, function: str, given: Any) -> Any:
        return self._page.evaluate(function, given)

    def click(self, at: Point, times: int = 1) -> None:
        self._page.mouse.click(*at, click_count=times)

    def drag(self, start: Point, end: Point) -> None:
        mouse = self._page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move(*end, steps=5)
        mouse.up()

    def press(self, *keys: str) -> None:
        self._page.keyboard.press("+".join(keys))

    def type(self, text: str) -> None:
        self._page.keyboard.type(text)

    def heard(self) -> list[str]:
        self._page.evaluate("null")  # what was said before the answer is in
        return list(self._heard)
