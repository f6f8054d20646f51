"""The second factor: turned on, asked for, lost, turned off."""

import math
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.routing import BuildError

from feedback.accounts import people, two_factor
from feedback.accounts.keys import digest
from feedback.accounts.models import Act, Editor, RecoveryCode
from feedback.accounts.two_factor import WrongCode
from feedback.db import db, now
from feedback.desk.letters import actions
from feedback.desk.models import Kind
from feedback.sites import Site
from tests.makers import PASSWORD, a_spot, an_editor, csrf, newsroom, signed_in

BASE = "https://feedback.example"
PAGE = "/desk/profile/two-factor"


def post(client: FlaskClient, path: str, page: str, **data: str) -> Any:
    token = csrf(client.get(page, base_url=BASE).text)
    headers = {"Referer": BASE + page}
    return client.post(path, base_url=BASE, headers=headers, data={"csrf_token": token} | data)


def with_password(app: Flask, **more: str) -> tuple[FlaskClient, Any]:
    """A client at which Ed has given the password, and the answer."""
    client = app.test_client()
    data = {"email": "ed@paper.example", "password": PASSWORD} | more
    return client, post(client, "/sign-in", "/sign-in", **data)


def give(client: FlaskClient, code: str) -> Any:
    return post(client, "/sign-in/code", "/sign-in/code", code=code)


def protected(app: Flask) -> tuple[str, list[str]]:
    """Ed with a second factor: the secret and the recovery codes. Its first code is used."""
    with newsroom(app) as (_, editor):
        secret = two_factor.fresh_secret()
        codes = two_factor.turn_on(db.session, editor, secret, pyotp.TOTP(secret).now())
        editor.totp_step = 0
        db.session.commit()
    return secret, codes


def inside(client: FlaskClient) -> bool:
    return client.get("/desk/profile", base_url=BASE).status_code == 200


def deeds(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Act.kind).order_by(Act.id)))


def secret_on(page: str) -> str:
    found = re.search(r"<code data-copied>([A-Z2-7 ]+)</code>", page)
    assert found
    return found[1].replace(" ", "")


def codes_on(page: str) -> list[str]:
    found = re.search(r"<code data-copied>([^<]+)</code>", page)
    assert found
    return found[1].split()


def test_it_is_turned_on_by_a_code_and_gives_recovery_codes_once(app: Flask) -> None:
    with newsroom(app):
        pass
    client = signed_in(app)
    secret = secret_on(client.get(PAGE, base_url=BASE).text)

    wrong = post(client, PAGE, PAGE, password=PASSWORD, code="000000")
    right = post(client, PAGE, PAGE, password=PASSWORD, code=pyotp.TOTP(secret).now())

    assert wrong.status_code == 422
    assert secret_on(wrong.text) == secret
    assert len(codes_on(right.text)) == 10
    assert right.headers["Cache-Control"] == "no-store"
    assert codes_on(right.text)[0] not in client.get(PAGE, base_url=BASE).text
    with client.session_transaction(base_url=BASE) as session:
        assert "totp" not in session
    with app.app_context():
        kept = db.session.scalars(sa.select(RecoveryCode.digest)).all()
    assert not {code.encode() for code in codes_on(right.text)} & set(kept)
    assert deeds(app) == ["two-factor-on"]


@pytest.mark.parametrize("password", ["", "wrong"])
def test_who_finds_the_browser_open_cannot_turn_it_on(app: Flask, password: str) -> None:
    with newsroom(app):
        pass
    client = signed_in(app)
    secret = secret_on(client.get(PAGE, base_url=BASE).text)

    answer = post(client, PAGE, PAGE, password=password, code=pyotp.TOTP(secret).now())

    assert answer.status_code == 422
    assert "This is not your password." in answer.text
    assert deeds(app) == []


def test_guessing_the_password_there_is_slowed_down(make_app: Callable[..., Flask]) -> None:
    app = make_app(limit_sign_in="2 per minute")
    with newsroom(app):
        pass
    client = signed_in(app)

    statuses = [
        post(client, PAGE, PAGE, password="wrong", code="000000").status_code for _ in range(3)
    ]

    assert statuses == [422, 422, 429]


