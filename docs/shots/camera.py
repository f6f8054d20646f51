"""The camera: windows on the demo, the ways through its pages, and what is kept of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from docs.shots.demo import ARTICLE, BASE, Demo

PICTURES = Path(__file__).parent.with_name("pictures")

SELECT = """word => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.data.indexOf(word);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(walker.currentNode, at);
    range.setEnd(walker.currentNode, at + word.length);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    walker.currentNode.parentElement.scrollIntoView({ block: "center" });
    return;
  }
}"""


@contextmanager
def looking(
    browser: Browser,
    demo: Demo,
    width: int,
    height: int,
    *,
    sharp: float = 1.25,
    **looks: Any,
) -> Iterator[Page]:
    """Open a window on the demo, `width` by `height` CSS pixels, as a browser's context has it."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=sharp,
        reduced_motion="reduce",
        locale="en-GB",
        **looks,
    )
    context.route("**/*", lambda route: demo.relay(route))  # noqa: PLW0108 -- it marks what it is given
    try:
        yield context.new_page()
    finally:
        context.unroute_all(behavior="ignoreErrors")
        context.close()


def keep(page: Page, name: str, **options: object) -> None:
    """Keep a picture of what the page shows."""
    page.screenshot(
        path=PICTURES / f"{name}.png",
        animations="disabled",
        caret="hide",
        **options,  # type: ignore[arg-type]
    )


def sign_in(page: Page, demo: Demo) -> None:
    """Let the demo's editor in."""
    page.goto(BASE + "/sign-in")
    page.get_by_label("E-mail").fill(demo.email)
    page.get_by_label("Password").fill(demo.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk/{all,sites}/**")


def open_dialog(page: Page, word: str, article: str = ARTICLE) -> None:
    """Select a word of an article and press the keys."""
    page.goto(article)
    page.evaluate(SELECT, word)
    page.keyboard.press("Control+Enter")
    page.locator("reader-feedback dialog").wait_for()


def open_spot(page: Page, queue: str, word: str) -> None:
    """Go to the page of the spot that quotes `word`."""
    page.goto(queue)
    page.locator("[data-row]", has_text=word).get_by_role("link", name="Open").click()
    page.wait_for_url("**/desk/spots/*")


def fit(page: Page) -> None:
    """Make the window as tall as what stands on the page, and a little taller."""
    size = page.viewport_size
    assert size is not None  # noqa: S101 -- every window here has one
    low = page.evaluate(
        "Math.max(...[...document.querySelectorAll('main *')]"
        ".filter(element => element.checkVisibility())"
        ".map(element => element.getBoundingClientRect().bottom))"
    )
    page.set_viewport_size({"width": size["width"], "height": int(low) + 32})


def keep_near(page: Page, name: str, *selectors: str, margin: int = 12) -> None:
    """Keep a picture of elements and a little around them."""
    page.locator(selectors[0]).scroll_into_view_if_needed()
    boxes = [box for each in selectors if (box := page.locator(each).bounding_box())]
    left = max(0, min(box["x"] for box in boxes) - margin)
    top = max(0, min(box["y"] for box in boxes) - margin)
    right = max(box["x"] + box["width"] for box in boxes) + margin
    low = max(box["y"] + box["height"] for box in boxes) + margin
    keep(page, name, clip={"x": left, "y": top, "width": right - left, "height": low - top})


def keep_rows(page: Page, name: str, number: int) -> None:
    """Keep a picture of the queue, as far as its first `number` rows."""
    fit(page)
    page.evaluate("scrollTo(0, 0)")
    box = page.locator(f".rows > li:nth-child({number})").bounding_box()
    size = page.viewport_size
    assert box is not None and size is not None  # noqa: S101, PT018 -- the demo has more rows
    keep(
        page,
        name,
        clip={"x": 0, "y": 0, "width": size["width"], "height": box["y"] + box["height"]},
    )
