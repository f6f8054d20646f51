"""What a CMS says: an updated article is looked at now, if it is signed and of the site."""

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from standardwebhooks import Webhook
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from feedback.accounts.models import Act, Role
from feedback.articles.models import Article
from feedback.db import db, now
from feedback.delivery import signing
from feedback.sites import Site
from feedback.web import hooks
from tests.makers import ORIGIN, a_site, a_spot, an_editor, csrf, newsroom, signed_in

BASE = "https://feedback.example"
PATH = "/hooks/sites/1/article-updated"
PAGE = "/desk/sites/1/hook"
STORY = f"{ORIGIN}/news/captain"
OWNER = "owner@paper.example"

Make = Callable[..., Flask]


def a_paper(app: Flask, secret: str = "") -> str:
    """A site with a spot in an article that is not due, an owner, and a secret; give the secret."""
    secret = secret or signing.make()
    with newsroom(app) as (site, _):
        an_editor(site, OWNER, Role.OWNER)
        a_spot(site)
        site.hook_secret = secret
        db.session.commit()
    rest(app)
    return secret


def rest(app: Flask) -> None:
    """Let the article not be due for days."""
    with app.app_context():
        later = now() + timedelta(days=3)
        db.session.execute(sa.update(Article).values(due_at=later, step=5))
        db.session.commit()


def say(
    app: Flask, secret: str, url: Any = STORY, *, path: str = PATH, uid: str = "", **more: Any
) -> TestResponse:
    """Say that an article was updated, as a CMS with the library does."""
    body = more.pop("body", None) or json.dumps({"url": url} | more)
    uid, at = uid or f"msg_{uuid4().hex}", now()
    headers = {
        "webhook-id": uid,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(uid, at, body),
    }
    return app.test_client().post(path, data=body, headers=headers)


def due(app: Flask) -> tuple[bool, int]:
    """Whether the article is due now, and at which step its looks are."""
    with app.app_context():
        article = db.session.scalars(sa.select(Article)).one()
        assert article.due_at
        return article.due_at <= now(), article.step


def test_an_updated_article_is_looked_at_now(app: Flask) -> None:
    secret = a_paper(app)
    before = due(app)

    answer = say(app, secret)

    assert (answer.status_code, answer.data) == (202, b"")
    assert (before, due(app)) == ((False, 5), (True, 0))


def test_an_address_may_be_spelt_otherwise(app: Flask) -> None:
    secret = a_paper(app)

    answer = say(app, secret, "https://PAPER.example:443/news/./captain?utm_source=cms#top")

    assert answer.status_code == 202
    assert due(app)[0]


def test_more_may_be_said(app: Flask) -> None:
    secret = a_paper(app)

    assert say(app, secret, id=7, author="Agnes").status_code == 202
    assert due(app)[0]


def test_to_say_it_again_does_no_harm(app: Flask) -> None:
    secret = a_paper(app)

    answers = [say(app, secret, uid="msg_1").status_code for _ in range(3)]

    assert answers == [202] * 3
    assert due(app) == (True, 0)


def test_an_article_that_nobody_reported_is_no_news(app: Flask) -> None:
    secret = a_paper(app)

    answer = say(app, secret, f"{ORIGIN}/news/other")

    assert (answer.status_code, answer.data) == (202, b"")
    assert due(app) == (False, 5)


def test_another_sites_articles_are_not_its_to_hasten(app: Flask) -> None:
    a_paper(app)
    with app.app_context():
        tribune = a_site("Tribune", "https://tribune.example")
        tribune.hook_secret = theirs = signing.make()
        db.session.commit()

    mine = say(app, theirs, path=PATH)
    elsewhere = say(app, theirs, path="/hooks/sites/2/article-updated")

    assert mine.status_code == 403
    assert (elsewhere.status_code, elsewhere.json["field"]) == (422, "url")
    assert "https://paper.example" in elsewhere.json["detail"]
    assert due(app) == (False, 5)


