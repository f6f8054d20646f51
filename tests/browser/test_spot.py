"""A spot's page in a real browser: what the article says, looking now, merging and splitting."""

import pytest
from playwright.sync_api import Page, expect

from feedback.articles.looking import Failure
from tests.browser.desk_app import LIGHTHOUSE, DeskApp
from tests.browser.test_desk import ARABIC, Visit, desk, ed, faults, queue, sign_in, tables, visit

__all__ = ["desk", "ed", "tables", "visit"]

FIXED = LIGHTHOUSE.replace("recieved", "received")
WITHOUT = LIGHTHOUSE.replace(LIGHTHOUSE.split("\n")[1], "An advertisement, of all things. " * 9)


def open_spot(page: Page, spot_id: int) -> Page:
    page.goto(f"/desk/spots/{spot_id}")
    return page


def test_l_has_the_article_looked_at_and_the_page_shows_what_it_says(
    desk: DeskApp, ed: Page
) -> None:
    spot_id = desk.reported("recieved", "received")
    desk.looked(spot_id, LIGHTHOUSE)
    seen = open_spot(ed, spot_id).get_by_role("region", name="In the article")
    expect(seen).to_contain_text("Still in the article")

    ed.keyboard.press("l")
    expect(ed.get_by_role("status")).to_contain_text("being looked at")
    desk.looked(spot_id, FIXED)

    expect(seen).to_contain_text("Now reads “received”")


def test_what_was_typed_is_not_lost_to_a_look(desk: DeskApp, ed: Page) -> None:
    spot_id = desk.reported("recieved", "received")
    desk.looked(spot_id, LIGHTHOUSE)
    note = open_spot(ed, spot_id).get_by_label("Note for colleagues").first

    ed.keyboard.press("l")
    expect(ed.get_by_role("status")).to_contain_text("being looked at")
    note.fill("I asked the author.")
    desk.looked(spot_id, FIXED)

    expect(ed.get_by_role("status")).to_contain_text("load the page anew")
    expect(note).to_have_value("I asked the author.")


def test_m_leads_to_the_other_spots_and_one_is_chosen_by_keys(desk: DeskApp, ed: Page) -> None:
    spot_id, other = desk.reported("recieved", "received"), desk.reported("beleive", "believe")
    open_spot(ed, spot_id)

    ed.keyboard.press("m")
    expect(ed).to_have_url(f"{desk.address}/desk/spots/{spot_id}#others")
    ed.keyboard.press("Tab")
    ed.keyboard.press("Space")
    ed.keyboard.press("Enter")

    expect(ed.get_by_role("status")).to_contain_text("Merged into another spot recieved")
    expect(ed).to_have_url(f"{desk.address}/desk/spots/{other}")
    ed.keyboard.press("u")
    expect(ed.get_by_role("status")).to_contain_text("Undone")
    assert desk.spot(spot_id).status == "waiting"


def test_merging_and_splitting_work_without_scripts(desk: DeskApp, visit: Visit) -> None:
    spot_id, other = desk.reported("recieved", "received"), desk.reported("beleive", "believe")
    page = open_spot(sign_in(visit(java_script_enabled=False)), spot_id)

    page.get_by_role("radio").check()
    page.get_by_role("button", name="Merge this spot").click()
    expect(page.get_by_role("region", name="Record")).to_contain_text("was merged into this one")
    assert (desk.spot(spot_id).status, desk.spot(other).readers) == ("merged", 2)

    page.get_by_role("checkbox", name="Choose the report “recieved”").check()
    page.get_by_role("button", name="Move the chosen reports").click()
    record = page.get_by_role("region", name="Record")
    expect(record).to_contain_text("Split into two spots")
    assert desk.spot(other).readers == 1

    record.get_by_role("link", name="recieved").first.click()
    expect(page.get_by_role("region", name="Record")).to_contain_text("Split off from another spot")

    page.get_by_role("button", name="Look now").click()
    expect(page.get_by_role("status")).to_contain_text("being looked at")


def test_without_a_choice_nothing_is_merged(desk: DeskApp, ed: Page) -> None:
    spot_id, _ = desk.reported("recieved"), desk.reported("beleive")
    open_spot(ed, spot_id)

    ed.get_by_role("button", name="Merge this spot").click()

    expect(ed.get_by_role("radio")).to_be_focused()
    assert desk.spot(spot_id).status == "waiting"


def test_what_the_article_says_keeps_its_own_direction(desk: DeskApp, ed: Page) -> None:
    spot_id = desk.reported("المدرسه", "المدرسة", text=ARABIC, lang="ar")
    desk.looked(spot_id, ARABIC, ARABIC.replace("المدرسه", "المدرسة"))

    seen = open_spot(ed, spot_id).get_by_role("region", name="In the article")

    assert seen.locator("blockquote").evaluate("each => getComputedStyle(each).direction") == "rtl"
    expect(seen.locator(".presence bdi")).to_have_attribute("lang", "ar")


def every_presence(desk: DeskApp) -> dict[str, str]:
    """Pages that between them show all that a look can say, and merges and splits."""
    words = [("recieved", "received"), ("Novembre", "November"), ("beleive", "believe")]
    spots = [desk.reported(*each) for each in words]
    desk.reported("recieved", "received", comment="I before e.")
    walled = desk.reported("recieved", url="https://paper.example/walled")
    desk.looked(spots[0], LIGHTHOUSE, FIXED, author="Ag" * 60, section="Sea")
    desk.missed(walled, Failure.REFUSED)
    gone = desk.reported("beleive", url="https://paper.example/gone")
    desk.looked(gone, LIGHTHOUSE, WITHOUT)
    merged = desk.reported("Tuesday", "Monday")
    site = f"/desk/sites/{desk.site_id}/"
    ids = {"changed": spots[0], "still": spots[1], "gone": gone, "walled": walled, "to be": merged}
    pages = {name: f"/desk/spots/{spot_id}" for name, spot_id in ids.items()}
    return pages | {"queue": site, "merged": f"{site}?status=merged"}


def merge_here(page: Page) -> None:
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Merge this spot").click()
    expect(page.get_by_role("status")).to_contain_text("Merged into another spot")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_that_a_look_says_has_a_fault_that_axe_knows(
    desk: DeskApp, visit: Visit, scheme: str, width: int
) -> None:
    page = sign_in(visit(color_scheme=scheme, viewport={"width": width, "height": 800}))
    pages, found = every_presence(desk), {}
    page.goto(pages["to be"])
    merge_here(page)
    found["after a merge"] = faults(page)

    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for name, address in pages.items():
        page.goto(address)
        found[name] = [*faults(page), *(["too wide"] if page.evaluate(wider) else [])]
    page.goto(pages["changed"])
    page.get_by_role("checkbox").first.check()
    page.get_by_role("radio").first.check()
    found["chosen"] = faults(page)

    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("width", [320, 360, 384, 400])
def test_the_tabs_stand_in_one_row_on_a_telephone(desk: DeskApp, visit: Visit, width: int) -> None:
    desk.reported("recieved")
    page = queue(sign_in(visit(viewport={"width": width, "height": 640})), desk)

    tabs = page.get_by_role("navigation", name="Status").get_by_role("link")
    # All in one moment: what comes in above them moves them down.
    tops = tabs.evaluate_all("tabs => tabs.map((tab) => tab.getBoundingClientRect().top)")

    assert len(set(tops)) == 1
    assert len(tops) == 5
