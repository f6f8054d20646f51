"""The pages of chats in a real browser: who one is there, and buttons that decide."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from feedback.accounts.models import Role
from feedback.db import db, now
from feedback.delivery.models import Carrier, Means
from feedback.delivery.wishes import Wishes
from feedback.desk import chatting
from feedback.desk.models import ChatUser
from feedback.web import chat_links
from feedback.web.chat_presses import Person
from tests.browser.desk_app import DeskApp, make_tables, running_desk
from tests.makers import PASSWORD

OWNER = "olive@paper.example"
SLACK = "https://hooks.slack.com/services/T0000/B0000/" + "s" * 24
TELEGRAM = "tgram://123456:" + "t" * 40 + "/-1001"


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tables(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def desk(tmp_path: Path, tables: Path) -> Iterator[DeskApp]:
    with running_desk(tmp_path, tables) as running:
        running.employ(OWNER, Role.OWNER)
        yield running


def a_carrier(desk: DeskApp, address: str) -> str:
    """Let word go to a chat; give the path of its buttons' page."""

    def add() -> int:
        carrier = Carrier(
            site_id=desk.site_id,
            means=Means.CHAT,
            address=address,
            wishes=str(Wishes()),
            created_at=now(),
        )
        db.session.add(carrier)
        db.session.commit()
        return carrier.id

    return f"/desk/sites/{desk.site_id}/carriers/{desk.ask(add)}/buttons"


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    said = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]
    return [*said, *(["too wide"] if page.evaluate(wider) else [])]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_an_owner_turns_buttons_on_and_says_who_they_are(
    browser: Browser, desk: DeskApp, scheme: str, width: int
) -> None:
    slack, telegram = (a_carrier(desk, address) for address in (SLACK, TELEGRAM))
    person = Person(chatting.service("slack", desk.site_id, "T0000"), "U1", "Olive " + "x" * 50)
    link = desk.ask(lambda: chat_links.address(person)).removeprefix("http://127.0.0.1")
    found: dict[str, list[str]] = {}
    context = browser.new_context(
        base_url=desk.address,
        reduced_motion="reduce",
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
    )
    page = context.new_page()
    page.goto(link)
    page.get_by_label("E-mail").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Is this you?")).to_be_visible()
    found["who"] = faults(page)
    page.get_by_role("button", name="Yes, this is me").click()
    expect(page.get_by_role("heading", name="Chats")).to_be_visible()
    found["profile"] = faults(page)

    page.goto(telegram)
    found["telegram"] = faults(page)
    page.goto(slack)
    found["off"] = faults(page)
    page.get_by_label("Signing secret").fill("?")
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found["wrong"] = faults(page)
    page.get_by_label("Signing secret").fill("0123456789abcdef" * 2)
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_text("It is on.")).to_be_visible()
    found["on"] = faults(page)
    page.goto("/desk/profile")
    page.get_by_role("button", name="Remove Slack").click()
    expect(page.get_by_role("heading", name="Chats")).to_have_count(0)
    context.close()

    assert {name: each for name, each in found.items() if each} == {}
    assert desk.ask(lambda: db.session.scalars(sa.select(ChatUser)).all()) == []
