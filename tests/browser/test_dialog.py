"""The dialog: what it shows, what it sends, what it says, and how it gives the page back."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from feedback.web.reader_strings import tables
from tests.browser.conftest import ReaderPage
from tests.browser.loopback import VERSION, Answer

ENDS = "(s => [s.anchorNode, s.anchorOffset, s.focusNode, s.focusOffset])(getSelection())"
LANGUAGES = sorted(tables())


def remember_selection(page: Page) -> None:
    page.evaluate(f"() => {{ document.before = {ENDS} }}")


def same_selection(page: Page) -> bool:
    return page.evaluate(f"() => {ENDS}.every((end, i) => end === document.before[i])")


#: Hosts of open shadow roots, one in the other; the innermost has the words.
SHADOWS = """depth => {
  let host = document.querySelector("#host");
  for (; depth > 1; depth--) {
    const inner = document.createElement("div");
    host.attachShadow({ mode: "open" }).append(inner);
    host = inner;
  }
  const [p, b] = [document.createElement("p"), document.createElement("b")];
  b.textContent = "wrold";
  p.append("It is a ", b, " apart.");
  host.attachShadow({ mode: "open" }).append(p);
}"""


def a_paragraph(text: str, **attributes: str) -> str:
    named = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<p{named}>{text}</p>"


class TestThePassage:
    def test_a_double_click_shows_the_word_in_its_sentence(self, reader_page: ReaderPage) -> None:
        reader_page.visit().double_click("Novembre").press()

        sentence = "In Novembre the mainland promised a new lamp that needs nobody."
        expect(reader_page.dialog.get_by_role("heading")).to_have_text("Spelling error report")
        expect(reader_page.dialog).to_contain_text(
            "The following text will be sent to our editors:"
        )
        expect(reader_page.passage).to_have_text(sentence)
        expect(reader_page.passage.locator("mark")).to_have_text("Novembre")
        expect(reader_page.correction).to_have_value("Novembre")

    def test_a_phrase_is_dragged_over(self, reader_page: ReaderPage) -> None:
        reader_page.visit().drag_over("I will beleive it").press()

        expect(reader_page.passage.locator("mark")).to_have_text("I will beleive it")
        expect(reader_page.correction).to_have_value("I will beleive it")

    def test_a_triple_click_takes_the_paragraph(self, reader_page: ReaderPage) -> None:
        reader_page.visit().triple_click("Nothing was writen").press()

        expect(reader_page.passage.locator("mark")).to_have_text(
            "Nothing was writen about the cat."
        )
        expect(reader_page.correction).to_have_value("Nothing was writen about the cat.")

    def test_half_a_word_selected_by_keyboard_means_the_word(self, reader_page: ReaderPage) -> None:
        reader_page.visit().click_before("writen")
        reader_page.page.keyboard.down("Shift")
        reader_page.click_before(" about")
        reader_page.page.keyboard.up("Shift")
        reader_page.press("Shift+ArrowLeft")

        reader_page.press()

        expect(reader_page.correction).to_have_value("writen")

    def test_a_word_in_an_inline_element_keeps_its_sentence(self, reader_page: ReaderPage) -> None:
        reader_page.visit().double_click("recieved").press()

        expect(reader_page.passage).to_have_text(
            "She counted them every time, and every time she recieved the same answer: "
            "two hundred and twelve."
        )

    def test_the_passage_ends_with_its_block(self, reader_page: ReaderPage) -> None:
        body = a_paragraph("A headline") + a_paragraph("one wrold only") + a_paragraph("More text")

        reader_page.visit(body=body).double_click("wrold").press()

        expect(reader_page.passage).to_have_text("one wrold only")

    def test_the_passage_is_the_whole_sentence_however_long(self, reader_page: ReaderPage) -> None:
        sentence = "And so it goes " * 12 + "wrold " + "and on and on " * 12

        reader_page.visit(body=a_paragraph(f"First one. {sentence}now. Then another."))
        reader_page.double_click("wrold").press()

        expect(reader_page.passage).to_have_text(f"{sentence}now.")

    @pytest.mark.parametrize(
        ("start", "end", "meant"),
        [
            ("ovemb", "ovemb", "Novembre"),
            ("ovembre the main", "ovembre the main", "Novembre the mainland"),
            (" Novembre ", " Novembre ", "Novembre"),
            ("“I will", "“I will", "“I will"),
        ],
    )
    def test_a_sloppy_selection_means_whole_words(
        self, reader_page: ReaderPage, start: str, end: str, meant: str
    ) -> None:
        reader_page.visit().select(start).press()

        expect(reader_page.passage.locator("mark")).to_have_text(meant)
        expect(reader_page.correction).to_have_value(meant)

    def test_a_selection_over_blocks_keeps_its_lines(self, reader_page: ReaderPage) -> None:
        reader_page.visit(body=a_paragraph("One wrold") + a_paragraph("two words. Three."))
        reader_page.drag_over("wrold")
        reader_page.page.evaluate(
            "getSelection().extend(document.querySelectorAll('p')[1].firstChild, 9)"
        )

        reader_page.press()

        expect(reader_page.correction).to_have_value("wrold\ntwo words")
        expect(reader_page.passage).to_have_text("One wrold two words.")

    def test_cells_of_a_table_are_blocks(self, reader_page: ReaderPage) -> None:
        cells = "<table><tr><th>Year</th><td>Ninteen</td><td>Twenty</td></tr></table>"

        reader_page.visit(body=cells).double_click("Ninteen").press()

        expect(reader_page.passage).to_have_text("Ninteen")

    @pytest.mark.parametrize("depth", [1, 2])
    def test_a_selection_in_open_shadow_roots_is_found(
        self, reader_page: ReaderPage, depth: int
    ) -> None:
        reader_page.visit(body='<div id="host"></div>' + a_paragraph("After."))
        reader_page.page.evaluate(SHADOWS, depth)
        place = "document.querySelector('#host')" + ".shadowRoot.querySelector('div')" * (depth - 1)
        reader_page.page.evaluate(
            f"getSelection().selectAllChildren({place}.shadowRoot.querySelector('b'))"
        )

        reader_page.press()

        expect(reader_page.passage).to_have_text("It is a wrold apart.")
        reader_page.button("Send").click()
        expect(reader_page.button("Close")).to_be_visible()
        assert reader_page.service.reports[0]["quote"] == {
            "exact": "wrold",
            "prefix": "It is a ",
            "suffix": " apart.",
        }

    def test_a_frame_that_carries_the_line_has_its_own_dialog(
        self, reader_page: ReaderPage
    ) -> None:
        line = f"<script src='{reader_page.service.embed}'></script>"
        inner = f'<iframe id="frame" width="700" height="500" srcdoc="<p>A wrold.</p>{line}">'
        reader_page.visit(body=inner, headers={})
        frame = reader_page.page.frame_locator("#frame")
        frame.locator("p").dblclick(position={"x": 30, "y": 10})

        reader_page.press()
        frame.get_by_role("button", name="Send").click()

        expect(frame.get_by_role("status")).to_contain_text("Thank you!")
        [report] = reader_page.service.reports
        assert report["url"] == f"{reader_page.site.origin}/article"
        assert report["quote"]["exact"] == "wrold"

    def test_text_that_looks_like_markup_stays_text(self, reader_page: ReaderPage) -> None:
        markup = "<img src=x onerror=alert(1)>"

        reader_page.visit().drag_over(markup).press()

        expect(reader_page.passage.locator("mark")).to_have_text(markup)
        expect(reader_page.correction).to_have_value(markup)
        expect(reader_page.dialog.locator("img")).to_have_count(0)

    def test_a_word_has_one_line_and_is_selected(self, reader_page: ReaderPage) -> None:
        reader_page.visit().report("Novembre")

        reader_page.page.keyboard.type("November")

        expect(reader_page.correction).to_have_value("November")

    def test_a_long_quote_has_a_field_that_grows(self, reader_page: ReaderPage) -> None:
        reader_page.visit().triple_click("For thirty years").press()

        field = reader_page.correction
        expect(field).to_be_focused()
        assert field.evaluate("field => field.scrollHeight <= field.offsetHeight")

    def test_a_passage_over_2000_characters_is_not_sent(self, reader_page: ReaderPage) -> None:
        reader_page.visit(body=a_paragraph("mistakes " * 230)).triple_click("mistakes").press()

        expect(reader_page.outcome).to_contain_text("Please select a shorter passage")
        expect(reader_page.button("Send")).to_have_count(0)
        expect(reader_page.button("Close")).to_be_focused()

    def test_a_selection_without_words_is_asked_for_again(self, reader_page: ReaderPage) -> None:
        reader_page.visit(body=a_paragraph("&nbsp;&nbsp;&nbsp;", id="empty"))
        reader_page.page.evaluate("getSelection().selectAllChildren(empty)")

        reader_page.press()

        expect(reader_page.dialog).to_contain_text("Please select the words with the mistake")
        expect(reader_page.button("Send")).to_have_count(0)

    def test_what_is_changed_shows_as_it_is_typed(self, reader_page: ReaderPage) -> None:
        reader_page.visit().report("recieved")
        expect(reader_page.passage.locator("del, ins")).to_have_count(0)

        reader_page.correction.fill("received")

        expect(reader_page.passage.locator("del")).to_have_text("recieved")
        expect(reader_page.passage.locator("ins")).to_have_text("received")

    def test_of_a_phrase_the_words_that_change_show(self, reader_page: ReaderPage) -> None:
        reader_page.visit().drag_over("I will beleive it").press()

        reader_page.correction.fill("I shall believe it")

        expect(reader_page.passage.locator("del")).to_have_text("will beleive")
        expect(reader_page.passage.locator("ins")).to_have_text("shall believe")

    def test_nothing_is_left_when_all_is_taken_out(self, reader_page: ReaderPage) -> None:
        reader_page.visit().report("recieved")

        reader_page.correction.fill("")

        expect(reader_page.passage.locator("del")).to_have_text("recieved")
        expect(reader_page.passage.locator("ins")).to_have_count(0)


class TestTheReport:
    def test_it_is_exactly_what_is_promised(self, reader_page: ReaderPage) -> None:
        body = a_paragraph("The whole wrold knows.", lang="en-GB") + a_paragraph("Or not.")
        reader_page.visit(body=body).report("wrold")
        reader_page.correction.fill("world")
        reader_page.comment.fill("Seen twice.")

        reader_page.button("Send").click()

        expect(reader_page.button("Close")).to_be_visible()
        [report] = reader_page.service.reports
        assert UUID(report.pop("id")).version == 4
        assert report == {
            "url": f"{reader_page.site.origin}/article",
            "canonical": "https://news.example/lighthouse",
            "title": "The lighthouse keeper’s last winter",
            "lang": "en-GB",
            "quote": {"exact": "wrold", "prefix": "The whole ", "suffix": " knows.\nOr not."},
            "position": {"start": 10, "end": 15, "length": 30},
            "correction": "world",
            "comment": "Seen twice.",
            "email": "",
        }

    def test_it_is_one_plain_request_without_credentials(self, reader_page: ReaderPage) -> None:
        cookie = {"name": "session", "value": "secret", "url": reader_page.service.origin}
        reader_page.page.context.add_cookies([cookie])
        reader_page.visit().report()

        reader_page.button("Send").click()

        expect(reader_page.button("Close")).to_be_visible()
        [received] = reader_page.service.received
        assert received.headers["Content-Type"] == "text/plain;charset=UTF-8"
        assert received.headers["Origin"] == reader_page.site.origin
        assert "Cookie" not in received.headers
        sent = [line for line in reader_page.service.requests if "api" in line]
        assert sent == ["POST /api/v1/reports"]

    def test_a_page_may_lack_all_that_is_optional(self, reader_page: ReaderPage) -> None:
        reader_page.visit(head="", title="", lang="").report()

        reader_page.button("Send").click()

        expect(reader_page.button("Close")).to_be_visible()
        [report] = reader_page.service.reports
        assert (report["canonical"], report["title"], report["lang"]) == (None, "", "")

    def test_a_correction_left_as_it_was_is_none(self, reader_page: ReaderPage) -> None:
        reader_page.visit().report()

        reader_page.button("Send").click()

        expect(reader_page.button("Close")).to_be_visible()
        assert reader_page.service.reports[0]["correction"] == ""

    def test_titles_are_cut_and_half_characters_replaced(self, reader_page: ReaderPage) -> None:
        reader_page.visit().page.evaluate("document.title = '\\ud83d' + '😀'.repeat(400)")
        reader_page.report()

        reader_page.button("Send").click()

        expect(reader_page.button("Close")).to_be_visible()
        assert reader_page.service.reports[0]["title"] == "\ufffd" + "😀" * 249 + "\ufffd"

    def test_the_bait_is_sent_only_by_those_who_took_it(self, reader_page: ReaderPage) -> None:
        reader_page.visit().report()
        bait = reader_page.dialog.locator("[name=website]")
        expect(bait).to_be_hidden()

        bait.evaluate("bait => { bait.value = 'https://spam.example' }")
        reader_page.button("Send").click()

        expect(reader_page.button("Close")).to_be_visible()
        assert reader_page.service.reports[0]["website"] == "https://spam.example"

    @pytest.mark.parametrize("keys", ["Enter", "Control+Enter", "Meta+Enter"])
    def test_keys_send_from_the_correction(self, reader_page: ReaderPage, keys: str) -> None:
        reader_page.visit().report()

        reader_page.press(keys)

        expect(reader_page.outcome).to_contain_text("Thank you!")

    def test_in_the_comment_enter_is_a_line_and_ctrl_enter_sends(
        self, reader_page: ReaderPage
    ) -> None:
        reader_page.visit().report()
        reader_page.comment.focus()

        reader_page.page.keyboard.type("one\ntwo")
        reader_page.press()

        expect(reader_page.outcome).to_contain_text("Thank you!")
        assert reader_page.service.reports[0]["comment"] == "one\ntwo"

    def test_ctrl_enter_on_cancel_sends_and_does_not_cancel(self, reader_page: ReaderPage) -> None:
        reader_page.visit().report()
        reader_page.button("Cancel").focus()

        reader_page.press()

        expect(reader_page.outcome).to_contain_text("Thank you!")

    def test_a_key_still_held_from_opening_sends_nothing(self, reader_page: ReaderPage) -> None:
        keyboard = reader_page.page.keyboard
        reader_page.service.open_gate.clear()
        reader_page.visit().double_click("Novembre")
        keyboard.down("Control")
        keyboard.down("Enter")
        expect(reader_page.correction).to_be_focused()

        keyboard.down("Enter")
        keyboard.up("Control")
        keyboard.down("Enter")

        expect(reader_page.button("Send")).to_be_enabled()
        assert reader_page.service.received == []

    def test_it_is_sent_once_however_often_it_is_pressed(self, reader_page: ReaderPage) -> None:
        reader_page.service.open_gate.clear()
        reader_page.visit().report()

        reader_page.button("Send").dblclick()
        sending = reader_page.button("Sending…")
        expect(sending).to_be_disabled()
        expect(sending).to_be_focused()
        reader_page.press().press("Enter")
        reader_page.service.open_gate.set()

        expect(reader_page.button("Close")).to_be_visible()
        assert len(reader_page.service.received) == 1


THANKS = [
    ("waiting", 1, "Thank you! The editors have your report."),
    ("waiting", 2, "Thank you! 2 readers have now reported this."),
    ("snoozed", 1234, "Thank you! 1,234 readers have now reported this."),
    ("accepted", 3, "Thank you! The editors already know of this mistake and will correct it."),
    ("fixed", 1, "Thank you! The editors have corrected this already. Reload the page to see it."),
    (
        "rejected",
        2,
        "Thank you! The editors have looked at this before and decided to keep it as it is.",
    ),
]

TOO_MANY = "Not sent: there are too many reports at the moment."
UNAVAILABLE = "Not sent: the editors’ service is not available at the moment."
INVALID = "Not sent: the editors’ service did not accept the report."
REGRETS = [
    (403, "", {}, "Not sent: this page is not registered with the editors’ service."),
    (400, "", {}, INVALID),
    (409, "", {}, INVALID),
    (413, "It is over 32 KiB.", {}, f"{INVALID} It is over 32 KiB."),
    (422, "The title is too long.", {}, f"{INVALID} The title is too long."),
    (429, "", {}, f"{TOO_MANY} Please try again in a few minutes."),
    (429, "", {"Retry_After": "1"}, f"{TOO_MANY} Please try again in 1 second."),
    (429, "", {"Retry_After": "61"}, f"{TOO_MANY} Please try again in 2 minutes."),
    (503, "", {"Retry_After": "7200"}, f"{UNAVAILABLE} Please try again in 2 hours."),
    (503, "", {"Retry_After": "soon"}, f"{UNAVAILABLE} Please try again in a few minutes."),
    (500, "", {}, f"{UNAVAILABLE} Please try again in a few minutes."),
]


class TestTheOutcome:
    @pytest.mark.parametrize(
        ("seconds", "when"),
        [(50, "5[0-9] seconds ago"), (3700, "1 hour ago"), (3 * 86_400, "3 days ago")],
    )
    def test_what_is_fixed_already_is_told_with_its_time(
        self, reader_page: ReaderPage, seconds: int, when: str
    ) -> None:
        at = datetime.now(UTC) - timedelta(seconds=seconds)
        reader_page.service.accept(status="fixed", decided_at=at.isoformat())
        reader_page.visit().report()

        reader_page.button("Send").click()

        expect(reader_page.outcome).to_have_text(
            re.compile(
                rf"^Thank you! The editors have corrected this already \({when}\)\. "
                r"Reload the page to see it\.$"
            )
        )

    def test_what_the_editors_keep_is_told_with_their_reason(self, reader_page: ReaderPage) -> None:
        reader_page.service.accept(status="rejected", because="It is a quotation.")
        reader_page.visit().report()

        reader_page.button("Send").click()

        expect(reader_page.outcome).to_have_text(
            "Thank you! The editors have looked at this before and decided to keep it as it is. "
            "It is a quotation."
        )

    @pytest.mark.parametrize(("status", "readers", "message"), THANKS)
    def test_success_is_told_as_it_is(
        self, reader_page: ReaderPage, status: str, readers: int, message: str
    ) -> None:
        reader_page.service.accept(status=status, readers=readers)
        reader_page.visit().report()

        reader_page.button("Send").click()

        expect(reader_page.outcome).to_have_text(message)
        expect(reader_page.button("Close")).to_be_focused()
        expect(reader_page.correction).to_have_count(0)

    def test_the_receipt_is_a_link(self, reader_page: ReaderPage) -> None:
        reader_page.visit().report()

        reader_page.button("Send").click()

        link = reader_page.dialog.get_by_role("link", name="See what becomes of your report")
        expect(link).to_have_attribute("href", f"{reader_page.service.origin}/r/secret")

    @pytest.mark.parametrize("receipt", ["javascript:alert(1)", "not an address", "data:,x"])
    def test_a_receipt_that_is_no_web_address_is_no_link(
        self, reader_page: ReaderPage, receipt: str
    ) -> None:
        reader_page.service.accept(receipt=receipt)
        reader_page.visit().report()

        reader_page.button("Send").click()

        expect(reader_page.button("Close")).to_be_visible()
        expect(reader_page.dialog.get_by_role("link")).to_have_count(0)

    @pytest.mark.parametrize(("status", "detail", "headers", "message"), REGRETS)
    def test_a_refusal_says_why_and_keeps_the_text(
        self,
        reader_page: ReaderPage,
        status: int,
        detail: str,
        headers: dict[str, str],
        message: str,
    ) -> None:
        reader_page.service.refuse(status, detail, **headers)
        reader_page.visit().report()
        reader_page.correction.fill("November")
        reader_page.comment.fill("A month.")

        reader_page.button("Send").click()

        expect(reader_page.failure).to_have_text(message)
        expect(reader_page.button("Try again")).to_be_enabled()
        expect(reader_page.correction).to_have_value("November")
        expect(reader_page.comment).to_have_value("A month.")

    @pytest.mark.parametrize(
        "answer",
        [Answer(200, "<h1>Sign in to the café’s network</h1>"), Answer(200, "null"), Answer(201)],
    )
    def test_what_the_service_did_not_say_is_no_success(
        self, reader_page: ReaderPage, answer: Answer
    ) -> None:
        reader_page.service.answer = answer
        reader_page.visit().report()

        reader_page.button("Send").click()

        expect(reader_page.failure).to_contain_text(UNAVAILABLE)

    def test_silence_is_told_after_a_quarter_of_a_minute(self, reader_page: ReaderPage) -> None:
        reader_page.page.add_init_script(
            """AbortSignal.timeout = (patience) => {
              const timer = new AbortController();
              document.expire = () => timer.abort(new DOMException("late", "TimeoutError"));
              document.patience = patience;
              return timer.signal;
            }"""
        )
        reader_page.service.open_gate.clear()
        reader_page.visit().report()
        reader_page.button("Send").click()
        expect(reader_page.button("Sending…")).to_be_visible()

        reader_page.page.evaluate("document.expire()")

        expect(reader_page.failure).to_contain_text(UNAVAILABLE)
        assert reader_page.page.evaluate("document.patience") == 15_000

    def test_the_same_text_again_is_the_same_report(self, reader_page: ReaderPage) -> None:
        reader_page.service.refuse(503)
        reader_page.visit().report()
        reader_page.correction.fill("November")
        reader_page.button("Send").click()
        expect(reader_page.failure).to_contain_text(UNAVAILABLE)
        reader_page.page.evaluate("document.title = '(1) New message'")
        reader_page.service.accept()

        reader_page.button("Try again").click()

        expect(reader_page.button("Close")).to_be_visible()
        first, second = reader_page.service.reports
        assert first == second

    def test_a_changed_text_is_another_report(self, reader_page: ReaderPage) -> None:
        reader_page.service.refuse(503)
        reader_page.visit().report()
        reader_page.button("Send").click()
        expect(reader_page.failure).to_contain_text(UNAVAILABLE)
        reader_page.service.accept()

        reader_page.correction.fill("November")
        reader_page.button("Try again").click()

        expect(reader_page.button("Close")).to_be_visible()
        first, second = reader_page.service.reports
        assert first["id"] != second["id"]

    def test_an_id_that_is_taken_is_given_up(self, reader_page: ReaderPage) -> None:
        reader_page.service.refuse(409)
        reader_page.visit().report()
        reader_page.button("Send").click()
        expect(reader_page.failure).to_be_visible()
        reader_page.service.accept()

        reader_page.button("Try again").click()

        expect(reader_page.button("Close")).to_be_visible()
        first, second = reader_page.service.reports
        assert first["id"] != second["id"]

    def test_the_next_report_has_its_own_id(self, reader_page: ReaderPage) -> None:
        reader_page.visit()
        for _ in range(2):
            reader_page.report()
            reader_page.button("Send").click()
            reader_page.button("Close").click()
            expect(reader_page.dialog).to_have_count(0)

        first, second = reader_page.service.reports

        assert first["id"] != second["id"]

    def test_a_report_under_way_arrives_though_the_dialog_is_closed(
        self, reader_page: ReaderPage
    ) -> None:
        reader_page.service.open_gate.clear()
        reader_page.visit().report()
        reader_page.button("Send").click()
        expect(reader_page.button("Sending…")).to_be_visible()

        reader_page.press("Escape")
        with reader_page.page.expect_response("**/api/v1/reports") as answered:
            reader_page.service.open_gate.set()

        assert answered.value.status == 201
        expect(reader_page.dialog).to_have_count(0)


def by_escape(reader: ReaderPage) -> None:
    reader.press("Escape")


def by_cancel(reader: ReaderPage) -> None:
    reader.button("Cancel").click()


def by_sending(reader: ReaderPage) -> None:
    reader.button("Send").click()
    reader.button("Close").click()


class TestClosing:
    @pytest.mark.parametrize("close", [by_escape, by_cancel, by_sending])
    @pytest.mark.parametrize("backward", [False, True])
    def test_the_selection_comes_back_as_it_was_made(
        self, reader_page: ReaderPage, close: Callable[[ReaderPage], None], backward: bool
    ) -> None:
        reader_page.visit().drag_over("mainland promised", backward=backward)
        remember_selection(reader_page.page)
        reader_page.press()
        expect(reader_page.correction).to_be_focused()

        close(reader_page)

        expect(reader_page.dialog).to_have_count(0)
        assert reader_page.selection == "mainland promised"
        assert same_selection(reader_page.page)

    @pytest.mark.parametrize("close", [by_escape, by_cancel, by_sending])
    def test_the_focus_goes_back(
        self, reader_page: ReaderPage, close: Callable[[ReaderPage], None]
    ) -> None:
        body = a_paragraph("A wrold away.", id="text") + '<button id="next">Next</button>'
        reader_page.visit(body=body)
        reader_page.page.focus("#next")
        reader_page.page.evaluate(
            "getSelection().selectAllChildren(document.querySelector('#text'))"
        )
        reader_page.press()
        expect(reader_page.correction).to_be_focused()

        close(reader_page)

        expect(reader_page.page.locator("#next")).to_be_focused()

    def test_it_opens_again_on_the_same_words(self, reader_page: ReaderPage) -> None:
        reader_page.visit().report().press("Escape")
        expect(reader_page.dialog).to_have_count(0)

        reader_page.press()

        expect(reader_page.correction).to_have_value("Novembre")


class TestAmongOthers:
    """The page is another's house, and not always a friendly one."""

    def test_resets_and_overlays_do_not_reach_it(self, reader_page: ReaderPage) -> None:
        style = """<style>
          * { all: unset !important }
          html { font-size: 62.5% !important; color-scheme: only light }
          script, style, title, head { display: none !important }
          h1, p { display: block !important }
          reader-feedback { display: none !important; visibility: hidden !important;
                            text-transform: uppercase !important }
          #cover { position: fixed !important; inset: 0 !important; z-index: 2147483647 !important;
                   pointer-events: none !important; background: #fffc !important }
        </style>"""
        body = a_paragraph("A wrold away.") + '<div id="cover"></div>'
        reader_page.visit(head=style, body=body, headers={}).report("wrold")

        reader_page.correction.fill("world")
        font_size = reader_page.correction.evaluate("it => getComputedStyle(it).fontSize")
        case = reader_page.passage.evaluate("it => getComputedStyle(it).textTransform")
        reader_page.button("Send").click()

        expect(reader_page.outcome).to_be_visible()
        assert (font_size, case) == ("16px", "none")

    def test_opening_moves_nothing(self, reader_page: ReaderPage) -> None:
        style = "<style>html { display: flex; justify-content: center; gap: 40px }</style>"
        reader_page.visit(head=style, headers={}, body=a_paragraph("In Novembre."))
        place = "document.body.getBoundingClientRect().toJSON()"
        before = reader_page.page.evaluate(place)

        reader_page.report()

        assert reader_page.page.evaluate(place) == before

    def test_an_inert_body_does_not_hold_it(self, reader_page: ReaderPage) -> None:
        reader_page.visit().report().page.evaluate("document.body.inert = true")

        reader_page.button("Send").click()

        expect(reader_page.button("Close")).to_be_focused()

    def test_a_modal_of_the_page_does_not_cover_it(self, reader_page: ReaderPage) -> None:
        body = f"<dialog id=notice>{a_paragraph('A wrold away.')}</dialog>"
        reader_page.visit(body=body).page.evaluate("notice.showModal()")

        reader_page.report("wrold").button("Send").click()

        expect(reader_page.outcome).to_be_visible()

    def test_the_pages_hot_keys_do_not_hear_the_typing(self, reader_page: ReaderPage) -> None:
        reader_page.visit().page.evaluate(
            """heard = [];
            for (const type of ["keydown", "keypress", "keyup"])
              document.addEventListener(type, event => heard.push(event.key))"""
        )
        reader_page.report().page.evaluate("heard.length = 0")

        reader_page.page.keyboard.type("jk?")

        expect(reader_page.correction).to_have_value("jk?")
        assert reader_page.page.evaluate("heard") == []

    def test_a_second_press_opens_no_second_dialog(self, reader_page: ReaderPage) -> None:
        reader_page.visit().double_click("Novembre")

        reader_page.page.evaluate(
            """() => { for (let i = 0; i < 2; i++) document.body.dispatchEvent(
              new KeyboardEvent("keydown", {key: "Enter", ctrlKey: true, bubbles: true})) }"""
        )

        expect(reader_page.correction).to_be_focused()
        expect(reader_page.dialog).to_have_count(1)

    def test_the_whole_dialog_fits_a_phone(self, reader_page: ReaderPage) -> None:
        reader_page.page.set_viewport_size({"width": 320, "height": 640})
        reader_page.service.refuse(429, Retry_After="60")
        reader_page.visit().report()

        reader_page.button("Send").click()

        expect(reader_page.button("Try again")).to_be_in_viewport(ratio=1)
        assert reader_page.dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
        for button in reader_page.dialog.get_by_role("button").all():
            box = button.bounding_box()
            assert box
            assert box["height"] >= 44
            assert box["x"] + box["width"] <= 320


