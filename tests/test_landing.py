"""Landing: which reports make one spot, and what the spot says for all of them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts.models import Editor
from feedback.db import db
from feedback.desk import decisions
from feedback.desk.decisions import Verdict
from feedback.desk.models import Kind, Reason
from feedback.reports.models import Report, Spot
from tests.makers import ORIGIN, TEXT, a_body, a_site, an_editor, send

PAGE = f"{ORIGIN}/news/captain"
LONG = (
    TEXT.replace("\n", " ")
    + " "
    + "And so it went on, day after day, until they were home again. " * 2
)


@pytest.fixture(autouse=True)
def _sites(app: Flask) -> None:
    with app.app_context():
        a_site("Paper", ORIGIN, "https://m.paper.example")
        a_site("Gazette", "https://gazette.example")


def spots(app: Flask) -> Sequence[Spot]:
    with app.app_context():
        return db.session.scalars(sa.select(Spot).order_by(Spot.id)).all()


def reports(app: Flask) -> Sequence[Report]:
    with app.app_context():
        return db.session.scalars(sa.select(Report).order_by(Report.id)).all()


def sent(client: FlaskClient, body: dict[str, Any], origin: str = ORIGIN) -> dict[str, Any]:
    answer = send(client, body, origin=origin)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json
    return told


def test_readers_of_the_same_words_in_the_same_place_make_one_spot(
    app: Flask, client: FlaskClient
) -> None:
    told = [sent(client, a_body()) for _ in range(3)]

    assert [each["readers"] for each in told] == [1, 2, 3]
    assert [spot.readers for spot in spots(app)] == [3]


def test_the_same_words_elsewhere_make_another_spot(app: Flask, client: FlaskClient) -> None:
    for nth in (0, 1, 2, 1):
        sent(client, a_body(nth=nth))

    assert [spot.readers for spot in spots(app)] == [1, 2, 1]


def test_selections_that_overlap_make_one_spot(app: Flask, client: FlaskClient) -> None:
    for exact in ("teh sea", "and teh", "teh"):
        sent(client, a_body(exact))

    assert [(spot.exact, spot.readers) for spot in spots(app)] == [("teh sea", 3)]


def test_a_spot_is_found_again_when_the_article_has_grown(app: Flask, client: FlaskClient) -> None:
    grown = "Correction: an earlier version of this story misstated the sea.\n" * 20 + TEXT

    for nth in (0, 1, 2):
        sent(client, a_body(nth=nth))
    for nth in (0, 1, 2):
        sent(client, a_body(nth=nth, text=grown))

    assert [spot.readers for spot in spots(app)] == [2, 2, 2]


def test_a_long_selection_lands_on_the_words_that_it_corrects(
    app: Flask, client: FlaskClient
) -> None:
    sent(client, a_body(LONG, text=LONG, correction=LONG.replace("teh", "the")))
    sent(client, a_body("teh", text=LONG, correction="the"))

    (spot,) = spots(app)
    assert (spot.exact, spot.correction, spot.readers) == ("teh", "the", 2)
    assert [report.exact for report in reports(app)] == [LONG, "teh"]


def test_a_long_selection_without_a_correction_swallows_no_spot(
    app: Flask, client: FlaskClient
) -> None:
    sent(client, a_body("teh", text=LONG))
    sent(client, a_body("believed", text=LONG))

    sent(client, a_body(LONG, text=LONG, comment="All of it is odd."))

    assert [spot.readers for spot in spots(app)] == [1, 1, 1]


SAME_ARTICLE = {
    "tracking": {"url": f"{PAGE}?utm_source=letter&fbclid=1"},
    "fragment": {"url": f"{PAGE}#comments"},
    "spelling": {"url": "https://PAPER.example:443/news/./c%61ptain"},
    "canonical": {"url": f"{PAGE}/amp?page=2", "canonical": PAGE},
    "canonical with tracking": {"url": f"{PAGE}/amp", "canonical": f"{PAGE}?utm_medium=x#top"},
    "canonical of another site": {"canonical": "https://gazette.example/a"},
    "canonical of nobody": {"canonical": "https://copy.example/a"},
    "canonical that is none": {"canonical": "javascript:void(0)"},
    "empty canonical": {"canonical": ""},
    "another title and language": {"title": "", "lang": "de"},
}


@pytest.mark.parametrize("more", SAME_ARTICLE.values(), ids=SAME_ARTICLE)
def test_an_article_is_known_however_it_is_reached(
    app: Flask, client: FlaskClient, more: dict[str, str]
) -> None:
    sent(client, a_body())

    told = sent(client, a_body(**more))

    assert told["readers"] == 2
    assert [spot.readers for spot in spots(app)] == [2]


def test_a_site_may_have_its_article_at_two_origins(app: Flask, client: FlaskClient) -> None:
    mobile = "https://m.paper.example"
    sent(client, a_body())

    sent(client, a_body(url=f"{mobile}/captain", canonical=PAGE), origin=mobile)

    assert [spot.readers for spot in spots(app)] == [2]


OTHER_ARTICLES = {
    "path": {"url": f"{ORIGIN}/news/mate"},
    "query": {"url": f"{PAGE}?id=2"},
    "canonical": {"canonical": f"{ORIGIN}/news/mate"},
    "origin": {"url": "https://m.paper.example/news/captain"},
}


@pytest.mark.parametrize("more", OTHER_ARTICLES.values(), ids=OTHER_ARTICLES)
def test_other_articles_have_spots_of_their_own(
    app: Flask, client: FlaskClient, more: dict[str, str]
) -> None:
    sent(client, a_body())

    told = sent(client, a_body(**more))

    assert told["readers"] == 1
    assert [spot.readers for spot in spots(app)] == [1, 1]


def test_sites_share_no_spot(app: Flask, client: FlaskClient) -> None:
    elsewhere = "https://gazette.example"
    sent(client, a_body())

    sent(client, a_body(url=f"{elsewhere}/news/captain", canonical=PAGE), origin=elsewhere)

    assert len({spot.site_id for spot in spots(app)}) == 2


@pytest.mark.parametrize("nths", [(0,), (0, 1)], ids=["one spot", "two spots"])
def test_forty_readers_at_once_make_no_spot_twice(app: Flask, nths: tuple[int, ...]) -> None:
    bodies = [a_body(nth=nth, comment=str(n)) for n in range(40 // len(nths)) for nth in nths]

    with ThreadPoolExecutor(40) as pool:
        told = list(pool.map(lambda body: sent(app.test_client(), body), bodies))

    each = 40 // len(nths)
    assert sorted(answer["readers"] for answer in told) == sorted([*range(1, each + 1)] * len(nths))
    assert [spot.readers for spot in spots(app)] == [each] * len(nths)
    assert len(reports(app)) == 40


def test_what_every_reader_says_is_kept(app: Flask, client: FlaskClient) -> None:
    said = [("world", ""), ("", "Look!"), ("word", "Or this?"), ("world", "  "), ("", "")]

    for correction, comment in said:
        sent(client, a_body(correction=correction, comment=comment, email="ann@reader.example"))

    assert [(report.correction, report.comment) for report in reports(app)] == said
    assert {report.email for report in reports(app)} == {"ann@reader.example"}


LEADING = {
    "the only one": (["world"], "world"),
    "the most frequent": (["word", "world", "world"], "world"),
    "of two the earlier": (["word", "world"], "word"),
    "of four the earlier": (["word", "world", "world", "word"], "word"),
    "the first that is said": (["", "", "world"], "world"),
    "what is said, not silence": (["world", "", "", ""], "world"),
    "not the quote itself": (["wrold", "wrold", "world"], "world"),
    "none": (["", "wrold"], ""),
}


@pytest.mark.parametrize(("said", "leading"), LEADING.values(), ids=LEADING)
def test_the_leading_correction_is_what_most_readers_say(
    app: Flask, client: FlaskClient, said: list[str], leading: str
) -> None:
    for correction in said:
        sent(client, a_body(correction=correction))

    (spot,) = spots(app)
    assert spot.correction == leading


def test_the_correction_of_other_words_is_not_the_spots(app: Flask, client: FlaskClient) -> None:
    sent(client, a_body("teh", correction="the"))
    for _ in range(3):
        sent(client, a_body("teh sea", correction="the lake"))

    (spot,) = spots(app)
    assert (spot.exact, spot.correction, spot.readers) == ("teh", "the", 4)


def decided(app: Flask, kind: Kind, **more: Any) -> None:
    """Let Ed decide on the only spot."""
    with app.app_context():
        spot = db.session.scalars(sa.select(Spot)).one()
        editor = db.session.scalar(sa.select(Editor)) or an_editor(spot.site)
        decisions.decide(db.session, spot, editor, Verdict(kind, spot.version, **more))
        db.session.commit()


def test_an_editors_word_stands_whatever_readers_say(app: Flask, client: FlaskClient) -> None:
    sent(client, a_body(correction="word"))
    decided(app, Kind.ACCEPT, correction="World")

    for _ in range(3):
        sent(client, a_body(correction="world"))

    (spot,) = spots(app)
    assert (spot.correction, spot.readers) == ("World", 4)


@pytest.mark.parametrize(
    ("kind", "status"),
    [(Kind.ACCEPT, "accepted"), (Kind.FIX, "fixed"), (Kind.REJECT, "rejected")],
)
def test_a_report_on_a_decided_spot_joins_it_and_is_told_so(
    app: Flask, client: FlaskClient, kind: Kind, status: str
) -> None:
    sent(client, a_body())
    decided(app, kind, **({"reason": next(iter(Reason))} if kind is Kind.REJECT else {}))

    told = sent(client, a_body())

    assert (told["readers"], told["status"]) == (2, status)
    assert [(spot.readers, spot.status) for spot in spots(app)] == [(2, status)]


def test_the_same_report_again_is_not_counted_again(app: Flask, client: FlaskClient) -> None:
    body = a_body(id=str(uuid4()))
    first = sent(client, body)
    sent(client, a_body())

    again = send(client, body)

    assert again.status_code == 200
    assert again.json == first
    assert [spot.readers for spot in spots(app)] == [2]


def test_readers_who_selected_more_have_a_say_in_the_words(app: Flask, client: FlaskClient) -> None:
    send(client, a_body(nth=1, correction="wurld"))

    for _ in range(2):
        send(client, a_body("wrold is round", correction="world is round"))

    (spot,) = spots(app)
    assert (spot.exact, spot.readers, spot.correction) == ("wrold", 3, "world")


def test_readers_who_correct_a_paragraph_agree_on_its_one_word(
    app: Flask, client: FlaskClient
) -> None:
    for word in ("ten", "the", "the"):
        send(client, a_body(LONG, text=LONG, correction=LONG.replace("teh", word)))

    (spot,) = spots(app)
    assert (spot.exact, spot.readers, spot.correction) == ("teh", 3, "the")
