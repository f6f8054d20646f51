"""The one line that sites paste: what it costs, when it answers, what it leaves alone."""

import time

import pytest
from playwright.sync_api import Dialog, Route, expect

from tests.browser.article import BODY, article
from tests.browser.conftest import ReaderPage
from tests.browser.loopback import ASSETS

WITHOUT_CAPTION = BODY.replace("<p data-feedback-caption></p>", "")


def key_event(target: str, **init: object) -> str:
    """A script that gives `target` a Ctrl+Enter and tells whether the embed took it."""
    options = {"key": "Enter", "ctrlKey": True, "bubbles": True, "composed": True} | init
    return f"""!document.querySelector({target!r}).dispatchEvent(
        new KeyboardEvent("keydown", {{...{_js(options)}, cancelable: true}}))"""


def _js(options: dict[str, object]) -> str:
    values = {True: "true", False: "false"}
    pairs = (
        f"{name}: {values[value] if isinstance(value, bool) else repr(value)}"
        for name, value in options.items()
    )
    return "{" + ", ".join(pairs) + "}"


def wait_for_modules(reader: ReaderPage, *, times: int = 1) -> None:
    """Until all modules were fetched (or refused), so that none is under way any more."""
    reader.page.wait_for_function(
        """([names, times]) => names.every(name => performance.getEntriesByType("resource")
             .filter(entry => entry.name.endsWith(name) && entry.responseEnd).length >= times)""",
        arg=[["reader.js", "strings/en.js"], times],
    )


def test_the_embed_weighs_at_most_half_a_kilobyte() -> None:
    assert len(ASSETS.embed.bodies["br"]) <= 512


def test_the_rest_weighs_at_most_seven_kilobytes() -> None:
    rest = [ASSETS.get(f"js/reader/{name}.js") for name in ("reader", "strings/en")]

    assert sum(len(asset.bodies["br"]) for asset in rest if asset) <= 7 * 1024


def test_a_page_view_asks_for_the_embed_alone(reader_page: ReaderPage) -> None:
    reader_page.visit(body=WITHOUT_CAPTION)

    reader_page.page.wait_for_load_state("networkidle")

    assert reader_page.service.requests == ["GET /embed.js"]


def test_a_caption_far_below_is_not_fetched(reader_page: ReaderPage) -> None:
    far = '<div style="height: 500vh"></div><p data-feedback-caption></p>'

    reader_page.visit(body=WITHOUT_CAPTION + far, headers={})
    reader_page.page.wait_for_load_state("networkidle")
    fetched = list(reader_page.service.requests)
    reader_page.page.locator("[data-feedback-caption]").scroll_into_view_if_needed()

    expect(reader_page.page.locator("[data-feedback-caption]")).to_contain_text("notify us")
    assert fetched == ["GET /embed.js"]


def test_neither_request_waits_for_the_other(reader_page: ReaderPage) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    reader_page.page.route("**/reader/**", hold)
    reader_page.visit(body=WITHOUT_CAPTION).double_click("Novembre")

    give_up = time.monotonic() + 10
    while len(held) < 2 and time.monotonic() < give_up:  # the second, though none is answered
        reader_page.page.wait_for_timeout(10)
    for route in held:
        route.continue_()
    wait_for_modules(reader_page)

    assert [route.request.url.rsplit("/reader/")[1] for route in held] == [
        "reader.js",
        "strings/en.js",
    ]


def test_a_selection_fetches_all_that_the_dialog_needs(reader_page: ReaderPage) -> None:
    reader_page.visit().double_click("Novembre")
    wait_for_modules(reader_page)
    fetched = set(reader_page.service.requests)

    reader_page.service.modules_fail = True
    reader_page.press()

    expect(reader_page.dialog).to_be_visible()
    assert set(reader_page.service.requests) == fetched


@pytest.mark.parametrize("keys", ["Control+Enter", "Meta+Enter", "Control+NumpadEnter"])
def test_the_keys_open_the_dialog(reader_page: ReaderPage, keys: str) -> None:
    reader_page.visit().double_click("Novembre").press(keys)

    expect(reader_page.dialog).to_be_visible()


@pytest.mark.parametrize("keys", ["Enter", "Control+Shift+Enter", "Control+Alt+Enter", "Control+e"])
def test_other_keys_are_left_alone(reader_page: ReaderPage, keys: str) -> None:
    reader_page.visit().double_click("Novembre")
    wait_for_modules(reader_page)
    reader_page.page.evaluate("onkeydown = event => { taken = event.defaultPrevented }; taken = 0")

    reader_page.press(keys)

    assert reader_page.page.evaluate("taken") is False
    expect(reader_page.dialog).to_have_count(0)


@pytest.mark.parametrize(
    ("init", "taken"),
    [
        ({}, True),
        ({"isComposing": True}, False),
        ({"keyCode": 229}, False),
        ({"repeat": True}, False),
    ],
)
def test_input_methods_and_held_keys_keep_their_enter(
    reader_page: ReaderPage, init: dict[str, object], taken: bool
) -> None:
    reader_page.visit().double_click("Novembre")
    wait_for_modules(reader_page)

    assert reader_page.page.evaluate(key_event("body", **init)) is taken

    expect(reader_page.dialog).to_have_count(int(taken))


@pytest.mark.parametrize("field", ["#input", "#area", "#editable", "#editable b"])
def test_fields_keep_their_enter_whatever_is_selected(reader_page: ReaderPage, field: str) -> None:
    reader_page.visit().double_click("Novembre")
    wait_for_modules(reader_page)

    assert reader_page.page.evaluate(key_event(field)) is False

    expect(reader_page.dialog).to_have_count(0)


