"""The reader's journey, the same in three engines: from a selection to the editors' queue."""

from collections.abc import Callable
from typing import Any

import pytest

from engines.engine import Engine, until
from engines.paper import Paper
from engines.plug import Plug
from engines.reader import Ann

SHADOW = """
<p>Outside there is nothing wrong.</p>
<news-box><template shadowrootmode="open">
<p>In the box, the keeper was <b>suprised</b> by the mail.</p>
</template></news-box>
<p>Below it, neither.</p>
"""


def test_a_double_clicked_word_gets_from_the_article_to_the_queue(ann: Ann) -> None:
    ann.read().double_click("Novembre")
    dialog = ann.asks_to_report()
    assert dialog.mark == dialog.fields["Correction"] == "Novembre"
    assert dialog.passage == "In Novembre the mainland promised a new lamp that needs nobody."

    ann.type("November").click_field("Your comment (optional)").type("A month.")
    ann.click_button("Send")

    assert "Thank you" in ann.sees_outcome()
    spot = ann.spot()
    assert spot["quote"]["exact"] == "Novembre"
    assert spot["quote"]["prefix"].endswith("The sea did not care.\nIn ")
    assert spot["quote"]["suffix"].startswith(" the mainland promised a new lamp")
    assert [(r["correction"], r["comment"]) for r in spot["reports"]] == [("November", "A month.")]


def a_phrase_across_an_element(ann: Ann) -> tuple[str, str, str]:
    ann.drag_over("she recieved the same")
    return "every time ", "she recieved the same", " answer: two hundred"


def a_phrase_backward(ann: Ann) -> tuple[str, str, str]:
    ann.drag_over("I will beleive it", backward=True)
    return "needs nobody. “", "I will beleive it", " when I see it,”"


def a_paragraph(ann: Ann) -> tuple[str, str, str]:
    ann.triple_click("Nothing was writen")
    return "on a Tuesday.\n", "Nothing was writen about the cat.", "\nThe notice"


@pytest.mark.parametrize("select", [a_phrase_across_an_element, a_phrase_backward, a_paragraph])
def test_what_the_mouse_selects_is_what_the_editors_get(
    ann: Ann, select: Callable[[Ann], tuple[str, str, str]]
) -> None:
    ann.read()
    before, words, after = select(ann)
    dialog = ann.asks_to_report()
    assert dialog.mark == dialog.fields["Correction"] == words

    ann.type("Something else.").press("Enter")

    assert "Thank you" in ann.sees_outcome()
    quote = ann.spot()["quote"]
    assert quote["exact"] == words
    assert quote["prefix"].endswith(before)
    assert quote["suffix"].startswith(after)


def test_the_keyboard_alone_reports(ann: Ann) -> None:
    ann.read().double_click("writen")
    ann.asks_to_report()

    ann.type("written").press("Control", "Enter")

    assert "Thank you" in ann.sees_outcome()
    ann.press("Enter")  # on Close
    ann.sees_no_dialog()
    assert ann.spot()["correction"] == "written"


def test_a_correction_shows_in_the_sentence_while_it_is_typed(ann: Ann) -> None:
    ann.read().drag_over("promised a new lamp")
    ann.asks_to_report()

    ann.type("promised a newer lamp")

    dialog = ann.sees_dialog()
    assert (dialog.removed, dialog.put_in) == ("new", "newer")


@pytest.mark.parametrize("backward", [False, True])
def test_a_selection_is_given_back_as_it_was_made(ann: Ann, backward: bool) -> None:
    ann.read().drag_over("promised a new lamp", backward=backward)
    made = ann.selection
    ann.asks_to_report()

    ann.press("Escape")

    ann.sees_no_dialog()
    assert ann.selection == made == {"text": "promised a new lamp", "backward": backward}


def test_what_was_typed_is_there_again_after_escape(ann: Ann) -> None:
    ann.read().double_click("Novembre")
    ann.asks_to_report()
    ann.type("November").press("Escape")
    ann.sees_no_dialog()

    dialog = ann.asks_to_report()

    assert dialog.fields["Correction"] == "November"


