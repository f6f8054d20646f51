"""Deciding from the row in a real browser: in the background, taken back, and refused."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, Route, expect

from feedback.accounts.models import Editor
from feedback.db import db
from feedback.desk import decisions
from feedback.desk.decisions import Verdict
from feedback.desk.models import Kind
from feedback.reports.models import Spot
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

OLGA = "olga@paper.example"

HOLD = "**/decisions"


def row(page: Page, spot_id: int) -> Locator:
    return page.locator(f"#spot-{spot_id}")


def held(page: Page) -> list[Route]:
    """Keep the page's decisions from the server until they are let go."""
    routes: list[Route] = []

    def keep(route: Route) -> None:  # no method of a list: the page looks into what it is given
        routes.append(route)

    page.route(HOLD, keep)
    return routes


def release(page: Page, routes: list[Route]) -> None:
    for route in list(routes):
        route.continue_()
    page.unroute(HOLD)
    page.route(HOLD, lambda route: route.continue_())


def until(page: Page, true: Callable[[], bool]) -> None:
    for _ in range(100):
        if true():
            return
        page.wait_for_timeout(20)
    raise AssertionError("it did not come to that")


def decided_by_olga(desk: DeskApp, spot_id: int, kind: Kind = Kind.FIX) -> None:
    desk.employ(OLGA)

    def decide() -> None:
        spot = db.session.get_one(Spot, spot_id)
        olga = db.session.scalar(sa.select(Editor).where(Editor.email == OLGA))
        decisions.decide(db.session, spot, olga, Verdict(kind, spot.version))
        db.session.commit()

    desk.ask(decide)


def test_the_next_row_is_there_before_the_server_knows(desk: DeskApp, ed: Page) -> None:
    first, second, _ = three_spots(desk)
    queue(ed, desk).keyboard.press("j")
    routes = held(ed)

    current = ed.evaluate("""() => {  // within the key's own task: nothing is waited for
      document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", {key: "a", code: "KeyA", bubbles: true, cancelable: true}));
      return document.querySelector("[data-row][aria-current]").id;
    }""")

    assert current == f"spot-{second}"
    expect_current(ed, second)
    expect(row(ed, first)).to_contain_text("Accepted: will be fixed")
    expect(row(ed, first).get_by_role("button", name="Accept")).to_be_hidden()
    assert desk.spot(first).status == "waiting"
    release(ed, routes)
    expect(ed.get_by_role("status")).to_contain_text("Accepted: will be fixed beleive")
    assert desk.spot(first).status == "accepted"


def test_several_decisions_are_on_their_way_at_once(desk: DeskApp, ed: Page) -> None:
    spots = three_spots(desk)
    queue(ed, desk).keyboard.press("j")
    routes = held(ed)

    for key in "afa":
        ed.keyboard.press(key)
    until(ed, lambda: len(routes) == 3)
    release(ed, routes)

    expect(ed.get_by_text("All of this page is decided.")).to_be_visible()
    until(
        ed, lambda: [desk.spot(each).status for each in spots] == ["accepted", "fixed", "accepted"]
    )


def test_what_is_refused_comes_back_with_what_happened(desk: DeskApp, ed: Page) -> None:
    first, second, _ = three_spots(desk)
    queue(ed, desk).keyboard.press("j")
    decided_by_olga(desk, first)

    ed.keyboard.press("a")

    expect(row(ed, first).get_by_role("alert")).to_contain_text(
        "decided meanwhile: Marked as fixed"
    )
    expect(row(ed, first).get_by_role("button", name="Accept")).to_be_visible()
    expect_current(ed, second)
    assert desk.spot(first).status == "fixed"


def test_without_a_network_nothing_is_lost(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk).keyboard.press("j")
    ed.route(HOLD, lambda route: route.abort())

    ed.keyboard.press("a")
    expect(row(ed, first).get_by_role("alert")).to_contain_text("did not reach the server")
    ed.unroute(HOLD)
    row(ed, first).get_by_role("button", name="Accept").click()

    expect(ed.get_by_role("status")).to_contain_text("Accepted")
    expect(row(ed, first).get_by_role("alert")).to_have_count(0)
    assert desk.spot(first).status == "accepted"


def test_u_takes_back_one_after_the_other(desk: DeskApp, ed: Page) -> None:
    first, second, _ = three_spots(desk)
    queue(ed, desk).keyboard.press("j")
    for key in "af":
        ed.keyboard.press(key)
        expect(ed.get_by_role("status").get_by_role("button", name="Undo")).to_be_visible()

    for spot_id in (second, first):
        ed.keyboard.press("u")
        expect(ed.get_by_role("status")).to_contain_text("Undone")
        expect_current(ed, spot_id)

    assert [desk.spot(each).status for each in (first, second)] == ["waiting", "waiting"]


