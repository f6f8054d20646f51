"""Spots as Web Annotations: https://www.w3.org/TR/annotation-model/."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from feedback.web.api import annotations
from tests.makers import TEXT, a_body, a_token, newsroom, send

LINKED = "application/ld+json"
CONTEXT = "http://www.w3.org/ns/anno.jsonld"
SPOTS = "https://feedback.example/api/v1/spots"

#: What the model's classes must have, and may have besides, of what we give.
TERMS = {
    "Annotation": (
        {"id", "type", "motivation", "created", "modified", "body", "target"},
        {"@context"},
    ),
    "AnnotationPage": ({"id", "type", "items"}, {"@context", "partOf", "next", "prev"}),
    "AnnotationCollection": ({"id", "type"}, {"@context", "label", "first"}),
    "SpecificResource": ({"type", "source", "selector"}, set()),
    "TextualBody": ({"type", "purpose", "value", "format"}, {"language", "created"}),
    "TextQuoteSelector": ({"type", "exact", "prefix", "suffix"}, set()),
    "TextPositionSelector": ({"type", "start", "end"}, set()),
}


@pytest.fixture
def token(app: Flask) -> str:
    with newsroom(app) as (site, ed):
        return a_token(ed, site)


def get(client: FlaskClient, token: str, path: str = "", accept: str = LINKED) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Accept": accept}
    return client.get(f"/api/v1/spots{path}", headers=headers)


def check(node: Any) -> None:
    """Hold each resource to the terms of its class."""
    if isinstance(node, list):
        for each in node:
            check(each)
    elif isinstance(node, dict):
        needed, allowed = TERMS[node["type"]]
        assert needed <= set(node) <= needed | allowed, node
        for value in node.values():
            check(value)


def test_a_spot_is_an_annotation(client: FlaskClient, token: str) -> None:
    send(client, a_body(nth=1, comment="It is round."))

    answer = get(client, token, "/1")

    assert answer.content_type == f'{LINKED}; profile="{CONTEXT}"'
    check(answer.json)
    assert answer.json["@context"] == CONTEXT
    assert answer.json["id"] == f"{SPOTS}/1"
    assert answer.json["motivation"] == "editing"
    assert answer.json["modified"] >= answer.json["created"]
    assert "creator" not in answer.json
    correction, comment = answer.json["body"]
    assert correction == {
        "type": "TextualBody", "purpose": "editing", "value": "world", "format": "text/plain",
        "language": "en",
    }  # fmt: skip
    assert (comment["purpose"], comment["value"]) == ("commenting", "It is round.")
    assert answer.json["target"]["source"] == "https://paper.example/news/captain"
    quote, place = answer.json["target"]["selector"]
    assert TEXT[place["start"] : place["end"]] == quote["exact"] == "wrold"
    assert quote["prefix"] + quote["exact"] + quote["suffix"] in TEXT


def test_without_a_correction_there_is_no_body_for_it(client: FlaskClient, token: str) -> None:
    send(client, a_body("teh"))

    assert get(client, token, "/1").json["body"] == []


def test_an_image_is_named_by_a_body(client: FlaskClient, token: str) -> None:
    about = {"type": "image", "text": "A shpi", "url": "/ship.jpg"}
    send(client, a_body(about=about, correction="A ship"))

    image, correction = get(client, token, "/1").json["body"]

    assert (image["purpose"], image["value"]) == ("identifying", "A shpi")
    assert (correction["purpose"], correction["value"]) == ("editing", "A ship")


def test_a_decision_modifies_the_annotation(client: FlaskClient, token: str) -> None:
    send(client)
    before = get(client, token, "/1").json["modified"]
    headers = {"Authorization": f"Bearer {token}"}
    body = {"kind": "accept", "version": 1}
    client.post("/api/v1/spots/1/decisions", json=body, headers=headers)

    assert get(client, token, "/1").json["modified"] > before


def test_the_list_is_a_collection_of_pages(client: FlaskClient, token: str) -> None:
    for word in ("wrold", "teh", "Nobody"):
        send(client, a_body(word))

    answer = get(client, token, "?limit=2")
    first = answer.json["first"]
    page = client.get(
        first["next"], headers={"Authorization": f"Bearer {token}", "Accept": LINKED}
    ).json

    check([answer.json, page])
    assert answer.content_type == f'{LINKED}; profile="{CONTEXT}"'
    assert (answer.json["@context"], answer.json["label"]) == (CONTEXT, "Paper")
    assert answer.json["id"] == f"{SPOTS}?limit=2"
    assert "@context" not in first
    assert first["next"].startswith(f"{SPOTS}?limit=2&cursor=")
    assert (page["@context"], page["type"]) == (CONTEXT, "AnnotationPage")
    assert page["partOf"] == {"id": answer.json["id"], "type": "AnnotationCollection"}
    assert "next" not in page
    ids = [item["id"] for item in first["items"] + page["items"]]
    assert ids == [f"{SPOTS}/{number}" for number in (3, 2, 1)]


ACCEPTED = [
    ("", False),
    ("*/*", False),
    ("application/*", False),
    ("application/json", False),
    ("text/html", False),
    (LINKED, True),
    (f'{LINKED}; profile="{CONTEXT}"', True),
    (f'{LINKED};profile="http://www.w3.org/ns/json-ld#compacted"', True),
    ("APPLICATION/LD+JSON", True),
    (f"{LINKED}, application/json", False),
    (f"{LINKED}, */*", True),
    (f"{LINKED}, application/json;q=0.9", True),
    (f"{LINKED};q=0.5, application/json", False),
    (f"{LINKED};q=0.5, */*;q=0.1", True),
    (f"{LINKED};q=0.5, application/*", False),
    (f"{LINKED};q=0, text/html", False),
    (f"{LINKED};q=0, */*", False),
    ("application/json;q=0, */*", True),
]


@pytest.mark.parametrize(("header", "linked"), ACCEPTED)
def test_what_is_wanted_most_is_given(header: str, linked: bool) -> None:
    accepted = parse_accept_header(header or None, MIMEAccept)

    assert annotations.wanted(accepted) is linked


@pytest.mark.parametrize("path", ["", "/1"])
@pytest.mark.parametrize("accept", [LINKED, "application/json", "text/html"])
def test_caches_are_told_what_the_answer_depends_on(
    client: FlaskClient, token: str, path: str, accept: str
) -> None:
    send(client)

    answer = get(client, token, path, accept)

    assert answer.status_code == 200
    assert "Accept" in answer.headers["Vary"]
    assert answer.mimetype == (LINKED if accept == LINKED else "application/json")


def test_errors_are_problems_whatever_is_accepted(client: FlaskClient, token: str) -> None:
    answer = get(client, token, "/99")

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
