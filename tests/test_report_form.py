"""The form for readers without scripts, from its first sight to the queue and the receipt."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from feedback.db import db
from feedback.reports import intake
from feedback.reports.models import Report, Spot, Status
from feedback.web.reader_strings import strings, tables
from tests.makers import ORIGIN, TEXT, a_body, a_look, a_site, newsroom, send, signed_in

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
ARTICLE = f"{ORIGIN}/news/captain"
HOSTILE = "</textarea>\"'><img src=x onerror=alert(1)><script>alert(1)</script>{{ 111*111111 }}"
ENGLISH = strings("en")

Clock = time_machine.Traveller


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def paper(app: Flask) -> Flask:
    """The application, with a site and Ed."""
    with newsroom(app):
        pass
    return app


def stamp_of(page: str) -> str:
    found = re.search(r'name="stamp" value="([^"]+)"', page)
    assert found, "the page has no form"
    return found[1]


def shown(page: str, name: str) -> str:
    """What a field of the page holds."""
    pattern = rf'<input [^>]*name="{name}"[^>]* value="([^"]*)"|name="{name}"[^>]*>\n([^<]*)</'
    found = re.search(pattern, page)
    assert found, f"the page has no field {name}"
    return unescape(found[1] or found[2] or "")


def opened(client: FlaskClient, query: str = "", **headers: str) -> str:
    return client.get(f"/report{query}", headers=headers).text


def sent(client: FlaskClient, clock: Clock, *, after: float = 20, **fields: Any) -> Any:
    """What comes when Ann has opened the form, filled it in, and sends it."""
    headers = fields.pop("headers", {})
    data = {"stamp": fields.pop("stamp", None) or stamp_of(opened(client)), "address": ARTICLE}
    clock.shift(timedelta(seconds=after))
    data |= {"words": "wrold", "correction": "world", "comment": "", "website": ""} | fields
    return client.post("/report", data=data, headers=headers)


def reports(app: Flask) -> list[Report]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Report).order_by(Report.id)))


# The way to the queue


def test_what_is_typed_lands_in_the_queue_and_leads_to_its_receipt(
    paper: Flask, client: FlaskClient, clock: Clock
) -> None:
    answer = sent(client, clock, comment="Twice!\r\nEven in the headline.")

    assert answer.status_code == 303
    receipt = client.get(answer.headers["Location"]).text
    assert "Your report is with the editors" in receipt
    assert "Twice!" in receipt
    with paper.app_context():
        spot = db.session.scalars(sa.select(Spot)).one()
        assert spot.status is Status.WAITING
        assert (spot.exact, spot.correction, spot.readers) == ("wrold", "world", 1)
        assert spot.article.address == ARTICLE
    assert reports(paper)[0].comment == "Twice!\nEven in the headline."
    assert (
        "wrold" in signed_in(paper).get("/desk/sites/1/", base_url="https://feedback.example").text
    )


def test_it_joins_the_spot_that_a_dialog_has_made(
    paper: Flask, client: FlaskClient, clock: Clock
) -> None:
    send(client, a_body("teh", correction="the"))

    sent(client, clock, words="teh", correction="the")

    with paper.app_context():
        assert db.session.scalars(sa.select(Spot)).one().readers == 2


def test_words_that_are_typed_otherwise_than_they_stand_are_written_as_normal_text(
    paper: Flask, client: FlaskClient, clock: Clock
) -> None:
    sent(
        client,
        clock,
        words="  teh \t so\u00adft\u00a0 sea\r\n\r\n is\u200b flat ",
        correction=" the  sea ",
    )

    report = reports(paper)[0]
    assert (report.exact, report.correction) == ("teh soft sea\nis flat", "the sea")
    assert (report.prefix, report.suffix) == ("", "")
    assert (report.start, report.end, report.length) == (0, 20, 20)


@pytest.fixture
def looked_at(paper: Flask, client: FlaskClient) -> Flask:
    """The same, after a look has kept what the article says."""
    send(client, a_body("Nobody", lang="en-GB"))
    with paper.app_context():
        a_look(db.session.get_one(Spot, 1).article, TEXT + "\n“It isn’t — flat”, art for her.")
    return paper


#: What is typed, and what of the article it is.
STANDING = [
    ("teh sea", "teh sea", 0),
    ("wrold", "wrold", 0),
    ("round, said\n the captain", "round, said the captain", 0),
    ("wrold The", "wrold\nThe", 0),
    ("sail", "sail", 0),
    ("her", "her", 0),
    ('"It isn\'t - flat"', "“It isn’t — flat”", 0),
]


@pytest.mark.parametrize(("words", "exact", "nth"), STANDING)
def test_a_stored_revision_tells_the_place_and_the_context(
    looked_at: Flask, client: FlaskClient, clock: Clock, words: str, exact: str, nth: int
) -> None:
    answer = sent(client, clock, words=words)

    assert answer.status_code == 303
    text = TEXT + "\n“It isn’t — flat”, art for her."
    report = reports(looked_at)[-1]
    start = text.index(exact)
    assert (report.exact, report.start, report.end) == (exact, start, start + len(exact))
    assert report.length == len(text)
    assert report.prefix == text[max(0, start - 64) : start]
    assert report.suffix == text[report.end : report.end + 64]
    assert report.lang == "en-GB"


def test_a_whole_word_comes_before_a_part_of_one(
    looked_at: Flask, client: FlaskClient, clock: Clock
) -> None:
    sent(client, clock, words="he")
    sent(client, clock, words="is")

    found = [report.start for report in reports(looked_at)[1:]]
    assert found == [TEXT.index("he end"), TEXT.index("is round")]


def test_words_that_are_not_in_the_revision_have_no_place(
    looked_at: Flask, client: FlaskClient, clock: Clock
) -> None:
    sent(client, clock, words="never said")

    report = reports(looked_at)[-1]
    assert (report.prefix, report.suffix, report.start, report.end) == ("", "", 0, 10)


# Whence


@pytest.mark.parametrize(
    ("query", "referer", "address"),
    [
        (f"?url={quote(ARTICLE)}", None, ARTICLE),
        (f"?url={quote(ARTICLE)}", f"{ORIGIN}/other", ARTICLE),
        ("", ARTICLE, ARTICLE),
        ("", f"{ORIGIN}/?p=12", f"{ORIGIN}/?p=12"),
        ("?url=javascript:alert(1)", ARTICLE, ARTICLE),
        ("", f"{ORIGIN}/", ""),
        ("", ORIGIN, ""),
        ("", "android-app://org.example/x", ""),
        ("", "https://user@paper.example/x", ""),
        ("?url=ftp://paper.example/x", None, ""),
        ("", f"{ORIGIN}/{'x' * 3000}", ""),
        ("", None, ""),
    ],
)
def test_the_address_is_the_one_asked_for_or_the_referrers(
    client: FlaskClient, query: str, referer: str | None, address: str
) -> None:
    page = opened(client, query, **({"Referer": referer} if referer else {}))

    assert shown(page, "address") == address


# In which language


@pytest.mark.parametrize(
    ("query", "accepted", "tag", "direction"),
    [
        ("", None, "en", "ltr"),
        ("?lang=ar", None, "ar", "rtl"),
        ("?lang=de-AT", "fr", "de", "ltr"),
        ("?lang=tlh", "fr", "en", "ltr"),
        ("", "tlh, he;q=0.8, fr;q=0.5", "he", "rtl"),
        ("", "en-GB, de;q=0.9", "en", "ltr"),
        ("", "*", "en", "ltr"),
        ("", "de;q=0", "en", "ltr"),
    ],
)
def test_labels_come_in_the_language_that_suits(
    client: FlaskClient, query: str, accepted: str | None, tag: str, direction: str
) -> None:
    page = opened(client, query, **({"Accept-Language": accepted} if accepted else {}))

    assert f'<html lang="{tag}" dir="{direction}">' in page
    table = strings(tag)
    said = (table["correction"], table["comment"], table["send"], table["form"]["words"])
    assert all(text in unescape(page) for text in said)


def test_every_language_has_the_form_and_says_why_it_is_back(client: FlaskClient) -> None:
    for tag, table in tables().items():
        page = opened(client, f"?lang={tag}")
        action = unescape(re.search(r'action="([^"]+)"', page)[1])

        answer = client.post(action, data={"stamp": stamp_of(page)})

        assert answer.status_code == 422
        assert f'<html lang="{table["lang"]}" dir="{table["dir"]}">' in answer.text
        assert table["invalid"] in unescape(answer.text)


def test_our_own_sentences_say_which_language_they_are_in(
    paper: Flask, client: FlaskClient, clock: Clock
) -> None:
    stamp = stamp_of(opened(client))
    clock.shift(20)

    page = client.post("/report?lang=ar", data={"stamp": stamp, "address": ARTICLE}).text

    assert '<p class="wrong" id="words-wrong" lang="en" dir="ltr">' in page


# What keeps it from being taken


def again(answer: Any, status: int, *words: str) -> str:
    """The form that is shown again, for these reasons."""
    assert answer.status_code == status
    page = unescape(answer.text)
    assert 'role="alert"' in page
    for each in words:
        assert each in page
    return str(answer.text)


FAULTS = [
    ({"words": ""}, "words", "Please copy the words with the mistake here."),
    ({"words": " \u200b\r\n "}, "words", "Please copy the words with the mistake here."),
    ({"words": "x" * 2001}, "words", "This is too long: at most 2000 characters."),
    ({"correction": "x" * 2001}, "correction", "This is too long: at most 2000 characters."),
    ({"comment": "x" * 2001}, "comment", "This is too long: at most 2000 characters."),
    ({"address": ""}, "address", "This address does not begin with http:// or https://."),
    ({"address": "javascript:alert(1)"}, "address", "This address does not begin with"),
    ({"address": "https://a@paper.example/"}, "address", "This address has no host, or a user"),
    ({"address": "https://x/" + "x" * 2048}, "address", "This is too long: at most 2048"),
]


@pytest.mark.parametrize(("fields", "name", "sentence"), FAULTS)
def test_a_fault_is_named_at_its_field_and_at_the_top(
    paper: Flask,
    client: FlaskClient,
    clock: Clock,
    fields: dict[str, str],
    name: str,
    sentence: str,
) -> None:
    answer = sent(client, clock, **({"comment": "kept"} | fields))

    page = again(answer, 422, ENGLISH["invalid"], sentence)
    assert f'<a href="#{name}">' in page
    assert re.search(rf'id="{name}" [^>]*aria-invalid="true" aria-describedby="{name}-wrong"', page)
    assert page.count("aria-invalid") == 1
    assert f'id="{name}-wrong"' in page
    for field, value in ({"comment": "kept"} | fields).items():
        assert shown(page, field) == value.strip()
    assert reports(paper) == []


def test_all_faults_are_named_at_once(paper: Flask, client: FlaskClient, clock: Clock) -> None:
    page = again(sent(client, clock, words="", address="", comment="x" * 2001), 422)

    assert page.count("aria-invalid") == 3


def test_a_form_that_is_mended_is_taken(paper: Flask, client: FlaskClient, clock: Clock) -> None:
    page = again(sent(client, clock, words=""), 422)

    answer = sent(client, clock, stamp=stamp_of(page), after=0)

    assert answer.status_code == 303


def test_nul_and_half_characters_are_dropped_or_replaced(
    paper: Flask, client: FlaskClient, clock: Clock
) -> None:
    body = {"words": "wr\0old", "comment": "a\0b", "address": ARTICLE + "\0"}

    assert sent(client, clock, **body).status_code == 303
    assert (reports(paper)[0].exact, reports(paper)[0].comment) == ("wrold", "ab")
    stamp = stamp_of(opened(client))
    clock.shift(20)
    raw = f"stamp={quote(stamp)}&address={quote(ARTICLE)}&words=%ed%a0%80%ff"
    answer = client.post("/report", data=raw, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 303


@pytest.mark.parametrize("address", ["https://elsewhere.example/x", "http://paper.example/x"])
def test_an_address_of_no_site_is_refused(
    paper: Flask, client: FlaskClient, clock: Clock, address: str
) -> None:
    page = again(sent(client, clock, address=address), 403, ENGLISH["refused"], "No site that")

    assert '<a href="#address">' in page
    assert shown(page, "words") == "wrold"
    assert reports(paper) == []


def test_who_fills_in_what_people_do_not_see_is_asked_again(
    paper: Flask, client: FlaskClient, clock: Clock
) -> None:
    page = again(sent(client, clock, website="https://spam.example"), 422, "people do not see")

    assert shown(page, "words") == "wrold"
    assert "spam" not in page
    assert reports(paper) == []
    trap = re.search(r'<input [^>]*name="website"[^>]*>', page)[0]
    assert 'tabindex="-1"' in trap
    assert 'autocomplete="off"' in trap


@pytest.mark.parametrize(("after", "status"), [(0, 422), (1.5, 422), (2, 303), (86_400, 303)])
def test_nobody_types_so_fast(
    paper: Flask, client: FlaskClient, clock: Clock, after: float, status: int
) -> None:
    answer = sent(client, clock, after=after)

    assert answer.status_code == status
    if status == 422:
        page = again(answer, 422, "faster than people type")
        assert shown(page, "words") == "wrold"
        assert sent(client, clock, stamp=stamp_of(page), after=2).status_code == 303


@pytest.mark.parametrize("stamp", ["", "x", "InplYWgi.aGVsbG8.x"])
def test_a_stamp_that_is_old_or_not_ours_is_replaced(
    paper: Flask, client: FlaskClient, clock: Clock, stamp: str
) -> None:
    data = {"address": ARTICLE, "words": "wrold", "stamp": stamp or stamp_of(opened(client))}
    clock.shift(timedelta(days=1, seconds=1))

    page = again(client.post("/report", data=data), 422, "open for too long")

    assert shown(page, "words") == "wrold"
    assert reports(paper) == []
    assert sent(client, clock, stamp=stamp_of(page)).status_code == 303


def test_a_form_that_is_sent_twice_is_one_report(
    paper: Flask, client: FlaskClient, clock: Clock
) -> None:
    stamp = stamp_of(opened(client))

    first = sent(client, clock, stamp=stamp)
    with paper.app_context():
        a_look(db.session.get_one(Spot, 1).article, TEXT)
    second = sent(client, clock, stamp=stamp)

    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert len(reports(paper)) == 1


def test_another_report_from_the_same_form_is_asked_for_again_under_its_own_id(
    paper: Flask, client: FlaskClient, clock: Clock
) -> None:
    stamp = stamp_of(opened(client))
    sent(client, clock, stamp=stamp)

    page = again(sent(client, clock, stamp=stamp, words="teh"), 409, "another report")

    assert stamp_of(page) != stamp
    assert shown(page, "words") == "teh"
    assert sent(client, clock, stamp=stamp_of(page), words="teh").status_code == 303
    assert [report.exact for report in reports(paper)] == ["wrold", "teh"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 303),
        ("null", 403),
        ("https://feedback.example", 303),
        ("http://localhost", 303),
        (ORIGIN, 403),
        ("https://evil.example", 403),
        ("https://feedback.example.evil.example", 403),
        ("", 403),
    ],
)
def test_a_form_from_another_website_is_refused(
    paper: Flask, client: FlaskClient, clock: Clock, origin: str | None, status: int
) -> None:
    headers = {} if origin is None else {"Origin": origin}

    answer = sent(client, clock, headers=headers)

    assert answer.status_code == status
    if status == 403:
        again(answer, 403, "Another website has sent this form.")
        assert reports(paper) == []


@pytest.mark.parametrize("limit", ["limit_reader", "limit_site"])
def test_the_limits_are_those_of_the_api(
    make_app: Callable[..., Flask], clock: Clock, limit: str
) -> None:
    app = make_app(**{limit: "2 per minute"})
    with app.app_context():
        a_site()
    client = app.test_client()
    send(client)
    assert sent(client, clock).status_code == 303

    answer = sent(client, clock, comment="kept")

    page = again(answer, 429, ENGLISH["tooMany"], ENGLISH["later"])
    assert int(answer.headers["Retry-After"]) >= 1
    assert shown(page, "comment") == "kept"
    assert len(reports(app)) == 2


def test_of_a_busy_database_the_form_comes_back(
    paper: Flask, client: FlaskClient, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise OperationalError("BEGIN IMMEDIATE", None, Exception("database is locked"))

    monkeypatch.setattr(intake, "receive", busy)

    answer = sent(client, clock)

    page = again(answer, 503, ENGLISH["unavailable"], ENGLISH["later"])
    assert answer.headers["Retry-After"] == "5"
    assert shown(page, "words") == "wrold"


def test_a_form_beyond_all_measure_is_refused(client: FlaskClient) -> None:
    answer = client.post("/report", data={"words": "x" * 300_000})

    assert answer.status_code == 413


def test_reports_are_counted_with_those_of_the_dialog(
    paper: Flask, client: FlaskClient, clock: Clock
) -> None:
    send(client)
    sent(client, clock)
    sent(client, clock, words="")

    figures = client.get("/metrics").text

    assert 'feedback_reports_total{outcome="taken"} 2.0' in figures
    assert 'feedback_reports_total{outcome="invalid"} 1.0' in figures


# What its pages are like


def test_what_is_hostile_stays_text(paper: Flask, client: FlaskClient, clock: Clock) -> None:
    fields = {"words": HOSTILE, "correction": HOSTILE, "comment": HOSTILE}
    asked = opened(
        client, f"?url={quote(ORIGIN + '/' + chr(34) + '><script>')}&lang={quote(HOSTILE)}"
    )

    back = sent(client, clock, address=HOSTILE, **fields)
    taken = sent(client, clock, **fields)

    receipt = client.get(taken.headers["Location"]).text
    for page in (asked, back.text, receipt):
        assert "<script>" not in page
        assert "<img" not in page
        assert "12333321" not in page
    assert shown(back.text, "words") == HOSTILE
    assert shown(back.text, "address") == HOSTILE


def test_it_reads_no_cookie_and_sets_none(paper: Flask, clock: Clock) -> None:
    client = signed_in(paper)
    base = "https://feedback.example"
    stamp = stamp_of(client.get("/report", base_url=base).text)
    data = {"stamp": stamp, "address": ARTICLE, "words": "wrold"}

    answers = [
        client.get("/report", base_url=base),
        client.post("/report", base_url=base, data=data),
    ]
    clock.shift(20)
    answers.append(client.post("/report", base_url=base, data=data))

    assert [answer.status_code for answer in answers] == [200, 422, 303]
    for answer in answers:
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "ed@paper.example" not in answer.text


def test_it_has_no_script_and_asks_for_no_address_of_its_reader(client: FlaskClient) -> None:
    page = opened(client)

    assert "<script" not in page
    assert "email" not in page
    assert json.dumps(ENGLISH["form"]["lead"])[1:-1] in page
