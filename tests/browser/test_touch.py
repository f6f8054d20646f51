"""A reader on a phone, and one with a mouse whose site shows the button always."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.article import BODY
from tests.browser.conftest import ReaderPage
from tests.browser.loopback import ArticleSite, ServiceDouble

LONG = BODY + "".join(f"<p id='p{n}'>Paragraph {n} has a misteak.</p>" for n in range(40))


@pytest.fixture
def phone(
    browser: Browser, article_site: ArticleSite, service_double: ServiceDouble
) -> Iterator[ReaderPage]:
    """Ann on a phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True
    )
    reader = ReaderPage(context.new_page(), article_site, service_double)
    yield reader
    context.close()
    assert reader.noise == []


def pill(reader: ReaderPage) -> Locator:
    return reader.page.get_by_role("button", name="Report a mistake")


def test_a_selection_offers_a_button_and_a_tap_opens_the_dialog(phone: ReaderPage) -> None:
    phone.visit().select("Novembre")

    pill(phone).tap()

    expect(phone.correction).to_have_value("Novembre")
    phone.button("Send").tap()
    expect(phone.outcome).to_contain_text("Thank you!")


@pytest.mark.parametrize("paragraph", ["p2", "p12", "p18"])
def test_the_button_keeps_away_from_the_selection(phone: ReaderPage, paragraph: str) -> None:
    phone.visit(body=LONG)
    place = phone.page.locator(f"#{paragraph}")
    place.evaluate("place => place.scrollIntoView({ block: 'end' })")
    place.evaluate("place => getSelection().selectAllChildren(place)")

    expect(pill(phone)).to_be_in_viewport(ratio=1)

    button, words = pill(phone).bounding_box(), place.bounding_box()
    assert button
    assert words
    gap = max(
        button["y"] - (words["y"] + words["height"]), words["y"] - button["y"] - button["height"]
    )
    assert gap >= 60  # the system's own menu is as high as that
    assert button["height"] >= 44


def test_it_goes_with_the_selection(phone: ReaderPage) -> None:
    phone.visit().select("Novembre")
    expect(pill(phone)).to_be_visible()

    phone.page.evaluate("getSelection().removeAllRanges()")

    expect(pill(phone)).to_have_count(0)
    expect(phone.page.locator("reader-feedback")).to_have_count(0)


@pytest.mark.parametrize(
    "select",
    [
        "(field => { field.focus(); field.select() })(document.querySelector('#input'))",
        "getSelection().selectAllChildren(document.querySelector('#editable'))",
        "getSelection().selectAllChildren(document.querySelector('#ignored'))",
    ],
)
def test_it_stays_away_where_it_must(phone: ReaderPage, select: str) -> None:
    phone.visit(body=BODY + '<p id="ignored" data-feedback-ignore>Not this.</p>')
    phone.select("Novembre")
    expect(pill(phone)).to_be_visible()

    phone.page.evaluate(select)

    expect(pill(phone)).to_have_count(0)


def test_it_stays_away_in_the_dialog_itself(phone: ReaderPage) -> None:
    phone.visit().select("Novembre")
    pill(phone).tap()
    expect(phone.correction).to_be_focused()

    phone.passage.evaluate("passage => getSelection().selectAllChildren(passage)")
    phone.page.wait_for_timeout(500)  # longer than it waits for a selection to be made

    expect(pill(phone)).to_have_count(0)


def test_a_site_may_do_without(phone: ReaderPage) -> None:
    phone.visit(attributes="async data-button=never").select("Novembre")
    phone.page.wait_for_function("() => performance.getEntriesByType('resource').length > 2")
    phone.page.wait_for_timeout(500)

    expect(pill(phone)).to_have_count(0)


def test_with_a_mouse_there_is_none(reader_page: ReaderPage) -> None:
    reader_page.visit().double_click("Novembre")
    reader_page.page.wait_for_function("() => performance.getEntriesByType('resource').length > 2")
    reader_page.page.wait_for_timeout(500)

    expect(pill(reader_page)).to_have_count(0)


def test_with_a_mouse_a_site_may_have_one(reader_page: ReaderPage) -> None:
    reader_page.visit(attributes="async data-button=always").double_click("Novembre")

    pill(reader_page).click()

    expect(reader_page.correction).to_have_value("Novembre")


def test_above_all_that_a_page_piles_up(phone: ReaderPage) -> None:
    style = """<style>
      * { all: unset !important }
      script, style, title, head { display: none !important }
      p { display: block !important }
      #cover { position: fixed !important; inset: 0 !important; z-index: 2147483647 !important;
               background: #fff8 !important; pointer-events: none !important }
    </style>"""
    phone.visit(head=style, body=BODY + '<div id="cover"></div>', headers={}).select("Novembre")

    pill(phone).tap()

    expect(phone.correction).to_have_value("Novembre")


def test_the_caption_speaks_of_no_keys(phone: ReaderPage) -> None:
    phone.visit()

    expect(phone.page.locator("[data-feedback-caption]")).to_have_text(
        "If you have found a spelling error, please notify us by selecting that text."
    )