def test_words_in_an_open_shadow_root_are_reported(ann: Ann) -> None:
    ann.read(body=SHADOW).double_click("suprised")
    dialog = ann.asks_to_report()
    assert dialog.passage == "In the box, the keeper was suprised by the mail."

    ann.type("surprised").click_button("Send")

    assert "Thank you" in ann.sees_outcome()
    assert ann.spot()["quote"]["exact"] == "suprised"


# In Chromium and WebKit what the document tells of a selection stops at the shadow host, so such a
# selection is lost when the dialog closes.
@pytest.mark.parametrize("engine", ["firefox"], indirect=True)
def test_a_selection_in_a_shadow_root_is_given_back(ann: Ann) -> None:
    ann.read(body=SHADOW).drag_over("the keeper was suprised", backward=True)
    ann.asks_to_report()
    ann.press("Escape").sees_no_dialog()

    dialog = ann.asks_to_report()

    assert dialog.mark == "the keeper was suprised"


@pytest.mark.parametrize("backward", [False, True])
def test_a_selection_that_reaches_into_a_shadow_root_means_what_is_outside(
    ann: Ann, backward: bool
) -> None:
    ann.read(body=SHADOW).drag("nothing wrong.", "suprised", backward=backward)

    dialog = ann.asks_to_report()

    assert dialog.mark == "nothing wrong."


@pytest.mark.parametrize("field", ["#input", "#area", "#editable b"])
def test_keys_where_the_page_is_written_in_are_the_pages(ann: Ann, field: str) -> None:
    ann.read().double_click("Novembre")
    ann.asks_to_report()  # all is loaded now: the next key would open it at once
    ann.press("Escape").sees_no_dialog()
    ann.double_click_on(field)

    ann.press("Control", "Enter")

    assert ann.dialog() is None


def test_without_a_selection_the_key_says_how_to_select(ann: Ann) -> None:
    ann.read()

    dialog = ann.asks_to_report()

    assert "Please select the words with the mistake in the text" in dialog.text
    ann.click_button("Cancel").sees_no_dialog()


def test_a_button_appears_beside_a_selection_and_opens_on_it(ann: Ann) -> None:
    ann.read(button="always").double_click("Novembre")

    ann.click_button("Report a mistake")

    assert ann.sees_dialog().mark == "Novembre"


@pytest.fixture
def unsent(ann: Ann, plug: Plug) -> str:
    """A report that Ann sent while the service could not be reached: its id."""
    ann.read().double_click("Novembre")
    ann.asks_to_report()
    plug.pull()
    ann.type("November").click_button("Send")
    assert ann.sees_outcome() == (
        "Not sent yet: there is no connection. "
        "Your report is kept in this browser and will be sent when you are back."
    )
    (kept,) = ann.kept
    return kept


def comes_back_online(ann: Ann) -> None:
    ann.connect()


def loads_the_page_anew(ann: Ann) -> None:
    ann.reload()


@pytest.mark.parametrize("returns", [comes_back_online, loads_the_page_anew])
def test_what_could_not_be_sent_is_sent_once_when_there_is_a_connection(
    ann: Ann, plug: Plug, unsent: str, returns: Callable[[Ann], Any]
) -> None:
    plug.put_in()

    returns(ann)

    assert "Thank you" in ann.sees_note()
    until(lambda: not ann.kept, "nothing is kept")
    returns(ann)
    (spot,) = ann.spots()
    assert [report["id"] for report in spot["reports"]] == [unsent]
    assert plug.reports_taken() == 1


# Firefox remembers that a module could not be fetched until the page is loaded anew.
@pytest.mark.parametrize("engine", ["chromium", "webkit"], indirect=True)
def test_who_selected_while_the_service_was_away_can_report_when_it_is_back(
    ann: Ann, plug: Plug
) -> None:
    ann.read()
    plug.pull()
    ann.double_click("Novembre")
    until(ann.hears_of_the_network, "what is loaded on a selection has failed to")
    plug.put_in()

    dialog = ann.asks_to_report()

    assert dialog.mark == "Novembre"


def test_a_script_that_breaks_is_heard(engine: Engine, paper: Paper) -> None:
    """The other tests rely on it: in each engine the console is listened to."""
    with engine.tab() as tab:
        tab.open(paper.publish("/breaks", "<!doctype html><title>Breaks</title>"))

        tab.call("() => void setTimeout(() => { throw new Error('ouch') })", None)

        until(lambda: any("ouch" in line for line in tab.heard()), "the console hears of it")
