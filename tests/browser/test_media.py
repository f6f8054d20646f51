"""The desk on paper, in the system's own colours, in low and in narrow windows."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from feedback.accounts.models import Role
from feedback.db import db, now
from feedback.delivery import carriers
from feedback.delivery.models import Means
from feedback.sites import Site
from tests.browser.desk_app import DeskApp, let_in, make_tables, running_desk
from tests.makers import a_carrier

OWNER = "olive@paper.example"

Enter = Callable[..., Page]

#: What one presses, types in or chooses with, as far as it is to be seen.
CONTROLS = """() => [...document.querySelectorAll("button, .button, input, select, textarea")]
  .filter(each => each.checkVisibility()).map(each => each.outerHTML.slice(0, 120))"""
#: What has the focus, and how it shows that.
FOCUSED = """() => {
  const {outlineStyle, outlineWidth, outlineColor} = getComputedStyle(document.activeElement);
  return [document.activeElement.outerHTML.slice(0, 60), outlineStyle, outlineWidth, outlineColor];
}"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskApp]:
    tables = make_tables(tmp_path_factory.mktemp("tables"))
    home: Path = tmp_path_factory.mktemp("home")
    with running_desk(home, tables, smtp_url="smtp://127.0.0.1:9") as running:
        running.employ(OWNER, Role.OWNER)
        for word, correction in (("recieved", "received"), ("Novembre", "November")):
            running.reported(word, correction)
        running.reported("recieved", "received", comment="Look!")
        running.ask(lambda: furnish(running.site_id))
        yield running


def furnish(site_id: int) -> None:
    """Tell corrections, and let the mail to the desk have been given up for a long reason."""
    site = db.session.scalars(sa.select(Site).where(Site.id == site_id)).one()
    site.corrections = True
    mail = a_carrier(site, Means.MAIL, "desk@paper.example")
    carriers.off(mail, now(), "550 5.1.1 no such mailbox here, said the server " * 2)
    db.session.commit()


@pytest.fixture
def enter(browser: Browser, desk: DeskApp) -> Iterator[Enter]:
    """Open a browser at which the owner is signed in."""
    opened = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(base_url=desk.address, reduced_motion="reduce", **options)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        return let_in(page, OWNER)

    yield open_page
    for context in opened:
        context.close()


def test_paper_has_the_words_and_nothing_to_press(enter: Enter) -> None:
    page = enter(color_scheme="dark")
    page.emulate_media(media="print")
    found = {}

    for path in ("", "members", "tokens", "reasons", "carriers/1", "corrections", "setup"):
        page.goto(f"/desk/sites/1/{path}")
        found[path] = page.evaluate(CONTROLS)
    for path in ("/desk/profile", "/desk/spots/1"):
        page.goto(path)
        found[path] = page.evaluate(CONTROLS)

    assert {path: each for path, each in found.items() if each} == {}
    expect(page.locator(".reports > li")).to_have_count(2)
    expect(page.locator("#others")).to_be_hidden()
    expect(page.locator(".spot-head ins")).to_have_css("print-color-adjust", "exact")


def test_whatever_has_the_focus_shows_it_in_the_systems_colours(enter: Enter) -> None:
    page = enter(forced_colors="active")
    reached = []

    for _ in range(24):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))

    assert len({element for element, *_ in reached}) > 12
    assert [each for each in reached if each[1] == "none" or each[2] == "0px"] == []


@pytest.mark.parametrize("size", [(1280, 500), (320, 480)], ids=str)
def test_the_keys_are_told_from_the_first_one_on(enter: Enter, size: tuple[int, int]) -> None:
    page = enter(viewport={"width": size[0], "height": size[1]})

    page.keyboard.press("?")

    expect(page.get_by_role("heading", name="Keys")).to_be_focused()
    expect(page.get_by_text("next, previous row")).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(page.get_by_role("switch")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_nothing_is_wider_than_a_narrow_window(enter: Enter) -> None:
    page = enter(viewport={"width": 320, "height": 640})
    found = {}

    for path in ("carriers", "carriers/1", "carriers/1/edit", "corrections", "reasons", "check"):
        page.goto(f"/desk/sites/1/{path}")
        page.wait_for_function("[...document.images].every(each => each.complete)")
        for way in ("ltr", "rtl"):
            page.locator("html").evaluate("(html, way) => { html.dir = way }", way)
            found[path, way] = page.evaluate(TOO_WIDE)

    assert {where: each for where, each in found.items() if each} == {}
