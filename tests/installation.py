"""An installation that took every hostile input, beside a site whose readers are harmless."""

import html
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from feedback import create_app
from feedback.accounts import keys, people
from feedback.accounts.models import Role
from feedback.articles import page as pages
from feedback.articles.looking import Known, Read
from feedback.config import load
from feedback.db import db
from feedback.delivery.models import Happening, Means
from feedback.delivery.wishes import Rhythm
from feedback.reports.models import Report, Spot
from feedback.worker import looks
from tests import hostile
from tests.conftest import DATABASES, TEMPLATES, _emptied
from tests.makers import (
    ORIGIN,
    a_body,
    a_carrier,
    a_claim,
    a_site,
    a_token,
    an_editor,
    send,
    signed_in,
)
from tests.outlets import Page

BASE = "https://feedback.example"
TRIBUNE = "https://tribune.example"
#: What the harmless say besides, so that each form of a page is known.
HARMLESS: tuple[dict[str, Any], ...] = (
    {"kind": "typo"},
    {"correction": "wold"},
    {"correction": ""},
    {"correction": "w", "title": ""},
    {"comment": "", "lang": ""},
    {"correction": "", "title": ""},
    {"correction": "the world"},
)


@dataclass
class Place:
    """An installation that took everything, and what its outlets say."""

    app: Flask
    token: str
    feed_key: str
    #: The spots that came of texts, by the texts' names; the receipts of their reports.
    spots: dict[str, int] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    #: The same of the site beside it.
    harmless: dict[int, str] = field(default_factory=dict)
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = signed_in(self.app)

    def get(self, path: str, **headers: str) -> Any:
        """Ask for something as Ed, and as a program with Ed's token."""
        given = {"Authorization": f"Bearer {self.token}"} | headers
        answer = self.client.get(path, base_url=BASE, headers=given)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer


@contextmanager
def an_installation(url: str, home: Path) -> Iterator[Flask]:
    settings = load(
        home=home, database_url=url, base_url=BASE, undo_seconds=0, smtp_url="smtp://mail.example",
        **{f"limit_{name}": "off" for name in ("reader", "site", "sign_in", "api", "public")},
    )  # fmt: skip
    app = create_app(settings)
    app.testing = True
    app.jinja_env.bytecode_cache = TEMPLATES
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module", params=DATABASES)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """The installation: everything is sent, and read articles say hostile things of themselves."""
    home = tmp_path_factory.mktemp("hostile")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), home / "feedback.sqlite3")
        url = f"sqlite:///{home}/feedback.sqlite3"
    else:
        url = _emptied(request.getfixturevalue("migrated_postgres"))
    with an_installation(url, home) as app:
        with app.app_context():
            paper, tribune = a_site(), a_site("Tribune", TRIBUNE)
            ed = an_editor(paper)
            people.add(db.session, ed.email, tribune, Role.EDITOR)
            paper.corrections = tribune.corrections = True
            key = keys.make_feed_key(db.session, ed)
            for site in (paper, tribune):
                a_carrier(site, Means.WEBHOOK, rhythm=Rhythm.EACH, happenings=tuple(Happening))
                a_carrier(site, Means.MAIL, "ed@paper.example")
            token = a_token(ed, paper)
        found = Place(app, token, key)
        _fill(found)
        yield found


def _fill(place: Place) -> None:
    client = place.app.test_client()
    for number, (name, text) in enumerate(hostile.EVERYWHERE.items()):
        said = _report(text, f"{ORIGIN}/texts/{number}") | {"email": f"ann{number}@reader.example"}
        body = json.dumps(said, ensure_ascii=False)
        answer = send(client, data=body)
        assert answer.status_code == 201, (name, answer.json)
        place.receipts[name] = answer.json["receipt"].removeprefix(BASE)
    for number, more in enumerate(HARMLESS):
        harmless = _report("wrold", f"{TRIBUNE}/{number}") | {"email": "ann@reader.example"} | more
        sent = send(client, harmless, origin=TRIBUNE)
        place.harmless[len(hostile.EVERYWHERE) + number + 1] = sent.json["receipt"].removeprefix(
            BASE
        )
    with place.app.app_context():
        found = sa.select(Report).where(Report.site_id == 1).order_by(Report.id)
        reports = db.session.scalars(found).all()
        place.spots = {
            name: report.spot_id for name, report in zip(hostile.EVERYWHERE, reports, strict=True)
        }
        _read_articles(list(place.spots.values()))
        _read_harmless(list(place.harmless))


def _report(text: str, url: str) -> dict[str, Any]:
    """A report that says one text wherever a reader can say something."""
    exact = text[:1900]
    return a_body(
        url=url,
        title=text[:1000],
        quote={"exact": exact, "prefix": text[:64], "suffix": text[-64:]},
        position={"start": 0, "end": len(exact), "length": len(exact)},
        correction=text if text != exact else f"{text}?",
        comment=text,
    )


def _read_articles(spot_ids: list[int]) -> None:
    """Read every other article: what it says of itself is as hostile as what readers say."""
    for spot_id in spot_ids[::2]:
        spot = db.session.get_one(Spot, spot_id)
        said = html.escape(spot.exact)
        head = f"<title>{said}</title><meta name=author content='{said}'>"
        section = f"<meta property='article:section' content='{said}'>"
        read_page(spot, f"<!doctype html><html lang=en>{head}{section}<p>Nothing of it.")


def _read_harmless(spot_ids: list[int]) -> None:
    """Find the words of some still standing, of some changed, of some gone; and read some not."""
    for spot_id, text in zip(spot_ids, ("wrold wrold wrold", "wrold w wrold", "x"), strict=False):
        about = "<meta name=author content=A><meta property='article:section' content=News>"
        page = f"<!doctype html><html lang=en><title>News</title>{about}<p>{text}"
        read_page(db.session.get_one(Spot, spot_id), page)


def read_page(spot: Spot, text: str) -> None:
    """Have a page read for its article, and what follows concluded."""
    claim, address = a_claim(spot.article), spot.article.address
    page = pages.read(text.encode(), "utf-8", address)
    looks.conclude(claim, Read(page, address, Known()))


#: How one gets from page to page, where there are several.
PAGES = {"<a rel=next>", "<a rel=prev>", "<a class>", "<nav>", "<nav class>", "<nav aria-label>"}


def known(place: Place, *paths: str) -> set[str]:
    """The patterns of pages on which nothing is hostile."""
    return PAGES | {each for path in paths for each in Page.read(place.get(path).text).patterns}


def following(page: str) -> str:
    """The path of the page after a page; empty after the last."""
    found = LexborHTMLParser(page).css("nav.pages a[rel=next]")
    return str(found[0].attributes["href"]) if found else ""


def faulty(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: faults for name, faults in found.items() if faults}
