"""The reader's side for every eye, ear and hand: by axe, keyboard, announcements, size."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import ReaderPage

PARAGRAPHS = "<h1>Rain</h1><p>In Novembre it rained.</p>" + f"<p>{'mistakes ' * 200}</p>"
ARABIC = "<h1>خبر</h1><p>قالت المديرة إن المدرسه الجديدة ستفتح أبوابها في الخريف.</p>"

State = Callable[[ReaderPage], None]


def as_form(reader: ReaderPage) -> None:
    reader.report()


def as_form_with_all(reader: ReaderPage) -> None:
    reader.visit(body=PARAGRAPHS, attributes='async data-kinds="typo fact" data-email="true"')
    reader.report().correction.fill("November")


def as_long_form(reader: ReaderPage) -> None:
    reader.triple_click("mistakes").press()
    reader.correction.wait_for()


def as_hint(reader: ReaderPage) -> None:
    reader.press()
    reader.button("Cancel").wait_for()


def as_headline(reader: ReaderPage) -> None:
    as_hint(reader)
    reader.choice.select_option(index=1)


def as_failure(reader: ReaderPage) -> None:
    reader.service.refuse(429, Retry_After="60")
    reader.report().button("Send").click()
    reader.button("Try again").wait_for()


def as_sending(reader: ReaderPage) -> None:
    reader.service.open_gate.clear()
    reader.report().button("Send").click()
    reader.button("Sending…").wait_for()


def as_success(reader: ReaderPage) -> None:
    reader.report().button("Send").click()
    reader.button("Close").wait_for()


def as_offline(reader: ReaderPage) -> None:
    reader.service.hang_up()
    as_success(reader)


def as_too_long(reader: ReaderPage) -> None:
    reader.visit(body=f"<h1>Rain</h1><p>{'mistakes ' * 300}</p>")
    reader.triple_click("mistakes").press()
    reader.button("Close").wait_for()


def as_button(reader: ReaderPage) -> None:
    reader.visit(body=PARAGRAPHS, attributes="async data-button=always").select("Novembre")
    reader.page.get_by_role("button", name="Report a mistake").wait_for()


def as_note(reader: ReaderPage) -> None:
    as_offline(reader)
    reader.button("Close").click()
    reader.service.accept()
    reader.page.evaluate("dispatchEvent(new Event('online'))")
    reader.page.get_by_role("status").wait_for()


STATES: list[State] = [
    as_form,
    as_form_with_all,
    as_long_form,
    as_hint,
    as_headline,
    as_failure,
    as_sending,
    as_success,
    as_offline,
    as_too_long,
    as_button,
    as_note,
]


def in_body(page: Page) -> None:
    """Let our house stand in <body>: axe tells no colours outside of it."""
    page.add_init_script(
        """const append = Element.prototype.append;
        Element.prototype.append = function (...nodes) {
          const here = this === document.documentElement ? document.body : this;
          return append.apply(here, nodes);
        }"""
    )


def nodes(rules: list[dict[str, Any]]) -> list[str]:
    """Each element that a rule of axe has judged, after the rule's name."""
    return [f"{rule['id']}: {node['target']}" for rule in rules for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing_in_any_state(reader_page: ReaderPage, state: State, scheme: Any) -> None:
    in_body(reader_page.page)
    reader_page.page.emulate_media(color_scheme=scheme)
    reader_page.visit(body=PARAGRAPHS)

    state(reader_page)
    found = Axe().run(reader_page.page, options=None).response

    assert nodes(found["violations"]) == []
    ours = [node for node in nodes(found["passes"]) if "reader-feedback" in node]
    assert any("color-contrast" in node for node in ours)


def test_the_whole_way_by_keyboard(reader_page: ReaderPage) -> None:
    keyboard = reader_page.page.keyboard
    reader_page.visit().select("writ")
    for _ in range(2):
        keyboard.press("Shift+ArrowRight")
    keyboard.press("Control+Enter")
    expect(reader_page.correction).to_be_focused()
    keyboard.type("written")
    for element in (reader_page.comment, reader_page.choice, reader_page.button("Cancel")):
        keyboard.press("Tab")
        expect(element).to_be_focused()
    keyboard.press("Tab")
    expect(reader_page.button("Send")).to_be_focused()

    keyboard.press("Space")

    expect(reader_page.button("Close")).to_be_focused()
    keyboard.press("Shift+Tab")
    expect(reader_page.dialog.get_by_role("link")).to_be_focused()
    keyboard.press("Escape")
    expect(reader_page.dialog).to_have_count(0)
    assert reader_page.service.reports[0]["correction"] == "written"


def heard(page: Page) -> list[tuple[str, str, str]]:
    """What stands in the accessibility tree's live regions: role, urgency, text."""
    session = page.context.new_cdp_session(page)
    tree = session.send("Accessibility.getFullAXTree")["nodes"]
    names = {node["nodeId"]: node for node in tree}

    def text(node: dict[str, Any]) -> str:
        if node.get("role", {}).get("value") == "StaticText":
            return str(node["name"]["value"])
        return "".join(text(names[child]) for child in node.get("childIds", []) if child in names)

    found = []
    for node in tree:
        properties = {
            each["name"]: each["value"].get("value") for each in node.get("properties", [])
        }
        if properties.get("live") in {"polite", "assertive"} and not node.get("ignored"):
            found.append((node["role"]["value"], properties["live"], text(node)))
    return found


@pytest.mark.parametrize(
    ("state", "role", "live", "words"),
    [
        (as_success, "status", "polite", "Thank you! The editors have your report."),
        (as_offline, "status", "polite", "Not sent yet: there is no connection."),
        (as_failure, "alert", "assertive", "Not sent: there are too many reports at the moment."),
        (as_note, "status", "polite", "Thank you! The editors have your report."),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_an_outcome_is_announced(
    reader_page: ReaderPage, state: State, role: str, live: str, words: str
) -> None:
    reader_page.visit(body=PARAGRAPHS)

    state(reader_page)

    assert [each for each in heard(reader_page.page) if each[2].startswith(words)] != []
    [found] = [each for each in heard(reader_page.page) if each[2].startswith(words)]
    assert found[:2] == (role, live)


def test_live_regions_are_there_before_they_speak(reader_page: ReaderPage) -> None:
    reader_page.visit(body=PARAGRAPHS).report()

    assert {role for role, _, _ in heard(reader_page.page)} == {"alert", "button", "status"}


def test_the_dialog_says_its_name_and_what_is_sent(reader_page: ReaderPage) -> None:
    reader_page.visit().report()

    expect(reader_page.dialog).to_have_role("dialog")
    expect(reader_page.dialog).to_have_accessible_name("Spelling error report")
    expect(reader_page.dialog).to_have_accessible_description(
        "The following text will be sent to our editors: "
        "In Novembre the mainland promised a new lamp that needs nobody."
    )
    assert reader_page.page.evaluate(
        "document.querySelector('reader-feedback').shadowRoot"
        ".querySelector('dialog').matches(':modal')"
    )


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_targets_are_large_enough_for_a_finger(reader_page: ReaderPage, state: State) -> None:
    reader_page.visit(body=PARAGRAPHS)

    state(reader_page)

    controls = reader_page.page.locator(
        "reader-feedback :is(button, input, textarea, select):visible"
    )
    for control in controls.all():
        box = control.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44


@pytest.mark.parametrize("size", [(320, 640), (640, 320), (410, 300)], ids=str)
@pytest.mark.parametrize(
    "state", [as_form_with_all, as_long_form, as_failure, as_offline], ids=lambda s: s.__name__
)
def test_it_fits_small_windows_and_enlarged_ones(
    reader_page: ReaderPage, state: State, size: tuple[int, int]
) -> None:
    reader_page.page.set_viewport_size({"width": size[0], "height": size[1]})
    reader_page.visit(body=PARAGRAPHS)

    state(reader_page)

    wide = "dialog => dialog.scrollWidth <= dialog.clientWidth"
    assert reader_page.dialog.evaluate(wide)
    box = reader_page.dialog.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size[0]
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= size[1]
    for button in reader_page.dialog.get_by_role("button").all():
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport(ratio=0.99)


def test_text_of_twice_the_size_is_not_cut(reader_page: ReaderPage) -> None:
    reader_page.visit(body=PARAGRAPHS).report()

    reader_page.dialog.evaluate("dialog => { dialog.style.fontSize = '32px' }")

    assert reader_page.dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
    expect(reader_page.button("Send")).to_be_visible()


def test_right_to_left_it_is_mirrored(reader_page: ReaderPage) -> None:
    reader_page.visit(body=ARABIC, lang="ar", direction="rtl")
    reader_page.double_click("المدرسه").press()
    expect(reader_page.dialog).to_have_attribute("dir", "rtl")

    cancel, send = (
        reader_page.dialog.get_by_role("button").nth(index).bounding_box() for index in (0, 1)
    )

    assert cancel
    assert send
    assert cancel["x"] > send["x"]


def test_forced_colours_keep_every_edge(reader_page: ReaderPage) -> None:
    reader_page.page.emulate_media(forced_colors="active")
    reader_page.visit(body=PARAGRAPHS).report()

    for element in (reader_page.dialog, reader_page.correction, reader_page.button("Send")):
        style = "it => [getComputedStyle(it).borderTopWidth, getComputedStyle(it).borderTopStyle]"
        assert element.evaluate(style) == ["1px", "solid"]


def test_nothing_moves(reader_page: ReaderPage) -> None:
    reader_page.visit(body=PARAGRAPHS).report()

    assert (
        reader_page.dialog.evaluate("dialog => dialog.getAnimations({ subtree: true }).length") == 0
    )


def test_the_focus_shows(reader_page: ReaderPage) -> None:
    reader_page.visit(body=PARAGRAPHS).report()

    for _ in range(4):
        shown = reader_page.page.evaluate(
            """() => {
              const { activeElement } = document.querySelector("reader-feedback").shadowRoot;
              const { outlineStyle, outlineWidth } = getComputedStyle(activeElement);
              return [outlineStyle, outlineWidth];
            }"""
        )
        assert shown == ["solid", "2px"]
        reader_page.press("Tab")
