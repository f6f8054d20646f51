"""The page that embeds us: what it may set, hear and call, and what it must not suffer."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.article import BODY
from tests.browser.conftest import ReaderPage

HEAR = """
document.heard = [];
for (const name of ["open", "before-send", "sent", "failed", "close"])
  addEventListener("feedback:" + name, ({ detail }) => document.heard.push([name, detail]));
"""


def listeners(reader: ReaderPage) -> dict[str, list[str]]:
    """Name the events that window, document and <html> listen to."""
    session = reader.page.context.new_cdp_session(reader.page)
    found = {}
    for name in ("window", "document", "document.documentElement"):
        handle = session.send("Runtime.evaluate", {"expression": name})["result"]["objectId"]
        each = session.send("DOMDebugger.getEventListeners", {"objectId": handle})
        found[name] = sorted(listener["type"] for listener in each["listeners"])
    return found


class TestOptions:
    def test_kinds_are_asked_for_where_the_site_names_them(self, reader_page: ReaderPage) -> None:
        reader_page.visit(attributes='async data-kinds="fact typo nonsense"').report()
        kind = reader_page.dialog.get_by_label("Kind of mistake")

        assert kind.locator("option").all_inner_texts() == ["Spelling or grammar", "Wrong fact"]
        kind.select_option("typo")
        reader_page.button("Send").click()

        expect(reader_page.outcome).to_contain_text("Thank you!")
        assert reader_page.service.reports[0]["kind"] == "typo"

    def test_an_address_is_asked_for_where_the_site_wants_it(self, reader_page: ReaderPage) -> None:
        reader_page.visit(attributes='async data-email="true"').report()
        email = reader_page.dialog.get_by_label("Your e-mail, if you want an answer (optional)")

        email.fill("ann@")
        reader_page.button("Send").click()
        assert email.evaluate("field => field.validity.typeMismatch")
        email.fill("ann@reader.example")
        reader_page.button("Send").click()

        expect(reader_page.outcome).to_contain_text("Thank you!")
        assert reader_page.service.reports[0]["email"] == "ann@reader.example"

    def test_neither_is_asked_for_by_itself(self, reader_page: ReaderPage) -> None:
        reader_page.visit().report()

        expect(reader_page.dialog.locator("[name=kind], [name=email]")).to_have_count(0)

    def test_they_may_come_as_an_object(self, reader_page: ReaderPage) -> None:
        reader_page.page.add_init_script(
            """self.readerFeedback = { options: {
                 kinds: ["typo", "other"], email: true,
                 strings: { title: "Seen a slip?", send: "Tell us" } } }"""
        )
        reader_page.visit().report()

        expect(reader_page.dialog).to_have_accessible_name("Seen a slip?")
        expect(reader_page.dialog.get_by_label("Kind of mistake")).to_be_visible()
        reader_page.button("Tell us").click()
        expect(reader_page.outcome).to_contain_text("Thank you!")

    def test_the_language_may_be_named(self, reader_page: ReaderPage) -> None:
        reader_page.visit(attributes='async data-lang="pt-BR"')
        reader_page.double_click("Novembre").press()

        expect(reader_page.dialog).to_have_attribute("lang", "pt-BR")


class TestEvents:
    def test_the_page_hears_the_whole_way(self, reader_page: ReaderPage) -> None:
        reader_page.visit().page.evaluate(HEAR)

        reader_page.report().button("Send").click()
        reader_page.button("Close").click()

        expect(reader_page.dialog).to_have_count(0)
        heard = reader_page.page.evaluate("document.heard")
        assert [name for name, _ in heard] == ["open", "before-send", "sent", "close"]
        sent = heard[2][1]
        assert sent["report"]["quote"]["exact"] == "Novembre"
        assert sent["answer"]["status"] == "waiting"

    def test_a_failure_is_heard_too(self, reader_page: ReaderPage) -> None:
        reader_page.service.refuse(429)
        reader_page.visit().page.evaluate(HEAR)

        reader_page.report().button("Send").click()

        expect(reader_page.failure).to_be_visible()
        assert reader_page.page.evaluate("document.heard.at(-1)[1].reason") == "tooMany"

    def test_the_page_may_hold_a_report_back(self, reader_page: ReaderPage) -> None:
        reader_page.visit().page.evaluate(
            "addEventListener('feedback:before-send', event => event.preventDefault())"
        )

        reader_page.report().button("Send").click()

        expect(reader_page.failure).to_have_text("Not sent: this page has held the report back.")
        assert reader_page.service.received == []

    def test_the_page_may_change_a_report(self, reader_page: ReaderPage) -> None:
        reader_page.visit().page.evaluate(
            "addEventListener('feedback:before-send', ({ detail }) => { detail.comment = 'AB-7' })"
        )

        reader_page.report().button("Send").click()

        expect(reader_page.outcome).to_contain_text("Thank you!")
        assert reader_page.service.reports[0]["comment"] == "AB-7"

    def test_what_arrives_later_is_heard(self, reader_page: ReaderPage) -> None:
        reader_page.service.hang_up()
        reader_page.visit().report().button("Send").click()
        expect(reader_page.outcome).to_contain_text("Not sent yet")
        reader_page.service.accept()
        reader_page.page.evaluate(HEAR)

        reader_page.page.evaluate("dispatchEvent(new Event('online'))")

        reader_page.page.wait_for_function("() => document.heard.length")
        assert reader_page.page.evaluate("document.heard[0][0]") == "sent"


class TestCalling:
    def test_open_takes_the_selection(self, reader_page: ReaderPage) -> None:
        reader_page.visit().double_click("Novembre").page.evaluate("readerFeedback.open()")

        expect(reader_page.correction).to_have_value("Novembre")

    @pytest.mark.parametrize(
        "what",
        [
            "document.querySelector('#third')",
            "(range => (range.selectNode(document.querySelector('#third')), range))(new Range())",
        ],
    )
    def test_open_takes_an_element_or_a_range(self, reader_page: ReaderPage, what: str) -> None:
        reader_page.visit().page.evaluate(f"() => {{ readerFeedback.open({what}) }}")

        expect(reader_page.correction).to_have_value("Nothing was writen about the cat.")

    def test_remove_leaves_nothing(self, reader_page: ReaderPage) -> None:
        reader_page.page.goto(reader_page.site.publish("/plain", "<p>Plain.</p>"))
        before = listeners(reader_page)
        reader_page.visit().report()
        assert listeners(reader_page) != before

        reader_page.page.evaluate("readerFeedback.remove()")

        expect(reader_page.page.locator("reader-feedback")).to_have_count(0)
        assert listeners(reader_page) == before
        assert reader_page.page.evaluate("'readerFeedback' in window") is False
        reader_page.double_click("Novembre").press()
        expect(reader_page.dialog).to_have_count(0)

    def test_removed_and_embedded_again_it_works(self, reader_page: ReaderPage) -> None:
        reader_page.visit(headers={}).report().page.evaluate("readerFeedback.remove()")

        reader_page.page.add_script_tag(url=reader_page.service.embed)
        reader_page.report()

        expect(reader_page.correction).to_have_value("Novembre")

    def test_a_pinned_line_works_under_its_hash(self, reader_page: ReaderPage) -> None:
        path, integrity = reader_page.service.pinned
        line = (
            f'<script async crossorigin src="{reader_page.service.origin}{path}"'
            f' integrity="{integrity}"></script>'
        )
        html = f"<!doctype html><html lang=en><title>Pinned</title>{line}<body>{BODY}"
        reader_page.page.goto(reader_page.site.publish("/pinned", html))

        reader_page.report().button("Send").click()

        expect(reader_page.outcome).to_contain_text("Thank you!")


class TestOnePageApplications:
    def test_address_and_canonical_are_those_of_now(self, reader_page: ReaderPage) -> None:
        reader_page.visit(headers={}).report().press("Escape")
        reader_page.page.evaluate(
            """() => {
              history.pushState({}, "", "/second?page=2#top");
              document.querySelector("link[rel=canonical]").href = "/second";
              document.title = "Second";
              document.querySelector("main").innerHTML = "<p>Another artcle.</p>";
            }"""
        )

        reader_page.report("artcle").button("Send").click()

        expect(reader_page.outcome).to_contain_text("Thank you!")
        [report] = reader_page.service.reports
        assert report["url"] == f"{reader_page.site.origin}/second?page=2#top"
        assert report["canonical"] == f"{reader_page.site.origin}/second"
        assert report["title"] == "Second"


class TestWhereItKeepsOut:
    @pytest.mark.parametrize("attribute", ["data-feedback-ignore", "contenteditable"])
    def test_an_element_that_is_not_ours(self, reader_page: ReaderPage, attribute: str) -> None:
        body = f"<p>A word.</p><aside {attribute}><p>Novembre is here.</p></aside>"
        reader_page.visit(body=body).double_click("Novembre")
        reader_page.page.wait_for_function(
            "() => performance.getEntriesByType('resource').length > 2"
        )

        reader_page.press()

        expect(reader_page.correction).to_have_count(0)

    def test_outside_of_the_scope(self, reader_page: ReaderPage) -> None:
        body = "<nav>Novembre</nav><article data-feedback-scope><p>A wrold away.</p></article>"
        reader_page.visit(body=body)

        reader_page.double_click("Novembre").press()
        expect(reader_page.choice).to_be_focused()
        expect(reader_page.correction).to_have_count(0)
        reader_page.press("Escape")
        expect(reader_page.dialog).to_have_count(0)
        reader_page.report("wrold")

        expect(reader_page.correction).to_have_value("wrold")

    def test_the_place_counts_from_the_whole_page_though_a_scope_is_set(
        self, reader_page: ReaderPage
    ) -> None:
        body = "<p>Before.</p><article data-feedback-scope><p>A wrold away.</p></article>"
        reader_page.visit(body=body).report("wrold").button("Send").click()

        expect(reader_page.outcome).to_contain_text("Thank you!")
        assert reader_page.service.reports[0]["position"]["start"] == len("Before.\nA ")


OLD_LIBRARIES = """
Array.prototype.toJSON = function () { return this.join() };
String.prototype.toJSON = function () { return '"' + this + '"' };
Object.defineProperty(Object.prototype, "extend", { value: 1, enumerable: true, writable: true });
Array.prototype.extend = () => {};
Array.from = (iterable) => iterable ? iterable.toArray() : [];
Element.prototype.remove = function () { throw new Error("remove") };
NodeList.prototype.forEach = undefined;
self.URL = "https://news.example";
self.name = "news";
window.onerror = () => true;
"""


class TestAmongOldLibraries:
    def test_their_changes_to_the_language_do_no_harm(self, reader_page: ReaderPage) -> None:
        reader_page.page.add_init_script(OLD_LIBRARIES)
        reader_page.visit().report()

        reader_page.correction.fill("November")
        reader_page.button("Send").click()

        expect(reader_page.outcome).to_contain_text("Thank you!")
        [report] = reader_page.service.reports
        assert report["quote"]["exact"] == "Novembre"
        assert report["correction"] == "November"

    def test_an_element_called_like_us_does_no_harm(self, reader_page: ReaderPage) -> None:
        clash = '<form id="readerFeedback"><input name="options"></form>'
        reader_page.visit(body=clash + BODY).report()

        expect(reader_page.correction).to_have_value("Novembre")

    def test_a_page_whose_scripts_fail_is_still_served(self, reader_page: ReaderPage) -> None:
        reader_page.visit().page.evaluate("setTimeout(() => { throw new Error('the page’s own') })")
        reader_page.report()

        expect(reader_page.correction).to_have_value("Novembre")
        assert reader_page.noise == ["the page’s own"]
        reader_page.noise.clear()

    def test_over_a_page_in_full_screen(self, reader_page: ReaderPage) -> None:
        reader_page.visit().page.click("h1")
        reader_page.page.evaluate("document.querySelector('main').requestFullscreen()")
        reader_page.page.wait_for_function("document.fullscreenElement")

        reader_page.report().button("Send").click()

        expect(reader_page.outcome).to_be_visible()
        box = reader_page.dialog.bounding_box()
        assert box
        assert (
            reader_page.page.evaluate(
                "([x, y]) => document.elementFromPoint(x, y).localName",
                [box["x"] + 9, box["y"] + 9],
            )
            == "reader-feedback"
        )

    def test_a_page_that_swallows_keys_late_does_not_swallow_ours(
        self, reader_page: ReaderPage
    ) -> None:
        reader_page.visit().page.evaluate(
            "document.addEventListener('keydown', e => e.stopImmediatePropagation(), true)"
        )
        reader_page.report()

        expect(reader_page.correction).to_be_focused()


def test_the_page_is_told_nothing_that_it_did_not_ask_for(reader_page: ReaderPage) -> None:
    reader_page.visit().report().button("Send").click()

    expect(reader_page.outcome).to_contain_text(re.compile("Thank you"))
    assert reader_page.page.evaluate("Object.keys(readerFeedback).sort()") == ["open", "remove"]
