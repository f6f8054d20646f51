"""The desk in a real browser: Ed's day by keys, without scripts, and for every eye and ear."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from feedback.accounts import people
from feedback.accounts.models import Role
from feedback.db import db
from feedback.reports.models import Report
from feedback.sites import Site
from feedback.web import receipts
from tests.browser.conftest import NETWORK_NOISE
from tests.browser.desk_app import ED, DeskApp, let_in, make_tables, running_desk

VERA = "vera@paper.example"
ARABIC = "قالت المديرة إن المدرسه الجديدة ستفتح أبوابها في الخريف."

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("tables")
    return make_tables(home)


@pytest.fixture
def desk(tmp_path: Path, tables: Path) -> Iterator[DeskApp]:
    with running_desk(tmp_path, tables) as running:
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


@pytest.fixture
def ed(visit: Visit) -> Page:
    return sign_in(visit())


def sign_in(page: Page, email: str = ED) -> Page:
    return let_in(page, email)


def three_spots(desk: DeskApp) -> list[int]:
    """Spots in the order of the queue, the newest first."""
    words = [("recieved", "received"), ("Novembre", "November"), ("beleive", "believe")]
    return [desk.reported(*each) for each in words][::-1]


def queue(page: Page, desk: DeskApp) -> Page:
    page.goto(f"/desk/sites/{desk.site_id}/")
    return page


def expect_current(page: Page, spot_id: int) -> None:
    row = page.locator(f"#spot-{spot_id}")
    expect(row).to_be_focused()
    expect(row).to_have_attribute("aria-current", "true")
    expect(page.locator("[data-row][aria-current]")).to_have_count(1)


# Keys


def test_j_and_k_walk_the_rows_and_stop_at_the_ends(desk: DeskApp, ed: Page) -> None:
    first, second, third = three_spots(desk)
    queue(ed, desk)

    for key, reached in [*zip("jjjj", (first, second, third, third), strict=True), ("k", second)]:
        ed.keyboard.press(key)
        expect_current(ed, reached)


def test_a_accepts_the_current_row_and_the_next_one_is_there(desk: DeskApp, ed: Page) -> None:
    _, second, third = three_spots(desk)
    queue(ed, desk)

    ed.keyboard.press("j")
    ed.keyboard.press("j")
    ed.keyboard.press("a")

    expect(ed.get_by_role("status")).to_contain_text("Accepted: will be fixed Novembre")
    expect_current(ed, third)
    assert desk.spot(second).status == "accepted"


def test_after_the_last_row_the_one_before_is_current(desk: DeskApp, ed: Page) -> None:
    _, second, third = three_spots(desk)
    queue(ed, desk)

    for key in "jjjf":
        ed.keyboard.press(key)

    expect(ed.get_by_role("status")).to_contain_text("Marked as fixed")
    expect_current(ed, second)
    assert desk.spot(third).status == "fixed"


def test_u_takes_the_decision_back_and_shows_the_row(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk)
    ed.keyboard.press("j")
    ed.keyboard.press("a")
    expect(ed.locator(f"#spot-{first}")).to_contain_text("Accepted: will be fixed")

    ed.keyboard.press("u")

    expect(ed.get_by_role("status")).to_contain_text("Undone")
    expect_current(ed, first)
    assert desk.spot(first).status == "waiting"


def test_r_and_a_digit_reject_with_that_reason(desk: DeskApp, ed: Page) -> None:
    first, second, _ = three_spots(desk)
    queue(ed, desk)

    ed.keyboard.press("j")
    ed.keyboard.press("r")
    expect(ed.get_by_role("button", name="It is correct as it is")).to_be_focused()
    ed.keyboard.press("3")

    expect_current(ed, second)
    assert desk.spot(first).status == "rejected"
    ed.goto(f"/desk/spots/{first}")
    expect(ed.get_by_role("region", name="Record")).to_contain_text("It is our house style")


def test_a_digit_without_open_reasons_does_nothing(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk)

    ed.keyboard.press("j")
    ed.keyboard.press("3")

    expect_current(ed, first)
    assert desk.spot(first).status == "waiting"


def test_escape_closes_the_reasons_and_gives_the_focus_back(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk)
    ed.keyboard.press("j")
    ed.keyboard.press("r")
    expect(ed.get_by_role("group", name="Keep it as it is, because")).to_be_visible()

    ed.keyboard.press("Escape")

    expect(ed.locator(f"#spot-{first} summary.kind-reject")).to_be_focused()
    expect(ed.get_by_role("group", name="Keep it as it is, because")).to_be_hidden()


def test_enter_opens_the_row_and_q_leads_back(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk)

    ed.keyboard.press("j")
    ed.keyboard.press("Enter")
    expect(ed).to_have_url(f"{desk.address}/desk/spots/{first}")
    ed.keyboard.press("q")

    expect(ed).to_have_url(f"{desk.address}/desk/sites/{desk.site_id}/")


def test_the_spots_own_page_is_decided_by_key(desk: DeskApp, ed: Page) -> None:
    spot_id = desk.reported("recieved")
    ed.goto(f"/desk/spots/{spot_id}")

    ed.get_by_label("What it should read").fill("received")
    ed.get_by_label("Note for colleagues").first.fill("fine")
    ed.get_by_role("heading", name="Facts").click()
    ed.keyboard.press("a")

    expect(ed.get_by_role("region", name="Record")).to_contain_text("fine")
    spot = desk.spot(spot_id)
    assert (spot.status, spot.correction) == ("accepted", "received")


def test_a_second_press_before_the_answer_is_not_a_second_decision(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk)
    ed.keyboard.press("j")

    ed.evaluate("""() => {
      for (const kind of ["accept", "fix", "accept"])
        document.querySelector(`[data-row] [value=${kind}]`).click();
    }""")

    expect(ed.get_by_role("status")).to_contain_text("Accepted")
    assert desk.spot(first).status == "accepted"


def test_the_question_mark_lists_the_keys_and_they_rest_meanwhile(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk)
    ed.keyboard.press("j")

    ed.keyboard.press("?")
    expect(ed.get_by_role("dialog", name="Keys")).to_be_visible()
    ed.keyboard.press("a")
    ed.keyboard.press("Escape")

    expect(ed.get_by_role("dialog", name="Keys")).to_be_hidden()
    assert desk.spot(first).status == "waiting"


def test_keys_that_are_switched_off_stay_off(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk)
    ed.get_by_role("button", name="Keys").click()
    ed.get_by_role("switch", name="Single keys").uncheck()
    ed.get_by_role("button", name="Close").click()

    ed.reload()
    ed.locator(f"#spot-{first}").focus()
    ed.keyboard.press("a")
    ed.keyboard.press("j")

    expect_current(ed, first)
    accept = ed.locator(f"#spot-{first}").get_by_role("button", name="Accept")
    expect(accept.locator("kbd")).to_be_hidden()
    assert accept.get_attribute("aria-keyshortcuts") is None
    assert desk.spot(first).status == "waiting"


def test_buttons_tell_their_keys(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk)

    accept = ed.locator(f"#spot-{first}").get_by_role("button", name="Accept")

    expect(accept.locator("kbd")).to_have_text("A")
    expect(accept).to_have_attribute("aria-keyshortcuts", "a")


@pytest.mark.parametrize("keys", ["Control+a", "Alt+a", "Meta+a", "Shift+a"])
def test_a_key_with_a_modifier_is_the_browsers(desk: DeskApp, ed: Page, keys: str) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk)
    ed.keyboard.press("j")

    ed.keyboard.press(keys)

    expect_current(ed, first)
    assert desk.spot(first).status == "waiting"


def test_keys_typed_into_a_field_are_text(desk: DeskApp, ed: Page) -> None:
    first, *_ = three_spots(desk)
    queue(ed, desk)
    ed.keyboard.press("j")
    ed.keyboard.press("r")
    note = ed.locator(f"#spot-{first}").get_by_label("Note for colleagues")
    note.click()

    ed.keyboard.type("a far 1?")

    expect(note).to_have_value("a far 1?")
    assert desk.spot(first).status == "waiting"


@pytest.mark.parametrize(
    ("event", "pressed"),
    [
        ({"key": "ф", "code": "KeyA"}, "a"),
        ({"key": "A", "code": "KeyA"}, "a"),
        ({"key": "q", "code": "KeyA"}, "q"),
        ({"key": "ф", "code": "KeyA", "isComposing": True}, None),
        ({"key": "Process", "code": "KeyA", "keyCode": 229}, None),
    ],
    ids=["cyrillic", "caps lock", "azerty", "composing", "input method"],
)
def test_a_key_is_known_by_its_letter_else_by_its_place(
    desk: DeskApp, ed: Page, event: dict[str, Any], pressed: str | None
) -> None:
    three_spots(desk)
    queue(ed, desk)
    ed.keyboard.press("j")

    found = ed.evaluate(
        """event => {
          let pressed = null;
          addEventListener("click", (click) => {
            click.preventDefault();
            pressed = click.target.closest("[data-key]").dataset.key;
          });
          document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", {bubbles: true, cancelable: true, ...event}));
          return pressed;
        }""",
        event,
    )

    assert found == pressed


# Without scripts


def test_everything_works_without_scripts(desk: DeskApp, visit: Visit) -> None:
    first, second, third = three_spots(desk)
    page = queue(sign_in(visit(java_script_enabled=False)), desk)

    page.locator(f"#spot-{first}").get_by_role("button", name="Accept").click()
    expect(page).to_have_url(f"{desk.address}/desk/sites/{desk.site_id}/#spot-{second}")
    assert desk.spot(first).status == "accepted"

    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Undone")
    assert desk.spot(first).status == "waiting"

    row = page.locator(f"#spot-{second}")
    row.locator("summary.kind-reject").click()
    row.get_by_role("link", name="Decide on the spot’s own page").click()
    page.locator("summary.kind-reject").click()
    page.locator(".reasons").get_by_label("Note for colleagues").fill("As it was printed.")
    page.get_by_role("button", name="It is quoted word for word").click()
    expect(page.get_by_role("status")).to_contain_text("Rejected Novembre")
    assert desk.spot(second).status == "rejected"

    queue(page, desk)
    page.get_by_role("link", name="Open “beleive”").click()
    page.get_by_label("What it should read").fill("believed")
    page.get_by_role("button", name="Fixed").click()
    expect(page.get_by_role("region", name="Record")).to_contain_text("Marked as fixed")
    page.get_by_role("region", name="Record").get_by_role("button", name="Undo").click()
    expect(page.locator("s").first).to_have_text("Marked as fixed")
    assert desk.spot(first).correction == "believe"

    page.locator("summary", has_text="Signed in as").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"/desk/spots/{third}")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_no_button_shows_a_key_that_does_nothing(desk: DeskApp, visit: Visit) -> None:
    three_spots(desk)
    page = queue(sign_in(visit(java_script_enabled=False)), desk)

    expect(page.locator("kbd").first).to_be_hidden()
    expect(page.get_by_role("button", name="Keys")).to_be_hidden()


# What people see


def test_who_comes_second_is_told_what_happened_and_keeps_the_text(desk: DeskApp, ed: Page) -> None:
    spot_id = desk.reported("recieved")
    ed.goto(f"/desk/spots/{spot_id}")
    other = ed.context.new_page()
    other.goto(f"/desk/spots/{spot_id}")
    other.get_by_role("button", name="Accept").click()
    expect(other.get_by_role("status")).to_contain_text("Accepted")

    ed.get_by_label("Note for colleagues").first.fill("I asked the author.")
    ed.get_by_role("button", name="Fixed").click()

    expect(ed.get_by_role("alert")).to_contain_text(f"{ED} decided meanwhile")
    expect(ed.get_by_label("Note for colleagues").first).to_have_value("I asked the author.")
    assert desk.spot(spot_id).status == "accepted"


def test_a_viewer_reads_and_has_nothing_to_press(desk: DeskApp, visit: Visit) -> None:
    spot_id = desk.reported("recieved")
    desk.employ(VERA, Role.VIEWER)
    page = queue(sign_in(visit(), VERA), desk)

    for address in (page.url, f"/desk/spots/{spot_id}"):
        page.goto(address)
        expect(page.locator("main").get_by_role("button")).to_have_count(0)
        expect(page.locator("main")).to_contain_text("recieved")


def test_words_keep_their_own_direction_and_language(desk: DeskApp, ed: Page) -> None:
    spot_id = desk.reported("المدرسه", "المدرسة", text=ARABIC, lang="ar")
    queue(ed, desk)

    words = ed.locator(f"#spot-{spot_id} blockquote")

    assert words.evaluate("each => getComputedStyle(each).direction") == "rtl"
    expect(words).to_have_attribute("lang", "ar")
    expect(words.locator("del")).to_contain_text("المدرسه")
    expect(words.locator("ins")).to_contain_text("المدرسة")


def test_what_readers_write_is_text_and_nothing_else(desk: DeskApp, ed: Page) -> None:
    evil = '<img src=x onerror="alert(1)">'
    spot_id = desk.reported("wrold", evil, text=f"{evil} wrold", title=evil, comment=evil)

    for address in (f"/desk/sites/{desk.site_id}/", f"/desk/spots/{spot_id}"):
        ed.goto(address)
        expect(ed.locator("main")).to_contain_text(evil)
        expect(ed.locator("img")).to_have_count(0)


def test_the_queue_goes_on_after_a_page(desk: DeskApp, ed: Page, monkeypatch: Any) -> None:
    monkeypatch.setattr("feedback.web.queue_page.PAGE", 2)
    first, _, third = three_spots(desk)
    queue(ed, desk)

    ed.get_by_role("link", name="Next page").click()
    expect(ed.locator(f"#spot-{third}")).to_be_visible()
    ed.get_by_role("link", name="First page").click()

    expect(ed.locator(f"#spot-{first}")).to_be_visible()


# For every eye and ear


def addresses(desk: DeskApp) -> dict[str, str]:
    """The address of each page, with something to see on it."""
    spot_id = three_spots(desk)[0]
    desk.reported("recieved", "received", comment="I before e.")

    def inside() -> tuple[str, str]:
        settings = desk.app.extensions["settings"]
        site = db.session.get_one(Site, desk.site_id)
        new = people.add(db.session, "new@paper.example", site, Role.EDITOR)
        db.session.commit()
        report = db.session.query(Report).first()
        receipt = receipts.address(settings, report.uid).removeprefix(settings.base_url)
        return people.invitation(settings.secret, new), receipt

    invitation, receipt = desk.ask(inside)
    return {
        "queue": f"/desk/sites/{desk.site_id}/",
        "most reported": f"/desk/sites/{desk.site_id}/?order=most-reported",
        "nothing": f"/desk/sites/{desk.site_id}/?status=fixed",
        "spot": f"/desk/spots/{spot_id}",
        "setup": f"/desk/sites/{desk.site_id}/setup",
        "welcome": f"/welcome/{invitation}",
        "receipt": receipt,
        "error": "/desk/spots/999999",
    }


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {[node['target'] for node in each['nodes']]}" for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_has_a_fault_that_axe_knows(
    desk: DeskApp, visit: Visit, scheme: str, width: int
) -> None:
    page = visit(color_scheme=scheme, viewport={"width": width, "height": 800})
    page.goto("/sign-in")
    found = {"sign-in": faults(page)}
    sign_in(page)
    found["empty"] = faults(page)

    for name, address in addresses(desk).items():
        page.goto(address)
        found[name] = faults(page)
    queue(page, desk).keyboard.press("j")
    page.keyboard.press("r")
    found["reasons"] = faults(page)
    page.keyboard.press("1")
    expect(page.get_by_role("status")).to_contain_text("Rejected")
    found["toast"] = faults(page)
    page.keyboard.press("?")
    found["keys"] = faults(page)

    assert {name: each for name, each in found.items() if each} == {}


def test_no_page_scrolls_sideways_on_the_narrowest_screen(desk: DeskApp, visit: Visit) -> None:
    page = sign_in(visit(viewport={"width": 320, "height": 640}))
    desk.reported("beleive", title="Donaudampfschifffahrtsgesellschaftskapitän" * 3)

    for name, address in addresses(desk).items():
        page.goto(address)
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wider) == 0, name
