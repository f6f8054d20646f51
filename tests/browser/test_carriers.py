"""Notifications in a real browser: for every eye and ear, with and without scripts."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from feedback.accounts.models import Role
from feedback.db import db, now
from feedback.delivery import carriers, outbox
from feedback.delivery.contract import NotTaken, Taken
from feedback.delivery.models import Carrier, Letter, Means
from feedback.sites import Site
from tests.browser.desk_app import DeskApp, let_in, make_tables, running_desk
from tests.makers import a_carrier, a_letter

OWNER = "olive.ownerton-of-the-very-long-address@paper.example"

Enter = Callable[..., Page]


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tables(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def desk(tmp_path: Path, tables: Path) -> Iterator[DeskApp]:
    with running_desk(tmp_path, tables, smtp_url="smtp://127.0.0.1:9") as running:
        running.employ(OWNER, Role.OWNER)
        yield running


@pytest.fixture
def enter(browser: Browser, desk: DeskApp) -> Iterator[Enter]:
    """Open a browser at which the owner is signed in. Its console stays silent."""
    noise: list[str] = []
    opened = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(base_url=desk.address, reduced_motion="reduce", **options)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        return let_in(page, OWNER)

    yield open_page
    for context in opened:
        context.close()
    assert noise == []


def settled(letter: Letter, result: Taken | NotTaken) -> None:
    claimed = outbox.seize(db.session, letter, now(), 60)
    outbox.settle(db.session, claimed, result, now(), now() + timedelta(seconds=0.2), [3600.0])
    db.session.commit()


def furnish(desk: DeskApp) -> tuple[int, int]:
    """Give each page something to show; the ids of a webhook and of a dead letter of its."""

    def fill() -> tuple[int, int]:
        site = db.session.get_one(Site, desk.site_id)
        address = "https://a-machine-with-a-very-long-name.paper.example/in/" + "x" * 90
        webhook = a_carrier(site, address=address)
        settled(a_letter(webhook), Taken(204, ""))
        settled(a_letter(webhook), NotTaken("Bad Gateway " * 30, status=502))
        dead = a_letter(webhook, "spot.decided")
        settled(dead, NotTaken("unknown field: " + "y" * 300, status=422, permanent=True))
        a_letter(webhook, "article.changed")
        mail = a_carrier(site, Means.MAIL, "desk@paper.example", sections=("Sport", "Film"))
        mail.name = "The desk"
        carriers.off(mail, now(), "550 5.1.1 no such mailbox here, said the server " * 2)
        a_carrier(site, Means.CHAT, "https://discord.com/api/webhooks/1/" + "z" * 60)
        db.session.commit()
        return webhook.id, dead.id

    ids: tuple[int, int] = desk.ask(fill)
    return ids


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    said = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]
    return [*said, *(["too wide"] if page.evaluate(wider) else [])]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_of_notifications_has_a_fault_that_axe_knows(
    desk: DeskApp, enter: Enter, scheme: str, width: int
) -> None:
    webhook, dead = furnish(desk)
    page = enter(color_scheme=scheme, viewport={"width": width, "height": 800})
    site = f"/desk/sites/{desk.site_id}"
    here, found = f"{site}/carriers/{webhook}", {}

    for path in (f"{site}/carriers", here, f"{here}?state=dead", f"{here}/edit",
                 f"{site}/letters/{dead}", f"{site}/setup", "/desk/profile/mail"):  # fmt: skip
        page.goto(path)
        found[path] = faults(page)
    page.goto(f"{site}/carriers")
    page.locator("summary", has_text="What it hears").click()
    found["adding"] = faults(page)
    page.goto(here)
    for name in ("New secret", "Remove"):
        page.locator("summary", has_text=name).click()
        found[name] = faults(page)

    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("scripts", [True, False])
def test_a_webhook_is_added_tried_and_removed(desk: DeskApp, enter: Enter, scripts: bool) -> None:
    page = enter(java_script_enabled=scripts)
    page.locator(".top summary", has_text="More").click()
    page.get_by_role("link", name="Notifications").click()
    page.get_by_label("Address", exact=True).fill("https://cms.paper.example/in")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="The secret")).to_be_visible()

    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("The letter is on its way.")).to_be_visible()
    desk.ask(lambda: arrived(desk))
    if not scripts:
        page.reload()
    expect(page.get_by_text("It arrived.")).to_be_visible()
    page.locator("summary", has_text="Remove").click()
    page.get_by_role("button", name="Remove it").click()

    expect(page.get_by_text("Nobody is told of anything yet.")).to_be_visible()


def arrived(desk: DeskApp) -> None:
    """Do what the worker does of a letter."""
    carrier = db.session.scalar(outbox.free(now()))
    assert isinstance(carrier, Carrier)
    claimed = outbox.claim(db.session, carrier, now(), 60)
    assert claimed is not None
    outbox.settle(db.session, claimed, Taken(204, "thanks"), now(), now(), [1.0])
    db.session.commit()
