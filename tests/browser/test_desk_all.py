"""The queue of all sites in a real browser: rows of two sites decided on by keys, and the head."""

import pytest
from playwright.sync_api import Page, expect

from feedback.accounts.models import Role
from tests.browser.desk_app import LIGHTHOUSE, DeskApp
from tests.browser.test_desk import Visit, desk, ed, expect_current, faults, sign_in, tables, visit
from tests.makers import a_site, a_spot, an_editor

__all__ = ["desk", "ed", "tables", "visit"]

GAZETTE = "https://gazette.example"

#: The rows of the head: how many different heights its visible parts stand at.
LINES = """() => {
  const parts = [...document.querySelectorAll(".top > *")];
  const middles = parts.map((part) => {
    const { top, bottom } = part.getBoundingClientRect();
    return Math.round((top + bottom) / 2 / 16);
  });
  return new Set(middles).size;
}"""
#: What can be pressed in the head and is smaller than a finger's tip (WCAG 2.2, 2.5.8), or cut off.
SMALL = """() => [...document.querySelectorAll(".top :is(a, button, summary)")]
  .filter((each) => each.checkVisibility())
  .map((each) => [each.textContent.trim(), each.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24 || box.left < 0 || box.right > innerWidth)
  .map(([name, box]) => `${name}: ${box.width} x ${box.height} at ${box.left}`)"""


def gazette(desk: DeskApp, exact: str, role: Role = Role.EDITOR) -> int:
    """Let Ed work for another site too, of which Ann reports `exact`; give the id of the spot."""

    def report() -> int:
        site = a_site("The Evening Gazette of the Islands", GAZETTE)
        an_editor(site, role=role)
        return a_spot(site, exact, text=LIGHTHOUSE, url=f"{GAZETTE}/lamp", correction="").id

    spot_id: int = desk.ask(report)
    return spot_id


def test_rows_of_two_sites_are_decided_on_by_keys(desk: DeskApp, visit: Visit) -> None:
    paper = desk.reported("recieved", "received")
    other = gazette(desk, "Novembre")
    ed = sign_in(visit())
    expect(ed).to_have_url(f"{desk.address}/desk/all/")
    ed.keyboard.press("j")
    expect_current(ed, other)

    ed.keyboard.press("a")
    expect_current(ed, paper)
    ed.keyboard.press("f")
    expect(ed.get_by_role("status")).to_contain_text("Marked as fixed")
    expect(ed.locator("[data-count=waiting]")).to_have_text("0")
    ed.keyboard.press("u")

    expect(ed.get_by_role("status")).to_contain_text("Undone")
    expect_current(ed, paper)
    assert [desk.spot(spot).status for spot in (paper, other)] == ["waiting", "accepted"]


def test_a_row_leads_to_its_site_and_the_switcher_back(desk: DeskApp, visit: Visit) -> None:
    other = gazette(desk, "Novembre", Role.VIEWER)
    ed = sign_in(visit())
    expect(ed.get_by_role("button", name="Accept")).to_have_count(0)

    ed.locator(f"#spot-{other}").get_by_role("link", name="The Evening Gazette").click()
    expect(ed.get_by_role("heading", level=1)).to_contain_text("The Evening Gazette")
    ed.locator("summary.site").click()
    ed.get_by_role("link", name="All sites").click()

    expect(ed.get_by_role("heading", level=1)).to_have_text("Queue of all your sites")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_all_sites_have_no_fault_that_axe_knows(
    desk: DeskApp, visit: Visit, scheme: str, width: int
) -> None:
    desk.reported("recieved", "received")
    gazette(desk, "Novembre")
    page = sign_in(visit(color_scheme=scheme, viewport={"width": width, "height": 800}))
    found = {"rows": faults(page)}
    page.locator("summary.site").click()
    found["switcher"] = faults(page)
    page.keyboard.press("Escape")
    page.goto("/desk/all/?q=nothing")
    found["nothing"] = faults(page)

    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("language", ["en", "de", "ru", "fr"])
def test_the_head_of_a_telephone_takes_two_lines(
    desk: DeskApp, visit: Visit, language: str
) -> None:
    gazette(desk, "Novembre")
    page: Page = visit(locale=language, viewport={"width": 320, "height": 800})
    page.goto("/desk/")
    page.locator("[name=email]").fill("ed@paper.example")
    page.locator("[name=password]").fill("correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/all/")

    heads = {}
    for address in ("/desk/all/", "/desk/sites/2/", "/desk/sites/2/setup"):
        page.goto(address)
        page.locator("summary.site").click()
        wide = page.evaluate("document.documentElement.scrollWidth")
        heads[address] = (page.evaluate(LINES), page.evaluate(SMALL), wide)

    assert heads == dict.fromkeys(heads, (2, [], 320))
