"""What readers meet: the dialog in many looks, the receipt, what was corrected."""

from playwright.sync_api import Browser, Page

from docs.shots.camera import SELECT, fit, keep, keep_near, looking, open_dialog, sign_in
from docs.shots.demo import ARTICLE, BASE, Demo

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


def dialogs(browser: Browser, demo: Demo) -> None:
    """Take the reader's dialog as most see it: light and dark."""
    for name, scheme in (("dialog", "light"), ("dialog-dark", "dark")):
        with looking(browser, demo, 640, 560, color_scheme=scheme) as page:
            open_dialog(page, "wich")
            page.get_by_label("Correction").fill("which")
            keep_near(page, name, "reader-feedback dialog", margin=16)


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
        address = sent(page)
        keep_near(page, "dialog-sent", "reader-feedback dialog")
    demo.age()
    with looking(browser, demo, 560, 400) as page:
        sign_in(page, demo)
        accept(page, "lisening")
        demo.decided()
        page.goto(address)
        fit(page)
        keep(page, "receipt")


def corrections(browser: Browser, demo: Demo) -> None:
    """Follow a report to its end, and take what everybody sees of it then."""
    with looking(browser, demo, 640, 400, sharp=1) as page:
        open_dialog(page, "wich")
        page.get_by_label("Correction").fill("which")
        address = sent(page)
    demo.age()
    with looking(browser, demo, 560, 400, sharp=1) as page:
        sign_in(page, demo)
        accept(page, "wich")
        demo.decided(35)
        mended = ("recieved", "wich", "embarassed", "the the")
        demo.look(mended, mended)
        demo.mend(*mended)
        demo.decided(15)
        page.goto(address)
        fit(page)
        keep_near(page, "receipt-fixed", ".receipt", margin=16)
        page.goto(BASE + "/corrections/1")
        fit(page)
        keep(page, "corrections")
    with looking(browser, demo, 400, 100, sharp=1) as page:
        page.set_content(f'<img src="{BASE}/corrections/1/badge.svg?lang=en" height="24">')
        page.wait_for_function("document.images[0].naturalWidth")
        keep_near(page, "badge", "img", margin=8)
    for name, scheme in (("note", "light"), ("note-dark", "dark")):
        with looking(browser, demo, 640, 700, sharp=1, color_scheme=scheme) as page:
            page.goto(ARTICLE)
            page.locator("[data-feedback-corrections]").scroll_into_view_if_needed()
            page.locator("[data-feedback-corrections] section").wait_for()
            keep_near(page, name, "[data-feedback-corrections]")


def sent(page: Page) -> str:
    """Send what stands in the dialog; give the receipt's address."""
    page.get_by_role("button", name="Send").click()
    link = page.get_by_role("link", name="See what becomes of your report")
    link.wait_for()
    return str(link.get_attribute("href"))


def accept(page: Page, word: str) -> None:
    """Accept the spot that quotes `word`, in the queue."""
    row = page.locator("[data-row]", has_text=word)
    row.get_by_role("button", name="Accept").click()
    page.get_by_role("button", name="Undo").wait_for()