def test_the_picture_is_the_secret_and_only_there_before(app: Flask) -> None:
    with newsroom(app):
        pass
    client = signed_in(app)
    none_yet = client.get(f"{PAGE}/code.svg", base_url=BASE)
    page = client.get(PAGE, base_url=BASE).text
    secret = secret_on(page)

    drawn = client.get(f"{PAGE}/code.svg", base_url=BASE)
    post(client, PAGE, PAGE, password=PASSWORD, code=pyotp.TOTP(secret).now())
    later = client.get(f"{PAGE}/code.svg", base_url=BASE)

    assert f'src="{PAGE}/code.svg"' in page
    assert drawn.mimetype == "image/svg+xml"
    assert drawn.headers["Cache-Control"] == "no-store"
    assert drawn.text.startswith("<svg")
    assert "style=" not in drawn.text
    assert (none_yet.status_code, later.status_code) == (404, 404)


def test_the_password_alone_signs_nobody_in(app: Flask) -> None:
    secret, _ = protected(app)

    client, answer = with_password(app, next="/desk/spots/7")

    assert answer.location == "/sign-in/code?next=/desk/spots/7"
    assert not inside(client)
    assert "one-time-code" in client.get(answer.location, base_url=BASE).text
    asked = post(client, "/sign-in/code", answer.location, code=pyotp.TOTP(secret).now(),
                 next="/desk/spots/7")  # fmt: skip
    assert asked.location == "/desk/spots/7"
    assert inside(client)


def test_the_code_step_leads_nowhere_else(app: Flask) -> None:
    secret, _ = protected(app)
    client, answer = with_password(app, next="//evil.example")

    code = pyotp.TOTP(secret).now()
    asked = post(client, "/sign-in/code", "/sign-in/code", code=code, next="//evil.example")

    assert answer.location == "/sign-in/code?next=/desk/"
    assert asked.location == "/desk/"


def test_a_code_is_taken_once(app: Flask) -> None:
    secret, _ = protected(app)
    code = pyotp.TOTP(secret).now()
    first, _answer = with_password(app)
    second, _answer = with_password(app)

    statuses = [give(first, code).status_code, give(second, code).status_code]

    assert statuses == [303, 422]
    assert not inside(second)


def test_a_code_of_half_a_minute_ago_is_taken_and_none_before_it_any_more(app: Flask) -> None:
    secret, _ = protected(app)
    at = datetime(2027, 1, 1, 12, 0, 10, tzinfo=UTC)
    with app.app_context(), time_machine.travel(at, tick=False):
        editor = db.session.scalars(sa.select(Editor)).one()
        code = {s: pyotp.TOTP(secret).at(at + timedelta(seconds=s)) for s in (-60, -30, 0, 30, 60)}
        taken = []
        for seconds in (-60, 60, 0, -30, 30):
            try:
                two_factor.take(db.session, editor, code[seconds])
            except WrongCode:
                continue
            taken.append(seconds)
        db.session.commit()

    assert taken == [0, 30]


def test_of_two_who_show_a_code_at_once_one_is_let_in(app: Flask) -> None:
    secret, codes = protected(app)
    for code in (pyotp.TOTP(secret).now(), codes[0]):
        let_in: list[bool] = []
        barrier = threading.Barrier(4)

        def show(code: str = code, let_in: list[bool] = let_in, barrier: Any = barrier) -> None:
            with app.app_context():
                barrier.wait()
                editor = db.session.scalars(sa.select(Editor)).one()
                try:
                    two_factor.take(db.session, editor, code)
                    db.session.commit()
                    let_in.append(True)
                except WrongCode:
                    db.session.rollback()

        threads = [threading.Thread(target=show) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert let_in == [True]


def test_a_recovery_code_lets_in_once_however_it_is_typed(app: Flask) -> None:
    _, codes = protected(app)
    first, _answer = with_password(app)
    second, _answer = with_password(app)

    typed = codes[3].upper().replace("-", " ")
    statuses = [give(first, typed).status_code, give(second, codes[3]).status_code]

    assert statuses == [303, 422]
    assert "9 recovery codes are left" in first.get("/desk/profile", base_url=BASE).text


def test_recovery_codes_hold_too_much_chance_to_be_tried_against_their_digests(app: Flask) -> None:
    _, codes = protected(app)

    letters = "".join(codes).replace("-", "")

    assert {len(code.replace("-", "")) for code in codes} == {24}
    assert len(set(letters)) > 25  # of 31: chance would leave out six once in ten million times
    assert 24 * math.log2(31) > 112  # OWASP ASVS 5.0, 6.5.2


def test_a_recovery_code_from_before_they_were_longer_lets_in(app: Flask) -> None:
    protected(app)
    with app.app_context():
        editor = db.session.scalars(sa.select(Editor)).one()
        db.session.add(RecoveryCode(editor_id=editor.id, digest=digest("abcdefghjkmnpqrs")))
        db.session.commit()
    client, _answer = with_password(app)

    assert give(client, "abcd-efgh-jkmn-pqrs").status_code == 303


NO_CODES = ["", "0", "abcdef", "١٢٣٤٥٦", "\ud800", "0" * 16, "0" * 24, "x" * 65, "\0"]


@pytest.mark.parametrize("code", NO_CODES, ids=range(len(NO_CODES)))
def test_what_is_no_code_lets_nobody_in(app: Flask, code: str) -> None:
    protected(app)
    client, _ = with_password(app)

    with app.app_context(), pytest.raises(WrongCode):
        two_factor.take(db.session, db.session.scalars(sa.select(Editor)).one(), code)
    assert give(client, code.encode("utf-8", "replace").decode()).status_code == 422


def test_to_sign_in_anew_with_a_code_ends_the_sign_in_before(app: Flask) -> None:
    secret, _ = protected(app)
    with app.app_context():
        an_editor(db.session.get_one(Site, 1), "olga@paper.example")
    client, thief = signed_in(app, "olga@paper.example"), app.test_client()
    cookie = client.get_cookie("__Host-feedback", domain="feedback.example")
    assert cookie is not None
    thief.set_cookie("__Host-feedback", cookie.value, domain="feedback.example", secure=True)

    data = {"email": "ed@paper.example", "password": PASSWORD}
    post(client, "/sign-in", "/desk/profile", **data)
    half_way = inside(thief), inside(client)
    give(client, pyotp.TOTP(secret).now())

    assert half_way == (True, False)
    assert (inside(thief), inside(client)) == (False, True)


def test_half_way_ends_after_five_minutes(app: Flask) -> None:
    secret, _ = protected(app)
    client, _answer = with_password(app)

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5, seconds=2), tick=False):
        page = client.get("/sign-in/code", base_url=BASE)

    assert page.location == "/sign-in"
    assert secret


