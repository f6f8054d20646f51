"""How word gets out: where it goes, what came of it, and a mail."""

from datetime import timedelta

import sqlalchemy as sa
from playwright.sync_api import Browser

from docs.shots.camera import fit, keep, keep_near, looking, sign_in
from docs.shots.demo import BASE, SITE, Demo
from feedback.accounts.models import Editor
from feedback.db import db, now
from feedback.delivery import outbox
from feedback.delivery.contract import NotTaken, Taken
from feedback.delivery.models import Carrier, Happening, Means
from feedback.delivery.notifiers.mail import message
from feedback.delivery.wishes import Wishes
from feedback.desk.letters import digests
from feedback.desk.models import Gathered, Subscription
from feedback.reports.models import Spot
from feedback.sites import Site
from tests.browser.service import PATIENCE
from tests.makers import a_carrier


def mail(browser: Browser, demo: Demo) -> None:
    """Take a digest, as a program for mail shows it."""
    html = mailed(demo)
    with looking(browser, demo, 520, 400, sharp=1) as page:
        page.set_content(html)
        keep(page, "mail", full_page=True)


def mailed(demo: Demo) -> str:
    """Write a digest of a spot as the editor's mail; nothing of it is kept."""
    with demo.inside() as office:
        spot = db.session.scalars(sa.select(Spot).where(Spot.status == "waiting").limit(1)).one()
        editor = db.session.scalars(sa.select(Editor)).one()
        at = now()
        carrier = Carrier(
            site_id=spot.site_id,
            means=Means.MAIL,
            address=demo.email,
            wishes=str(Wishes()),
            created_at=at,
        )
        db.session.add(carrier)
        db.session.flush()
        db.session.add(Subscription(carrier_id=carrier.id, editor_id=editor.id))
        db.session.add(
            Gathered(carrier_id=carrier.id, kind=Happening.OPENED, spot_id=spot.id, at=at)
        )
        letter = digests.write(db.session, carrier, office, at)
        parcel = outbox.seize(db.session, letter, at, PATIENCE).parcel
        return message(parcel, office, demo.email).html


#: What has been told a program: minutes ago, what happened, and what it answered in milliseconds.
TOLD = (
    (412, "spot.opened", Taken(204, ""), 38),
    (398, "spot.grew", Taken(204, ""), 31),
    (240, "article.changed", NotTaken("unknown field: section", status=422, permanent=True), 44),
    (236, "spot.decided", Taken(204, ""), 35),
    (90, "spot.fixed", Taken(204, ""), 29),
    (21, "spot.opened", NotTaken("503 Service Unavailable", status=503), 812),
)
#: Seconds to the second try.
DELAYS = [1800.0]


def word(browser: Browser, demo: Demo) -> None:
    """Take where word of a site goes, and the log of one of these places."""
    program = furnish(demo)
    with looking(browser, demo, 800, 500, sharp=1) as page:
        sign_in(page, demo)
        page.goto(f"{BASE}/desk/sites/1/carriers")
        fit(page)
        keep(page, "carriers", clip={"x": 0, "y": 0, "width": 800, "height": 640})
        page.get_by_role("link", name=program).click()
        page.get_by_role("heading", name=program).wait_for()
        fit(page)
        keep_near(page, "log", "section:has(.entries)", margin=16)


def furnish(demo: Demo) -> str:
    """Give the site places to tell and what came of it; the name of the one that has a log."""
    with demo.inside():
        site = db.session.scalars(sa.select(Site).where(Site.name == SITE)).one()
        mail = a_carrier(site, Means.MAIL, "newsroom@harbour-letter.example")
        mail.name = "Newsroom"
        told(mail, 21, "digest", Taken(250, "2.0.0 Ok: queued as 4F2A11"), 412)
        chat = a_carrier(site, Means.CHAT, "https://hooks.slack.com/services/T0/B0/x")
        chat.name = "#corrections"
        told(chat, 21, "digest", Taken(200, "ok"), 187)
        program = a_carrier(site, address="https://cms.harbour-letter.example/in")
        program.name = "Content system"
        for each in TOLD:
            told(program, *each)
        db.session.commit()
        return program.name


def told(carrier: Carrier, ago: int, kind: str, result: Taken | NotTaken, took: int) -> None:
    """Let a letter have been carried `ago` minutes ago, and answered after `took` milliseconds."""
    at = now() - timedelta(minutes=ago)
    letter = outbox.write(db.session, carrier, kind, {}, at=at)
    claimed = outbox.seize(db.session, letter, at, PATIENCE)
    answered = at + timedelta(milliseconds=took)
    outbox.settle(db.session, claimed, result, at, answered, DELAYS)
