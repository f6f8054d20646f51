"""What others do, as an editor's page shows it without a reload; in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from feedback.accounts.models import Role
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
from tests.browser.test_desk_deciding import OLGA, decided_by_olga, row

__all__ = ["desk", "ed", "tables", "visit"]

#: In milliseconds: how often the page asks, how rarely at last, and how long a row is looked at
#: before others are told.
SOON, LATE, STAYED = 5_000, 30_000, 1_000


def watching(page: Page, desk: DeskApp) -> list[str]:
    """Open the queue under a clock that the test moves; give what it asks for news."""
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "/news" in request.url else None
    )
    page.clock.install()
    queue(page, desk)
    return asked


def hide(page: Page, hidden: bool) -> None:
    page.evaluate(
        """hidden => {
          Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_new_spots_are_a_line_and_move_nothing(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    watching(ed, desk)
    ed.keyboard.press("j")
    before = row(ed, first).bounding_box()
    new = desk.reported("Tuesday", "Monday")

    ed.clock.run_for(SOON)
    line = ed.get_by_role("link", name="1 new: show")
    expect(line).to_be_visible()
    assert row(ed, first).bounding_box() == before
    expect_current(ed, first)
    line.click()

    expect(row(ed, new)).to_be_visible()


def test_the_decision_of_somebody_else_marks_its_row_in_place(desk: DeskApp, ed: Page) -> None:
    first, second, third = three_spots(desk)
    watching(ed, desk)
    ed.keyboard.press("j")
    decided_by_olga(desk, second)

    ed.clock.run_for(SOON)
    expect(row(ed, second)).to_contain_text(f"{OLGA}: Marked as fixed")
    expect(row(ed, second).get_by_role("button", name="Accept")).to_be_hidden()
    expect_current(ed, first)
    ed.keyboard.press("j")

    expect_current(ed, third)


def test_who_is_at_a_row_is_told_to_others(desk: DeskApp, ed: Page, visit: Visit) -> None:
    first, second, _ = three_spots(desk)
    watching(ed, desk)
    desk.employ(OLGA)
    olga = sign_in(visit(), OLGA)
    olga.clock.install()
    queue(olga, desk).keyboard.press("j")

    with olga.expect_response("**/claim"):
        olga.clock.run_for(STAYED)
    ed.clock.run_for(SOON)
    expect(row(ed, first)).to_contain_text(f"{OLGA} is at it")
    with olga.expect_response("**/claim"):
        olga.keyboard.press("j")
        olga.clock.run_for(STAYED)
    ed.clock.run_for(SOON)

    expect(row(ed, first).locator("[data-held]")).to_be_hidden()
    expect(row(ed, second)).to_contain_text(f"{OLGA} is at it")


def test_who_comes_second_to_a_row_is_told_at_once(desk: DeskApp, ed: Page, visit: Visit) -> None:
    first, *_ = three_spots(desk)
    desk.employ(OLGA)
    olga = sign_in(visit(), OLGA)
    for page in (ed, olga):
        page.clock.install()
        queue(page, desk)
    olga.keyboard.press("j")
    with olga.expect_response("**/claim"):
        olga.clock.run_for(STAYED)

    ed.keyboard.press("j")
    ed.clock.run_for(STAYED)

    expect(row(ed, first)).to_contain_text(f"{OLGA} is at it")


def test_a_row_that_is_passed_by_is_not_claimed(desk: DeskApp, ed: Page) -> None:
    _, _, third = three_spots(desk)
    claims: list[str] = []
    ed.on(
        "request",
        lambda request: claims.append(request.url) if request.url.endswith("/claim") else None,
    )
    watching(ed, desk)

    for _ in range(3):
        ed.keyboard.press("j")
        ed.clock.run_for(STAYED // 2)
    with ed.expect_response("**/claim"):
        ed.clock.run_for(STAYED)

    assert claims == [f"{desk.address}/desk/spots/{third}/claim"]


def test_a_page_in_the_background_asks_nothing_and_at_once_when_it_is_back(
    desk: DeskApp, ed: Page
) -> None:
    three_spots(desk)
    asked = watching(ed, desk)

    hide(ed, True)
    ed.clock.run_for(20 * SOON)
    assert asked == []
    with ed.expect_response("**/news*"):
        hide(ed, False)

    assert len(asked) == 1


def test_a_quiet_desk_is_asked_about_ever_more_rarely(desk: DeskApp, ed: Page) -> None:
    three_spots(desk)
    asked = watching(ed, desk)

    ed.route("**/news*", lambda route: route.fulfill(status=204))
    for _ in range(400):
        ed.clock.run_for(1_000)
    first = len(asked)
    for _ in range(120):
        ed.clock.run_for(1_000)

    assert 30 <= first <= 60
    assert 1 <= len(asked) - first <= 5


def test_a_viewer_hears_news_and_claims_nothing(desk: DeskApp, visit: Visit) -> None:
    first, second, _ = three_spots(desk)
    desk.employ("vera@paper.example", Role.VIEWER)
    page = sign_in(visit(), "vera@paper.example")
    claims: list[str] = []
    page.on(
        "request",
        lambda request: claims.append(request.url) if request.url.endswith("/claim") else None,
    )
    watching(page, desk)
    page.keyboard.press("j")
    decided_by_olga(desk, second)

    page.clock.run_for(SOON)

    expect(row(page, second)).to_contain_text("Marked as fixed")
    expect(row(page, first)).to_be_visible()
    assert claims == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_news_has_no_fault_that_axe_knows(
    desk: DeskApp, visit: Visit, scheme: str, width: int
) -> None:
    _, second, _ = three_spots(desk)
    page = sign_in(visit(color_scheme=scheme, viewport={"width": width, "height": 800}))
    watching(page, desk)
    decided_by_olga(desk, second)
    desk.reported("Tuesday", "Monday")

    page.clock.run_for(SOON)
    expect(page.get_by_role("link", name="1 new: show")).to_be_visible()
    page.clock.resume()

    assert faults(page) == []
