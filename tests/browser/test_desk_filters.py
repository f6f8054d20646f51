"""Finding spots in a real browser: search, filters in the address, views that are kept."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, expect

from feedback.db import db
from feedback.desk import index
from feedback.desk.queue import pages
from tests.browser.desk_app import LIGHTHOUSE, DeskApp
from tests.browser.test_desk import Visit, desk, ed, faults, queue, sign_in, tables, visit
from tests.browser.test_desk_deciding import decided_by_olga

__all__ = ["desk", "ed", "tables", "visit"]


def indexed(desk: DeskApp) -> tuple[int, int]:
    """Two spots in articles of their own, as the worker's index has them."""
    here = desk.reported("recieved", "received")
    there = desk.reported("Tuesday", url="https://paper.example/other", title="Another day")
    desk.looked(here, LIGHTHOUSE, section="Sea", author="Marta")

    def refresh() -> None:
        while index.refresh(db.session, 100):
            db.session.commit()
        db.session.commit()

    desk.ask(refresh)
    return here, there


def asked(page: Page) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(page.url).query))


def expect_rows(page: Page, *spots: int) -> None:
    expect(page.locator("[data-row]")).to_have_count(len(spots))
    for spot_id in spots:
        expect(page.locator(f"#spot-{spot_id}")).to_be_visible()


def test_the_slash_leads_to_the_search_and_escape_back(desk: DeskApp, ed: Page) -> None:
    here, _ = indexed(desk)
    queue(ed, desk).locator(f"#spot-{here}").focus()
    field = ed.get_by_role("searchbox", name="Search")

    ed.keyboard.press("/")
    expect(field).to_be_focused()
    ed.keyboard.press("Escape")
    expect(ed.locator(f"#spot-{here}")).to_be_focused()
    ed.keyboard.press("/")
    ed.keyboard.type("lighthouse")
    ed.keyboard.press("Enter")

    expect_rows(ed, here)
    assert asked(ed) == {"q": "lighthouse"}


def test_filters_live_in_the_address_and_are_taken_away_one_by_one(desk: DeskApp, ed: Page) -> None:
    here, there = indexed(desk)
    queue(ed, desk)
    ed.locator(".filter summary").click()
    ed.get_by_label("Kind of mistake").select_option(label="Letters swapped")
    ed.get_by_label("Section").fill("Sea")
    ed.get_by_label("Readers, at least").fill("1")
    ed.get_by_role("button", name="Show").click()
    expect_rows(ed, here)
    assert asked(ed) == {"slip": "transposed", "section": "Sea", "readers": "1"}
    chips = ed.get_by_role("list", name="What is asked for")

    chips.get_by_role("link", name="Letters swapped").click()
    chips.get_by_role("link", name="Section: Sea").click()

    expect_rows(ed, here, there)


def test_the_likely_kind_of_mistake_stands_in_the_row(desk: DeskApp, ed: Page) -> None:
    here, there = indexed(desk)
    queue(ed, desk)

    expect(ed.locator(f"#spot-{here} .facts")).to_contain_text("Letters swapped")
    expect(ed.locator(f"#spot-{here} .facts")).to_contain_text("Sea")
    expect(ed.locator(f"#spot-{there} .slip")).to_have_count(0)


def test_nothing_that_is_found_leads_back_to_everything(desk: DeskApp, ed: Page) -> None:
    here, there = indexed(desk)
    ed.goto(f"/desk/sites/{desk.site_id}/?author=Nobody")
    expect(ed.get_by_role("heading", name="Nothing is found")).to_be_visible()

    ed.get_by_role("link", name="Clear the search and the filters").click()

    expect_rows(ed, here, there)


