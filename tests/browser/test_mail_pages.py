"""Mail in a real browser, and the pages that its links lead to: for every eye, without scripts."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import current_app
from playwright.sync_api import Browser, Page, expect

from feedback.accounts.models import Editor
from feedback.db import db, now
from feedback.delivery import stopping
from feedback.delivery.notifiers.mail import message
from feedback.desk.letters import actions
from feedback.reports.models import Spot, Status
from tests.browser.desk_app import DeskApp, make_tables, running_desk
from tests.letters import ARTICLE, BODIES, a_decision, a_digest, a_parcel, a_told, an_office
from tests.test_digests import a_carrier

VIEWS = [("light", 800), ("dark", 320)]
#: A spot whose words run the other way, and one with what is long.
ARABIC = a_told(
    8,
    article=ARTICLE | {"lang": "ar", "title": "مدرسة على التل"},
    before="قالت المديرة إن ",
    after=" الجديدة ستفتح أبوابها في الخريف.",
    pieces=[["delete", "المدرسه"], ["insert", "المدرسة"]],
    comments=["انظر القاموس."],
)
LONG = a_told(
    9,
    happened="spot.decided",
    status="rejected",
    decision=a_decision(),
    about={"type": "link", "text": "here", "url": "x"},
    pieces=[["keep", "https://broken.example/" + "a-very-long-address/" * 9]],
    comments=["long" * 90],
    actions={},
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskApp]:
    tables = make_tables(tmp_path_factory.mktemp("tables"))
    with running_desk(tmp_path_factory.mktemp("home"), tables) as running:
        yield running


def a_page(browser: Browser, scheme: Any = "light", width: int = 800) -> Page:
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": width, "height": 600},
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    return page


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    said = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]
    return said + (["scrolls sideways"] if page.evaluate(wider) > 0 else [])


def link(desk: DeskApp, spot_id: int, kind: str) -> str:
    def make() -> str:
        spot, ed = db.session.get_one(Spot, spot_id), db.session.get_one(Editor, 1)
        secret = current_app.extensions["settings"].secret
        return actions.links(desk.address, secret, spot, ed.id, now())[kind]

    return str(desk.ask(make))


@pytest.mark.parametrize(("scheme", "width"), VIEWS)
def test_a_mail_has_no_fault_that_axe_knows(
    scheme: str, width: int, browser: Browser, desk: DeskApp
) -> None:
    page = a_page(browser, scheme, width)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    bodies = BODIES | {"digest": a_digest(a_told(), ARABIC, LONG, more=2)}
    found = {}

    for kind in ("digest", "alarm", "answer", "notice", "spot.fixed"):
        parcel = a_parcel(kind, bodies[kind])
        mail = desk.ask(lambda parcel=parcel: message(parcel, an_office(), "ed@paper.example"))
        page.set_content(mail.html)
        found[kind] = [each for each in faults(page) if not each.startswith(("region", "landmark"))]

    assert {kind: each for kind, each in found.items() if each} == {}
    assert asked == []
    page.context.close()


def test_each_passage_of_a_mail_runs_its_own_way(browser: Browser, desk: DeskApp) -> None:
    parcel = a_parcel("digest", a_digest(a_told(), ARABIC))
    mail = desk.ask(lambda: message(parcel, an_office(), "ed@paper.example"))
    page = a_page(browser, width=320)
    page.set_content(mail.html)

    ways = page.locator(".passage").evaluate_all(
        "all => all.map(each => getComputedStyle(each).direction)"
    )

    assert ways == ["ltr", "rtl"]
    page.context.close()


@pytest.mark.parametrize(("scheme", "width"), VIEWS)
def test_a_link_in_a_mail_leads_to_a_page_without_faults_that_decides(
    scheme: str, width: int, browser: Browser, desk: DeskApp
) -> None:
    word = {"light": "Novembre", "dark": "beleive"}[scheme]
    spot_id = desk.reported(word, "corrected", comment="So says the dictionary.")
    address = link(desk, spot_id, "reject")
    page = a_page(browser, scheme, width)
    page.goto(address)

    before = faults(page)
    page.get_by_label("It is quoted word for word").check()
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rejected")

    assert before == []
    assert faults(page) == []
    assert desk.spot(spot_id).status is Status.REJECTED
    page.context.close()


def test_a_link_decides_without_scripts(browser: Browser, desk: DeskApp) -> None:
    spot_id = desk.reported("recieved", "received")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(link(desk, spot_id, "accept"))

    page.get_by_role("button", name="Accept").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Accepted: will be fixed")
    assert desk.spot(spot_id).status is Status.ACCEPTED
    context.close()


@pytest.mark.parametrize(("scheme", "width"), VIEWS)
def test_mail_is_stopped_on_a_page_without_faults(
    scheme: str, width: int, browser: Browser, desk: DeskApp
) -> None:
    def make() -> str:
        carrier = a_carrier(desk.site())
        secret = current_app.extensions["settings"].secret
        return f"/letters/stop/{stopping.make(secret, carrier.id, carrier.address)}"

    page = a_page(browser, scheme, width)
    page.goto(desk.address + urlsplit(desk.ask(make)).path)

    before = faults(page)
    page.get_by_role("button", name="Stop this mail").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No more of this mail comes")

    assert before == []
    assert faults(page) == []
    page.context.close()
