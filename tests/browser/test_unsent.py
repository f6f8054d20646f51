"""What has not arrived: drafts, and reports that are kept until they can be sent."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ReaderPage
from tests.browser.loopback import Answer

DRAFTS = "reader-feedback-drafts"
UNSENT = "reader-feedback-unsent"
OFFLINE = "Not sent yet: there is no connection."
COME_BACK = "dispatchEvent(new Event('online'))"


def kept(reader: ReaderPage, name: str) -> dict[str, Any]:
    return json.loads(reader.page.evaluate("name => localStorage[name] ?? '{}'", name))


def report_offline(reader: ReaderPage) -> ReaderPage:
    """Send a report while nobody answers."""
    reader.service.hang_up()
    reader.visit().report()
    reader.correction.fill("November")
    reader.button("Send").click()
    expect(reader.outcome).to_contain_text(OFFLINE)
    return reader


def test_what_could_not_be_sent_is_sent_once_when_the_reader_is_back(
    reader_page: ReaderPage,
) -> None:
    report_offline(reader_page).button("Close").click()
    [tried] = reader_page.service.reports
    assert list(kept(reader_page, UNSENT)) == [tried["id"]]
    reader_page.service.accept()

    reader_page.page.evaluate(f"{COME_BACK}, {COME_BACK}")

    expect(reader_page.page.get_by_role("status")).to_have_text(
        "Thank you! The editors have your report."
    )
    assert reader_page.service.reports == [tried, tried]
    assert reader_page.page.evaluate("name => name in localStorage", UNSENT) is False


@pytest.mark.parametrize("path", ["/article", "/another"])
def test_it_is_sent_after_a_reload_and_from_any_page_of_the_site(
    reader_page: ReaderPage, path: str
) -> None:
    report_offline(reader_page)
    [tried] = reader_page.service.reports
    reader_page.service.accept()
    page = reader_page.site.pages["/article"]
    address = reader_page.site.publish(path, page.html, page.headers)

    with reader_page.page.expect_response("**/api/v1/reports"):
        reader_page.page.goto(address)

    reader_page.page.wait_for_function("name => !(name in localStorage)", arg=UNSENT)
    assert reader_page.service.reports == [tried, tried]


def test_really_offline_it_is_kept_and_sent(reader_page: ReaderPage) -> None:
    reader_page.visit().report()
    reader_page.page.context.set_offline(True)
    reader_page.button("Send").click()
    expect(reader_page.outcome).to_contain_text(OFFLINE)

    with reader_page.page.expect_response("**/api/v1/reports"):
        reader_page.page.context.set_offline(False)

    reader_page.page.wait_for_function("name => !(name in localStorage)", arg=UNSENT)
    assert len(reader_page.service.reports) == 1


def test_of_two_tabs_one_sends(reader_page: ReaderPage) -> None:
    report_offline(reader_page)
    reader_page.service.accept()
    reader_page.service.open_gate.clear()
    other = reader_page.page.context.new_page()

    with other.expect_request("**/api/v1/reports"):
        other.goto(f"{reader_page.site.origin}/article")
    reader_page.page.evaluate(COME_BACK)
    reader_page.service.open_gate.set()

    reader_page.page.wait_for_function("name => !(name in localStorage)", arg=UNSENT)
    assert len(reader_page.service.received) == 2  # the try that failed, and this one
    other.close()


@pytest.mark.parametrize(
    ("status", "stays"), [(422, False), (403, False), (429, True), (503, True)]
)
def test_a_refusal_for_good_ends_its_stay(
    reader_page: ReaderPage, status: int, stays: bool
) -> None:
    report_offline(reader_page)
    reader_page.service.refuse(status)

    with reader_page.page.expect_response("**/api/v1/reports"):
        reader_page.page.evaluate(COME_BACK)

    if stays:
        assert len(kept(reader_page, UNSENT)) == 1
    else:
        reader_page.page.wait_for_function("name => !(name in localStorage)", arg=UNSENT)


def test_while_nobody_answers_it_is_tried_again_each_minute(reader_page: ReaderPage) -> None:
    reader_page.page.clock.install()
    report_offline(reader_page)
    reader_page.service.accept()

    with reader_page.page.expect_response("**/api/v1/reports"):
        reader_page.page.clock.run_for(61_000)

    reader_page.page.wait_for_function("name => !(name in localStorage)", arg=UNSENT)


def test_several_are_sent_in_turn(reader_page: ReaderPage) -> None:
    report_offline(reader_page).button("Close").click()
    reader_page.report("recieved").button("Send").click()
    expect(reader_page.outcome).to_contain_text(OFFLINE)
    first, second = reader_page.service.reports
    reader_page.service.accept()

    reader_page.page.evaluate(COME_BACK)

    reader_page.page.wait_for_function("name => !(name in localStorage)", arg=UNSENT)
    assert reader_page.service.reports == [first, second, first, second]


def test_a_service_that_is_there_but_does_not_take_it_gets_no_promise(
    reader_page: ReaderPage,
) -> None:
    other = {"Access-Control-Allow-Origin": "https://other.example"}
    reader_page.service.answer = Answer(403, {}, other)
    reader_page.visit().report()

    reader_page.button("Send").click()

    expect(reader_page.failure).to_contain_text("Not sent: the editors’ service is not available")
    assert kept(reader_page, UNSENT) == {}
    reader_page.noise.clear()  # the browser itself tells of the answer that it withholds


def test_without_storage_nothing_is_promised(reader_page: ReaderPage) -> None:
    reader_page.page.add_init_script(
        """Object.defineProperty(window, "localStorage",
             { get() { throw new DOMException("closed", "SecurityError"); } })"""
    )
    reader_page.service.hang_up()
    reader_page.visit().report()
    reader_page.correction.fill("November")

    reader_page.button("Send").click()

    expect(reader_page.failure).to_contain_text("Not sent: the editors’ service is not available")
    reader_page.service.accept()
    reader_page.button("Try again").click()
    expect(reader_page.outcome).to_contain_text("Thank you!")
    first, second = reader_page.service.reports
    assert first == second


@pytest.mark.parametrize("what", ["Escape", "reload", "refusal"])
def test_what_was_typed_is_there_again(reader_page: ReaderPage, what: str) -> None:
    reader_page.service.refuse(429)
    reader_page.visit().report()
    reader_page.correction.fill("November")
    reader_page.comment.fill("A month.")

    if what == "refusal":
        reader_page.button("Send").click()
        expect(reader_page.failure).to_be_visible()
    if what == "Escape":
        reader_page.press("Escape")
        expect(reader_page.dialog).to_have_count(0)
    else:
        reader_page.page.reload()
    reader_page.report()

    expect(reader_page.correction).to_have_value("November")
    expect(reader_page.comment).to_have_value("A month.")
    expect(reader_page.passage.locator("ins")).to_have_count(1)


def test_a_draft_belongs_to_its_words(reader_page: ReaderPage) -> None:
    reader_page.visit().report()
    reader_page.comment.fill("A month.")
    reader_page.press("Escape")
    expect(reader_page.dialog).to_have_count(0)

    reader_page.report("recieved")

    expect(reader_page.comment).to_have_value("")
    expect(reader_page.correction).to_have_value("recieved")


def test_a_draft_lives_for_a_day(reader_page: ReaderPage) -> None:
    reader_page.page.clock.install()
    reader_page.visit().report()
    reader_page.comment.fill("A month.")
    reader_page.press("Escape")
    expect(reader_page.dialog).to_have_count(0)
    reader_page.page.clock.fast_forward("25:00:00")

    reader_page.report()

    expect(reader_page.comment).to_have_value("")
    assert kept(reader_page, DRAFTS) == {}


def test_what_is_sent_leaves_nothing_behind(reader_page: ReaderPage) -> None:
    reader_page.visit().report()
    reader_page.comment.fill("A month.")
    reader_page.button("Send").click()
    expect(reader_page.outcome).to_contain_text("Thank you!")

    assert reader_page.page.evaluate("Object.keys(localStorage)") == []
    assert reader_page.page.context.cookies() == []


@pytest.mark.parametrize("rubbish", ["nonsense", "null", "[]", '{"a": 1}', "7"])
def test_rubbish_in_storage_does_no_harm(reader_page: ReaderPage, rubbish: str) -> None:
    reader_page.service.answer = Answer(422, {})
    reader_page.page.add_init_script(
        f"for (const name of ['{DRAFTS}', '{UNSENT}']) localStorage[name] ??= {rubbish!r}"
    )
    reader_page.visit().report()
    reader_page.service.accept()

    reader_page.correction.fill("November")
    reader_page.button("Send").click()

    expect(reader_page.outcome).to_contain_text("Thank you!")