def test_a_search_goes_over_all_statuses_by_a_tab_or_a_button(desk: DeskApp, ed: Page) -> None:
    here, there = indexed(desk)
    decided_by_olga(desk, here)
    ed.goto(f"/desk/sites/{desk.site_id}/?q=lighthouse")
    tab = ed.get_by_role("navigation", name="Status").get_by_role("link", name="All")
    expect(tab).to_contain_text("1")

    ed.get_by_role("link", name="Search in all statuses").click()

    expect_rows(ed, here)
    expect(tab).to_have_attribute("aria-current", "page")
    assert asked(ed) == {"q": "lighthouse", "status": "any"}
    assert there


@pytest.mark.parametrize("scripts", [True, False])
def test_a_page_that_is_short_of_rows_says_so_and_leads_on(
    desk: DeskApp, visit: Visit, monkeypatch: pytest.MonkeyPatch, scripts: bool
) -> None:
    _, there = indexed(desk)
    monkeypatch.setattr(pages, "LOOKED", 1)
    monkeypatch.setattr(pages, "_SOME", 1)
    page = sign_in(visit(java_script_enabled=scripts))

    page.goto(f"/desk/sites/{desk.site_id}/?presence=unchecked")
    expect(page.get_by_role("heading", name="Nothing is found so far")).to_be_visible()
    page.get_by_role("link", name="Look further").click()

    expect_rows(page, there)


def test_a_view_is_kept_with_its_count_and_removed(desk: DeskApp, ed: Page) -> None:
    here, _ = indexed(desk)
    ed.goto(f"/desk/sites/{desk.site_id}/?section=Sea")
    ed.locator(".keep summary").click()
    ed.get_by_label("Save this view as").fill("At sea")
    ed.get_by_role("button", name="Save", exact=True).click()
    kept = ed.get_by_role("navigation", name="Saved views")
    expect(kept.get_by_role("link", name="At sea")).to_contain_text("1")

    queue(ed, desk)
    kept.get_by_role("link", name="At sea").click()
    expect_rows(ed, here)
    ed.locator(".keep summary").click()
    ed.get_by_role("button", name="Remove At sea").click()

    expect(kept).to_have_count(0)


def test_finding_works_without_scripts(desk: DeskApp, visit: Visit) -> None:
    here, there = indexed(desk)
    page = queue(sign_in(visit(java_script_enabled=False)), desk)

    page.get_by_role("searchbox", name="Search").fill("another")
    page.get_by_role("button", name="Find").click()
    expect_rows(page, there)
    queue(page, desk)
    page.locator(".filter summary").click()
    page.get_by_label("Author").fill("Marta")
    page.get_by_role("button", name="Show").click()

    expect_rows(page, here)


def test_the_order_is_explained(desk: DeskApp, ed: Page) -> None:
    indexed(desk)
    queue(ed, desk)

    urgent = ed.get_by_role("navigation", name="Order").get_by_role("link", name="Most urgent")

    expect(urgent).to_have_attribute("aria-current", "true")
    expect(urgent).to_have_attribute(
        "title",
        "Newest first; each doubling of readers counts as "
        "twelve hours newer, a sure kind of mistake as six",
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_finding_has_no_fault_that_axe_knows(
    desk: DeskApp, visit: Visit, scheme: str, width: int
) -> None:
    indexed(desk)
    page = sign_in(visit(color_scheme=scheme, viewport={"width": width, "height": 800}))
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    found = {}

    for address in (
        "",
        "?q=lighthouse&section=Sea&presence=still",
        "?author=Nobody",
        "?status=any",
    ):
        page.goto(f"/desk/sites/{desk.site_id}/{address}")
        found[address] = [*faults(page), *(["too wide"] if page.evaluate(wider) else [])]
    page.locator(".filter summary").click()
    found["filter"] = [*faults(page), *(["too wide"] if page.evaluate(wider) else [])]
    page.keyboard.press("Escape")
    page.locator(".keep summary").click()
    found["views"] = [*faults(page), *(["too wide"] if page.evaluate(wider) else [])]

    assert {name: each for name, each in found.items() if each} == {}
