"""The form for readers whose browser runs no scripts, in a real one."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from feedback import sites
from feedback.db import db
from feedback.reports.models import Report
from tests.browser.article import article
from tests.browser.desk_app import LIGHTHOUSE, DeskApp
from tests.browser.loopback import ArticleSite
from tests.browser.test_desk import Visit, desk, faults, tables, visit
from tests.makers import ORIGIN

__all__ = ["desk", "tables", "visit"]

LEAD = "Found a spelling error? Tell the editors."
WORDS = "The words with the mistake, as they stand in the article"
#: Milliseconds that people take to type, by the form's reckoning, and one for good measure.
TYPING = 2001


@pytest.fixture
def scriptless(visit: Visit) -> Visit:
    """Open a browser that runs no scripts, unless told."""
    return lambda **options: visit(**({"java_script_enabled": False} | options))


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
    desk: DeskApp, scriptless: Visit, article_site: ArticleSite
) -> None:
    page = scriptless()
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


def test_the_next_reader_joins_the_spot_by_what_was_read(desk: DeskApp, scriptless: Visit) -> None:
    spot_id = desk.reported("Novembre", "November")
    desk.looked(spot_id, LIGHTHOUSE)
    page = scriptless()

    page.goto(f"/report?url={ORIGIN}/news/captain")
    page.get_by_label(WORDS).fill("Novembre")
    page.get_by_label("Correction").fill("November")
    send(page)

    expect(page.get_by_text("2 readers said so")).to_be_visible()
    assert reports(desk)[1].prefix == reports(desk)[0].prefix != ""


def test_what_is_wrong_is_said_and_leads_to_its_field(desk: DeskApp, scriptless: Visit) -> None:
    page = scriptless()
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


def test_the_browser_itself_asks_for_the_words(desk: DeskApp, scriptless: Visit) -> None:
    page = scriptless()
    page.goto(f"/report?url={ORIGIN}/news/captain")
    send(page)

    expect(page.get_by_label(WORDS)).to_be_focused()
    assert reports(desk) == []


def test_the_keys_reach_each_field_and_not_the_trap(desk: DeskApp, scriptless: Visit) -> None:
    page = scriptless()
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
    desk: DeskApp, scriptless: Visit, scheme: str, width: int
) -> None:
    page = scriptless(
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
        found[name] = faults(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[name].append("scrolls sideways")

    assert {name: each for name, each in found.items() if each} == {}
