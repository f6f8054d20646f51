"""Takes the pictures of the docs: `make shots`, or `python -m docs.shots dialogs` for some.

It runs the demo in a folder of its own and looks at it with the system's Chromium, under the
address of a service as an owner would have it. Ages and the reader's id are fixed, so that a
picture changes only when the page does.
"""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import click
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, Route, sync_playwright

from feedback import create_app
from feedback.accounts.models import Editor
from feedback.anchoring import normalize
from feedback.articles.models import Article
from feedback.config import load
from feedback.db import db, now
from feedback.delivery import outbox
from feedback.delivery.contract import Office
from feedback.delivery.models import Carrier, Happening, Means
from feedback.delivery.notifiers.mail import message
from feedback.delivery.wishes import Wishes
from feedback.desk.letters import digests
from feedback.desk.models import Gathered, Subscription
from feedback.reports.models import Spot
from tests.browser.conftest import CHROMIUM_ARGS, chromium
from tests.browser.service import COMMAND, PATIENCE, a_port
from tests.makers import a_look

PICTURES = Path(__file__).with_name("pictures")
#: The largest picture and all of them together, in bytes.
LARGEST, ALL = 200_000, 1_300_000

BASE = "https://feedback.example"
ARTICLE = BASE + "/demo/errata"
SITE = "The Harbour Letter"
ORIGIN = "https://harbour-letter.example"
TITLE = "The slip of paper that says sorry"

#: An article that is read from right to left, with a letter that should be another.
ARABIC = BASE + "/arabic"
ARABIC_PAGE = """<!doctype html><html lang="ar" dir="rtl"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>مدرسة على التل</title><script async src="/embed.js"></script>
<style>body { font: 18px/1.7 serif; max-inline-size: 34em; margin: 2em auto }</style>
<main><h1>مدرسة على التل</h1>
<p>قالت المديرة إن المدرسه الجديدة ستفتح أبوابها في الخريف. وسيأتي إليها أطفال من ثلاث قرى.</p>
<p>كان الطريق إلى المدينة يستغرق ساعة كاملة في الصباح.</p>
<p data-feedback-caption></p></main>"""

#: The window of an editor at a desk, in CSS pixels.
WIDE = (1100, 500)

#: How long ago the newest report of each spot came, in minutes, oldest spot first.
AGES = (4, 21, 95, 150, 310, 1500, 40)

SELECT = """word => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.data.indexOf(word);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(walker.currentNode, at);
    range.setEnd(walker.currentNode, at + word.length);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    walker.currentNode.parentElement.scrollIntoView({ block: "center" });
    return;
  }
}"""