def test_a_site_without_a_secret_is_not_told_from_one_with_another(app: Flask) -> None:
    a_paper(app)
    places = [f"/hooks/sites/{number}/article-updated" for number in (1, 7, 2**63, 2**70)]

    answers = [say(app, signing.make(), path=path) for path in places]

    answer = answers[0]
    assert {(each.status_code, each.data) for each in answers} == {(403, answer.data)}
    assert answer.mimetype == "application/problem+json"
    assert answer.json == {
        "type": "urn:reader-feedback:signature",
        "title": "Forbidden",
        "status": 403,
        "code": "signature",
        "detail": "webhook-signature is not that of this message by the secret kept here.",
    }


def test_what_is_not_signed_is_refused_with_the_remedy(app: Flask) -> None:
    a_paper(app)

    answer = app.test_client().post(PATH, json={"url": STORY})

    assert answer.status_code == 403
    assert "webhook-id, webhook-timestamp and webhook-signature" in answer.json["detail"]
    assert due(app) == (False, 5)


def test_a_changed_body_is_refused(app: Flask) -> None:
    secret = a_paper(app)
    headers = signing.sign([secret], "msg_1", now(), b'{"url": "https://paper.example/"}')

    answer = app.test_client().post(PATH, json={"url": STORY}, headers=headers)

    assert answer.status_code == 403


def test_what_was_said_long_ago_is_refused(app: Flask) -> None:
    secret = a_paper(app)
    body = json.dumps({"url": STORY}).encode()

    for minutes in (-6, 6):
        headers = signing.sign([secret], "msg_1", now() + timedelta(minutes=minutes), body)
        answer = app.test_client().post(PATH, data=body, headers=headers)

        assert answer.status_code == 403
        assert "five minutes" in answer.json["detail"]


NO_ADDRESS: list[tuple[str, int, str]] = [
    ("", 400, "not-json"),
    ("[]", 400, "not-json"),
    ("{", 400, "not-json"),
    ("[" * 8000, 400, "not-json"),
    ("{}", 422, "invalid"),
    ('{"url": null}', 422, "invalid"),
    ('{"url": ["https://paper.example/"]}', 422, "invalid"),
    ('{"url": "/news/captain"}', 422, "invalid"),
    ('{"url": "https://paper.example/\\u0000"}', 422, "invalid"),
    ('{"url": "https://paper.example/\\ud800"}', 422, "invalid"),
    ('{"url": "https://elsewhere.example/"}', 422, "invalid"),
    (json.dumps({"url": "https://paper.example/" + "x" * 3000}), 422, "invalid"),
]


def test_what_says_no_address_is_refused(app: Flask) -> None:
    secret = a_paper(app)

    for body, status, code in NO_ADDRESS:
        headers = signing.sign([secret], "msg_1", now(), body.encode())
        answer = app.test_client().post(PATH, data=body, headers=headers)

        assert (answer.status_code, answer.json["code"]) == (status, code), body
        assert answer.mimetype == "application/problem+json"


def test_a_large_body_is_refused_unread(app: Flask) -> None:
    secret = a_paper(app)

    fits = say(app, secret, pad="x" * (hooks.LARGEST - 100))
    answer = say(app, secret, pad="x" * hooks.LARGEST)

    assert (fits.status_code, answer.status_code) == (202, 413)
    assert "8192 bytes" in answer.json["detail"]


