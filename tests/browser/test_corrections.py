"""What was corrected, as readers see it: the note at an article's end, the page, the badge."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect

from feedback import sites
from feedback.accounts.models import Editor, Role
from feedback.db import db
from feedback.desk.decisions import Verdict, decide
from feedback.desk.models import Kind
from feedback.reports.models import Spot
from feedback.sites import Site
from tests.browser.article import BODY, article, strict_policy
from tests.browser.conftest import ReaderPage
from tests.browser.desk_app import DeskApp, running_desk
from tests.browser.loopback import ArticleSite
from tests.browser.test_desk import Visit, faults, tables, visit
from tests.browser.test_people import OWNER, sign_in
from tests.makers import ORIGIN

__all__ = ["tables", "visit"]

TEXT = BODY.replace("<p data-feedback-caption></p>", "")
PLACE = "<div data-feedback-corrections></div>"
HOSTILE = "<img src=x onerror=alert(1)>"
TOLD: dict[str, Any] = {
    "lang": "en",
    "corrections": [
        {"said": "recieved", "says": "received", "at": "2026-03-12T12:00:00.000000Z"},
        {"said": "very", "says": "", "at": "2026-03-11T12:00:00.000000Z"},
    ],
    "more": False,
    "link": "https://feedback.example/corrections/1?article=x",
}


@pytest.fixture
def desk(tmp_path: Path, tables: Path) -> Iterator[DeskApp]:
    """A desk whose decisions are told at once."""
    with running_desk(tmp_path, tables, undo_seconds=0) as running:
        yield running


@pytest.fixture
def told(reader_page: ReaderPage) -> Iterator[ReaderPage]:
    """Ann, at articles that were corrected."""
    reader_page.service.corrections = TOLD
    yield reader_page
    reader_page.service.corrections = {}


def note(reader: ReaderPage) -> Locator:
    return reader.page.locator("[data-feedback-corrections] section")


def asked(reader: ReaderPage) -> list[str]:
    return [each for each in reader.service.requests if each != "GET /embed.js"]


def test_the_note_says_what_was_corrected(told: ReaderPage) -> None:
    told.visit(body=TEXT + PLACE)

    expect(note(told)).to_contain_text("recieved was corrected to received.")
    expect(note(told)).to_contain_text("very was taken out.")
    expect(note(told).locator("time").first).to_have_text("Mar 12, 2026")
    expect(note(told)).to_have_attribute("aria-labelledby", "title")
    link = note(told).get_by_role("link", name="All corrections")
    expect(link).to_have_attribute("href", TOLD["link"])


def test_the_note_asks_for_the_page_and_its_canonical_address(told: ReaderPage) -> None:
    told.visit(body=TEXT + PLACE)
    expect(note(told)).to_be_visible()

    module, question = asked(told)
    query = parse_qs(urlsplit(question.removeprefix("GET ")).query)
    assert module.endswith("/js/reader/corrections/en.js")
    assert query == {
        "url": [f"{told.site.origin}/article"],
        "canonical": ["https://news.example/lighthouse"],
    }


def test_a_place_may_name_another_article(told: ReaderPage) -> None:
    other = "https://news.example/other?a=1&b=2"
    place = PLACE.replace("corrections", f'corrections="{other.replace("&", "&amp;")}"')

    told.visit(body=TEXT + place)
    expect(note(told)).to_be_visible()

    query = parse_qs(urlsplit(asked(told)[-1]).query)
    assert query == {"url": [other]}


def test_nothing_is_fetched_before_the_place_comes_near(told: ReaderPage) -> None:
    told.visit(body=TEXT + '<div style="height: 500vh"></div>' + PLACE, headers={})
    told.page.wait_for_load_state("networkidle")
    before = asked(told)

    told.page.locator("[data-feedback-corrections]").scroll_into_view_if_needed()

    expect(note(told)).to_be_visible()
    assert before == []


def test_caption_and_note_are_fetched_each_once(told: ReaderPage) -> None:
    told.visit(body=BODY + PLACE + PLACE)
    expect(note(told)).to_have_count(2)
    told.page.evaluate("scrollTo(0, 0)")
    told.page.wait_for_load_state("networkidle")

    modules = [each.rsplit("/reader/")[1] for each in asked(told) if "/reader/" in each]

    assert sorted(modules) == ["caption/en.js", "corrections/en.js"]


@pytest.mark.parametrize("answer", [{}, TOLD | {"corrections": []}])
def test_where_there_is_nothing_to_say_the_page_stays_as_it_is(
    reader_page: ReaderPage, answer: dict[str, Any]
) -> None:
    reader_page.service.corrections = answer
    place = PLACE.replace("></", '><a href="https://f.example/corrections/1">Corrections</a></')

    with reader_page.page.expect_response("**/api/v1/corrections?**"):
        reader_page.visit(body=TEXT + place)
    reader_page.page.wait_for_load_state("networkidle")

    expect(reader_page.page.locator("[data-feedback-corrections]")).to_have_text("Corrections")


def test_words_are_words(told: ReaderPage) -> None:
    words = {"said": HOSTILE, "says": f"{{said}} {HOSTILE}", "at": TOLD["corrections"][0]["at"]}
    told.service.corrections = TOLD | {"corrections": [words]}

    told.visit(body=TEXT + PLACE)

    expect(note(told)).to_contain_text(f"{HOSTILE} was corrected to {{said}} {HOSTILE}.")
    expect(note(told).locator("img")).to_have_count(0)


@pytest.mark.parametrize(
    ("lang", "direction", "text"),
    [("de", "ltr", "wurde zu"), ("ar", "rtl", "صُحِّح"), ("uk-UA", "ltr", "виправлено на")],
)
def test_the_note_speaks_the_articles_language(
    told: ReaderPage, lang: str, direction: str, text: str
) -> None:
    told.visit(body=TEXT + PLACE, lang=lang)

    expect(note(told)).to_contain_text(text)
    expect(note(told)).to_have_css("direction", direction)


def test_the_note_is_no_part_of_the_articles_text(told: ReaderPage) -> None:
    for corrections in ({}, TOLD):
        told.service.corrections = corrections
        with told.page.expect_response("**/api/v1/corrections?**"):
            told.visit(body=TEXT + PLACE)
        expect(note(told)).to_have_count(1 if corrections else 0)
        told.report("Novembre")
        told.button("Send").click()
        expect(told.outcome).to_be_visible()

    without, with_note = (report["position"] for report in told.service.reports)
    assert with_note == without


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_note(told: ReaderPage, scheme: Any) -> None:
    told.page.emulate_media(color_scheme=scheme)
    head = '<meta name="color-scheme" content="light dark">'
    told.visit(body=TEXT + PLACE, headers={}, head=head)
    expect(note(told)).to_be_visible()

    assert Axe().run(told.page, "[data-feedback-corrections]").response["violations"] == []


# The page


def corrected(desk: DeskApp, **where: Any) -> None:
    """A site that tells what it corrects, and what it corrected."""
    long = f"{ORIGIN}/" + "long/" * 30
    ids = [
        desk.reported("recieved", "received", **where),
        desk.reported("Novembre", "November", url=long, title="A " + "verylongword" * 12),
        desk.reported("beleive", "بيليف", **where),
    ]

    def fix() -> None:
        db.session.get_one(Site, desk.site_id).corrections = True
        db.session.commit()
        for spot_id in ids:
            spot, editor = db.session.get_one(Spot, spot_id), db.session.get_one(Editor, 1)
            decide(db.session, spot, editor, Verdict(Kind.FIX, spot.version))
            db.session.commit()

    desk.ask(fix)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_has_no_fault_that_axe_knows(
    desk: DeskApp, visit: Visit, scheme: str, width: int
) -> None:
    corrected(desk)
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    page = visit(java_script_enabled=True, **options)

    page.goto("/corrections/1")

    expect(page.get_by_role("listitem").filter(has_text="received")).not_to_have_count(0)
    assert faults(page) == []
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desks_pages_have_none_either(desk: DeskApp, visit: Visit, scheme: str) -> None:
    desk.employ(OWNER, Role.OWNER)
    corrected(desk)
    page = sign_in(visit(color_scheme=scheme, viewport={"width": 320, "height": 800}), OWNER)

    page.goto("/desk/sites/1/corrections")
    found = faults(page)
    page.goto("/desk/profile/feeds")
    page.get_by_role("button", name="Make an address").click()

    expect(page.get_by_role("heading", name="Your secret addresses")).to_be_visible()
    assert [*found, *faults(page)] == []


def test_the_page_works_without_scripts(desk: DeskApp, visit: Visit) -> None:
    corrected(desk)
    page = visit(java_script_enabled=False)

    page.goto("/corrections/1")
    page.get_by_role("link", name="The lighthouse keeper’s last winter").first.wait_for()
    page.goto(f"/corrections/1?article={ORIGIN}/news/captain")
    expect(page.locator(".corrections > li")).to_have_count(2)
    page.get_by_role("link", name="All corrections").click()

    expect(page.locator(".corrections > li")).to_have_count(3)
    assert page.context.cookies() == []


def test_an_article_tells_its_corrections_by_the_service_itself(
    desk: DeskApp, visit: Visit, article_site: ArticleSite
) -> None:
    html = article(f"{desk.address}/embed.js", body=TEXT + PLACE, head="")
    policy = {"Content-Security-Policy": strict_policy(desk.address)}
    address = article_site.publish("/corrected", html, policy)
    desk.ask(lambda: (sites.add(db.session, "Paper", [article_site.origin]), db.session.commit()))
    corrected(desk, url=address)
    page = visit()

    page.goto(address)

    told = page.locator("[data-feedback-corrections] section")
    expect(told).to_contain_text("recieved was corrected to received.")
    expect(told.get_by_role("listitem")).to_have_count(2)
    assert page.context.cookies() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_badge_is_drawn_on_any_page_and_by_itself(
    desk: DeskApp, visit: Visit, told: ReaderPage, scheme: Any
) -> None:
    corrected(desk)
    badge = f"{desk.address}/corrections/1/badge.svg"
    told.page.emulate_media(color_scheme=scheme)
    policy = {"Content-Security-Policy": f"default-src 'none'; img-src {desk.address}"}
    html = article("data:,", body=f'<img src="{badge}" alt="Misspellings fixed">')

    told.page.goto(
        told.site.publish("/badge", html.replace("<script async", "<script type=x"), policy)
    )
    picture = told.page.get_by_role("img")
    drawn = picture.evaluate("async each => (await each.decode(), each.naturalWidth)")
    page = visit(color_scheme=scheme)
    page.goto(badge)

    assert drawn > 200
    expect(page.locator("text")).to_have_text("3 misspellings fixed this month, thanks to readers")
    fill = page.locator("text").evaluate("each => getComputedStyle(each).fill")
    assert fill == {"light": "rgb(26, 28, 33)", "dark": "rgb(236, 238, 242)"}[scheme]
    width = page.locator("text").evaluate("each => each.getBBox().width")
    assert width < drawn