@dataclass(frozen=True)
class Demo:
    """The demo, as it runs: where it listens, and how to sign in."""

    home: Path
    bind: str
    email: str
    password: str

    def relay(self, route: Route) -> None:
        """Answer what a browser asks of `BASE`; whatever else it asks for does not exist."""
        asked = urlsplit(route.request.url)
        if f"{asked.scheme}://{asked.netloc}" != BASE:
            route.abort()
            return
        here = f"http://{self.bind}{asked.path}" + (f"?{asked.query}" if asked.query else "")
        answer = route.fetch(url=here, max_redirects=0)
        if "location" in answer.headers:  # a redirect's target would not come by here
            kept = [each for each in answer.headers_array if each["name"].lower() == "set-cookie"]
            route.fulfill(
                headers={"Set-Cookie": "\n".join(each["value"] for each in kept)},
                content_type="text/html",
                body=f'<meta http-equiv="refresh" content="0;url={answer.headers["location"]}">',
            )
            return
        route.fulfill(response=answer)

    def look(self) -> None:
        """Let the article have been looked at twice: as it is, and after somebody mended a word."""
        with urlopen(f"http://{self.bind}{urlsplit(ARTICLE).path}", timeout=PATIENCE) as answer:
            text = normalize(answer.read()).text
        app = create_app(load(home=self.home, base_url=BASE))
        with app.app_context():
            article = db.session.scalars(sa.select(Article)).one()
            for read in (text, text.replace("embarassed", "embarrassed")):
                a_look(article, read, title=TITLE, author="Marta Lindqvist", section="Print")
            db.engine.dispose()

    def mailed(self) -> str:
        """Write a digest of one spot as the editor's mail; nothing of it is kept."""
        app = create_app(load(home=self.home, base_url=BASE))
        with app.app_context():
            office = Office.of(app.extensions["settings"])
            spots = db.session.scalars(
                sa.select(Spot).where(Spot.status == "waiting").limit(1)
            ).all()
            editor = db.session.scalars(sa.select(Editor)).first()
            at = now()
            carrier = Carrier(
                site_id=spots[0].site_id,
                means=Means.MAIL,
                address=self.email,
                wishes=str(Wishes()),
                created_at=at,
            )
            db.session.add(carrier)
            db.session.flush()
            db.session.add(Subscription(carrier_id=carrier.id, editor_id=editor.id))
            for spot in spots:
                told = Gathered(
                    carrier_id=carrier.id, kind=Happening.OPENED, spot_id=spot.id, at=at
                )
                db.session.add(told)
            letter = digests.write(db.session, carrier, office, at)
            parcel = outbox.seize(db.session, letter, at, PATIENCE).parcel
            html = message(parcel, office, self.email).html
            db.session.rollback()
            db.engine.dispose()
        return html

    def age(self) -> None:
        """Let the reports have come in over some days, and the last look have been lately."""
        at = datetime.now(UTC).replace(tzinfo=None)
        with sqlite3.connect(self.home / "feedback.sqlite3") as connection:
            looks = [
                (at + timedelta(minutes=minutes, seconds=-20)).isoformat(" ")
                for minutes in (-3, 58, -700)
            ]
            connection.execute(
                "UPDATE article SET looked_at = ?1, read_at = ?1, due_at = ?2", looks[:2]
            )
            connection.execute(
                "UPDATE revision SET first_at = CASE id WHEN 1 THEN ?2 ELSE ?1 END,"
                " last_at = CASE id WHEN 1 THEN ?2 ELSE ?1 END",
                (looks[0], looks[2]),
            )
            for (spot,), minutes in zip(
                connection.execute("SELECT id FROM spot ORDER BY id").fetchall(), AGES, strict=False
            ):
                last = (at - timedelta(minutes=minutes, seconds=20)).isoformat(" ")
                first = (at - timedelta(minutes=3 * minutes, seconds=20)).isoformat(" ")
                connection.execute(
                    "UPDATE spot SET first_at = ?, last_at = ? WHERE id = ?", (first, last, spot)
                )
                connection.execute("UPDATE report SET at = ? WHERE spot_id = ?", (first, spot))
                connection.execute(
                    "UPDATE report SET at = ? WHERE id ="
                    " (SELECT max(id) FROM report WHERE spot_id = ?)",
                    (last, spot),
                )
        connection.close()

    def decided(self) -> None:
        """Let what was decided have been decided a while ago, after an editor had seen it."""
        at = datetime.now(UTC).replace(tzinfo=None)
        decided, seen = ((at - timedelta(minutes=minutes)).isoformat(" ") for minutes in (12, 14))
        with sqlite3.connect(self.home / "feedback.sqlite3") as connection:
            connection.execute("UPDATE decision SET at = ?", (decided,))
            connection.execute(
                "UPDATE spot SET noticed_at = ? WHERE id IN (SELECT spot_id FROM decision)", (seen,)
            )
        connection.close()


@contextmanager
def running_demo(home: Path) -> Iterator[Demo]:
    """Run `feedback demo`; its second site's origin is what a newspaper's would be."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FEEDBACK_")}
    environment = kept | {"FEEDBACK_HOME": str(home), "FEEDBACK_BASE_URL": BASE}
    bind = f"127.0.0.1:{a_port()}"
    _prepare(home, environment)
    log = home / "demo.log"
    with log.open("wb") as out:
        words = [COMMAND, "demo", "--bind", bind]
        process = subprocess.Popen(words, env=environment, stdout=out, stderr=out)  # noqa: S603
    try:
        email, password = _access(process, log)
        words = [COMMAND, "site", "add", SITE, "--origin", ORIGIN]
        subprocess.run(words, env=environment, check=True, capture_output=True)  # noqa: S603
        yield Demo(home, bind, email, password)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def _prepare(home: Path, environment: dict[str, str]) -> None:
    """Make the tables, and let no look leave for `BASE`, which is nowhere: its host is resting."""
    subprocess.run([COMMAND, "upgrade"], env=environment, check=True, capture_output=True)  # noqa: S603
    with sqlite3.connect(home / "feedback.sqlite3") as connection:
        never = datetime(2999, 1, 1).isoformat(" ")  # noqa: DTZ001 -- as the column has it
        connection.execute("INSERT INTO host (origin, free_at) VALUES (?, ?)", (BASE, never))
    connection.close()


def _access(process: subprocess.Popen[bytes], log: Path) -> tuple[str, str]:
    """Wait for the line that says how to sign in."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"Sign in\s+(\S+)\s+password: (\S+)", log.read_text())
        if found:
            return found[1], found[2]
        time.sleep(0.05)
    raise click.ClickException(f"the demo did not start: {log.read_text()}")