class TestLanguages:
    def test_it_speaks_the_articles_language(self, reader_page: ReaderPage) -> None:
        reader_page.visit(lang="uk-UA", body=a_paragraph("Це помлка."))
        reader_page.double_click("помлка").press()

        expect(reader_page.dialog).to_have_accessible_name("Повідомлення про помилку в тексті")
        expect(reader_page.dialog).to_have_attribute("lang", "uk")
        expect(reader_page.passage).to_have_attribute("lang", "uk-UA")
        strings = [line for line in reader_page.service.requests if "strings" in line]
        assert strings == [f"GET /static/{VERSION}/js/reader/strings/uk-UA.js"]

    def test_numbers_take_their_plural(self, reader_page: ReaderPage) -> None:
        reader_page.service.accept(readers=3)
        reader_page.visit(lang="uk", body=a_paragraph("Це помлка."))
        reader_page.double_click("помлка").press()

        reader_page.button("Надіслати").click()

        expect(reader_page.outcome).to_have_text("Дякуємо! Про це повідомили вже 3 читачі.")

    def test_an_unknown_language_gets_english(self, reader_page: ReaderPage) -> None:
        reader_page.visit(lang="x-klingon").report()

        expect(reader_page.dialog).to_have_accessible_name("Spelling error report")

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_each_language_opens_and_thanks(self, reader_page: ReaderPage, language: str) -> None:
        table = tables()[language]
        reader_page.visit(lang=language).double_click("Novembre").press()
        expect(reader_page.dialog).to_have_accessible_name(table["title"])

        reader_page.dialog.get_by_role("button", name=table["send"], exact=True).click()

        expect(reader_page.outcome).to_have_text(table["sent"])