@pytest.mark.parametrize("field", ["#input", "#area", "#editable"])
def test_text_selected_in_a_field_is_not_the_articles(reader_page: ReaderPage, field: str) -> None:
    reader_page.visit().double_click("Novembre")
    wait_for_modules(reader_page)
    reader_page.page.evaluate("onkeydown = event => { taken = event.defaultPrevented }; taken = 0")
    reader_page.page.click(field)
    reader_page.page.keyboard.press("Control+A")

    reader_page.press()

    assert reader_page.page.evaluate("taken") is False
    expect(reader_page.dialog).to_have_count(0)


def test_without_a_selection_the_key_brings_a_hint_and_stays_the_pages(
    reader_page: ReaderPage,
) -> None:
    reader_page.visit()

    assert reader_page.page.evaluate(key_event("body")) is False

    expect(reader_page.dialog).to_contain_text("Please select the words with the mistake")


@pytest.mark.parametrize("busy", ["#button", "#link"])
def test_a_key_on_something_else_brings_no_hint(reader_page: ReaderPage, busy: str) -> None:
    body = BODY + '<button id="button">Vote</button><a id="link" href="#first">Up</a>'
    reader_page.visit(body=body).double_click("Novembre")
    wait_for_modules(reader_page)
    reader_page.page.evaluate("getSelection().removeAllRanges()")

    assert reader_page.page.evaluate(key_event(busy)) is False

    expect(reader_page.dialog).to_have_count(0)


def test_a_key_that_the_page_took_is_left_alone(reader_page: ReaderPage) -> None:
    reader_page.page.add_init_script(
        "addEventListener('keydown', event => event.preventDefault(), true)"
    )
    reader_page.visit().double_click("Novembre")
    wait_for_modules(reader_page)

    reader_page.press()

    expect(reader_page.dialog).to_have_count(0)


def test_pasted_twice_it_opens_once(reader_page: ReaderPage) -> None:
    again = f'<script async src="{reader_page.service.embed}"></script>'
    reader_page.visit(head=again).page.wait_for_load_state("networkidle")

    reader_page.double_click("Novembre").press()

    expect(reader_page.dialog).to_have_count(1)
    expect(reader_page.dialog).to_be_visible()


def test_a_failed_load_is_said_and_the_next_press_tries_again(reader_page: ReaderPage) -> None:
    said: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    reader_page.page.on("dialog", dismiss)
    reader_page.service.modules_fail = True
    reader_page.visit().double_click("Novembre")
    wait_for_modules(reader_page)
    with reader_page.page.expect_event("dialog"):
        reader_page.press()
    wait_for_modules(reader_page, times=2)
    reader_page.service.modules_fail = False

    reader_page.press()

    expect(reader_page.dialog).to_be_visible()
    assert said == [f"Try again: {reader_page.service.embed}"]


@pytest.mark.parametrize(
    ("platform", "key"),
    [("MacIntel", "⌘"), ("iPhone", "⌘"), ("Win32", "Ctrl"), ("Linux x86_64", "Ctrl")],
)
def test_the_caption_names_the_readers_own_key(
    reader_page: ReaderPage, platform: str, key: str
) -> None:
    reader_page.page.add_init_script(
        f"Object.defineProperty(Navigator.prototype, 'platform', {{get: () => {platform!r}}})"
    )

    reader_page.visit()

    expect(reader_page.page.locator("[data-feedback-caption]")).to_have_text(
        "If you have found a spelling error, please notify us by selecting that text and pressing "
        f"{key}+Enter."
    )


def test_the_caption_waits_for_the_page(reader_page: ReaderPage) -> None:
    head = f'<script src="{reader_page.service.embed}"></script>'
    html = f"<!doctype html><title>Early</title>{head}<p data-feedback-caption></p>"

    reader_page.page.goto(reader_page.site.publish("/early", html))

    expect(reader_page.page.locator("[data-feedback-caption]")).to_contain_text("notify us")


def test_it_makes_one_documented_global(reader_page: ReaderPage) -> None:
    names = "Object.getOwnPropertyNames(window).sort()"
    plain = article("data:text/javascript,").replace("<script async", "<script type=text/plain")
    reader_page.page.goto(reader_page.site.publish("/plain", plain))
    before = reader_page.page.evaluate(names)

    reader_page.visit().report().press("Escape")

    assert set(reader_page.page.evaluate(names)) - set(before) == {"readerFeedback"}


def test_it_leaves_the_page_as_it_was(reader_page: ReaderPage) -> None:
    markup = "document.documentElement.outerHTML"
    before = reader_page.visit(body=WITHOUT_CAPTION).page.evaluate(markup)

    reader_page.report().press("Escape")

    expect(reader_page.dialog).to_have_count(0)
    assert reader_page.page.evaluate(markup) == before


def test_the_caption_takes_the_place_of_the_link_for_those_without_scripts(
    reader_page: ReaderPage,
) -> None:
    link = '<p data-feedback-caption><a href="https://f.example/report">Tell us</a></p>'

    reader_page.visit(body=WITHOUT_CAPTION + link)

    expect(reader_page.page.locator("[data-feedback-caption]")).to_have_text(
        "If you have found a spelling error, please notify us by selecting that text and pressing "
        "Ctrl+Enter."
    )


def test_a_caption_speaks_the_articles_language(reader_page: ReaderPage) -> None:
    reader_page.visit(lang="uk")

    expect(reader_page.page.locator("[data-feedback-caption]")).to_contain_text("Ctrl+Enter")
    expect(reader_page.page.locator("[data-feedback-caption]")).to_contain_text("помилку")
