"""From Ctrl+Enter to a decision: the real service, an article elsewhere, a mouse and keys."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.article import article, strict_policy
from tests.browser.conftest import ReaderPage
from tests.browser.loopback import ArticleSite
from tests.browser.service import EDITOR, PASSWORD, Service, a_port

#: Milliseconds that a look may take on a busy machine.
PATIENCE = 40_000

REAL_PAGES = sorted((Path(__file__).parents[3] / "shared" / "pages").glob("*.html"))


@pytest.fixture(scope="module")
def service(
    article_site: ArticleSite, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    installed = Service(tmp_path_factory.mktemp("service"), f"127.0.0.1:{a_port()}")
    with opened(installed, article_site):
        yield installed


@pytest.fixture
def watching(article_site: ArticleSite, tmp_path: Path) -> Iterator[Service]:
    """A service that may fetch the articles, here, where addresses are private."""
    more = {
        "FEEDBACK_FETCH_ALLOW": urlsplit(article_site.origin).netloc,
        "FEEDBACK_FETCH_PAUSE": "0",
    }
    with opened(Service(tmp_path, f"127.0.0.1:{a_port()}", more=more), article_site) as installed:
        yield installed


@contextmanager
def opened(installed: Service, article_site: ArticleSite) -> Iterator[Service]:
    """Run a service with one site and Ed."""
    installed.install(article_site.origin)
    with installed.running():
        yield installed


@pytest.fixture
def ed(browser: Browser, service: Service) -> Iterator[Page]:
    """Ed, signed in at the desk."""
    with at_desk(browser, service) as page:
        yield page


@contextmanager
def at_desk(browser: Browser, service: Service) -> Iterator[Page]:
    context = browser.new_context(base_url=service.origin)
    page = context.new_page()
    page.goto("/desk/")
    page.get_by_label("E-mail").fill(EDITOR)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk/sites/*/")
    yield page
    context.close()


class Ann(ReaderPage):
    """Ann at an article of the real site, with the real service behind it."""

    def __init__(self, page: Page, site: ArticleSite, service: Service) -> None:
        super().__init__(page, site, service)

    def read(self, path: str) -> "Ann":
        """Open an article that embeds by the README's line, under the strict policy."""
        html = article(f"{self.service.origin}/embed.js")
        policy = {"Content-Security-Policy": strict_policy(self.service.origin)}
        self.page.goto(self.site.publish(path, html, policy), wait_until="load")
        return self

    def send(self, correction: str, comment: str = "") -> "Ann":
        self.correction.fill(correction)
        self.comment.fill(comment)
        self.button("Send").click()
        return self


@pytest.fixture
def ann(page: Page, article_site: ArticleSite, service: Service) -> Iterator[Ann]:
    reader = Ann(page, article_site, service)
    yield reader
    assert reader.noise == []


def double_click(ann: Ann) -> str:
    ann.double_click("Novembre")
    return "Novembre"


def drag(ann: Ann) -> str:
    ann.drag_over("promised a new lamp")
    return "promised a new lamp"


def triple_click(ann: Ann) -> str:
    ann.triple_click("Nothing was writen")
    return "Nothing was writen about the cat."


@pytest.mark.parametrize("select", [double_click, drag, triple_click])
def test_what_a_reader_selects_and_sends_is_decided_by_key(
    ann: Ann, ed: Page, service: Service, select: Callable[[Ann], str]
) -> None:
    ann.read(f"/journey/{select.__name__}")
    words = select(ann)
    ann.press()
    expect(ann.passage.locator("mark")).to_have_text(words)
    expect(ann.correction).to_have_value(words)

    ann.send(words + "!", "Look here.")
    expect(ann.outcome).to_contain_text("Thank you")
    ed.reload()
    ed.keyboard.press("j")
    current = ed.locator("[data-row][aria-current]")
    expect(current).to_contain_text(words[:20])
    spot_id = int((current.get_attribute("id") or "").removeprefix("spot-"))
    ed.keyboard.press("a")
    expect(ed.get_by_role("status")).to_contain_text("Accepted")

    spot = service.spot(spot_id)
    assert (spot["status"], spot["quote"]["exact"]) == ("accepted", words)
    assert [decision["by"] for decision in spot["decisions"]] == [EDITOR]
    assert [report["comment"] for report in spot["reports"]] == ["Look here."]
    ed.keyboard.press("u")
    expect(ed.get_by_role("status")).to_contain_text("Undone")
    assert service.spot(spot_id)["status"] == "waiting"


def test_a_second_reader_is_told_of_the_first_and_the_receipt_of_the_end(
    ann: Ann, ed: Page, service: Service
) -> None:
    for _ in range(2):
        ann.read("/journey/twice").report("Novembre").send("November")
        expect(ann.outcome).to_contain_text("Thank you")
    expect(ann.outcome).to_contain_text("2 readers")
    receipt = ann.dialog.get_by_role("link").get_attribute("href") or ""
    spot = next(s for s in service.spots() if s["article"]["url"].endswith("/journey/twice"))

    ed.goto(f"/desk/spots/{spot['id']}")
    ed.keyboard.press("f")
    expect(ed.get_by_role("status")).to_contain_text("fixed")

    assert spot["readers"] == 2
    ed.goto(receipt)
    expect(ed.get_by_role("heading", level=1)).to_have_text("It is corrected")


def test_the_desks_link_leads_to_the_words(ann: Ann, service: Service) -> None:
    ann.read("/journey/link").report("Novembre").send("November")
    expect(ann.outcome).to_contain_text("Thank you")
    spot = next(s for s in service.spots() if s["article"]["url"].endswith("/journey/link"))

    ann.page.set_viewport_size({"width": 800, "height": 120})
    ann.page.goto("about:blank")
    ann.page.goto(spot["link"])

    box = ann._box("Novembre")
    assert 0 <= box["top"] <= 120


