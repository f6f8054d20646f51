"""A real browser: the system's Chromium, or the one that FEEDBACK_TEST_CHROMIUM names."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Error, Page, sync_playwright

from bench.parts import Void

Event = dict[str, Any]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: As in the tests: what a browser does besides showing pages would be measured, too.
_ARGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)

#: A shift counts even if a key was pressed just before, for which pages are forgiven elsewhere.
_WATCH = """
self.seen = { shift: 0, tasks: 0 };
const watch = (type, add) =>
  new PerformanceObserver((list) => list.getEntries().forEach(add))
    .observe({ type, buffered: true, durationThreshold: 16 });
watch("layout-shift", ({ value }) => (seen.shift += value));
watch("longtask", () => seen.tasks++);
const idle = self.requestIdleCallback;
self.rest = () => new Promise((done) => idle(() => setTimeout(done, 50)));
"""


class Absent(Exception):
    """There is no Chromium here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page did to its reader."""

    #: The sum of its layout shifts (https://wicg.github.io/layout-instability/).
    shift: float
    #: How many of its tasks took over 50 ms.
    tasks: int


@contextmanager
def running() -> Iterator[Browser]:
    """Run the browser, without a window. Raises Absent, and Void if it fails."""
    program = os.environ.get("FEEDBACK_TEST_CHROMIUM") or next(
        filter(None, map(shutil.which, _NAMES)), None
    )
    if not program:
        raise Absent("no Chromium; install it or name one in FEEDBACK_TEST_CHROMIUM")
    try:
        with (
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=program, args=_ARGS) as browser,
        ):
            with tab(browser) as page:  # the first takes longer than any after it
                page.goto("about:blank")
            yield browser
    except Error as error:
        raise Void(f"Chromium: {error.message.splitlines()[0]}") from error


@contextmanager
def tab(browser: Browser, script: str = "") -> Iterator[Page]:
    """Open a tab that has nothing in its cache and a process of its own.

    It watches what each page does to its reader (`seen`); `script` runs there, too, before all
    scripts of the page's own.
    """
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(_WATCH + script)
        yield page


def rest(page: Page) -> None:
    """Wait until a page has nothing left to do."""
    page.evaluate("rest()")


def seen(page: Page) -> Seen:
    """Tell what has been seen of a page so far."""
    return Seen(**page.evaluate("seen"))


@contextmanager
def traced(browser: Browser, page: Page) -> Iterator[list[Event]]:
    """Trace what the page's threads do; the events are there when the block has ended.

    They are Chromium's own, as its developer tools draw them:
    https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
    """
    events: list[Event] = []
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    try:
        yield events
    finally:
        events += json.loads(browser.stop_tracing())["traceEvents"]


def slow(page: Page, times: int, trip: int) -> None:
    """From now on let the processor be so many times slower, and answers wait so many ms."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": times})
    conditions = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", conditions | {"latency": trip})
