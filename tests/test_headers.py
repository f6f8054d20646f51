"""Headers of every answer, held to the rules of Mozilla's HTTP Observatory for an A+.

https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring. Its scanner is not asked:
what it looks at is looked at here, for every route, every static file and every status.
"""

import re
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from feedback import create_app
from feedback.config import load
from feedback.db import db
from feedback.shipped import shipped
from tests.makers import a_spot, csrf, newsroom, send, signed_in
from tests.test_access import routes

#: Headers do not depend on the database.
on_one = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BASE = "https://feedback.example"
#: What OWASP ASVS 5.0 asks for at the least (3.4.1), twice what the Observatory does.
A_YEAR = 31_536_000
#: What each policy says at the least, so that nothing runs that is not ours.
LOCKED = {
    "default-src": {"'none'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
    "form-action": {"'self'"},
    "require-trusted-types-for": {"'script'"},
    "trusted-types": {"'none'"},
}
PICTURED = {name: LOCKED[name] for name in ("default-src", "frame-ancestors")}
#: What a policy never allows.
LOOSE = re.compile(r"unsafe|\*|http:|blob:|strict-dynamic|nonce-|(script|object)-src[^;]*data:")
#: Pictures that stand in pages of others: a policy that lets their own sheet in, and no script.
PICTURES = {"corrections.badge"}
#: Routes whose answers pages of others may load: the embed and what it asks, open documents.
SHARED = {
    "embed", "static", "corrections.badge", "reports_api.take", "reports_api.preflight",
    "corrections_api.told", "api.openapi", "api.events",
}  # fmt: skip


def policy(answer: TestResponse) -> dict[str, set[str]]:
    """The directives of an answer's Content-Security-Policy."""
    text = answer.headers["Content-Security-Policy"]
    parts = [part.split() for part in text.split(";") if part.strip()]
    assert len({name for name, *_ in parts}) == len(parts), "a directive stands twice"
    return {name: set(values) for name, *values in parts}


#: What a header may say.
REFERRERS = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
ALONE = {
    "X-Frame-Options": {"DENY"},
    "X-Content-Type-Options": {"nosniff"},
    "Referrer-Policy": REFERRERS,
    "Cross-Origin-Opener-Policy": {"same-origin"},
}


def faults(answer: TestResponse, endpoint: str = "") -> list[str]:
    """What the Observatory would take points for."""
    headers = answer.headers
    found = [f"{name}: {headers.get(name)}" for name in ALONE if headers[name] not in ALONE[name]]
    found += loose(answer, LOCKED if endpoint not in PICTURES else PICTURED)
    age = re.match(r"max-age=(\d+); includeSubDomains", headers["Strict-Transport-Security"])
    if not age or int(age[1]) < A_YEAR:
        found.append("HSTS")
    if "Permissions-Policy" not in headers or "Cache-Control" not in headers:
        found.append("Permissions-Policy or Cache-Control")
    if {"Server", "X-Powered-By"} & set(headers.keys()):
        found.append("says what it runs on")
    return found + shared(answer, endpoint) + [f"cookie: {each}" for each in loose_cookies(answer)]


def loose(answer: TestResponse, wanted: dict[str, set[str]]) -> list[str]:
    """What the policy lets through that it should not."""
    said = policy(answer)
    found = [f"{name} is {said.get(name)}" for name in wanted if said.get(name) != wanted[name]]
    if LOOSE.search(answer.headers["Content-Security-Policy"]):
        found.append("the policy is loose")
    if not said.get("script-src", said["default-src"]) <= {"'self'", "'none'"}:
        found.append("scripts of others")
    return found


def shared(answer: TestResponse, endpoint: str) -> list[str]:
    """What pages of others may load or read that they should not."""
    headers = answer.headers
    found = ["credentials for others"] if "Access-Control-Allow-Credentials" in headers else []
    if endpoint in SHARED:
        return found
    if headers["Cross-Origin-Resource-Policy"] != "same-origin":
        found.append("loaded by others")
    return found + (["shared with others"] if "Access-Control-Allow-Origin" in headers else [])


def loose_cookies(answer: TestResponse) -> Iterator[str]:
    """Cookies that others could read, set or have sent."""
    for text in answer.headers.getlist("Set-Cookie"):
        ((name, cookie),) = SimpleCookie(text).items()
        flags = (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"])
        if flags != (True, True, "Lax", "/") or cookie["domain"]:
            yield text
        if not name.startswith("__Host-"):
            yield f"{name} is bound to no host"


def methods(rule: Rule) -> set[str]:
    """A route's methods; HEAD is a GET."""
    return set(rule.methods or ()) - {"HEAD"}


@pytest.fixture
def paths(app: Flask) -> list[tuple[str, str, str]]:
    """Every route with each of its methods, and an address of it: endpoint, method, path."""
    values = {"site_id": 1, "spot_id": 1, "version": "x", "name": "js/embed.js"}
    found = []
    with app.test_request_context(base_url=BASE):
        for rule in routes(app):
            given = {each: values.get(each, "1") for each in rule.arguments}
            path = url_for(rule.endpoint, **given).removeprefix(BASE)
            found += [(rule.endpoint, method, path) for method in sorted(methods(rule))]
    return found


@pytest.fixture
def paper(app: Flask) -> Flask:
    """A site with a spot, that tells what it corrects."""
    with newsroom(app) as (site, _):
        site.corrections = True
        db.session.commit()
        a_spot(site)
    return app


@on_one
def test_every_route_answers_everybody_with_the_headers(
    paper: Flask, paths: list[tuple[str, str, str]]
) -> None:
    found, statuses = {}, set()
    pages = [each for each in paths if each[1] == "GET"]
    for client, asked in ((paper.test_client(), paths), (signed_in(paper), pages)):
        for endpoint, method, path in asked:
            answer = client.open(path, method=method, base_url=BASE)
            statuses.add(answer.status_code)
            if wrong := faults(answer, endpoint):
                found[f"{method} {path} {answer.status_code}"] = wrong

    assert found == {}
    assert {200, 303, 400, 401, 403, 404, 422} <= statuses


@on_one
def test_what_has_no_route_answers_with_the_headers(paper: Flask) -> None:
    client = paper.test_client()
    asked = {
        "not found": client.get("/nothing", base_url=BASE),
        "not found, for programs": client.get("/api/v1/nothing", base_url=BASE),
        "no method": client.delete("/desk/", base_url=BASE),
        "odd method": client.open("/desk/", method="PURGE", base_url=BASE),
        "slash": client.get("/desk", base_url=BASE),
        "odd path": client.get("/%00%0d%0aX-Evil:%201", base_url=BASE),
        "too large": client.post("/report", base_url=BASE, data={"words": "x" * 300_000}),
        "odd host": client.get("/", base_url="https://evil.example"),
    }

    assert {name: each for name, answer in asked.items() if (each := faults(answer))} == {}
    assert {answer.status_code for answer in asked.values()} >= {404, 405, 413}


@on_one
def test_errors_of_ours_answer_with_the_headers(
    paper: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken\r\nX-Evil: 1")

    monkeypatch.setattr("feedback.reports.receipts.read", broken)
    monkeypatch.setattr("feedback.sites.door", broken)
    client = paper.test_client()

    page = client.get("/receipts/x", base_url=BASE)
    program = client.post("/api/v1/reports", base_url=BASE, content_type="text/plain", data="{}")

    assert (page.status_code, program.status_code) == (500, 500)
    assert faults(page) == []
    assert faults(program, "reports_api.take") == []
    assert "broken" not in page.text + program.text
    assert "Traceback" not in page.text + program.text


@on_one
def test_limits_answer_with_the_headers(make_app: Callable[..., Flask]) -> None:
    limits = dict.fromkeys(("limit_reader", "limit_sign_in", "limit_public"), "1 per hour")
    app = make_app(**limits)
    with newsroom(app) as (site, _):
        site.corrections = True
        db.session.commit()
    client = app.test_client()

    for path, endpoint in (("/corrections/1", ""), ("/corrections/1/badge.svg", "")):
        client.get(path, base_url=BASE)
        answer = client.get(path, base_url=BASE)
        assert (answer.status_code, faults(answer, endpoint)) == (429, [])
    send(client, base_url=BASE)
    answer = send(client, base_url=BASE)
    assert (answer.status_code, faults(answer, "reports_api.take")) == (429, [])
    token = csrf(client.get("/sign-in", base_url=BASE).text)
    form = {"csrf_token": token, "email": "ed@paper.example", "password": "wrong password"}
    for _ in range(2):
        answer = client.post(
            "/sign-in", base_url=BASE, headers={"Referer": f"{BASE}/sign-in"}, data=form
        )
    assert (answer.status_code, faults(answer)) == (429, [])
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client of an application that needs no database: files are read from the disk."""
    return create_app(load(home=tmp_path_factory.mktemp("home"), base_url=BASE)).test_client()


FILES = sorted(
    path.relative_to(shipped("static")).as_posix()
    for path in shipped("static").rglob("*")
    if path.is_file()
)


def test_every_file_answers_with_the_headers(assets: FlaskClient) -> None:
    version = assets.application.extensions["assets"].version
    paths = ["/embed.js", *(f"/static/{version}/{name}" for name in FILES), f"/static/0/{FILES[0]}"]
    found = {}

    for path in paths:
        answer = assets.get(path, base_url=BASE)
        again = assets.get(path, base_url=BASE, headers={"If-None-Match": answer.headers["ETag"]})
        assert (answer.status_code, again.status_code) == (200, 304)
        found[path] = faults(answer, "static") + faults(again, "static")
        if "text/html" in answer.mimetype or "Set-Cookie" in answer.headers:
            found[path].append(answer.mimetype)

    missing = assets.get(f"/static/{version}/js/../../feedback/config.py", base_url=BASE)
    assert {path: each for path, each in found.items() if each} == {}
    assert (missing.status_code, faults(missing, "")) == (404, [])


@on_one
def test_without_https_the_cookie_says_so(make_app: Callable[..., Flask]) -> None:
    app = make_app(base_url="http://127.0.0.1:8000")

    answer = app.test_client().get("/sign-in", base_url="http://127.0.0.1:8000")

    assert "Strict-Transport-Security" not in answer.headers
    assert answer.headers["Set-Cookie"].startswith("feedback=")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]


@on_one
def test_pages_with_secrets_in_their_address_tell_nobody(paper: Flask) -> None:
    client = paper.test_client()

    receipt = send(client, base_url=BASE).json["receipt"]

    headers = client.get(receipt.removeprefix(BASE), base_url=BASE).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Cache-Control"] == "no-store"