def test_only_so_many_are_heard(make_app: Make) -> None:
    app = make_app(limit_api="2 per minute")
    secret = a_paper(app)

    answers = [say(app, secret) for _ in range(3)]

    assert [each.status_code for each in answers] == [202, 202, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_where_no_article_is_looked_at_that_is_said(make_app: Make) -> None:
    app = make_app(check_delays="off")
    with newsroom(app) as (site, _):
        an_editor(site, OWNER, Role.OWNER)
        site.hook_secret = secret = signing.make()
        db.session.commit()

    answer = say(app, secret)

    assert (answer.status_code, answer.json["code"]) == (409, "no-looks")
    page = signed_in(app, OWNER).get(PAGE, base_url=BASE).text
    assert "FEEDBACK_CHECK_DELAYS" in page


def test_it_is_only_posted_to(client: FlaskClient) -> None:
    for ask in (client.get, client.put, client.delete):
        answer = ask(PATH)

        assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")


# --- the page


def post(client: FlaskClient, path: str) -> TestResponse:
    token = csrf(client.get(PAGE, base_url=BASE).text)
    headers = {"Referer": BASE + PAGE}
    return client.post(path, base_url=BASE, headers=headers, data={"csrf_token": token})


def shown(answer: TestResponse) -> str:
    """The secret on a page."""
    found = re.search(r"<code data-copied>(whsec_[\w+/=]+)</code>", answer.text)
    assert found, answer.text
    return unescape(found[1])


def acts(app: Flask) -> list[tuple[str, str]]:
    hook = sa.select(Act).where(Act.kind.startswith("hook")).order_by(Act.id)
    with app.app_context():
        found = db.session.scalars(hook)
        return [(act.kind, act.editor.email if act.editor else "") for act in found]


def test_an_owner_makes_changes_and_removes_the_secret(app: Flask) -> None:
    a_paper(app)
    with app.app_context():
        db.session.execute(sa.update(Site).values(hook_secret=""))
        db.session.commit()
    owner = signed_in(app, OWNER)

    first = shown(post(owner, PAGE))
    heard = say(app, first).status_code
    again = owner.get(PAGE, base_url=BASE).text
    second = shown(post(owner, PAGE))
    both = [say(app, each).status_code for each in (first, second)]
    removed = post(owner, f"{PAGE}/remove")

    assert heard == 202
    assert first not in again
    assert both == [403, 202]
    assert removed.status_code == 303
    assert say(app, second).status_code == 403
    assert post(owner, f"{PAGE}/remove").status_code == 404
    kinds = ["hook-secret-made", "hook-secret-changed", "hook-secret-removed"]
    assert acts(app) == [(kind, OWNER) for kind in kinds]


def test_the_setup_page_leads_owners_there(app: Flask) -> None:
    a_paper(app)
    people = [signed_in(app, who) for who in (OWNER, "ed@paper.example")]

    pages = [who.get("/desk/sites/1/setup", base_url=BASE).text for who in people]

    assert [f'href="{PAGE}"' in page for page in pages] == [True, False]


#: How each language of the page is run: the program, and the end of a file's name.
PROGRAMS = {
    "curl": (["bash"], ".sh"),
    "Python": ([sys.executable, "-W", "error"], ".py"),
    "JavaScript": (["node"], ".mjs"),
    "PHP": (["php"], ".php"),
}


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application at an address on loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def codes(page: str) -> dict[str, str]:
    """The code on a page, by its language."""
    found = re.findall(
        r"<summary>(\w+)</summary>.*?<code data-copied>(.*?)</code>", page, re.DOTALL
    )
    return {language: unescape(code) for language, code in found}


def test_the_code_on_the_page_signs(app: Flask, tmp_path: Path) -> None:
    secret = a_paper(app)
    shown = codes(signed_in(app, OWNER).get(PAGE, base_url=BASE).text)
    assert set(shown) == set(PROGRAMS)

    with served(app) as address:
        for language, (command, ending) in PROGRAMS.items():
            if not shutil.which(command[0]):
                continue  # PHP is on few machines
            rest(app)
            code = shown[language].replace(BASE, address).replace("whsec_…", secret)
            program = (tmp_path / "program").with_suffix(ending)
            program.write_text(code.replace(f"{ORIGIN}/article", STORY), "utf-8")
            done = subprocess.run([*command, program], capture_output=True, timeout=60, check=False)

            assert done.returncode == 0, done.stderr
            assert due(app) == (True, 0), (language, done.stdout, done.stderr)
