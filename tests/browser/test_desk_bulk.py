"""Deciding on many at once in a real browser: choosing, with and without scripts, and undoing."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.desk_app import DeskApp
from tests.browser.test_desk import (
    Visit,
    desk,
    ed,
    expect_current,
    faults,
    queue,
    sign_in,
    tables,
    three_spots,
    visit,
)

__all__ = ["desk", "ed", "tables", "visit"]


def bar(page: Page) -> Locator:
    return page.locator("[data-bulk]")


def statuses(desk: DeskApp, spots: list[int]) -> list[str]:
    return [str(desk.spot(each).status) for each in spots]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_x_selects_and_the_bar_is_there_while_anything_is(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk)
    expect(bar(ed)).to_be_hidden()

    press(ed, "j", "x")
    expect(bar(ed)).to_contain_text("1 selected")
    expect_current(ed, first)
    press(ed, "x")

    expect(bar(ed)).to_be_hidden()


def test_shift_x_selects_all_up_to_the_current_row(desk: DeskApp, ed: Page) -> None:
    spots = three_spots(desk)
    queue(ed, desk)

    press(ed, "j", "x", "j", "j", "Shift+X")
    expect(bar(ed)).to_contain_text("3 selected")
    bar(ed).get_by_role("button", name="Accept").click()

    expect(ed.get_by_role("status")).to_contain_text("3 spots")
    assert statuses(desk, spots) == ["accepted"] * 3


def test_what_is_selected_is_rejected_with_a_reason_and_all_of_it_undone(
    desk: DeskApp, ed: Page
) -> None:
    spots = three_spots(desk)
    queue(ed, desk)
    press(ed, "j", "x", "j", "x")
    bar(ed).get_by_label("Reason to reject").select_option(label="It is our house style")
    bar(ed).get_by_role("button", name="Reject").click()
    expect(ed.get_by_role("status")).to_contain_text("Rejected: 2 spots")
    assert statuses(desk, spots) == ["rejected", "rejected", "waiting"]

    press(ed, "u")

    expect(ed.get_by_role("status")).to_contain_text("Undone: 2 spots")
    assert statuses(desk, spots) == ["waiting"] * 3


def test_all_that_match_are_those_that_were_shown(desk: DeskApp, ed: Page) -> None:
    spots = three_spots(desk)
    queue(ed, desk)
    press(ed, "j", "x")
    late = desk.reported("Tuesday", "Monday")

    bar(ed).get_by_label("All 3 that match").check()
    expect(ed.locator("[data-choice]").first).to_be_disabled()
    bar(ed).get_by_role("button", name="Snooze").click()

    expect(ed.get_by_role("status")).to_contain_text("Snoozed: 3 spots")
    assert statuses(desk, [*spots, late]) == ["snoozed"] * 3 + ["waiting"]


def test_a_row_that_is_decided_is_selected_no_more(desk: DeskApp, ed: Page) -> None:
    three_spots(desk)
    queue(ed, desk)
    press(ed, "j", "x", "j", "x")
    expect(bar(ed)).to_contain_text("2 selected")

    press(ed, "a")

    expect(bar(ed)).to_contain_text("1 selected")


def test_the_page_is_selected_and_let_go(desk: DeskApp, ed: Page) -> None:
    three_spots(desk)
    queue(ed, desk)
    press(ed, "j", "x")

    bar(ed).get_by_role("button", name="Select the page").click()
    expect(bar(ed)).to_contain_text("3 selected")
    bar(ed).get_by_role("button", name="Clear").click()

    expect(bar(ed)).to_be_hidden()


def test_many_are_decided_without_scripts(desk: DeskApp, visit: Visit) -> None:
    first, second, third = three_spots(desk)
    page = queue(sign_in(visit(java_script_enabled=False)), desk)

    for spot_id in (first, third):
        page.locator(f"#spot-{spot_id}").get_by_role("checkbox").check()
    bar(page).get_by_role("button", name="Fixed").click()
    expect(page.get_by_role("status")).to_contain_text("2 spots")
    assert statuses(desk, [first, second, third]) == ["fixed", "waiting", "fixed"]
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Undone")

    bar(page).get_by_label("All 3 that match").check()
    bar(page).get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_contain_text("3 spots")
    assert statuses(desk, [first, second, third]) == ["accepted"] * 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_choosing_has_no_fault_that_axe_knows(
    desk: DeskApp, visit: Visit, scheme: str, width: int
) -> None:
    three_spots(desk)
    size = {"width": width, "height": 800}
    page = queue(sign_in(visit(color_scheme=scheme, viewport=size)), desk)

    press(page, "j", "x")
    some = faults(page)
    bar(page).get_by_label("All 3 that match").check()
    every = faults(page)
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

    assert (some, every, page.evaluate(wider)) == ([], [], 0)