def test_half_way_is_worth_nothing_after_a_new_password(app: Flask) -> None:
    secret, _ = protected(app)
    client, _answer = with_password(app)
    token = csrf(client.get("/sign-in/code", base_url=BASE).text)
    with app.app_context():
        editor = db.session.scalars(sa.select(Editor)).one()
        people.choose_password(db.session, editor, "another password")
        db.session.commit()

    answer = client.post(
        "/sign-in/code",
        base_url=BASE,
        headers={"Referer": f"{BASE}/sign-in/code"},
        data={"csrf_token": token, "code": pyotp.TOTP(secret).now()},
    )

    assert answer.location == "/sign-in"
    assert not inside(client)


def test_who_is_disabled_meanwhile_is_not_let_in(app: Flask) -> None:
    protected(app)
    client, _answer = with_password(app)
    with app.app_context():
        people.disable(db.session, db.session.scalars(sa.select(Editor)).one())
        db.session.commit()

    assert client.get("/sign-in/code", base_url=BASE).location == "/sign-in"


def test_guessing_codes_is_slowed_down_for_the_account_from_anywhere(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(limit_sign_in="3 per minute")
    protected(app)
    client, _answer = with_password(app)
    guesses = [give(client, "000000").status_code for _ in range(5)]

    token = csrf(client.get("/sign-in/code", base_url=BASE).text)
    elsewhere = client.post(
        "/sign-in/code",
        base_url=BASE,
        headers={"Referer": f"{BASE}/sign-in/code"},
        data={"csrf_token": token, "code": "000000"},
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
    )

    assert guesses == [422, 422, 422, 429, 429]
    assert elsewhere.status_code == 429


def test_codes_of_an_account_are_not_guessed_day_by_day(make_app: Callable[..., Flask]) -> None:
    app = make_app(limit_sign_in="1000 per minute")
    secret, codes = protected(app)
    client, _answer = with_password(app)
    guesses = [give(client, "000000").status_code for _ in range(21)]

    right = give(client, pyotp.TOTP(secret).now()).status_code
    recovery = give(client, codes[0]).status_code

    assert guesses == [422] * 20 + [429]
    assert right == 429
    assert recovery == 303


def test_a_link_to_choose_a_password_does_not_lead_around_it(app: Flask) -> None:
    secret, _ = protected(app)
    with app.app_context():
        editor = db.session.scalars(sa.select(Editor)).one()
        path = f"/welcome/{people.invitation(app.extensions['settings'].secret, editor)}"
    client = app.test_client()

    chosen = post(client, path, path, password="another password")

    assert chosen.location == "/sign-in/code"
    assert not inside(client)
    assert give(client, pyotp.TOTP(secret).now()).status_code == 303
    assert inside(client)


def entered(app: Flask, secret: str) -> FlaskClient:
    client, _answer = with_password(app)
    assert give(client, pyotp.TOTP(secret).now()).status_code == 303
    with app.app_context():
        db.session.execute(sa.update(Editor).values(totp_step=0))
        db.session.commit()
    return client


def test_turning_it_off_takes_password_and_code(app: Flask) -> None:
    secret, _ = protected(app)
    client = entered(app, secret)

    def off(password: str, code: str) -> int:
        answer = post(client, f"{PAGE}/off", PAGE, password=password, code=code)
        return int(answer.status_code)

    refused = [off("wrong", pyotp.TOTP(secret).now()), off(PASSWORD, "000000"), off(PASSWORD, "")]
    done = off(PASSWORD, pyotp.TOTP(secret).now())

    assert refused == [422] * 3
    assert done == 303
    with app.app_context():
        assert db.session.scalars(sa.select(Editor.totp_secret)).one() is None
        assert db.session.scalars(sa.select(RecoveryCode)).all() == []
    assert deeds(app) == ["two-factor-off"]


def test_new_recovery_codes_make_the_old_ones_void(app: Flask) -> None:
    secret, old = protected(app)
    client = entered(app, secret)

    page = post(client, f"{PAGE}/recovery", PAGE, password=PASSWORD, code=pyotp.TOTP(secret).now())

    fresh = codes_on(page.text)
    assert len(fresh) == 10
    late, _answer = with_password(app)
    assert [give(late, old[0]).status_code, give(late, fresh[0]).status_code] == [422, 303]


def test_who_has_none_cannot_be_asked(app: Flask) -> None:
    protected(app)
    with app.app_context():
        paper = people.named(db.session, "ed@paper.example").memberships[0].site
        an_editor(paper, "vi@paper.example")

    client = signed_in(app, "vi@paper.example")

    assert inside(client)
    assert client.get("/sign-in/code", base_url=BASE).location == "/sign-in"


# Where it is required


def paths(app: Flask, method: str) -> list[str]:
    """All addresses of the desk that take a method, with the ids of Ed's rows."""
    found = []
    with app.test_request_context(base_url=BASE):
        for rule in app.url_map.iter_rules():
            if method in rule.methods and rule.rule.startswith("/desk"):
                values = dict.fromkeys(rule.arguments, 1)
                try:
                    found.append(url_for(rule.endpoint, **values).removeprefix(BASE))
                except BuildError:  # it has a word in it
                    values = dict.fromkeys(rule.arguments, "x")
                    found.append(url_for(rule.endpoint, **values).removeprefix(BASE))
    return sorted(path for path in found if not path.startswith(PAGE))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_where_it_is_required_nothing_of_the_desk_opens_without(
    make_app: Callable[..., Flask], method: str
) -> None:
    app = make_app(two_factor="required")
    with newsroom(app) as (site, _):
        a_spot(site)
    client = signed_in(app)
    token = csrf(client.get(PAGE, base_url=BASE).text)
    asked = paths(app, method)

    answers = {
        path: client.open(
            path,
            method=method,
            base_url=BASE,
            headers={"Referer": BASE + PAGE},
            data={"csrf_token": token} if method == "POST" else None,
        ).location
        for path in asked
    }

    assert len(asked) > 20
    assert {path: to for path, to in answers.items() if to != PAGE} == {}


def test_where_it_is_required_the_desk_opens_once_it_is_on(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(two_factor="required")
    with newsroom(app):
        pass
    client = signed_in(app)
    page = client.get("/desk/", base_url=BASE, follow_redirects=True).text

    post(client, PAGE, PAGE, password=PASSWORD, code=pyotp.TOTP(secret_on(page)).now())

    assert "This service asks it of all editors." in page
    assert client.get("/desk/", base_url=BASE).location == "/desk/sites/1/"
    assert "as for another telephone" in client.get(PAGE, base_url=BASE).text


def test_where_it_is_required_one_can_still_sign_out(make_app: Callable[..., Flask]) -> None:
    app = make_app(two_factor="required")
    with newsroom(app):
        pass
    client = signed_in(app)

    assert post(client, "/sign-out", PAGE).location == "/sign-in"
    assert client.get(PAGE, base_url=BASE).location.startswith("/sign-in")


def test_where_it_is_required_no_link_for_whoever_is_signed_in_decides_without(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(two_factor="required")
    with newsroom(app) as (site, _):
        spot = a_spot(site)
        links = actions.links(BASE, app.extensions["settings"].secret, spot, None, now())
    path = links[Kind.ACCEPT.value].removeprefix(BASE)

    assert signed_in(app).get(path, base_url=BASE).location == PAGE
