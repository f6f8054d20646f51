"""Hostile inputs, through the real intake and out of every outlet: they are text, and only text.

One installation takes all of `tests.hostile` once, and shows it in each outlet once; beside it a
site whose readers are harmless shows what each outlet looks like.
"""

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

from feedback.db import db
from feedback.reports.models import Report, Spot
from tests import hostile
from tests.installation import TRIBUNE, Place, faulty, following, known, place, read_page
from tests.makers import ORIGIN, PASSWORD, a_body, csrf, send
from tests.outlets import (
    Page,
    bare,
    elements,
    feed_faults,
)

BASE = "https://feedback.example"
__all__ = ["place"]

#: How something is shown does not depend on the database.
shown = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


# The intake


def test_there_are_many_and_each_field_has_some() -> None:
    assert sum(len(each) for each in hostile.FIELDS.values()) >= 200
    assert len(set(hostile.EVERYWHERE.values())) == len(hostile.EVERYWHERE)
    assert min(len(each) for each in hostile.FIELDS.values()) >= 5


def test_texts_are_kept_as_they_were_sent(place: Place) -> None:
    with place.app.app_context():
        rows = db.session.execute(sa.select(Report.spot_id, Report.exact, Report.comment)).all()
    kept = {spot_id: (exact, comment) for spot_id, exact, comment in rows}

    for name, text in hostile.EVERYWHERE.items():
        assert kept[place.spots[name]] == (text[:1900], text), name


ODD = {
    f"{field}: {name}": ({field: odd.value}, odd)
    for field, values in {
        "url": hostile.ADDRESSES,
        "canonical": hostile.ADDRESSES,
        "lang": hostile.LANGUAGES,
        "email": hostile.MAILBOXES,
        "kind": hostile.KINDS,
        "about": hostile.SUBJECTS,
    }.items()
    for name, odd in values.items()
}


def test_fields_with_a_form_are_held_to_it(place: Place) -> None:
    client, wrong = place.app.test_client(), {}

    for name, (fields, odd) in ODD.items():
        answer = send(client, a_body(**({"url": f"{ORIGIN}/odd"} | fields)))
        expected = (odd.status, odd.named or None)
        if "canonical" in fields:  # one that is not the site's own is passed over
            unfit = {"NUL", "half a pair", "far too long"} & {name.removeprefix("canonical: ")}
            expected = (422, "canonical") if unfit else (201, None)
        if (found := (answer.status_code, answer.json.get("field"))) != expected:
            wrong[name] = found

    assert wrong == {}


def test_bodies_that_are_no_report_are_refused(place: Place) -> None:
    client = place.app.test_client()
    with place.app.app_context():
        before = db.session.scalar(sa.select(sa.func.count()).select_from(Report))

    answers = {name: send(client, data=data) for name, (data, _) in hostile.BODIES.items()}

    found = {name: answer.status_code for name, answer in answers.items()}
    assert found == {name: status for name, (_, status) in hostile.BODIES.items()}
    assert {answer.mimetype for answer in answers.values()} == {"application/problem+json"}
    with place.app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Report)) == before


def test_surrogates_and_nul_are_refused_in_every_field(place: Place) -> None:
    client = place.app.test_client()
    body = a_body(about={"type": "link", "text": "x", "url": "x"})
    names = ["title", "correction", "comment", "email", "lang", "url", "canonical"]

    for bad in ("\0", "\ud800", "\udfff\ud83d"):
        wanted = {name: send(client, body | {name: f"x{bad}"}) for name in names}
        for part, name in (("quote", "exact"), ("quote", "prefix"), ("about", "url")):
            there = {**body[part], name: f"x{bad}"}
            wanted[f"{part}.{name}"] = send(client, body | {part: there})

        found = {name: (each.status_code, each.json["field"]) for name, each in wanted.items()}
        assert found == {name: (422, name) for name in wanted}


# Pages


def queues(place: Place, site_id: int, query: str) -> Iterator[str]:
    """The pages of a queue, from the first to the last."""
    path = f"/desk/sites/{site_id}/?{query}"
    while path:
        page = place.get(path).text
        yield page
        path = following(page)


QUEUES = ("status=waiting", "status=any&order=newest", "status=waiting&q=alert")


@shown
def test_the_queue_shows_texts(place: Place) -> None:
    usual = known(place, *(f"/desk/sites/2/?{query}" for query in QUEUES), "/desk/sites/2/")

    for query in QUEUES:
        shown = list(queues(place, 1, query))

        assert {
            n: each for n, page in enumerate(shown) if (each := Page.read(page).beside(usual))
        } == {}
    assert Page.read(place.get("/desk/all/").text).beside(usual | known(place, "/desk/all/")) == []


@shown
def test_each_spot_shows_its_texts(place: Place) -> None:
    usual = known(place, *(f"/desk/spots/{spot_id}" for spot_id in place.harmless))
    found, lost = {}, []

    for name, spot_id in place.spots.items():
        page = Page.read(place.get(f"/desk/spots/{spot_id}").text)
        found[name] = page.beside(usual)
        if bare(hostile.EVERYWHERE[name]) not in bare(page.text):
            lost.append(name)

    assert faulty(found) == {}
    assert lost == []


