"""Hostile inputs in what is told to others: corrections, mail, chats, webhooks."""

import json
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
import time_machine
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy.orm import joinedload

from feedback.accounts.models import Editor
from feedback.db import db, now
from feedback.delivery.contract import Parcel
from feedback.delivery.models import Letter
from feedback.delivery.notifiers import mail, webhook
from feedback.delivery.notifiers.chat import composing, discord, matrix, slack, teams, telegram
from feedback.delivery.wishes import Wishes
from feedback.desk.decisions import Verdict, decide
from feedback.desk.models import Kind
from feedback.reports.models import Report, Spot, Status
from feedback.worker import answers, digests, letters
from tests import hostile
from tests import letters as told
from tests.installation import TRIBUNE, Place, faulty, following, known, place
from tests.outlets import (
    Page,
    chat_faults,
    elements,
    feed_faults,
    mail_faults,
    mail_patterns,
    read_mail,
)

__all__ = ["place"]

#: How something is told does not depend on the database.
shown = pytest.mark.parametrize("place", ["sqlite"], indirect=True)

# What is corrected


@pytest.fixture(scope="module")
def mended(place: Place) -> Place:
    """The installation, after Ed fixed all spots by the readers' words, and all was told."""
    with place.app.app_context():
        _tell()
        ed = db.session.get_one(Editor, 1)
        for spot in db.session.scalars(sa.select(Spot).where(Spot.status == Status.WAITING)):
            said = db.session.scalar(sa.select(Report.comment).where(Report.spot_id == spot.id))
            note = (said or "")[:2000]
            verdict = Verdict(Kind.FIX, spot.version, correction=spot.correction or "x", note=note)
            decide(db.session, spot, ed, verdict)
        db.session.commit()
        _tell()
    return place


def _tell() -> None:
    """Do what the worker does with what happened, a minute later."""
    while letters.tell_what_happened():
        pass
    with time_machine.travel(now() + timedelta(minutes=1), tick=False):
        while digests.write_digests() | answers.answer_readers():
            pass


@shown
def test_corrections_are_told_as_text(mended: Place) -> None:
    usual = known(mended, "/corrections/2", f"/corrections/2?article={TRIBUNE}/1")
    atom = elements(ElementTree.fromstring(mended.get("/corrections/2.atom").data))
    path, told = "/corrections/1", set()

    while path:
        page = mended.get(path).text
        feed = mended.get(path.replace("/1", "/1.atom")).data
        items = mended.get(path.replace("/1", "/1.json")).json["items"]
        told |= {item["_correction"]["article"]["url"] for item in items}

        assert Page.read(page).beside(usual) == []
        assert feed_faults(feed, atom) == []
        assert not any("content_html" in item for item in items)
        path = following(page)

    assert len(told) > 50


@shown
def test_the_record_of_decisions_shows_notes(mended: Place) -> None:
    usual = known(mended, "/desk/sites/2/record/decisions")
    path = "/desk/sites/1/record/decisions"

    while path:
        page = mended.get(path).text
        assert Page.read(page).beside(usual) == []
        path = following(page)


@shown
def test_what_is_linked_data_is_json(mended: Place) -> None:
    page = LexborHTMLParser(mended.get("/corrections/1").text)

    (data,) = page.css("script")
    texts = [
        each["text"] for work in json.loads(data.text())["@graph"] for each in work["correction"]
    ]
    assert any("<b><b>" in text for text in texts)


# Letters


#: Kinds of letters whose every one is looked at, and those that say the same again.
KINDS = {"spot.opened", "digest", "answer"}
ALIKE = ("spot.decided", "spot.fixed")


@pytest.fixture(scope="module")
def parcels(mended: Place) -> dict[int, list[Parcel]]:
    """The letters that the worker wrote, by the ids of the sites they are from."""
    found: dict[int, list[Parcel]] = {}
    with mended.app.app_context():
        rows = sa.select(Letter).options(joinedload(Letter.carrier)).order_by(Letter.id)
        for each in db.session.scalars(rows):
            address = each.address or "ed@paper.example"
            body, wishes = json.loads(each.body), Wishes()
            parcel = Parcel(each.uid, each.kind, each.at, body, address, (), wishes, 3)
            found.setdefault(each.carrier.site_id, []).append(parcel)
    assert {parcel.kind for parcel in found[1]} >= KINDS | set(ALIKE)
    return {
        site_id: [
            each
            for number, each in enumerate(some)
            if each.kind in KINDS or (each.kind in ALIKE and (site_id == 2 or number % 16 == 0))
        ]
        for site_id, some in found.items()
    }


@shown
def test_mail_holds_texts(mended: Place, parcels: dict[int, list[Parcel]]) -> None:
    usual: set[str] = set()
    headers: dict[str, list[str]] = {}
    with mended.app.app_context():
        for parcel in parcels[2]:
            data = bytes(mail.message(parcel, told.an_office(), parcel.address))
            usual |= mail_patterns(data)
            headers[parcel.kind] = list(read_mail(data).keys())
        found = {
            f"{parcel.kind} {number}": mail_faults(
                bytes(mail.message(parcel, told.an_office(), parcel.address)),
                usual,
                headers[parcel.kind],
            )
            for number, parcel in enumerate(parcels[1])
        }

    assert len(found) > len(hostile.EVERYWHERE)
    assert faulty(found) == {}


CHATS: dict[str, Any] = {
    "slack": slack.encode,
    "telegram": telegram.encode,
    "discord": discord.encode,
    "matrix": matrix.encode,
    "teams": teams.encode,
}


@shown
@pytest.mark.parametrize("service", CHATS)
def test_chats_hold_texts(mended: Place, parcels: dict[int, list[Parcel]], service: str) -> None:
    found, encode = {}, CHATS[service]
    with mended.app.app_context():
        for number, parcel in enumerate(parcels[1]):
            if parcel.kind != "answer":
                message = composing.compose(parcel, told.an_office(), presses=True)
                found[f"{parcel.kind} {number}"] = chat_faults(encode(message))

    assert len(found) > len(hostile.EVERYWHERE)
    assert faulty(found) == {}


@shown
def test_webhooks_hold_texts_as_they_were_sent(
    mended: Place, parcels: dict[int, list[Parcel]]
) -> None:
    opened = [parcel for parcel in parcels[1] if parcel.kind == "spot.opened"]
    told = [json.loads(webhook.payload(parcel)) for parcel in opened]

    said = {each["data"]["report"]["comment"] for each in told}
    assert set(hostile.EVERYWHERE.values()) <= said
    assert {frozenset(each) for each in told} == {frozenset({"type", "timestamp", "data"})}