@contextmanager
def looking(
    browser: Browser,
    demo: Demo,
    width: int,
    height: int,
    *,
    sharp: float = 1.25,
    **looks: Any,
) -> Iterator[Page]:
    """Open a window on the demo, `width` by `height` CSS pixels, as a browser's context has it."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=sharp,
        reduced_motion="reduce",
        locale="en-GB",
        **looks,
    )
    context.route("**/*", lambda route: demo.relay(route))  # noqa: PLW0108 -- it marks what it is given
    try:
        yield context.new_page()
    finally:
        context.unroute_all(behavior="ignoreErrors")
        context.close()


def keep(page: Page, name: str, **options: object) -> None:
    """Keep a picture of what the page shows."""
    page.screenshot(
        path=PICTURES / f"{name}.png",
        animations="disabled",
        caret="hide",
        **options,  # type: ignore[arg-type]
    )


def sign_in(page: Page, demo: Demo) -> None:
    """Let the demo's editor in."""
    page.goto(BASE + "/sign-in")
    page.get_by_label("E-mail").fill(demo.email)
    page.get_by_label("Password").fill(demo.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk/sites/**")


def open_dialog(page: Page, word: str, article: str = ARTICLE) -> None:
    """Select a word of an article and press the keys."""
    page.goto(article)
    page.evaluate(SELECT, word)
    page.keyboard.press("Control+Enter")
    page.locator("reader-feedback dialog").wait_for()


def dialogs(browser: Browser, demo: Demo) -> None:
    """Take the reader's dialog as most see it: light and dark."""
    for name, scheme in (("dialog", "light"), ("dialog-dark", "dark")):
        with looking(browser, demo, 640, 560, color_scheme=scheme) as page:
            open_dialog(page, "wich")
            page.get_by_label("Correction").fill("which")
            keep_near(page, name, "reader-feedback dialog", 16)


def narrow_and_wide(browser: Browser, demo: Demo) -> None:
    """Take the dialog in a narrow window, enlarged, in the system's colours, from right to left."""
    with looking(browser, demo, 320, 640, sharp=1) as page:
        open_dialog(page, "lisening")
        page.get_by_label("Correction").fill("listening")
        keep(page, "dialog-narrow")
    with looking(browser, demo, 320, 256, sharp=2) as page:
        open_dialog(page, "lisening")
        page.get_by_label("Correction").fill("listening")
        keep(page, "dialog-enlarged")
    with looking(browser, demo, 640, 560, sharp=1, forced_colors="active") as page:
        open_dialog(page, "wich")
        page.get_by_label("Correction").fill("which")
        keep_near(page, "dialog-forced-colours", "reader-feedback dialog")
    with looking(browser, demo, 640, 560, sharp=1) as page:
        page.route(ARABIC, lambda route: route.fulfill(content_type="text/html", body=ARABIC_PAGE))
        open_dialog(page, "المدرسه", ARABIC)
        page.locator("reader-feedback textarea").first.fill("المدرسة")
        keep_near(page, "dialog-arabic", "reader-feedback dialog")


def moments(browser: Browser, demo: Demo) -> None:
    """Take what readers meet besides: the button, the hint, a report that has to wait."""
    with looking(browser, demo, 360, 420, sharp=1, has_touch=True, is_mobile=True) as page:
        page.goto(ARTICLE)
        page.evaluate(SELECT, "embarassed")
        page.get_by_role("button", name="Report a mistake").wait_for()
        keep(page, "touch", clip={"x": 0, "y": 130, "width": 360, "height": 290})
    with looking(browser, demo, 640, 400, sharp=1) as page:
        page.goto(ARTICLE)
        page.keyboard.press("Control+Enter")
        keep_near(page, "hint", "reader-feedback dialog")
        page.keyboard.press("Escape")
        page.route("**/api/v1/reports", lambda route: route.abort())
        open_dialog(page, "lisening")
        page.get_by_role("button", name="Send").click()
        page.get_by_role("button", name="Close").wait_for()
        keep_near(page, "dialog-offline", "reader-feedback dialog")


def receipt(browser: Browser, demo: Demo) -> None:
    """Send a report, let an editor accept it, and take its receipt."""
    with looking(browser, demo, 640, 400, sharp=1) as page:
        open_dialog(page, "lisening")
        page.get_by_label("Correction").fill("listening")
        page.get_by_role("button", name="Send").click()
        link = page.get_by_role("link", name="See what becomes of your report")
        link.wait_for()
        keep_near(page, "dialog-sent", "reader-feedback dialog")
        address = str(link.get_attribute("href"))
    demo.age()
    with looking(browser, demo, 560, 400) as page:
        sign_in(page, demo)
        row = page.locator("[data-row]", has_text="lisening")
        row.get_by_role("button", name="Accept").click()
        page.get_by_role("button", name="Undo").wait_for()
        demo.decided()
        page.goto(address)
        fit(page)
        keep(page, "receipt")


def desks(browser: Browser, demo: Demo) -> None:
    """Take the queue in three looks, the reasons, the keys, a spot's page, the setup page."""
    with looking(browser, demo, *WIDE, sharp=1) as page:
        sign_in(page, demo)
        queue = page.url
        fit(page)
        keep(page, "queue")
        page.keyboard.press("j")
        page.keyboard.press("r")
        keep(page, "reasons", clip={"x": 400, "y": 110, "width": 700, "height": 450})
        page.goto(queue)
        page.keyboard.press("?")
        keep_near(page, "keys", "dialog[open]", 16)
        demo.age()  # a decision has the article looked at, which comes to nothing here
        open_spot(page, queue, "recieved")
        fit(page)
        keep(page, "spot", clip={"x": 0, "y": 0, "width": WIDE[0], "height": 850})
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
        fit(page)
        keep(page, "queue-dark")
    with looking(browser, demo, 360, 640) as page:
        sign_in(page, demo)
        keep(page, "queue-narrow")


def mail(browser: Browser, demo: Demo) -> None:
    """Take a digest, as a program for mail shows it."""
    with looking(browser, demo, 440, 460, sharp=1) as page:
        page.set_content(demo.mailed())
        keep_near(page, "mail", ".spot", 8)


def open_spot(page: Page, queue: str, word: str) -> None:
    """Go to the page of the spot that quotes `word`."""
    page.goto(queue)
    page.locator("[data-row]", has_text=word).get_by_role("link", name="Open").click()
    page.wait_for_url("**/desk/spots/*")


def fit(page: Page) -> None:
    """Make the window as tall as what stands on the page, and a little taller."""
    size = page.viewport_size
    assert size is not None  # noqa: S101 -- every window here has one
    low = page.evaluate(
        "Math.max(...[...document.querySelectorAll('main *')]"
        ".filter(element => element.checkVisibility())"
        ".map(element => element.getBoundingClientRect().bottom))"
    )
    page.set_viewport_size({"width": size["width"], "height": int(low) + 32})


def keep_near(page: Page, name: str, selector: str, margin: int = 12) -> None:
    """Keep a picture of an element and a little around it."""
    page.locator(selector).scroll_into_view_if_needed()
    box = page.locator(selector).bounding_box()
    assert box is not None  # noqa: S101 -- it was just scrolled to
    clip = {
        "x": max(0, box["x"] - margin),
        "y": max(0, box["y"] - margin),
        "width": box["width"] + 2 * margin,
        "height": box["height"] + 2 * margin,
    }
    keep(page, name, clip=clip)


def weigh() -> None:
    """Say what each picture weighs. Raises ClickException when one, or all, weigh too much."""
    sizes = {path.name: path.stat().st_size for path in sorted(PICTURES.glob("*.png"))}
    for name, size in sizes.items():
        click.echo(f"{size / 1000:6.0f} kB  docs/pictures/{name}")
    click.echo(f"{sum(sizes.values()) / 1000:6.0f} kB  in all")
    if max(sizes.values()) > LARGEST or sum(sizes.values()) > ALL:
        raise click.ClickException("the pictures weigh too much: clip them, or show less")


#: What takes pictures, in an order in which each finds what it shows.
ROOMS = (dialogs, narrow_and_wide, moments, receipt, desks, mail)


def main(wanted: list[str]) -> None:
    """Take all pictures anew, or those of the rooms that are named."""
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="shots") as home,
        running_demo(Path(home)) as demo,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGS)
        demo.look()
        demo.age()
        for room in ROOMS:
            if not wanted or room.__name__ in wanted:
                room(browser, demo)
        browser.close()
    weigh()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except click.ClickException as error:
        error.show()
        sys.exit(1)
