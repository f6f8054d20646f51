"""Makers: what tests need, in a line each.

The cast: Ann reads, Ed edits, Olga edits elsewhere.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask, current_app
from flask.testing import FlaskClient

from feedback import sites
from feedback.accounts import keys, people
from feedback.accounts.models import Editor, Role, Scope
from feedback.anchoring import NormalText
from feedback.articles import schedule
from feedback.articles.looking import Failed, Failure, Known, Read, Unchanged
from feedback.articles.models import Article
from feedback.articles.page import Page
from feedback.db import db, now
from feedback.delivery import carriers, outbox, signing
from feedback.delivery.models import Carrier, Letter, Means
from feedback.desk import rechecks
from feedback.desk.rechecks import Concluded
from feedback.reports import intake, schema
from feedback.reports.models import Report, Spot
from feedback.sites import Door, Site
from feedback.worker import looks

ORIGIN = "https://paper.example"
PASSWORD = "correct horse battery"

#: The normal text of the article that Ann reads.
TEXT = (
    "The end of the wrold\n"
    "The wrold is round, said the captain, and teh sea is flat. Nobody on the deck believed him.\n"
    "So they sailed on, over the wrold and back."
)


def a_site(name: str = "Paper", *origins: str) -> Site:
    site = sites.add(db.session, name, origins or (ORIGIN,))
    db.session.commit()
    return site


def an_editor(site: Site, email: str = "ed@paper.example", role: Role = Role.EDITOR) -> Editor:
    editor = people.add(db.session, email, site, role)
    people.choose_password(db.session, editor, PASSWORD)
    db.session.commit()
    return editor


def a_token(editor: Editor, site: Site, scope: Scope = Scope.DECIDE) -> str:
    token = keys.make_token(db.session, editor, site, scope)
    db.session.commit()
    return token


def a_body(exact: str = "wrold", *, nth: int = 0, text: str = TEXT, **more: Any) -> dict[str, Any]:
    """What Ann's browser sends when she selects the `nth` `exact` in `text`."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(exact, start + 1)
    end = start + len(exact)
    body: dict[str, Any] = {
        "id": str(uuid4()),
        "url": f"{ORIGIN}/news/captain",
        "canonical": None,
        "title": "The end of the wrold",
        "lang": "en",
        "quote": {
            "exact": exact,
            "prefix": text[max(0, start - 64) : start],
            "suffix": text[end : end + 64],
        },
        "position": {"start": start, "end": end, "length": len(text)},
        "correction": "world" if exact == "wrold" else "",
        "comment": "",
        "email": "",
    }
    return body | more


def send(
    client: FlaskClient, body: Any = None, *, origin: str | None = ORIGIN, **options: Any
) -> Any:
    """Post a report as the embed does."""
    headers = {"Origin": origin} if origin else {}
    options = {"content_type": "text/plain;charset=UTF-8"} | options
    if "data" not in options:
        options["data"] = json.dumps(a_body() if body is None else body)
    return client.post("/api/v1/reports", headers=headers, **options)


def a_spot(site: Site, exact: str = "wrold", **more: Any) -> Spot:
    """A spot with one report; needs an application context."""
    submission = schema.Submission.model_validate_json(_json(a_body(exact, **more)))
    door = Door(site.id, site.origins[0].origin)
    db.session.commit()  # SQLite has one writer: this session must not be in the way
    with db.writing() as connection:
        told = intake.receive(connection, intake.admit(connection, door, submission))
    report = db.session.scalar(_report(told.uid))
    spot = db.session.get_one(Spot, report.spot_id)
    db.session.commit()
    return spot


def _json(body: dict[str, Any]) -> str:
    return json.dumps(body)


def _report(uid: Any) -> Any:
    return sa.select(Report).where(Report.uid == uid)


def csrf(page: str) -> str:
    """Find the token that a page's forms carry."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page has no form"
    return found[1]


def signed_in(app: Flask, email: str = "ed@paper.example") -> FlaskClient:
    """A client at which an editor is signed in, over https."""
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://feedback.example").text
    data = {"csrf_token": csrf(page), "email": email, "password": PASSWORD}
    answer = client.post(
        "/sign-in",
        data=data,
        base_url="https://feedback.example",
        headers={"Referer": "https://feedback.example/sign-in"},
    )
    assert answer.status_code == 303, answer.text
    return client


@contextmanager
def newsroom(app: Flask) -> Iterator[tuple[Site, Editor]]:
    """An application context with a site and Ed."""
    with app.app_context():
        site = a_site()
        yield site, an_editor(site)


def a_page(text: str, **more: Any) -> Page:
    """What was read from an article that says `text`."""
    return Page(NormalText(text), **more)


def a_claim(article: Article) -> schedule.Claim:
    """The right to look at an article; needs an application context."""
    db.session.refresh(article)
    claim = schedule.claim(db.session, article, now())
    db.session.commit()
    assert claim
    return claim


def a_look(article: Article, text: str | None = None, **more: Any) -> Concluded:
    """A look at which an article says `text`, or is unchanged; all of it but the network."""
    claim = a_claim(article)
    address = article.address
    if text is None:
        return looks.conclude(claim, Unchanged(address, Known(etag='"1"')))
    return looks.conclude(claim, Read(a_page(text, **more), address, Known(etag='"1"')))


def a_miss(article: Article, kind: Failure = Failure.SERVER_ERROR, **more: Any) -> None:
    """A look at which an article cannot be had."""
    claim = a_claim(article)
    failed = Failed(kind, "as it happens", **more)
    delays = current_app.extensions["settings"].check_delays
    rechecks.fail(db.session, claim, failed, now(), delays)
    db.session.commit()


def a_double(site: Site, spot: Spot) -> Spot:
    """A newer spot at the place of `spot`, as when their reports landed apart."""
    double = a_spot(site, "teh", comment="double")
    names = ("exact", "prefix", "suffix", "start", "end")
    values = {name: getattr(spot, name) for name in names}
    db.session.execute(sa.update(Spot).where(Spot.id == double.id).values(values))
    db.session.commit()
    return standing(double)


def standing(spot: Spot) -> Spot:
    """A spot as it is now in the database."""
    db.session.refresh(spot)
    db.session.commit()
    return spot


def a_carrier(
    site: Site, means: Means = Means.WEBHOOK, address: str = "https://far.example/in", **wishes: Any
) -> Carrier:
    """Where letters go; its address is not checked."""
    usual = carriers.usual(means)
    carrier = Carrier(
        site_id=site.id,
        means=means,
        address=address,
        wishes=str(replace(usual, **wishes)),
        secret=signing.make() if means is Means.WEBHOOK else "",
        created_at=now() - timedelta(days=1),
    )
    db.session.add(carrier)
    db.session.commit()
    return carrier


def a_letter(carrier: Carrier, kind: str = "spot.opened", **more: Any) -> Letter:
    """A letter that waits, as of now."""
    given = {"at": now()} | more
    letter = outbox.write(db.session, carrier, kind, {"n": 1}, **given)
    db.session.commit()
    return letter
