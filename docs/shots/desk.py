"""What editors see: the queue of a site and of all, its menus, a spot's page, the setup page."""

from datetime import timedelta

import sqlalchemy as sa
from playwright.sync_api import Browser

from docs.shots.camera import fit, keep, keep_near, keep_rows, looking, open_spot, sign_in
from docs.shots.demo import Demo
from feedback import sites
from feedback.accounts import people
from feedback.accounts.models import Role
from feedback.db import db, now
from feedback.reports.models import Spot
from tests.makers import a_body, a_spot

#: The window of an editor at a desk, in CSS pixels.
WIDE = (1100, 500)


def desks(browser: Browser, demo: Demo) -> None:
    """Take the queue in three looks, the reasons, the keys, a spot's page, the setup page."""
    with looking(browser, demo, *WIDE, sharp=1) as page:
        sign_in(page, demo)
        queue = page.url
        page.keyboard.press("j")
        keep_rows(page, "queue", 4)
        page.keyboard.press("r")
        keep(page, "reasons", clip={"x": 400, "y": 110, "width": 700, "height": 510})
        page.goto(queue)
        page.keyboard.press("?")
        keep_near(page, "keys", "dialog[open]", margin=16)
        demo.age()  # a decision has the article looked at, which comes to nothing here
        open_spot(page, queue, "recieved")
        fit(page)
        keep(page, "spot", clip={"x": 0, "y": 0, "width": WIDE[0], "height": 570})
        open_spot(page, queue, "embarassed")
        keep_near(page, "seen", "#seen")
    with looking(browser, demo, 900, 400, sharp=1) as page:
        sign_in(page, demo)
        page.get_by_role("link", name="Setup").click()
        page.wait_for_url("**/setup")
        fit(page)
        keep(page, "setup", clip={"x": 0, "y": 0, "width": 900, "height": 770})
    with looking(browser, demo, *WIDE, color_scheme="dark", sharp=1) as page:
        sign_in(page, demo)
        page.keyboard.press("j")
        keep_rows(page, "queue-dark", 4)
    with looking(browser, demo, 360, 640) as page:
        sign_in(page, demo)
        keep(page, "queue-narrow")


def menus(browser: Browser, demo: Demo) -> None:
    """Take what opens in the queue: filters, many rows at once, a merge, a snooze and its undo."""
    with looking(browser, demo, 940, 700, sharp=1) as page:
        sign_in(page, demo)
        queue = page.url
        page.get_by_text("Filter", exact=True).click()
        keep_near(page, "filters", ".filter .panel", margin=48)
        page.goto(queue)
        for _ in range(3):
            page.keyboard.press("j")
            page.keyboard.press("x")
        page.get_by_text("3 selected").wait_for()
        page.evaluate("scrollTo(0, 0)")
        keep(page, "bulk", clip={"x": 0, "y": 170, "width": 940, "height": 530})
        page.goto(queue)
        fit(page)
        row = ".rows > li:has-text('embarassed')"
        page.locator(row).focus()
        page.keyboard.press("m")
        page.locator("form[data-panel]").wait_for()
        keep_near(page, "merge", f"{row} .more-actions", "form[data-panel]", margin=24)
        page.goto(queue)
        page.locator(row).focus()
        page.keyboard.press("s")
        with page.expect_response("**/decisions"):
            page.keyboard.press("2")
        page.locator(row).get_by_role("button", name="Undo").wait_for()
        keep_near(page, "undo", row, ".rows > li:has-text('every buoy')")
        with page.expect_response("**/decisions"):
            page.keyboard.press("u")


#: Another paper of the same house, and what its readers reported: words, correction, comment.
GAZETTE = "The Tidewater Gazette"
GAZETTE_ORIGIN = "https://tidewater.example"
FERRY = (
    "The night ferry is back\n"
    "After eleven years the night ferry sails again. It leaves at a quarter to midnight, and its"
    " passangers are asked to be aboard by eleven. The harbour master said that he had recieved"
    " more letters about it then about anything else in his twenty years of service."
)
FERRY_READERS = (
    ("passangers", "passengers", ""),
    ("recieved", "received", ""),
    ("then about", "than about", "Than, not then."),
)


def everywhere(browser: Browser, demo: Demo) -> None:
    """Give the editor another site, and take the queue of both."""
    with demo.inside():
        site = sites.add(db.session, GAZETTE, [GAZETTE_ORIGIN])
        db.session.flush()
        people.add(db.session, demo.email, site, Role.EDITOR)
        db.session.commit()
        for number, (exact, correction, comment) in enumerate(FERRY_READERS):
            address = {"url": f"{GAZETTE_ORIGIN}/night-ferry", "title": FERRY.partition("\n")[0]}
            body = a_body(exact, text=FERRY, correction=correction, comment=comment, **address)
            spot = a_spot(site, **(body | {"exact": exact, "text": FERRY}))
            last = now() - timedelta(minutes=7 + 48 * number, seconds=20)
            db.session.execute(sa.update(Spot).where(Spot.id == spot.id).values(last_at=last))
            db.session.commit()
    with looking(browser, demo, *WIDE, sharp=1) as page:
        sign_in(page, demo)
        page.get_by_role("link", name="Newest").click()
        page.wait_for_url("**order=newest*")
        keep_rows(page, "all-sites", 4)
