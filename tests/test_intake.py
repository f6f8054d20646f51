"""`POST /api/v1/reports`: what is taken, and what each kind of bad input is told."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from feedback.db import db
from feedback.reports import schema
from feedback.reports.models import Report, Spot
from tests.makers import ORIGIN, a_body, a_site, send

DEEP = "[" * 100_000 + "]" * 100_000
NESTED = "[" * 15_000 + "]" * 15_000


@pytest.fixture
def paper(app: Flask) -> None:
    with app.app_context():
        a_site()


def kept(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(Report)) or 0


def with_value(path: str, value: Any) -> dict[str, Any]:
    body = a_body()
    *parents, last = path.split(".")
    target = body
    for name in parents:
        target = target[name]
    target[last] = value
    return body


def test_a_report_is_taken(app: Flask, client: FlaskClient, paper: None) -> None:
    body = a_body(comment="Look!", canonical=f"{ORIGIN}/news/captain")

    answer = send(client, body)

    assert answer.status_code == 201
    assert answer.mimetype == "application/json"
    told = answer.json
    assert set(told) == {"id", "receipt", "readers", "status"}
    assert (told["id"], told["readers"], told["status"]) == (body["id"], 1, "waiting")
    assert told["receipt"].startswith("https://feedback.example/receipts/")
    with app.app_context():
        report = db.session.scalars(sa.select(Report)).one()
        assert (report.exact, report.correction, report.comment) == ("wrold", "world", "Look!")
        assert (report.start, report.end, report.length) == tuple(body["position"].values())


@pytest.mark.parametrize("kind", ["text/plain", "text/plain;charset=UTF-8", "application/json"])
def test_json_comes_as_text_or_as_json(client: FlaskClient, paper: None, kind: str) -> None:
    assert send(client, content_type=kind).status_code == 201


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/html", ""])
def test_other_media_types_are_refused(client: FlaskClient, paper: None, kind: str) -> None:
    answer = send(client, content_type=kind)

    assert answer.status_code == 415
    assert answer.mimetype == "application/problem+json"


NOT_JSON = {
    "nothing": b"",
    "words": b"hello",
    "cut off": b'{"id": ',
    "null": b"null",
    "list": b"[]",
    "list of one": b"[1]",
    "text": b'"report"',
    "number": b"1",
    "NaN": json.dumps(a_body() | {"position": {"start": float("nan")}}).encode(),
    "infinity": b'{"id": Infinity}',
    "a key twice": b'{"id": "1", "id": "2"}',
    "a nested key twice": b'{"quote": {"exact": "a", "exact": "b"}}',
    "not UTF-8": b'{"id": "\xff\xfe"}',
    "UTF-16": json.dumps(a_body()).encode("utf-16"),
    "nested deeply": NESTED.encode(),
    "two objects": b"{}{}",
    "a number of 5,000 digits": b'{"id": ' + b"1" * 5000 + b"}",
}


@pytest.mark.parametrize("data", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_a_json_object_is_refused(
    app: Flask, client: FlaskClient, paper: None, data: bytes
) -> None:
    answer = send(client, data=data)

    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "not-json"
    assert kept(app) == 0


@pytest.mark.parametrize(
    "data",
    [DEEP.encode(), b" " * 1_000_000, json.dumps(a_body(comment="x" * 33_000)).encode()],
    ids=["nested 100,000 deep", "1 MB", "a little over 32 KiB"],
)
def test_what_is_too_large_is_refused(
    app: Flask, client: FlaskClient, paper: None, data: bytes
) -> None:
    answer = send(client, data=data)

    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert kept(app) == 0


def test_the_largest_report_that_the_limits_allow_is_taken(
    client: FlaskClient, paper: None
) -> None:
    body = a_body(correction="😀" * 2000, comment="😀" * 2000, title="a" * 1000)
    body["quote"]["exact"] = "😀" * 2000
    data = json.dumps(body, ensure_ascii=False).encode()

    answer = send(client, data=data)

    assert len(data) < schema.LARGEST
    assert answer.status_code == 201


FIELDS = [
    "id", "url", "canonical", "title", "lang", "quote", "quote.exact", "quote.prefix",
    "quote.suffix", "position", "position.start", "position.end", "position.length",
    "correction", "comment", "email",
]  # fmt: skip
TEXTS = {"id", "url", "title", "lang", "correction", "comment", "email", "canonical"}
WRONG = {
    "true": True,
    "a number": 7,
    "a fraction": 1.5,
    "a list": ["x"],
    "an object": {"x": "y"},
}


@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("field", FIELDS)
def test_a_field_of_the_wrong_type_is_named(
    client: FlaskClient, paper: None, field: str, value: Any
) -> None:
    if field.startswith("position.") and value == 7 and value is not True:
        value = "7"

    answer = send(client, with_value(field, value))

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json["field"].startswith(field)


@pytest.mark.parametrize("field", [name for name in FIELDS if name != "canonical"])
def test_null_stands_for_no_field_but_the_canonical_address(
    client: FlaskClient, paper: None, field: str
) -> None:
    answer = send(client, with_value(field, None))

    assert (answer.status_code, answer.json["field"]) == (422, field)


@pytest.mark.parametrize("field", ["id", "url", "quote", "position", "quote.exact"])
def test_a_missing_field_is_named(client: FlaskClient, paper: None, field: str) -> None:
    body = a_body()
    target = body["quote"] if "." in field else body
    del target[field.rsplit(".", maxsplit=1)[-1]]

    answer = send(client, body)

    assert (answer.status_code, answer.json["field"]) == (422, field)


BAD_VALUES = [
    ("id", ""), ("id", "1"), ("id", "not-a-uuid"), ("id", "0fac1a6a-4801-452f-be86-f5b254818eef0"),
    ("url", ""), ("url", "/news"), ("url", "javascript:alert(1)"), ("url", "ftp://paper.example/"),
    ("url", "https://paper.example/a b"), ("url", "https://paper.example/\n"),
    ("url", "https://paper.example\\@evil.example/"), ("url", "https://ann@paper.example/"),
    ("url", f"{ORIGIN}/" + "a" * 2048), ("url", "https://paper.example:99999/"),
    ("url", "https://[::1/"), ("url", "https:///news"), ("url", "data:text/html,hello"),
    ("canonical", "x" * 2049),
    ("title", "x" * 1001), ("lang", "x" * 65),
    ("quote.exact", ""), ("quote.exact", " \n "), ("quote.exact", "x" * 2001),
    ("quote.prefix", "x" * 65), ("quote.suffix", "x" * 65),
    ("correction", "x" * 2001), ("comment", "x" * 2001),
    ("email", "ann"), ("email", "ann@"), ("email", "ann@a.example\nBcc: x@y.example"),
    ("email", "a" * 250 + "@x.example"), ("email", "Ann <ann@a.example>"),
    ("position.start", -1), ("position.start", 2**63), ("position.end", 2**31),
    ("position.length", 10**30), ("position.start", 1e3), ("position.start", "1"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), BAD_VALUES)
def test_a_field_with_a_bad_value_is_named(
    app: Flask, client: FlaskClient, paper: None, field: str, value: Any
) -> None:
    answer = send(client, with_value(field, value))

    assert (answer.status_code, answer.json["field"]) == (422, field)
    assert answer.json["detail"]
    assert kept(app) == 0


@pytest.mark.parametrize("field", ["title", "correction", "comment", "quote.exact", "lang", "url"])
@pytest.mark.parametrize("text", ["a\0b", "\ud800", "a\udfff"], ids=["NUL", "high", "low"])
def test_what_no_database_takes_is_refused(
    client: FlaskClient, paper: None, field: str, text: str
) -> None:
    answer = send(client, with_value(field, text))

    assert (answer.status_code, answer.json["field"]) == (422, field)


def test_positions_are_in_order(client: FlaskClient, paper: None) -> None:
    answer = send(client, with_value("position", {"start": 9, "end": 3, "length": 100}))

    assert (answer.status_code, answer.json["field"]) == (422, "position")


def test_an_unknown_field_is_named(client: FlaskClient, paper: None) -> None:
    answer = send(client, a_body(corection="world"))

    assert (answer.status_code, answer.json["field"]) == (422, "corection")


def test_the_honeypot_is_for_programs_that_fill_in_everything(
    app: Flask, client: FlaskClient, paper: None
) -> None:
    answer = send(client, a_body(website="https://spam.example"))

    assert (answer.status_code, answer.json["field"]) == (422, "website")
    assert kept(app) == 0
    assert send(client, a_body(website="")).status_code == 201


ODD = {
    "markup": "<script>alert(1)</script>",
    "right-to-left override": "\u202egnp.exe",
    "stacked marks": "Z\u0351\u0303\u0358algo",
    "a formula": "=HYPERLINK(1)",
    "SQL": "'; drop table",
    "a joined emoji": "👩\u200d👩\u200d👧",
    "a bell": "\x07bell",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_texts_are_kept_as_they_are(
    app: Flask, client: FlaskClient, paper: None, text: str
) -> None:
    answer = send(client, a_body(comment=text, correction=text))

    assert answer.status_code == 201
    with app.app_context():
        report = db.session.scalars(sa.select(Report)).one()
        assert (report.comment, report.correction) == (text, text)


# Origins and addresses


REFUSED_ORIGINS = [
    None, "null", "", "https://evil.example", "http://paper.example", "https://paper.example:8443",
    "https://paper.example.evil.example", "https://evilpaper.example", "https://www.paper.example",
    "https://paper.example/", "HTTPS://PAPER.EXAMPLE", "https://paper.example ,https://evil.example",
    "https://paper.exаmple", "https://paper.example%00.evil.example", "*", "https://",
    "https://paper.example@evil.example", "x" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("origin", REFUSED_ORIGINS)
def test_other_origins_are_refused(
    app: Flask, client: FlaskClient, paper: None, origin: str | None
) -> None:
    answer = send(client, origin=origin and origin.encode().decode("latin-1"))

    assert answer.status_code == 403
    assert answer.mimetype == "application/problem+json"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert kept(app) == 0


REFUSED_PAGES = [
    "https://evil.example/news", "https://paper.example.evil.example/", "http://paper.example/news",
    "https://paper.example:444/", "https://www.paper.example/", "https://tribune.example/news",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED_PAGES)
def test_pages_of_others_are_refused(
    app: Flask, client: FlaskClient, paper: None, url: str
) -> None:
    with app.app_context():
        a_site("Tribune", "https://tribune.example")

    answer = send(client, a_body(url=url))

    assert answer.status_code == 403
    assert answer.json["code"] == "not-admitted"
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert kept(app) == 0


def test_a_site_may_have_several_origins(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        a_site("Paper", ORIGIN, "https://m.paper.example:8443")

    answer = send(client, a_body(url="https://m.paper.example:8443/a"), origin=ORIGIN)

    assert answer.status_code == 201


def test_an_answer_is_shared_with_the_admitted_origin_only(
    client: FlaskClient, paper: None
) -> None:
    answer = send(client)

    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize(("origin", "status"), [(ORIGIN, 204), ("https://evil.example", 403)])
def test_json_is_preflighted_for_admitted_origins(
    client: FlaskClient, paper: None, origin: str, status: int
) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    answer = client.options("/api/v1/reports", headers=headers)

    assert answer.status_code == status
    shared = {
        "Access-Control-Allow-Origin": ORIGIN,
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "content-type",
    }
    for name, value in shared.items():
        assert answer.headers.get(name) == (value if status == 204 else None)


def test_the_canonical_address_counts_if_it_is_the_sites_own(
    app: Flask, client: FlaskClient, paper: None
) -> None:
    addresses = ["https://evil.example/x", "nonsense", f"{ORIGIN}/canonical?utm_source=a#b"]
    for canonical in addresses:
        send(client, a_body(canonical=canonical))

    with app.app_context():
        spots = db.session.scalars(sa.select(Spot).order_by(Spot.id)).all()
        assert [(spot.article.address, spot.readers) for spot in spots] == [
            (f"{ORIGIN}/news/captain", 2),
            (f"{ORIGIN}/canonical", 1),
        ]


# The same id


def test_the_same_report_again_is_answered_the_same(
    app: Flask, client: FlaskClient, paper: None
) -> None:
    body = a_body()
    first = send(client, body)
    send(client, a_body())

    again = send(client, body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert kept(app) == 2


@pytest.mark.parametrize("change", [{"comment": "else"}, {"url": f"{ORIGIN}/other"}])
def test_the_same_id_with_another_body_is_refused(
    app: Flask, client: FlaskClient, paper: None, change: dict[str, str]
) -> None:
    body = a_body()
    send(client, body)

    answer = send(client, body | change)

    assert (answer.status_code, answer.json["code"]) == (409, "id-taken")
    assert kept(app) == 1


def test_fifty_clients_at_once_with_one_id_make_one_report(app: Flask, paper: None) -> None:
    body = a_body()

    def one(_: int) -> tuple[int, str]:
        answer = send(app.test_client(), body)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(one, range(50)))

    assert sorted(status for status, _ in answers) == [200] * 49 + [201]
    assert len({text for _, text in answers}) == 1
    assert kept(app) == 1


def test_one_id_for_different_articles_at_once_makes_one_report(app: Flask, paper: None) -> None:
    body = a_body()

    def one(number: int) -> int:
        return int(send(app.test_client(), body | {"url": f"{ORIGIN}/{number}"}).status_code)

    with ThreadPoolExecutor(20) as pool:
        statuses = sorted(pool.map(one, range(20)))

    assert statuses == [201] + [409] * 19
    assert kept(app) == 1


# Limits


def test_one_address_may_send_so_many(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(limit_reader="3 per minute")
    with app.app_context():
        a_site()
    client = app.test_client()

    answers = [send(client) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [201, 201, 201, 429, 429]
    refused = answers[-1]
    assert refused.mimetype == "application/problem+json"
    assert 1 <= int(refused.headers["Retry-After"]) <= 121
    assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"]
    other = send(client, environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert other.status_code == 201


def test_a_header_does_not_switch_the_limit_off(make_app: Callable[..., Flask]) -> None:
    app = make_app(limit_reader="2 per minute")
    with app.app_context():
        a_site()

    def spoofed(number: int) -> int:
        headers = {"Origin": ORIGIN, "X-Forwarded-For": f"192.0.2.{number}"}
        data = json.dumps(a_body())
        answer = app.test_client().post(
            "/api/v1/reports", data=data, headers=headers, content_type="text/plain"
        )
        return answer.status_code

    assert [spoofed(number) for number in range(4)] == [201, 201, 429, 429]


def test_behind_a_trusted_proxy_each_client_is_counted(make_app: Callable[..., Flask]) -> None:
    app = make_app(limit_reader="1 per minute", trusted_proxies="127.0.0.0/8")
    with app.app_context():
        a_site()

    def through_proxy(chain: str) -> int:
        headers = {"Origin": ORIGIN, "X-Forwarded-For": chain}
        data = json.dumps(a_body())
        answer = app.test_client().post(
            "/api/v1/reports", data=data, headers=headers, content_type="text/plain"
        )
        return answer.status_code

    chains = ["192.0.2.1", "192.0.2.2", "198.51.100.7, 192.0.2.1", "2001:db8::1", "2001:db8::2"]
    assert [through_proxy(chain) for chain in chains] == [201, 201, 429, 201, 429]


def test_one_site_may_take_so_many_and_others_are_unharmed(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(limit_site="2 per minute")
    with app.app_context():
        a_site()
        a_site("Tribune", "https://tribune.example")
    client = app.test_client()

    statuses = [send(client).status_code for _ in range(3)]
    elsewhere = send(
        client, a_body(url="https://tribune.example/"), origin="https://tribune.example"
    )

    assert statuses == [201, 201, 429]
    assert elsewhere.status_code == 201


# When things go wrong inside


def test_a_busy_database_is_said_and_nothing_is_kept(
    app: Flask, client: FlaskClient, paper: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise OperationalError("BEGIN IMMEDIATE", None, Exception("database is locked"))

    monkeypatch.setattr("feedback.reports.intake.receive", locked)

    answer = send(client)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.mimetype == "application/problem+json"
    assert kept(app) == 0


def test_only_posting_is_possible(client: FlaskClient, paper: None) -> None:
    answer = client.get("/api/v1/reports", headers={"Origin": ORIGIN})

    assert answer.status_code == 405
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Allow"] == "OPTIONS, POST"


def test_the_answer_sets_no_cookie(client: FlaskClient, paper: None) -> None:
    assert "Set-Cookie" not in send(client).headers
