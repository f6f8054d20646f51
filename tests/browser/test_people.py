"""The pages of people in a real browser: for every eye and ear, and without scripts."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from feedback.accounts import acts, keys
from feedback.accounts.acts import Deed
from feedback.accounts.models import Editor, Role, Scope
from feedback.db import db
from feedback.desk.decisions import Verdict, decide
from feedback.desk.models import Kind
from feedback.reports.models import Spot
from feedback.sites import Site
from tests.browser.conftest import NETWORK_NOISE
from tests.browser.desk_app import ED, DeskApp, let_in, make_tables, running_desk
from tests.makers import PASSWORD

Visit = Callable[..., Page]

OWNER = "olive.ownerton-of-the-very-long-address@paper.example"


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tables(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def desk(tmp_path: Path, tables: Path) -> Iterator[DeskApp]:
    with running_desk(tmp_path, tables) as running:
        running.employ(OWNER, Role.OWNER)
        yield running


@pytest.fixture
def visit(browser: Browser, desk: DeskApp) -> Iterator[Visit]:
    """Open a browser at the desk. Whatever a page's console hears fails the test."""
    noise: list[str] = []
    opened: list[BrowserContext] = []

    def hear(message: ConsoleMessage) -> None:
        if not message.text.startswith(NETWORK_NOISE):
            noise.append(message.text)

    def open_page(**options: Any) -> Page:
        context = browser.new_context(base_url=desk.address, reduced_motion="reduce", **options)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", hear)
        page.on("pageerror", lambda error: noise.append(str(error)))
        return page

    yield open_page
    for context in opened:
        context.close()
    assert noise == []


def sign_in(page: Page, email: str = OWNER) -> Page:
    return let_in(page, email)


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    said = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]
    return [*said, *(["too wide"] if page.evaluate(wider) else [])]


def furnish(desk: DeskApp) -> None:
    """Give each page something to show."""
    spot_id = desk.reported("recieved", "received")

    def fill() -> None:
        site = db.session.get_one(Site, desk.site_id)
        owner = db.session.scalars(sa.select(Editor).where(Editor.email == OWNER)).one()
        keys.make_token(db.session, owner, site, Scope.DECIDE, name="CMS " + "x" * 60, days=30)
        keys.sign_in(db.session, owner, 30, agent="Mozilla/5.0 (iPad) Safari/605", address="::1")
        acts.note(db.session, Deed.INVITED, "Ann · editor", site.id, owner)
        acts.note(db.session, Deed.ORIGIN_ADMITTED, "https://" + "x" * 60, site.id, None)
        spot = db.session.get_one(Spot, spot_id)
        decide(db.session, spot, owner, Verdict(Kind.ACCEPT, spot.version, note="word " * 20))
        spot = db.session.get_one(Spot, spot_id)
        decide(db.session, spot, owner, Verdict(Kind.UNDO, spot.version))
        db.session.commit()

    desk.ask(fill)


def secret_on(page: Page) -> str:
    return page.locator("[data-copied]").first.inner_text().replace(" ", "")


