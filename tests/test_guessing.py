"""Passwords that are easy to guess: refused wherever one is chosen, with what helps instead."""

import runpy
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts import guessing, invitations, passwords, people
from feedback.accounts.models import Editor, Role
from feedback.accounts.passwords import Guessable
from feedback.db import db
from tests.makers import PASSWORD, a_site, an_editor, csrf, newsroom, signed_in

BASE = "https://feedback.example"
REMEDY = "Choose a longer one: several words that do not belong together."

#: What goes with Ed: his address, his name, his site.
EDS = ("ed.miller@paper.example", "Ed Müller", "The Daily Paper")

COMMON = [
    "password", "PASSWORD", "12345678", "qwertyuiop", "1q2w3e4r", "iloveyou", "football",
    "Sunshine2024", "sunshine2024!", "2024-dragon", "Password1!", "newspaper", "Newspaper 1",
    "ｐａｓｓｗｏｒｄ", "11111111", "abababab", "aaaabbbb", "ччччччччч", "corvette ",
]  # fmt: skip
CONTEXT = [
    "ed.miller@paper.example", "edmiller", "Miller123", "ed-miller-1999", "Müller2026",
    "DailyPaper", "the daily paper", "daily.paper.2026", "paperpaper", "PaperDragon",
    "feedback2026", "reader-feedback", "Feedback:Paper", "paper.password1",
]  # fmt: skip
GOOD = [
    PASSWORD, "another password", "paper boat harbour", "kettle, moss & ink", "8402 5529 1740",
    "hausboot im nebel", "пять чёрных журавлей", "七つの静かな湖と森", "x7#Qm2!vK9",
    "paper 8402 5529 1740", "ed.miller walks on cold lakes", "ooh, a moth!",
]  # fmt: skip


def ranked() -> list[str]:
    path = files("zxcvbn").joinpath("frequency_lists.py")
    return list(runpy.run_path(str(path))["FREQUENCY_LISTS"]["passwords"])


def test_the_most_common_passwords_that_are_long_enough_are_refused() -> None:
    long = [each for each in ranked() if len(each) >= passwords.SHORTEST]

    assert len(long) > 10_000  # ASVS 6.2.4 asks for 3,000
    assert [each for each in long if not guessing.guessable(each)] == []


@pytest.mark.parametrize("password", COMMON, ids=range(len(COMMON)))
def test_what_is_common_is_guessable_in_whatever_spelling(password: str) -> None:
    assert guessing.guessable(password)


@pytest.mark.parametrize("password", CONTEXT, ids=range(len(CONTEXT)))
def test_what_goes_with_the_editor_counts_for_nothing(password: str) -> None:
    assert guessing.guessable(password, EDS)


@pytest.mark.parametrize("password", GOOD, ids=range(len(GOOD)))
def test_any_other_password_is_taken_whatever_it_is_made_of(password: str) -> None:
    assert not guessing.guessable(password, EDS)


def test_the_longest_password_is_judged_at_once_and_a_longer_one_not_at_all() -> None:
    context = ["a" * 254 + "@paper.example", *EDS]

    assert guessing.guessable("a" * passwords.LONGEST, context)
    with pytest.raises(passwords.TooWeak, match="8 to 256"):
        passwords.chosen("a" * 10_000_000, context)


def post(client: FlaskClient, path: str, page: str, **data: str) -> Any:
    token = csrf(client.get(page, base_url=BASE).text)
    headers = {"Referer": BASE + page}
    return client.post(path, base_url=BASE, headers=headers, data={"csrf_token": token} | data)


def kept(app: Flask, email: str = "ed@paper.example") -> str | None:
    with app.app_context():
        return db.session.scalar(sa.select(Editor.password).where(Editor.email == email))


@pytest.mark.parametrize("password", ["password1", "Paper2026", "ed@paper.example"])
def test_no_editor_changes_to_a_password_that_is_easy_to_guess(app: Flask, password: str) -> None:
    with newsroom(app):
        pass
    client, before = signed_in(app), kept(app)

    refused = post(
        client, "/desk/profile/password", "/desk/profile", old=PASSWORD, password=password
    )

    assert refused.status_code == 422
    assert REMEDY in refused.text
    assert kept(app) == before
    assert client.get("/desk/profile", base_url=BASE).status_code == 200


@pytest.mark.parametrize("password", ["password1", "Paper2026", "new@paper.example"])
def test_a_first_password_is_not_easy_to_guess(app: Flask, password: str) -> None:
    with app.app_context():
        editor = people.add(db.session, "new@paper.example", a_site(), Role.EDITOR)
        db.session.commit()
        link = f"/welcome/{people.invitation(app.extensions['settings'].secret, editor)}"
    client = app.test_client()

    refused = post(client, link, link, password=password)
    chosen = post(client, link, link, password=PASSWORD)

    assert (refused.status_code, chosen.status_code) == (422, 303)
    assert REMEDY in refused.text


@pytest.mark.parametrize("password", ["password1", "Paper2026", "annette1"])
def test_who_joins_has_no_password_that_is_easy_to_guess(app: Flask, password: str) -> None:
    with newsroom(app) as (site, _):
        owner = an_editor(site, "owner@paper.example", Role.OWNER)
        key = invitations.make(db.session, site.id, Role.EDITOR, "Ann", owner)
        db.session.commit()
    link, client, address = f"/join/{key}", app.test_client(), "annette@mail.example"

    refused = post(client, link, link, email=address, password=password)
    unmade = kept(app, address)
    joined = post(client, link, link, email=address, password=PASSWORD)

    assert (refused.status_code, joined.status_code) == (422, 303)
    assert REMEDY in refused.text
    assert unmade is None


def test_a_password_from_before_still_lets_in(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    with newsroom(app) as (_, ed):
        ed.password = passwords.hashed("password1")
        db.session.commit()
    data = {"email": "ed@paper.example", "password": "password1"}

    assert post(app.test_client(), "/sign-in", "/sign-in", **data).status_code == 303


def test_the_refusal_names_the_remedy_on_the_command_line_too() -> None:
    with pytest.raises(Guessable, match=REMEDY):
        passwords.chosen("password1", ())