def test_u_takes_back_the_last_one_though_one_before_it_is_answered_later(
    desk: DeskApp, ed: Page
) -> None:
    first, second, _ = three_spots(desk)
    queue(ed, desk).keyboard.press("j")
    routes = held(ed)
    for key in "fa":
        ed.keyboard.press(key)
    until(ed, lambda: len(routes) == 2)
    with ed.expect_response(HOLD) as answered:
        routes.pop(0).continue_()
    answered.value.finished()

    ed.keyboard.press("u")

    expect_current(ed, second)
    release(ed, routes)
    expect(ed.get_by_role("status")).to_contain_text("Undone")
    assert [desk.spot(each).status for each in (first, second)] == ["fixed", "waiting"]


def test_an_undo_may_be_pressed_before_the_decision_has_arrived(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk).keyboard.press("j")
    routes = held(ed)

    for key in "auf":
        ed.keyboard.press(key)
    until(ed, lambda: len(routes) == 1)
    release(ed, routes)

    expect(ed.get_by_role("status")).to_contain_text("Marked as fixed")
    assert (desk.spot(first).status, desk.spot(first).version) == ("fixed", 4)


def test_after_a_refusal_nothing_that_was_still_to_go_goes(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk).keyboard.press("j")
    decided_by_olga(desk, first, Kind.ACCEPT)
    routes = held(ed)

    for key in "auf":
        ed.keyboard.press(key)
    release(ed, routes)

    expect(row(ed, first).get_by_role("alert")).to_contain_text("decided meanwhile")
    assert desk.spot(first).status == "accepted"


def test_the_toast_leads_back_by_a_click(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk)
    row(ed, first).get_by_role("button", name="Fixed").click()

    ed.get_by_role("status").get_by_role("button", name="Undo").click()

    expect(ed.get_by_role("status")).to_contain_text("Undone")
    expect(row(ed, first).get_by_role("button", name="Fixed")).to_be_visible()


def test_s_and_a_digit_snooze(desk: DeskApp, ed: Page) -> None:
    first, second, _ = three_spots(desk)
    queue(ed, desk)

    for key in "js3":
        ed.keyboard.press(key)

    expect(ed.get_by_role("status")).to_contain_text("Snoozed")
    expect(row(ed, first)).to_contain_text("Snoozed: a week")
    expect_current(ed, second)
    found = desk.spot(first)
    assert found.status == "snoozed"
    assert found.snoozed_until is not None


def test_e_edits_the_correction_and_control_enter_accepts_it(desk: DeskApp, ed: Page) -> None:
    first, second, _ = three_spots(desk)
    queue(ed, desk)

    for key in "je":
        ed.keyboard.press(key)
    field = row(ed, first).get_by_label("What it should read")
    expect(field).to_be_focused()
    ed.keyboard.type("be leave")
    ed.keyboard.press("Control+Enter")

    expect(ed.get_by_role("status")).to_contain_text("Accepted")
    expect_current(ed, second)
    assert (desk.spot(first).status, desk.spot(first).correction) == ("accepted", "be leave")


def merge_menu(page: Page, spot_id: int) -> Locator:
    return row(page, spot_id).get_by_role("group", name="It is the same as")


def test_m_and_a_digit_merge_with_another_spot_of_the_article(desk: DeskApp, ed: Page) -> None:
    first, second, _ = three_spots(desk)
    queue(ed, desk)

    for key in "jm":
        ed.keyboard.press(key)
    nearest = merge_menu(ed, first).get_by_role("button").first
    expect(nearest).to_be_focused()
    expect(nearest).to_have_attribute("aria-keyshortcuts", "1")
    expect(nearest).to_contain_text("the mainland promised a new lamp")
    ed.keyboard.press("1")

    expect(ed.get_by_role("status")).to_contain_text("Merged into another spot beleive")
    expect_current(ed, second)
    assert (desk.spot(first).status, desk.spot(first).merged_into_id) == ("merged", second)


def test_a_merge_is_undone_from_the_row_and_the_counts_follow(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk)
    for key in "jm":
        ed.keyboard.press(key)
    expect(merge_menu(ed, first)).to_be_visible()
    ed.keyboard.press("2")
    expect(ed.get_by_role("status")).to_contain_text("Merged")
    expect_counts(ed, Waiting="2")

    ed.keyboard.press("u")

    expect(ed.get_by_role("status")).to_contain_text("Undone")
    expect_counts(ed, Waiting="3")
    assert desk.spot(first).status == "waiting"


def test_a_spot_that_stands_alone_says_so(desk: DeskApp, ed: Page) -> None:
    spot_id = desk.reported("recieved")
    queue(ed, desk)

    for key in "jm":
        ed.keyboard.press(key)

    expect(row(ed, spot_id)).to_contain_text("This article has no other spot.")