@shown
def test_each_receipt_shows_its_texts(place: Place) -> None:
    usual = known(place, *place.harmless.values())
    found, lost = {}, []

    for name, path in place.receipts.items():
        page = Page.read(place.get(path).text)
        found[name] = page.beside(usual)
        if bare(hostile.EVERYWHERE[name]) not in bare(page.text):
            lost.append(name)

    assert faulty(found) == {}
    assert lost == []


#: Texts that a database could read as more than words.
QUERIES = [name for name in hostile.TEXTS if name.startswith(("sql", "like", "fts", "tsq", "json"))]


def test_searching_for_anything_finds_or_finds_nothing(place: Place) -> None:
    usual = known(place, "/desk/sites/2/?q=wrold", "/desk/sites/2/?q=nothing", "/desk/sites/2/")
    headers = {"Authorization": f"Bearer {place.token}"}
    client = place.app.test_client()

    for name in QUERIES:
        query = {"q": hostile.TEXTS[name]}
        told = client.get("/api/v1/spots", headers=headers, query_string=query)
        assert told.status_code == 200, name
        page = place.client.get("/desk/sites/1/", base_url=BASE, query_string=query)
        assert Page.read(page.text).beside(usual) == [], name


@shown
def test_what_a_browser_calls_itself_is_text(place: Place) -> None:
    usual = known(place, "/desk/profile")

    for name, agent in hostile.AGENTS.items():
        client = place.app.test_client()
        page = client.get("/sign-in", base_url=BASE).text
        data = {"csrf_token": csrf(page), "email": "ed@paper.example", "password": PASSWORD}
        headers = {"Referer": f"{BASE}/sign-in", "User-Agent": agent}
        answer = client.post("/sign-in", base_url=BASE, headers=headers, data=data)
        assert answer.status_code == 303, name

    page = place.get("/desk/profile").text
    assert Page.read(page).beside(usual | known(place, "/desk/profile/mail")) == []


@shown
def test_the_form_for_readers_shows_texts(place: Place) -> None:
    usual = known(place, f"/report?url={TRIBUNE}/0&words=wrold", "/report?url=x&lang=xx", "/report")

    for name, text in hostile.EVERYWHERE.items():
        query = {"url": text, "words": text, "lang": text, "title": text}
        answer = place.client.get("/report", base_url=BASE, query_string=query)

        assert answer.status_code < 500, name
        assert Page.read(answer.text).beside(usual) == [], name


# Programs


@shown
def test_programs_get_texts_as_they_were_sent(place: Place) -> None:
    for name, text in hostile.EVERYWHERE.items():
        told = place.get(f"/api/v1/spots/{place.spots[name]}")

        assert told.mimetype == "application/json"
        assert told.json["reports"][0]["quote"]["exact"] == text[:1900], name
        assert told.json["reports"][0]["comment"] == text, name


def test_the_list_for_programs_has_each_once(place: Place) -> None:
    seen: list[int] = []
    path = "/api/v1/spots?limit=100&status=any"
    while path:
        answer = place.get(path).json
        seen += [spot["id"] for spot in answer["spots"]]
        following = answer["next"]
        path = f"/api/v1/spots?limit=100&status=any&cursor={following}" if following else ""

    assert set(place.spots.values()) <= set(seen)
    assert len(seen) == len(set(seen))


@shown
def test_annotations_hold_plain_text(place: Place) -> None:
    path = "/api/v1/spots?limit=100&status=any"
    found = place.get(path, accept="application/ld+json").json["first"]["items"]

    texts = [body for each in found for body in each["body"]]
    assert {body["format"] for body in texts} == {"text/plain"}
    assert {body["type"] for body in texts} == {"TextualBody"}
    corrections = {body["value"] for body in texts if body["purpose"] == "editing"}
    assert len(corrections & {f"{text}?" for text in hostile.TEXTS.values()}) > 50


@shown
def test_the_queues_feed_is_xml_that_holds_texts(place: Place) -> None:
    path = f"/feeds/{place.feed_key}/sites/%d.atom?status=waiting&q=%s"
    usual = elements(ElementTree.fromstring(place.get(path % (2, "")).data))

    for query in ("", "script", "alert", "evil"):
        assert feed_faults(place.get(path % (1, query)).data, usual) == []


# What is read from pages


@shown
def test_what_a_page_says_of_itself_is_text(place: Place) -> None:
    client, found = place.app.test_client(), {}
    usual = known(place, *(f"/desk/spots/{each}" for each in place.harmless))
    for number, (name, text) in enumerate(hostile.PAGES.items()):
        assert send(client, a_body(url=f"{ORIGIN}/pages/{number}", nth=1)).status_code == 201
        with place.app.app_context():
            spot = db.session.scalars(sa.select(Spot).order_by(Spot.id.desc())).first()
            assert spot is not None
            spot_id = spot.id
            read_page(spot, text)
        found[name] = Page.read(place.get(f"/desk/spots/{spot_id}").text).beside(usual)

    assert faulty(found) == {}