def test_a_mended_article_closes_its_spot_and_the_reader_reads_so(
    browser: Browser, page: Page, article_site: ArticleSite, watching: Service
) -> None:
    ann = Ann(page, article_site, watching).read("/journey/mended").report("Novembre")
    ann.send("November")
    expect(ann.outcome).to_contain_text("Thank you")
    receipt = ann.dialog.get_by_role("link").get_attribute("href") or ""
    with at_desk(browser, watching) as ed:
        row = ed.locator("[data-row]")
        row.get_by_role("link", name="Open").click()
        ed.wait_for_url("**/desk/spots/*")  # keys are heard from then on
        seen = ed.get_by_role("region", name="In the article")
        ed.keyboard.press("l")
        expect(seen).to_contain_text("Still in the article", timeout=PATIENCE)

        article_site.publish("/journey/mended", article("").replace("Novembre", "November"))
        ed.keyboard.press("l")
        expect(seen).to_contain_text("Now reads “November”", timeout=PATIENCE)
        ed.keyboard.press("l")

        record = ed.get_by_role("region", name="Record")
        expect(record).to_contain_text("It reads “November”", timeout=PATIENCE)
        expect(record).to_contain_text("The article check")
        ed.goto(receipt)
        expect(ed.get_by_role("heading", level=1)).to_have_text("It is corrected")
        expect(ed.locator("main")).to_contain_text("it read “November”")
    (spot,) = watching.spots(status="fixed")
    assert (spot["presence"], spot["reads"]) == ("changed", "November")
    assert ann.noise == []


# Real pages, where there are some


PICK = """
(least) => {
  const shown = (range, own) => {
    own.scrollIntoView({block: 'center'});
    const box = range.getClientRects()[0];
    if (!box || box.width < 4 || box.height < 4) return null;
    const y = (box.top + box.bottom) / 2;
    const there = (x) => {
      const hit = document.elementFromPoint(x, y);
      return hit && (own.contains(hit) || hit.contains(own));
    };
    const found = {left: box.left, right: box.right, x: box.left + Math.min(9, box.width / 2), y};
    return there(found.x) && there(found.right - 1) ? found : null;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const other = 'script, style, noscript, template, iframe, object, a, button, input, select,'
    + ' textarea, summary, label, [contenteditable]';
  for (let tried = 0; tried < 400 && walker.nextNode();) {
    const node = walker.currentNode;
    const word = /[\\p{L}]{4,}/u.exec(node.data);
    if (!word || node.data.trim().length < least || node.parentElement.closest(other)) continue;
    tried++;
    const range = document.createRange();
    range.setStart(node, word.index);
    range.setEnd(node, Math.min(node.length, word.index + 24));
    const found = shown(range, node.parentElement);
    if (found) return found;
  }
  return null;
}
"""


def a_word(page: Page, at: dict[str, float]) -> None:
    page.mouse.dblclick(at["x"], at["y"])


def a_phrase(page: Page, at: dict[str, float]) -> None:
    page.mouse.move(at["left"] + 1, at["y"])
    page.mouse.down()
    page.mouse.move(at["right"] - 1, at["y"], steps=5)
    page.mouse.up()


def a_paragraph(page: Page, at: dict[str, float]) -> None:
    page.mouse.click(at["x"], at["y"], click_count=3)


def serve_only(page: Page, *origins: str) -> None:
    """Let nothing in but what our own two servers give: no script of the page's, no picture."""

    def judge(route: Route) -> None:
        if route.request.url.startswith(origins):
            route.continue_()
        else:
            route.abort()

    page.route("**/*", judge)


def embedded(html: bytes, service: Service) -> str:
    line = f'<script async src="{service.origin}/embed.js"></script>'
    text = html.decode("utf-8", "replace")
    placed, count = re.subn(r"(?i)(<head[^>]*>)", rf"\1{line}", text, count=1)
    return placed if count else line + text


def letters(text: str) -> str:
    """A text without its white space, of which a browser's own idea depends on the style."""
    return "".join(text.split())


@pytest.mark.parametrize("select", [a_word, a_phrase, a_paragraph])
@pytest.mark.parametrize("path", REAL_PAGES, ids=lambda path: path.stem)
def test_real_pages_are_reported_and_decided(
    page: Page,
    ed: Page,
    article_site: ArticleSite,
    service: Service,
    path: Path,
    select: Callable[[Page, dict[str, float]], None],
) -> None:
    serve_only(page, article_site.origin, service.origin)
    where = f"/real/{path.stem}/{select.__name__}"
    page.goto(article_site.publish(where, embedded(path.read_bytes(), service)))
    page.wait_for_load_state("load")
    ann = Ann(page, article_site, service)
    at = page.evaluate(PICK, 40) or page.evaluate(PICK, 4)
    assert at, "no word of the page can be seen"

    select(page, at)
    chosen = ann.selection
    ann.press()
    ann.passage.wait_for()
    marked = ann.passage.locator("mark").inner_text()
    page.keyboard.press("Control+Enter")  # sends, whatever the language of the button
    expect(ann.outcome).not_to_be_empty()
    spot = newest(service)
    ed.goto(f"/desk/spots/{spot['id']}")
    ed.keyboard.press("f")
    expect(ed.get_by_role("status")).to_contain_text("fixed")

    assert letters(chosen)
    assert letters(marked) == letters(spot["quote"]["exact"])
    assert letters(chosen) in letters(marked)  # which has the rest of a word that was cut
    assert service.spot(spot["id"])["status"] == "fixed"


def newest(service: Service) -> dict[str, Any]:
    return service.spots(limit="1")[0]