def turn_on(page: Page) -> tuple[str, list[str]]:
    """Turn the second factor on; give the secret and the recovery codes."""
    page.goto("/desk/profile/two-factor")
    secret = secret_on(page)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    return secret, page.locator("[data-copied]").inner_text().split()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_of_people_has_a_fault_that_axe_knows(
    desk: DeskApp, visit: Visit, scheme: str, width: int
) -> None:
    furnish(desk)
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    page, found = sign_in(visit(**options)), {}
    site = f"/desk/sites/{desk.site_id}"
    for path in ("/desk/profile", "/desk/profile/two-factor", f"{site}/members", f"{site}/tokens",
                 f"{site}/record", f"{site}/record/decisions", f"{site}/record?who=0",
                 f"{site}/record?kind=removed", f"{site}/hook"):  # fmt: skip
        page.goto(path)
        found[path] = faults(page)
    page.get_by_role("button", name="Make a secret").click()
    expect(page.get_by_role("heading", name="The secret", exact=True)).to_be_visible()
    for language in ("Python", "JavaScript", "PHP"):
        page.locator("summary", has_text=language).click()
    page.locator("main summary", has_text="Make a new secret").click()
    found["hook's secret"] = faults(page)

    page.goto("/desk/profile/two-factor")
    for password, name in (("wrong", "wrong password"), (PASSWORD, "wrong code")):
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_label("Code", exact=True).fill("000000")
        page.get_by_role("button", name="Turn it on").click()
        expect(page.get_by_role("alert")).to_be_visible()
        found[name] = faults(page)
    _, codes = turn_on(page)
    found["codes"] = faults(page)
    page.goto("/desk/profile/two-factor")
    found["on"] = faults(page)
    for name in ("More", "Signed in as"):
        page.locator(".top summary", has_text=name).click()
        found[name] = faults(page)
    page.goto(f"{site}/members")
    page.locator("summary", has_text="Remove").first.click()
    found["remove"] = faults(page)
    page.goto(f"{site}/members")
    page.get_by_role("button", name="Make a link").click()
    link = re.sub(r"^https?://[^/]+", "", page.locator("[data-copied]").inner_text())
    found["invited"] = faults(page)
    page.goto(f"{site}/tokens")
    page.get_by_label("What it is for").fill("CMS")
    page.get_by_role("button", name="Make a token").click()
    found["token"] = faults(page)

    stranger = visit(**options)
    stranger.goto(link)
    found["join"] = faults(stranger)
    stranger.goto("/desk/")
    stranger.get_by_label("E-mail").fill(OWNER)
    stranger.get_by_label("Password").fill(PASSWORD)
    stranger.get_by_role("button", name="Sign in").click()
    found["code"] = faults(stranger)
    stranger.get_by_label("Code", exact=True).fill("000000")
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("alert")).to_be_visible()
    found["code again"] = faults(stranger)
    stranger.get_by_label("Code", exact=True).fill(codes[0])
    stranger.get_by_role("button", name="Sign in").click()
    stranger.wait_for_url("**/desk/sites/**")

    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("scripts", [True, False])
def test_the_picture_of_the_secret_is_drawn(desk: DeskApp, visit: Visit, scripts: bool) -> None:
    page = sign_in(visit(java_script_enabled=scripts), ED)

    page.goto("/desk/profile/two-factor")

    picture = page.get_by_role("img", name="QR code")
    expect(picture).to_be_visible()
    answer = page.request.get(desk.address + "/desk/profile/two-factor/code.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    if scripts:
        assert picture.evaluate("each => each.complete && each.naturalWidth > 0")


def test_all_of_it_works_without_scripts(desk: DeskApp, visit: Visit) -> None:
    page = sign_in(visit(java_script_enabled=False))
    page.locator("summary", has_text="More").click()
    page.get_by_role("link", name="Members").click()

    page.get_by_label("For whom").fill("Ann")
    page.locator(".fields select").select_option("viewer")
    page.get_by_role("button", name="Make a link").click()
    link = re.sub(r"^https?://[^/]+", "", page.locator("[data-copied]").inner_text())
    ann = visit(java_script_enabled=False)
    ann.goto(link)
    ann.get_by_label("E-mail").fill("ann@paper.example")
    ann.get_by_label("New password").fill(PASSWORD)
    ann.get_by_role("button", name="Make an account and join").click()

    expect(ann.get_by_role("status")).to_contain_text("Welcome to Paper")
    page.goto(f"/desk/sites/{desk.site_id}/members")
    expect(page.locator(".entries > li", has_text="ann@paper.example")).to_contain_text("Viewer")
    page.locator("summary", has_text="Signed in as").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_secret_is_copied_by_a_press(desk: DeskApp, visit: Visit) -> None:
    page = sign_in(visit(permissions=["clipboard-read", "clipboard-write"]), ED)
    page.goto(f"/desk/sites/{desk.site_id}/tokens")
    page.get_by_label("What it is for").fill("CMS")
    page.get_by_role("button", name="Make a token").click()

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("fb_")
