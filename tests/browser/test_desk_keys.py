"""A morning at the desk without a mouse: every key that the help names, one after another."""

import re

from playwright.sync_api import Page, expect

from feedback.db import db
from feedback.desk.index import refresh
from tests.browser.desk_app import DeskApp
from tests.browser.test_desk import desk, ed, expect_current, queue, tables, visit
from tests.browser.test_desk_deciding import row, until
from tests.makers import ORIGIN, TEXT

__all__ = ["desk", "ed", "tables", "visit"]

#: The words of one article and what they should read; the newest report stands first in the queue.
WORDS = {"wrold": "world", "teh": "the", "deck": "decks", "flat": "round", "sailed": "sailed on"}


def press(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def index() -> None:
    refresh(db.session, 100)
    db.session.commit()


def test_every_key_does_what_the_help_says(desk: DeskApp, ed: Page) -> None:
    spots = {
        exact: desk.reported(exact, right, url=ORIGIN, text=TEXT) for exact, right in WORDS.items()
    }
    sailed, flat, deck, teh, wrold = (spots[each] for each in reversed(WORDS))
    queue(ed, desk)
    first = ed.url

    press(ed, "j j k")
    expect_current(ed, sailed)
    press(ed, "a")
    expect(row(ed, sailed)).to_contain_text("Accepted: will be fixed")
    expect_current(ed, flat)
    press(ed, "f")
    expect_current(ed, deck)
    press(ed, "r 2")
    expect_current(ed, teh)
    until(ed, lambda: desk.spot(deck).status == "rejected")
    press(ed, "u")
    expect(row(ed, deck)).not_to_contain_text("Rejected")
    until(ed, lambda: desk.spot(deck).status == "waiting")

    ed.goto(first)
    press(ed, "j e")
    ed.keyboard.press("ControlOrMeta+A")
    ed.keyboard.type("bridge")
    ed.keyboard.press("Control+Enter")
    until(ed, lambda: desk.spot(deck).status == "accepted")
    assert desk.spot(deck).correction == "bridge"
    press(ed, "s 1")
    until(ed, lambda: desk.spot(teh).status == "snoozed")

    select_and_ask(ed, wrold)
    desk.ask(index)
    find(ed, "wrold")
    go_about(ed, wrold)
    expect_rows(ed, teh)
    press(ed, "j w")
    until(ed, lambda: desk.spot(teh).status == "waiting")


def select_and_ask(ed: Page, wrold: int) -> None:
    press(ed, "m")
    expect(row(ed, wrold).get_by_role("button", name="sailed")).to_be_visible()
    press(ed, "Escape")
    press(ed, "x")
    expect(row(ed, wrold).get_by_role("checkbox")).to_be_checked()
    press(ed, "x")
    expect(row(ed, wrold).get_by_role("checkbox")).not_to_be_checked()

    press(ed, "?")
    expect(ed.get_by_role("dialog")).to_be_visible()
    press(ed, "Escape")
    expect(ed.get_by_role("dialog")).to_be_hidden()


def find(ed: Page, words: str) -> None:
    press(ed, "/")
    ed.keyboard.type(words)
    press(ed, "Enter")
    expect(ed).to_have_url(re.compile(r"q=wrold"))
    expect(ed.locator("[data-row]")).to_have_count(1)


def go_about(ed: Page, wrold: int) -> None:
    press(ed, "j Enter")
    ed.wait_for_url(f"**/desk/spots/{wrold}")
    press(ed, "q")
    ed.wait_for_url("**/desk/sites/*/**")
    for letter, status in {"a": "accepted", "f": "fixed", "r": "rejected", "z": "snoozed"}.items():
        press(ed, f"g {letter}")
        ed.wait_for_url(f"**status={status}*")


def expect_rows(page: Page, *spot_ids: int) -> None:
    expect(page.locator("[data-row]")).to_have_count(len(spot_ids))
    for spot_id in spot_ids:
        expect(row(page, spot_id)).to_be_visible()
