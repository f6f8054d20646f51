"""The check of a page in a real browser: what is found, without scripts, for every eye and ear."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from feedback import sites
from feedback.accounts.models import Role
from feedback.db import db
from feedback.sites import Site
from tests.browser.desk_app import LIGHTHOUSE, DeskApp, running_desk
from tests.browser.test_desk import VERA, Visit, ed, faults, sign_in, tables, visit
from tests.far_end import a_far_end, answering, by_path

__all__ = ["ed", "tables", "visit"]

LINE = '<script async src="http://127.0.0.1/embed.js"></script>'
STORY = "".join(f"<p>{block}</p>" for block in LIGHTHOUSE.split("\n"))
WELL = f'<html lang="en">{LINE}<title>Lighthouse</title>{STORY}'
MISSPELT = LINE.replace("async", "async data-buton='always'")
#: All kinds of findings at once, with an address without a place to break it.
ILL = (
    '<html lang="tlh"><meta http-equiv="content-security-policy" content="default-src \'self\'">'
    f'<link rel="canonical" href="/{"lighthouse" * 12}">{MISSPELT}{STORY}'
)
PAGES = {"/well": answering(WELL.encode()), "/ill": answering(ILL.encode())}


@dataclass
class Paper:
    """A desk, and the site's own pages beside it."""

    desk: DeskApp
    url: str

    def check(self, page: Page, path: str) -> Page:
        """Ask for a check."""
        page.goto(f"/desk/sites/{self.desk.site_id}/check")
        page.get_by_label("Address of an article").fill(self.url + path)
        with page.expect_navigation():
            page.get_by_role("button", name="Check").click()
        return page


@pytest.fixture
def paper(tmp_path: Path, tables: Path) -> Iterator[Paper]:
    with (
        a_far_end(by_path(PAGES)) as end,
        running_desk(tmp_path, tables, fetch_allow=[end.pair], limit_check="off") as desk,
    ):

        def admit() -> None:
            sites.add(db.session, db.session.get_one(Site, desk.site_id).name, [end.url])
            db.session.commit()

        desk.ask(admit)
        yield Paper(desk, end.url.rstrip("/"))


@pytest.fixture
def desk(paper: Paper) -> DeskApp:
    return paper.desk


def test_the_setup_page_leads_to_the_check_and_that_says_what_works(paper: Paper, ed: Page) -> None:
    ed.goto(f"/desk/sites/{paper.desk.site_id}/setup")
    ed.get_by_role("link", name="Check a page").click()
    ed.get_by_label("Address of an article").fill(f"{paper.url}/well")
    ed.keyboard.press("Enter")

    expect(ed.get_by_role("heading", name="Readers can report")).to_be_visible()
    expect(ed.get_by_role("list", name="Works")).to_contain_text("The page loads")
    expect(ed.get_by_role("region", name="What a reader would send")).to_contain_text("Novembre")
    expect(ed.get_by_role("link", name="Open the page there")).to_have_attribute(
        "href", f"{paper.url}/well#:~:text=not%20care.%20In-,Novembre,-the%20mainland%20promised"
    )
    expect(ed).to_have_title("Readers can report · Check a page · Paper · Feedback")


def test_a_line_to_paste_is_copied(paper: Paper, visit: Visit) -> None:
    page = sign_in(visit(permissions=["clipboard-read", "clipboard-write"]))
    paper.check(page, "/ill")

    faulty = page.get_by_role("list", name="Does not work").get_by_role("listitem")
    misspelt = faulty.filter(has_text="data-buton")
    misspelt.get_by_role("button", name="Copy").click()

    expect(misspelt.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == 'data-button="always"'


def test_a_check_works_without_scripts(paper: Paper, visit: Visit) -> None:
    page = paper.check(sign_in(visit(java_script_enabled=False)), "/ill")

    expect(page.get_by_role("heading", name="Something does not work yet")).to_be_visible()
    expect(page.get_by_role("list", name="Does not work")).to_contain_text(
        "connect-src 'self' http://127.0.0.1"
    )
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)


def test_a_viewer_is_not_offered_a_check(paper: Paper, visit: Visit) -> None:
    paper.desk.employ(VERA, Role.VIEWER)
    page = sign_in(visit(), VERA)

    page.goto(f"/desk/sites/{paper.desk.site_id}/setup")

    expect(page.get_by_role("link", name="Check a page")).to_have_count(0)


def test_what_is_no_address_is_asked_for_again(paper: Paper, ed: Page) -> None:
    ed.goto(f"/desk/sites/{paper.desk.site_id}/check")
    field = ed.get_by_label("Address of an article")
    field.fill("ftp://paper.example/a")
    ed.keyboard.press("Enter")

    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(
        "This address does not begin with http:// or https://."
    )
    assert faults(ed) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_outcome_has_a_fault_that_axe_knows_or_scrolls_sideways(
    paper: Paper, visit: Visit, scheme: str, width: int
) -> None:
    page = sign_in(visit(color_scheme=scheme, viewport={"width": width, "height": 800}))
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

    found = {}
    for path in ("/well", "/ill", "/gone"):
        paper.check(page, path)
        found[path] = (faults(page), page.evaluate(wider))

    assert found == dict.fromkeys(("/well", "/ill", "/gone"), ([], 0))


def test_the_paragraph_for_readers_is_shown_in_the_language_that_is_chosen(
    paper: Paper, visit: Visit
) -> None:
    page = sign_in(visit(java_script_enabled=False))
    page.goto(f"/desk/sites/{paper.desk.site_id}/setup")

    page.get_by_label("Language of your pages").select_option("Deutsch")
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_role("group", name="Paragraph to paste")).to_contain_text("Rechtschreib")