def test_without_scripts_the_menu_leads_to_the_other_spots(desk: DeskApp, visit: Visit) -> None:
    first, *_ = three_spots(desk)
    page = queue(sign_in(visit(java_script_enabled=False)), desk)

    row(page, first).locator(".merging summary").click()
    row(page, first).get_by_role("link", name="Other spots of this article").click()

    expect(page).to_have_url(f"{desk.address}/desk/spots/{first}#others")


def expect_counts(page: Page, **counts: str) -> None:
    tabs = page.get_by_role("navigation", name="Status")
    for name, count in counts.items():
        expect(tabs.get_by_role("link", name=name).locator(".count")).to_have_text(count)


def test_the_counts_follow_what_is_decided_undone_and_refused(desk: DeskApp, ed: Page) -> None:
    _, second, _ = three_spots(desk)
    queue(ed, desk).keyboard.press("j")
    expect_counts(ed, Waiting="3", Accepted="0", Fixed="0")
    decided_by_olga(desk, second)

    ed.keyboard.press("a")
    expect_counts(ed, Waiting="2", Accepted="1")
    ed.keyboard.press("u")
    expect_counts(ed, Waiting="3", Accepted="0")
    row(ed, second).get_by_role("button", name="Accept").click()
    expect(row(ed, second).get_by_role("alert")).to_be_visible()

    expect_counts(ed, Waiting="3", Accepted="0")


def test_a_count_that_is_not_known_to_the_digit_stays(desk: DeskApp, ed: Page) -> None:
    three_spots(desk)
    queue(ed, desk).keyboard.press("j")
    ed.locator("[data-count=waiting]").evaluate("place => { place.textContent = '1000+' }")

    ed.keyboard.press("a")

    expect_counts(ed, Waiting="1000+", Accepted="1")


@pytest.mark.parametrize(
    ("letter", "name"), [("a", "Accepted"), ("z", "Snoozed"), ("w", "Waiting")]
)
def test_g_and_a_letter_go_to_a_status(desk: DeskApp, ed: Page, letter: str, name: str) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk).keyboard.press("j")

    ed.keyboard.press("g")
    ed.keyboard.press(letter)

    ed.wait_for_url(lambda url: "order" not in url and "#" not in url)
    tab = ed.get_by_role("navigation", name="Status").get_by_role("link", name=name)
    expect(tab).to_have_attribute("aria-current", "page")
    assert desk.spot(first).status == "waiting"


def test_g_waits_for_its_letter_a_second_and_a_half(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    ed.clock.install()
    queue(ed, desk).keyboard.press("j")

    ed.keyboard.press("g")
    ed.clock.run_for(1600)
    ed.keyboard.press("a")

    expect(row(ed, first)).to_contain_text("Accepted: will be fixed")


def test_every_deed_of_a_row_works_without_scripts(desk: DeskApp, visit: Visit) -> None:
    first, second, _ = three_spots(desk)
    page = queue(sign_in(visit(java_script_enabled=False)), desk)

    row(page, first).locator("summary.kind-snooze").click()
    row(page, first).get_by_role("link", name="Decide on the spot’s own page").click()
    page.locator("summary.kind-snooze").click()
    page.get_by_role("button", name="an hour").click()
    expect(page.get_by_role("status")).to_contain_text("Snoozed")
    queue(page, desk)
    row(page, second).locator(".edit summary").click()
    row(page, second).get_by_role("link", name="Decide on the spot’s own page").click()
    page.get_by_label("What it should read").fill("Nov.")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_contain_text("Accepted")

    assert desk.spot(first).status == "snoozed"
    assert (desk.spot(second).status, desk.spot(second).correction) == ("accepted", "Nov.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_state_of_a_row_has_a_fault_that_axe_knows(
    desk: DeskApp, visit: Visit, scheme: str, width: int
) -> None:
    first, second, third = three_spots(desk)
    size = {"width": width, "height": 800}
    page = queue(sign_in(visit(color_scheme=scheme, viewport=size)), desk)
    page.route("**/news*", lambda route: route.fulfill(status=204))  # it would tell of Olga
    decided_by_olga(desk, second)
    found = {}

    for key in "je":
        page.keyboard.press(key)
    found["editing"] = faults(page)
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    found["snoozing"] = faults(page)
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(merge_menu(page, first)).to_be_visible()
    found["merging"] = faults(page)
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.keyboard.press("1")
    expect(page.get_by_role("status")).to_contain_text("Snoozed")
    page.keyboard.press("a")
    expect(row(page, second).get_by_role("alert")).to_be_visible()
    found["refused"] = faults(page)
    row(page, third).get_by_role("button", name="Accept").click()
    row(page, second).get_by_role("button", name="Accept").click()
    page.keyboard.press("g")
    found["all decided"] = faults(page)

    assert first
    assert {name: each for name, each in found.items() if each} == {}
