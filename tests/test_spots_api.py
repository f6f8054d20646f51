"""The editors' API: tokens, lists, pages, decisions."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts import keys, people
from feedback.accounts.models import Role, Scope
from feedback.articles.models import Article
from feedback.db import db, now
from feedback.desk import index, reasons
from feedback.reports.models import Spot
from tests.makers import TEXT, a_body, a_look, a_site, a_spot, a_token, an_editor, newsroom, send

SPOT = {
    "id", "site", "status", "presence", "article", "quote", "correction",
    "about", "readers", "slip", "snoozed_until",
    "first_at", "last_at", "version", "link", "reads", "looked_at", "merged_into",
}  # fmt: skip


@pytest.fixture
def token(app: Flask) -> str:
    with newsroom(app) as (site, ed):
        return a_token(ed, site)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def get(client: FlaskClient, token: str, path: str = "") -> Any:
    return client.get(f"/api/v1/spots{path}", headers=bearer(token))


def decide(client: FlaskClient, token: str, spot_id: int, **body: Any) -> Any:
    path = f"/api/v1/spots/{spot_id}/decisions"
    return client.post(path, json=body, headers=bearer(token))


def test_waiting_spots_are_listed(client: FlaskClient, token: str) -> None:
    send(client, a_body(comment="hm"))

    answer = get(client, token)

    assert answer.status_code == 200
    assert answer.json["next"] is None
    (spot,) = answer.json["spots"]
    assert set(spot) == SPOT
    assert spot["site"] == "Paper"
    assert (spot["status"], spot["presence"], spot["readers"]) == ("waiting", "unchecked", 1)
    assert spot["article"] == {
        "url": "https://paper.example/news/captain",
        "title": "The end of the wrold",
        "author": "",
        "section": "",
        "lang": "en",
    }
    assert (spot["reads"], spot["looked_at"], spot["merged_into"]) == (None, None, None)
    assert spot["quote"]["exact"] == "wrold"
    assert spot["correction"] == "world"
    assert spot["first_at"].endswith("Z")
    assert spot["link"].startswith("https://paper.example/news/captain#:~:text=")


def test_a_spot_is_given_whole(client: FlaskClient, token: str) -> None:
    body = a_body(comment="hm")
    send(client, body)
    (listed,) = get(client, token).json["spots"]

    spot = get(client, token, f"/{listed['id']}").json

    assert set(spot) == SPOT | {"reports", "decisions"}
    (report,) = spot["reports"]
    assert (report["id"], report["quote"], report["comment"]) == (body["id"], body["quote"], "hm")
    assert spot["decisions"] == []


@pytest.mark.parametrize("order", ["newest", "most-reported", "urgent", "article"])
def test_pages_hold_every_spot_once(
    app: Flask, client: FlaskClient, token: str, order: str
) -> None:
    for number in range(7):
        for _ in range(1 + number % 3):
            send(client, a_body(url=f"https://paper.example/{number}"))
    seen: list[dict[str, Any]] = []
    cursor = ""

    for _ in range(4):
        page = get(client, token, f"?limit=2&order={order}&cursor={cursor}").json
        seen += page["spots"]
        cursor = page["next"] or ""

    assert cursor == ""
    assert len({spot["id"] for spot in seen}) == len(seen) == 7
    if key := {"newest": "last_at", "most-reported": "readers"}.get(order):
        assert [spot[key] for spot in seen] == sorted((spot[key] for spot in seen), reverse=True)


def test_pages_lead_back_as_well(client: FlaskClient, token: str) -> None:
    for number in range(5):
        send(client, a_body(url=f"https://paper.example/{number}"))
    first = get(client, token, "?limit=2").json
    second = get(client, token, f"?limit=2&cursor={first['next']}").json
    third = get(client, token, f"?limit=2&cursor={second['next']}").json

    back = get(client, token, f"?limit=2&cursor={third['previous']}").json
    begin = get(client, token, f"?limit=2&cursor={back['previous']}").json

    assert [page["previous"] is None for page in (first, second, third)] == [True, False, False]
    assert back["spots"] == second["spots"]
    assert (begin["spots"], begin["previous"]) == (first["spots"], None)


def found(client: FlaskClient, token: str, query: str) -> list[int]:
    answer = get(client, token, f"?order=article&{query}")
    assert answer.status_code == 200, answer.json
    return sorted(spot["id"] for spot in answer.json["spots"])


FILTERS = [
    ("status=any", [1, 2, 3]), ("status=waiting,accepted", [1, 2, 3]), ("status=accepted", [3]),
    ("presence=unchecked", [1, 2]), ("presence=still", []), ("slip=transposed", [1]),
    ("kind=typo", [2]), ("kind=fact", []), ("section=Sea", []), ("author=Agnes", []),
    ("lang=en", [1, 2]), ("lang=de", []), ("since=2020-01-01", [1, 2]), ("until=2020-01-01", []),
    ("since=2020-01-01T00:00:00Z", [1, 2]), ("until=2020-01-01T00:00:00.5%2B02:00", []),
    ("age=day", [1, 2]), ("age=3", [1, 2]), ("readers=1", [1, 2]), ("readers=2", [1]),
    ("q=wrold", [1, 2]), ('q="end+the"', []), ("q=", [1, 2]), ("q=quite+a&status=any", [2]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "ids"), FILTERS)
def test_spots_are_filtered(
    app: Flask, client: FlaskClient, token: str, query: str, ids: list[int]
) -> None:
    send(client)
    send(client)
    send(client, a_body("teh", comment="Not quite as it should be.", kind="typo"))
    send(client, a_body("captain"))
    decide(client, token, 3, kind="accept", version=1)
    with app.app_context():
        index.refresh(db.session, 100)
        db.session.commit()

    assert found(client, token, query) == ids


BAD_QUERIES = [
    ("limit", "0"), ("limit", "1000"), ("limit", "x"), ("status", "open"), ("cursor", "x"),
    ("cursor", "W10"), ("cursor", "bnVsbA"), ("cursor", "WzEsIDk5OTk5OTk5OTk5OTk5OTk5OTk5OTld"),
    ("order", "x"), ("colour", "red"), ("status", ""), ("status", "any,waiting"),
    ("status", "waiting,"), ("presence", "here"), ("presence", ""), ("slip", "banana"),
    ("kind", "x"), ("lang", "e_n"), ("since", "yesterday"), ("since", "2026-02-30"),
    ("since", "20261124"), ("since", "2026-11-24T08:00:00"), ("until", "9999-12-31"),
    ("since", "0001-01-01T00:00:00%2B14:00"), ("age", "year"), ("readers", "-1"), ("readers", "x"),
    ("q", "x" * 201), ("q", "%00"), ("section", "%00"), ("author", "x" * 201),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD_QUERIES)
def test_a_bad_query_is_named(client: FlaskClient, token: str, name: str, value: str) -> None:
    answer = get(client, token, f"?{name}={value}")

    assert (answer.status_code, answer.json["field"]) == (422, name)
    assert answer.mimetype == "application/problem+json"


def test_a_decision_is_taken_and_recorded(client: FlaskClient, token: str) -> None:
    send(client)
    (spot,) = get(client, token).json["spots"]

    answer = decide(
        client, token, spot["id"], kind="reject", version=1, reason="style", note="So be it."
    )

    assert answer.status_code == 201
    assert (answer.json["status"], answer.json["version"]) == ("rejected", 2)
    (decision,) = answer.json["decisions"]
    assert {key: decision[key] for key in ("kind", "reason", "note", "by")} == {
        "kind": "reject",
        "reason": "style",
        "note": "So be it.",
        "by": "ed@paper.example",
    }
    assert get(client, token).json["spots"] == []
    assert len(get(client, token, "?status=rejected").json["spots"]) == 1


def test_a_stale_decision_is_refused(client: FlaskClient, token: str) -> None:
    send(client)
    (spot,) = get(client, token).json["spots"]
    decide(client, token, spot["id"], kind="accept", version=1)

    answer = decide(client, token, spot["id"], kind="fix", version=1)

    assert (answer.status_code, answer.json["code"]) == (409, "stale-version")
    assert (answer.json["spot"]["status"], answer.json["spot"]["version"]) == ("accepted", 2)
    assert [each["kind"] for each in answer.json["spot"]["decisions"]] == ["accept"]
    assert answer.json["spot"] == get(client, token, f"/{spot['id']}").json


def test_a_spot_is_snoozed_until_a_time(client: FlaskClient, token: str) -> None:
    send(client)
    until = (now() + timedelta(days=3)).astimezone(timezone(timedelta(hours=2)))

    answer = decide(client, token, 1, kind="snooze", version=1, until=until.isoformat())

    assert answer.status_code == 201
    assert answer.json["status"] == "snoozed"
    assert answer.json["snoozed_until"].endswith("Z")
    assert datetime.fromisoformat(answer.json["snoozed_until"]) == until
    assert answer.json["decisions"][0]["until"] == answer.json["snoozed_until"]
    assert get(client, token).json["spots"] == []


def test_a_spot_is_snoozed_for_a_day_unless_said(client: FlaskClient, token: str) -> None:
    send(client)

    answer = decide(client, token, 1, kind="snooze", version=1)

    left = datetime.fromisoformat(answer.json["snoozed_until"]) - now()
    assert timedelta(hours=23) < left <= timedelta(days=1)


BAD_TIMES = [
    "tomorrow", "2026-11-25", "2026-11-25T08:00:00", "2026-11-25 08:00:00Z", 1, True,
    "2026-13-25T08:00:00Z", "2026-11-25T08:00:00+99:00", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59Z", "2020-01-01T00:00:00Z", "２０２６-11-25T08:00:00Z",
]  # fmt: skip


@pytest.mark.parametrize("until", BAD_TIMES)
def test_a_bad_time_is_named(client: FlaskClient, token: str, until: Any) -> None:
    send(client)

    answer = decide(client, token, 1, kind="snooze", version=1, until=until)

    assert (answer.status_code, answer.json["field"]) == (422, "until")


def test_the_standard_reasons_are_listed(client: FlaskClient, token: str) -> None:
    answer = client.get("/api/v1/reasons", headers=bearer(token))

    listed = {reason["code"]: reason for reason in answer.json["reasons"]}
    assert list(listed) == ["correct", "quoted", "style", "unclear", "abuse", "other"]
    assert listed["quoted"]["label"] == "It is quoted word for word"
    assert listed["quoted"]["sentence"]
    assert listed["abuse"]["sentence"] == ""


def test_a_sites_own_reasons_are_listed_and_taken(
    app: Flask, client: FlaskClient, token: str
) -> None:
    send(client)
    with app.app_context():
        code = reasons.add(db.session, 1, "Dialect", "We write as people here speak.").code
        db.session.commit()

    listed = client.get("/api/v1/reasons", headers=bearer(token)).json["reasons"]
    refused = decide(client, token, 1, kind="reject", version=1, reason="quoted")
    taken = decide(client, token, 1, kind="reject", version=1, reason=code)

    sentence = "We write as people here speak."
    assert listed == [{"code": code, "label": "Dialect", "sentence": sentence}]
    assert (refused.status_code, refused.json["field"]) == (422, "reason")
    decision = taken.json["decisions"][0]
    assert (decision["reason"], decision["label"]) == (code, "Dialect")


def test_a_token_asks_so_often(make_app: Callable[..., Flask]) -> None:
    app = make_app(limit_api="2 per minute")
    client = app.test_client()
    with newsroom(app) as (site, ed):
        first, second = a_token(ed, site), a_token(ed, site)

    answers = [get(client, first).status_code for _ in range(3)]
    last = client.get("/api/v1/reasons", headers=bearer(first))

    assert answers == [200, 200, 429]
    assert (last.status_code, last.json["code"]) == (429, "too-many")
    assert int(last.headers["Retry-After"]) > 0
    assert get(client, second).status_code == 200


def test_a_decision_is_undone(client: FlaskClient, token: str) -> None:
    send(client)
    (spot,) = get(client, token).json["spots"]
    version = decide(client, token, spot["id"], kind="accept", version=1).json["version"]

    answer = decide(client, token, spot["id"], kind="undo", version=version)

    assert answer.status_code == 201
    assert answer.json["status"] == "waiting"
    assert [decision["kind"] for decision in answer.json["decisions"]] == ["undo", "accept"]


def test_what_the_article_says_is_given(app: Flask, client: FlaskClient, token: str) -> None:
    send(client, a_body(nth=1))
    with app.app_context():
        article = db.session.get_one(Spot, 1).article
        for _ in range(2):
            a_look(article, TEXT.replace("The wrold is", "The world is"), author="Agnes Bo")

    spot = get(client, token, "/1").json

    assert (spot["status"], spot["presence"], spot["reads"]) == ("fixed", "changed", "world")
    assert spot["looked_at"].endswith("Z")
    assert spot["article"]["author"] == "Agnes Bo"
    (decision,) = spot["decisions"]
    assert (decision["by"], decision["became"]) == ("article check", "world")


def test_a_spot_is_merged_and_the_merge_undone(client: FlaskClient, token: str) -> None:
    send(client)
    send(client, a_body("teh"))

    merged = decide(client, token, 2, kind="merge", version=1, into=1)
    head = get(client, token, "/1").json
    undone = decide(client, token, 2, kind="undo", version=2)

    assert merged.status_code == 201
    assert (merged.json["status"], merged.json["merged_into"]) == ("merged", 1)
    assert merged.json["decisions"][0]["into"] == 1
    assert (head["readers"], len(head["reports"])) == (2, 2)
    assert (undone.json["status"], undone.json["merged_into"]) == ("waiting", None)
    assert len(undone.json["reports"]) == 1


def test_merged_spots_are_listed_when_asked_for(client: FlaskClient, token: str) -> None:
    send(client)
    send(client, a_body("teh"))
    decide(client, token, 2, kind="merge", version=1, into=1)

    assert [spot["id"] for spot in get(client, token, "?status=merged").json["spots"]] == [2]
    assert [spot["id"] for spot in get(client, token).json["spots"]] == [1]


def test_reports_are_split_from_a_spot(client: FlaskClient, token: str) -> None:
    bodies = [a_body(comment=comment) for comment in ("one", "two", "three")]
    for body in bodies:
        send(client, body)

    answer = decide(client, token, 1, kind="split", version=1, reports=[bodies[1]["id"]])

    assert answer.status_code == 201
    assert {report["comment"] for report in answer.json["reports"]} == {"one", "three"}
    new = get(client, token, f"/{answer.json['decisions'][0]['into']}").json
    assert [report["id"] for report in new["reports"]] == [bodies[1]["id"]]


STRANGER = "00000000-0000-4000-8000-000000000000"
BAD_MOVES = [
    ({"kind": "merge"}, "into"),
    ({"kind": "merge", "into": 1}, "into"),
    ({"kind": "merge", "into": 99}, "into"),
    ({"kind": "merge", "into": "2"}, "into"),
    ({"kind": "merge", "into": 0}, "into"),
    ({"kind": "merge", "into": 2**63}, "into"),
    ({"kind": "merge", "into": True}, "into"),
    ({"kind": "merge", "into": 2}, "into"),
    ({"kind": "split"}, "reports"),
    ({"kind": "split", "reports": []}, "reports"),
    ({"kind": "split", "reports": "x"}, "reports"),
    ({"kind": "split", "reports": ["x"]}, "reports.0"),
    ({"kind": "split", "reports": [1]}, "reports.0"),
    ({"kind": "split", "reports": [STRANGER]}, "reports"),
    ({"kind": "split", "reports": [STRANGER] * 201}, "reports"),
]


@pytest.mark.parametrize(("body", "field"), BAD_MOVES)
def test_a_bad_move_is_named(
    client: FlaskClient, token: str, body: dict[str, Any], field: str
) -> None:
    send(client)
    send(client, a_body(url="https://paper.example/elsewhere"))

    answer = decide(client, token, 1, version=1, **body)

    assert (answer.status_code, answer.json["field"]) == (422, field)
    assert get(client, token, "/1").json["version"] == 1


def test_not_all_reports_of_a_spot_are_split_from_it(client: FlaskClient, token: str) -> None:
    body = a_body()
    send(client, body)

    answer = decide(client, token, 1, kind="split", version=1, reports=[body["id"]])

    assert (answer.status_code, answer.json["field"]) == (422, "reports")


def test_an_article_is_looked_at_when_asked(app: Flask, client: FlaskClient, token: str) -> None:
    send(client)
    with app.app_context():
        a_look(db.session.get_one(Spot, 1).article, TEXT)

    answer = client.post("/api/v1/spots/1/look", headers=bearer(token))

    assert (answer.status_code, answer.json["id"]) == (202, 1)
    with app.app_context():
        due_at = db.session.scalars(sa.select(Article.due_at)).one()
        assert due_at is not None
        assert due_at <= now()


def test_a_look_is_refused_where_there_are_none(
    make_app: Callable[..., Flask], client: FlaskClient, token: str
) -> None:
    send(client)
    off = make_app(check_delays="off").test_client()

    answer = off.post("/api/v1/spots/1/look", headers=bearer(token))

    assert (answer.status_code, answer.json["code"]) == (409, "no-looks")


BAD_DECISIONS = [
    ({}, "kind"),
    ({"kind": "praise", "version": 1}, "kind"),
    ({"kind": "wake", "version": 1}, "kind"),
    ({"kind": "accept", "version": 1.5}, "version"),
    ({"kind": 1, "version": 1}, "kind"),
    ({"kind": "accept"}, "version"),
    ({"kind": "accept", "version": "1"}, "version"),
    ({"kind": "accept", "version": True}, "version"),
    ({"kind": "accept", "version": 2**63}, "version"),
    ({"kind": "accept", "version": 1, "note": "\0"}, "note"),
    ({"kind": "accept", "version": 1, "note": "\ud800"}, "note"),
    ({"kind": "accept", "version": 1, "note": "x" * 2001}, "note"),
    ({"kind": "accept", "version": 1, "correction": ["x"]}, "correction"),
    ({"kind": "accept", "version": 1, "colour": "red"}, "colour"),
    ({"kind": "reject", "version": 1}, "reason"),
    ({"kind": "reject", "version": 1, "reason": "mood"}, "reason"),
    ({"kind": "reopen", "version": 1}, "kind"),
    ({"kind": "undo", "version": 1}, "kind"),
]


@pytest.mark.parametrize(("body", "field"), BAD_DECISIONS)
def test_a_bad_decision_is_named(
    client: FlaskClient, token: str, body: dict[str, Any], field: str
) -> None:
    send(client)
    (spot,) = get(client, token).json["spots"]

    answer = client.post(
        f"/api/v1/spots/{spot['id']}/decisions",
        data=json.dumps(body),
        content_type="application/json",
        headers=bearer(token),
    )

    assert (answer.status_code, answer.json["field"]) == (422, field)
    assert get(client, token, f"/{spot['id']}").json["version"] == 1


@pytest.mark.parametrize("data", ["", "null", "[]", "x", "[" * 50_000, '{"version": NaN}'])
def test_what_is_not_an_object_is_refused(client: FlaskClient, token: str, data: str) -> None:
    send(client)

    answer = client.post("/api/v1/spots/1/decisions", data=data, headers=bearer(token))

    assert answer.status_code in {400, 422}
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer x", "Basic dXNlcjpwYXNz", "bearer \ud800"]
)
def test_without_a_token_nothing_is_shown(
    client: FlaskClient, token: str, header: str | None
) -> None:
    headers = {"Authorization": header.encode("utf-8", "replace").decode()} if header else {}

    answers = [
        client.get("/api/v1/spots", headers=headers),
        client.get("/api/v1/spots/1", headers=headers),
        client.post("/api/v1/spots/1/decisions", headers=headers, json={}),
        client.post("/api/v1/spots/1/look", headers=headers),
        client.get("/api/v1/reasons", headers=headers),
    ]

    assert [answer.status_code for answer in answers] == [401] * 5
    assert all("Bearer" in answer.headers["WWW-Authenticate"] for answer in answers)


def test_a_token_opens_its_own_site_only(app: Flask, client: FlaskClient, token: str) -> None:
    with app.app_context():
        tribune = a_site("Tribune", "https://tribune.example")
        olga = an_editor(tribune, "olga@tribune.example")
        foreign = a_token(olga, tribune)
        spot_id = a_spot(tribune, url="https://tribune.example/a").id

    assert get(client, token, f"/{spot_id}").status_code == 404
    assert decide(client, token, spot_id, kind="accept", version=1).status_code == 404
    look = client.post(f"/api/v1/spots/{spot_id}/look", headers=bearer(token))
    assert look.status_code == 404
    assert get(client, token).json["spots"] == []
    assert get(client, foreign, f"/{spot_id}").status_code == 200


def test_a_reading_token_does_not_decide(app: Flask, client: FlaskClient) -> None:
    with newsroom(app) as (site, ed):
        token = a_token(ed, site, Scope.READ)
    send(client)

    answer = decide(client, token, 1, kind="accept", version=1)

    look = client.post("/api/v1/spots/1/look", headers=bearer(token))

    assert (answer.status_code, answer.json["code"]) == (403, "scope")
    assert (look.status_code, look.json["code"]) == (403, "scope")
    assert get(client, token, "/1").json["status"] == "waiting"


def test_a_viewers_token_does_not_decide(app: Flask, client: FlaskClient) -> None:
    with newsroom(app) as (site, _):
        token = a_token(an_editor(site, "v@paper.example", Role.VIEWER), site)
    send(client)

    assert decide(client, token, 1, kind="accept", version=1).status_code == 403


@pytest.mark.parametrize("end", ["revoked", "disabled", "role taken"])
def test_a_token_ends(app: Flask, client: FlaskClient, end: str) -> None:
    with newsroom(app) as (site, ed):
        token = a_token(ed, site)
        if end == "revoked":
            keys.revoke(db.session, token)
        elif end == "disabled":
            people.disable(db.session, ed)
        else:
            ed.memberships.clear()
        db.session.commit()

    assert get(client, token).status_code == 401


def test_a_token_is_no_cookie_and_a_cookie_no_token(
    app: Flask, client: FlaskClient, token: str
) -> None:
    answer = get(client, token)

    assert "Set-Cookie" not in answer.headers
    assert client.get("/desk/", headers=bearer(token)).status_code == 303


def test_the_database_keeps_no_token(app: Flask, token: str) -> None:
    with app.app_context(), db.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM token").all()

    assert token.encode() not in repr(rows).encode()
    assert len(rows) == 1


def test_listing_takes_a_fixed_number_of_queries(
    app: Flask, client: FlaskClient, token: str
) -> None:
    counts = []
    with app.app_context():
        engine = db.engine
    seen: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    for number in range(6):
        send(client, a_body(url=f"https://paper.example/{number}"))
        seen.clear()
        get(client, token)
        counts.append(len([text for text in seen if text.startswith("SELECT")]))

    assert len(set(counts)) == 1
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Spot)) == 6
