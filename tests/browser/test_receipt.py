"""The receipt and the page that erases an address, as readers see them: without scripts, too."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import current_app
from playwright.sync_api import Page, expect

from feedback.accounts.models import Editor
from feedback.db import db
from feedback.desk import decisions
from feedback.desk.decisions import Verdict
from feedback.desk.models import Kind, Reason
from feedback.reports.models import Report, Spot
from feedback.web import receipts
from tests.browser.desk_app import LIGHTHOUSE, DeskApp, running_desk
from tests.browser.test_desk import Visit, faults, tables, visit

__all__ = ["tables", "visit"]

#: What Ann reports, and what Ed decides on it.
STORIES: dict[str, tuple[str, tuple[Kind, ...]]] = {
    "waiting": ("recieved", ()),
    "fixed": ("Novembre", (Kind.ACCEPT, Kind.FIX)),
    "kept": ("beleive", (Kind.REJECT, Kind.REOPEN, Kind.REJECT)),
}


@pytest.fixture
def desk(tmp_path: Path, tables: Path) -> Iterator[DeskApp]:
    """A desk whose decisions are told at once."""
    with running_desk(tmp_path, tables, undo_seconds=0) as running:
        yield running


def told(desk: DeskApp) -> dict[str, str]:
    """Let Ann report and Ed decide; give the receipts' paths by story."""
    paths = {}
    for story, (exact, kinds) in STORIES.items():
        spot_id = desk.reported(exact, "better", email="ann@reader.example", comment="Look!")
        desk.ask(lambda: decide(spot_id, kinds))  # noqa: B023 -- done at once
        paths[story] = desk.ask(lambda: receipt(spot_id))  # noqa: B023
    desk.looked(spot_id, LIGHTHOUSE)
    return paths


def decide(spot_id: int, kinds: Iterable[Kind]) -> None:
    ed, spot = db.session.get_one(Editor, 1), db.session.get_one(Spot, spot_id)
    for kind in kinds:
        reason = Reason.STYLE if kind is Kind.REJECT else None
        decisions.decide(db.session, spot, ed, Verdict(kind, spot.version, reason))
        db.session.commit()


def receipt(spot_id: int) -> str:
    settings = current_app.extensions["settings"]
    report = db.session.scalars(sa.select(Report).where(Report.spot_id == spot_id)).one()
    return receipts.address(settings, report.uid).removeprefix(str(settings.base_url))


def sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_they_fit_and_have_no_fault_that_axe_knows(
    desk: DeskApp, visit: Visit, scheme: str, width: int
) -> None:
    page = visit(color_scheme=scheme, viewport={"width": width, "height": 800})
    found = {}

    for story, path in told(desk).items():
        page.goto(path)
        found[story] = (faults(page), sideways(page))
    page.get_by_role("link", name="Erase it now").click()
    found["ask"] = (faults(page), sideways(page))
    page.get_by_role("button", name="Erase my address").click()
    found["done"] = (faults(page), sideways(page))

    assert found == dict.fromkeys(found, ([], False))


def test_steps_are_a_list_and_the_last_is_the_current_one(desk: DeskApp, visit: Visit) -> None:
    page = visit()
    page.goto(told(desk)["kept"])

    steps = page.get_by_role("list", name="Progress").locator("> li")

    expect(steps.locator("strong")).to_have_text(
        ["Received", "Kept as it is", "The editors look at it again", "Kept as it is"]
    )
    expect(page.locator("[aria-current=step]")).to_have_count(1)
    expect(steps.last).to_have_attribute("aria-current", "step")


def test_an_address_is_erased_without_scripts(desk: DeskApp, visit: Visit) -> None:
    page = visit(java_script_enabled=False)
    path = told(desk)["waiting"]
    page.goto(path)

    page.get_by_role("link", name="Erase it now").click()
    expect(page.get_by_role("heading")).to_have_text("Erase your address?")
    page.get_by_role("button", name="Erase my address").click()
    expect(page.get_by_role("heading")).to_have_text("Your address is erased")
    page.goto(path)

    expect(page.get_by_role("link", name="Erase it now")).to_have_count(0)
