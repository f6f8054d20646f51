"""The form for readers whose browser runs no scripts, in a real one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from feedback import sites
from feedback.db import db
from feedback.reports.models import Report
from tests.browser.article import article
from tests.browser.conftest import NETWORK_NOISE
from tests.browser.desk_app import LIGHTHOUSE, DeskApp, make_tables, running_desk
from tests.browser.loopback import ArticleSite
from tests.makers import ORIGIN

LEAD = "Found a spelling error? Tell the editors."
WORDS = "The words with the mistake, as they stand in the article"
#: Milliseconds that people take to type, by the form's reckoning, and one for good measure.
TYPING = 2001

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tables(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def desk(tmp_path: Path, tables: Path) -> Iterator[DeskApp]:
    with running_desk(tmp_path, tables) as running:
        yield running


@pytest.fixture
def visit(browser: Browser, desk: DeskApp) -> Iterator[Visit]:
    """Open a browser, without scripts unless told. What its console hears fails the test."""
    noise: list[str] = []
    opened: list[BrowserContext] = []

    def hear(message: ConsoleMessage) -> None:
        if not message.text.startswith(NETWORK_NOISE):
            noise.append(message.text)

    def open_page(**options: Any) -> Page:
        usual = {"base_url": desk.address, "java_script_enabled": False}
        context = browser.new_context(**(usual | options))
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", hear)
        return page

    yield open_page
    for context in opened:
        context.close()
    assert noise == []


def send(page: Page) -> None:
    """Send the form, as late as people do."""
    page.wait_for_timeout(TYPING)
    page.get_by_role("button").click()


def reports(desk: DeskApp) -> list[Report]:
    return desk.ask(lambda: list(db.session.scalars(sa.select(Report).order_by(Report.id))))


def newspaper(desk: DeskApp, site: ArticleSite) -> str:
    """Publish an article on an origin of its own, with the caption to paste; give its address."""
    desk.ask(lambda: (sites.add(db.session, "Paper", [site.origin]), db.session.commit()))
    link = f'<a href="{desk.address}/report" referrerpolicy="no-referrer-when-downgrade">{LEAD}</a>'
    body = f"<h1>The lamp</h1><p>Everything is new.</p><p data-feedback-caption>{link}</p>"
    policy = {"Referrer-Policy": "strict-origin-when-cross-origin"}
    return site.publish("/news/lamp", article(f"{desk.address}/embed.js", body=body), policy)


def test_a_reader_without_scripts_reports_from_an_article(
    desk: DeskApp, visit: Visit, article_site: ArticleSite
) -> None:
    page = visit()
    address = newspaper(desk, article_site)

    page.goto(f"{address}?p=1")
    page.get_by_role("link", name=LEAD).click()
    expect(page.get_by_label("Address of the article")).to_have_value(f"{address}?p=1")
    page.get_by_label(WORDS).fill("in Novembre")
    page.get_by_label("Correction").fill("in November")
    page.get_by_label("Your comment (optional)").fill("the month")
    send(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("Your report is with the editors")
    expect(page.get_by_text("the month")).to_be_visible()
    report = reports(desk)[0]
    assert (report.url, report.exact) == (f"{address}?p=1", "in Novembre")
    assert (report.correction, report.comment) == ("in November", "the month")
    assert page.context.cookies() == []


def test_the_next_reader_joins_the_spot_by_what_was_read(desk: DeskApp, visit: Visit) -> None:
    spot_id = desk.reported("Novembre", "November")
    desk.looked(spot_id, LIGHTHOUSE)
    page = visit()

    page.goto(f"/report?url={ORIGIN}/news/captain")
    page.get_by_label(WORDS).fill("Novembre")
    page.get_by_label("Correction").fill("November")
    send(page)

    expect(page.get_by_text("2 readers said so")).to_be_visible()
    assert reports(desk)[1].prefix == reports(desk)[0].prefix != ""


def test_what_is_wrong_is_said_and_leads_to_its_field(desk: DeskApp, visit: Visit) -> None:
    page = visit()
    page.goto("/report?url=https://elsewhere.example/x")
    page.get_by_label(WORDS).fill("Novembre")
    send(page)

    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label(WORDS)).to_have_value("Novembre")
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("Address of the article")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type(f"{ORIGIN}/news/captain")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your report is with the editors")


def test_the_browser_itself_asks_for_the_words(desk: DeskApp, visit: Visit) -> None:
    page = visit()
    page.goto(f"/report?url={ORIGIN}/news/captain")
    send(page)

    expect(page.get_by_label(WORDS)).to_be_focused()
    assert reports(desk) == []


def test_the_keys_reach_each_field_and_not_the_trap(desk: DeskApp, visit: Visit) -> None:
    page = visit()
    page.goto("/report")
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.locator(":focus").get_attribute("name"))

    assert reached == ["address", "words", "correction", "comment", None]
    trap = page.locator(".unseen", has=page.locator("[name=website]")).bounding_box()
    assert trap is not None
    assert trap["width"] <= 1
    assert trap["height"] <= 1


STATES = {"new": "", "arabic": "&lang=ar", "refused": "", "refused in Arabic": "&lang=ar"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_it_has_no_fault_that_axe_knows_and_fits(
    desk: DeskApp, visit: Visit, scheme: str, width: int
) -> None:
    page = visit(
        java_script_enabled=True, color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    found = {}

    for name, query in STATES.items():
        page.goto(f"/report?url=https://elsewhere.example/{'x' * 200}{query}")
        if name.startswith("refused"):
            page.locator("#words").fill("Donaudampfschifffahrtsgesellschaft" * 9)
            page.get_by_role("button").click()  # too fast, and then told of the address
            expect(page.get_by_role("alert")).to_be_visible()
            send(page)
            expect(page.locator("[aria-invalid]")).to_have_count(1)
        faults = Axe().run(page).response["violations"]
        found[name] = [f"{each['id']}: {each['nodes'][0]['target']}" for each in faults]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[name].append("scrolls sideways")

    assert {name: each for name, each in found.items() if each} == {}
