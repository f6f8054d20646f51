"""Events as programs hear of them: the schemas are served, and all that is sent fits them."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask, current_app
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from standardwebhooks import Webhook

from feedback.accounts.models import Editor
from feedback.db import db, now
from feedback.delivery import carriers, outbox
from feedback.delivery.contract import Office
from feedback.delivery.models import Carrier, Happening, Means
from feedback.delivery.wishes import Wishes
from feedback.desk import decisions
from feedback.desk.decisions import Verdict
from feedback.desk.models import Kind
from feedback.reports.models import Spot
from feedback.sites import Site
from feedback.web.api import document, examples, happenings
from feedback.worker import digests, letters
from tests.far_end import FarEnd, a_far_end, answering
from tests.makers import TEXT, a_look, a_spot, newsroom, standing

BASE = "https://feedback.example"
PATH = "/api/v1/events.json"
SCHEMA = happenings.document(BASE)
PAGE = Path(__file__).parent.parent / "docs" / "webhooks.md"
#: What is sent though nothing happened.
OTHERS = {"digest", "alarm", "test"}
MENDED = TEXT.replace("The wrold is", "The world is")

Make = Callable[..., Flask]


def fits(event: Any) -> bool:
    """Whether an event is as the schema says: as that of all, and as that of its type."""
    one = {"$ref": f"#/$defs/{event['type']}", "$defs": SCHEMA["$defs"]}
    return all(Draft202012Validator(schema).is_valid(event) for schema in (SCHEMA, one))


def test_the_schemas_are_open_to_all(client: FlaskClient) -> None:
    answer = client.get(PATH)

    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json == SCHEMA
    assert answer.json["$id"] == BASE + PATH
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_schema_is_one_and_names_each_event() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    named = {each["$ref"].removeprefix("#/$defs/") for each in SCHEMA["oneOf"]}
    assert named == {*Happening, *OTHERS} == set(document.document(BASE)["webhooks"])
    for name in named:
        schema = SCHEMA["$defs"][name]
        assert schema["properties"]["type"]["const"] == name
        assert set(schema["required"]) == {"type", "timestamp", "data"}
    for name, schema in SCHEMA["$defs"].items():
        assert schema["description"], name


def test_each_example_is_an_event() -> None:
    assert set(examples.EVENTS) == set(happenings.MODELS)
    for name, example in examples.EVENTS.items():
        assert example["type"] == name
        assert fits(example)
        assert not fits(example | {"data": {}})
        assert fits(example | {"more": 1})


def test_the_page_shows_an_example_of_each() -> None:
    fences = re.findall(r"^```json\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    shown = [each for each in map(json.loads, fences) if "type" in each and "data" in each]

    assert {each["type"]: each for each in shown} == examples.EVENTS
    assert len(shown) == len(examples.EVENTS)


def hearing(site: Site, end: FarEnd) -> Carrier:
    """A program at the far end that hears of all that happens at a site."""
    office = Office.of(current_app.extensions["settings"])
    carrier = carriers.add(db.session, site, Means.WEBHOOK, f"{end.url}hook", office, now())
    db.session.commit()
    return carrier


def carry() -> None:
    """Tell what happened and carry the letters, as the worker does."""
    while letters.tell_what_happened():
        pass
    while letters.carry_next():
        pass


def decide(spot: Spot, editor: Editor, kind: Kind, **more: Any) -> None:
    spot = standing(spot)
    decisions.decide(db.session, spot, editor, Verdict(kind, spot.version, **more))
    db.session.commit()


def test_all_that_is_sent_is_as_the_schema_says(make_app: Make) -> None:
    with a_far_end(answering(b"ok")) as end:
        app = make_app(fetch_allow=[end.pair])
        with newsroom(app) as (site, ed):
            carrier = hearing(site, end)
            spot = a_spot(site, nth=1, comment="Look “here” <b>!")
            a_spot(site, nth=1)
            carry()
            decide(spot, ed, Kind.ACCEPT)
            a_look(spot.article, TEXT)
            a_look(spot.article, MENDED)
            decide(spot, ed, Kind.FIX)
            carry()
            a_look(spot.article, TEXT)
            a_look(spot.article, TEXT)
            test = {"site": {"id": site.id, "name": site.name}, "by": "Ed"}
            outbox.write(db.session, carrier, "test", test, at=now())
            db.session.commit()
            carry()
            secret = carrier.secret

    told = [Webhook(secret).verify(each.body, each.headers) for each in end.requests]
    assert {each["type"] for each in told} == {*Happening, "test"}
    for event in told:
        assert fits(event), event
    ids = [each.headers["webhook-id"] for each in end.requests]
    assert len(set(ids)) == len(ids)
    [opened] = [each["data"] for each in told if each["type"] == Happening.OPENED]
    assert opened["report"]["comment"] == "Look “here” <b>!"
    assert "email" not in json.dumps(opened)


def test_digests_and_alarms_are_as_the_schema_says(make_app: Make) -> None:
    with a_far_end(answering(b"ok")) as end:
        app = make_app(fetch_allow=[end.pair])
        with newsroom(app) as (site, ed):
            carrier = hearing(site, end)
            wishes = Wishes(tuple(Happening), alarm_spots=1, alarm_reports=1)
            carrier.wishes = str(wishes)
            db.session.commit()
            spot = a_spot(site, nth=1, comment="hm")
            a_spot(site, "captain")
            decide(spot, ed, Kind.REJECT, reason="quoted")
            while letters.tell_what_happened():
                pass
            with time_machine.travel(now() + timedelta(minutes=1), tick=False):
                digests.raise_alarms()
                while digests.write_digests():
                    pass
                carry()

    told = [json.loads(each.body) for each in end.requests]
    assert sorted(each["type"] for each in told) == ["alarm", "alarm", "digest"]
    assert {each["data"]["about"] for each in told if each["type"] == "alarm"} == {
        "queue",
        "article",
    }
    for event in told:
        assert fits(event), event


@pytest.mark.parametrize("status", [200, 410])
def test_a_test_event_is_sent_by_the_carrier_alone(make_app: Make, status: int) -> None:
    with a_far_end(answering(b"ok", status)) as end:
        app = make_app(fetch_allow=[end.pair])
        with newsroom(app) as (site, _):
            carrier = hearing(site, end)
            body = {"site": {"id": site.id, "name": site.name}, "by": "Ed"}
            outbox.write(db.session, carrier, "test", body, at=now())
            db.session.commit()
            carry()
            db.session.refresh(carrier)
            off = carrier.off_at is not None

    [request] = end.requests
    assert fits(json.loads(request.body))
    assert off is (status == 410)
