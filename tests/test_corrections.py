"""What a site tells everybody of its corrections: what is beyond doubt, and only if it wants."""

import json
import re
import xml.etree.ElementTree as ET
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts.models import Act, Editor, Role
from feedback.db import db, now
from feedback.desk import corrections
from feedback.desk.decisions import Verdict, decide
from feedback.desk.models import Decision, Kind, Reason
from feedback.reports.models import Spot, Status
from feedback.sites import Site
from feedback.web import badge
from tests.makers import (
    ORIGIN,
    TEXT,
    a_body,
    a_look,
    a_spot,
    an_editor,
    csrf,
    newsroom,
    send,
    signed_in,
)
from tests.test_query_counts import heard

BASE = "https://feedback.example"
ARTICLE = f"{ORIGIN}/news/captain"
FIXED = TEXT.replace("The wrold is", "The world is")
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def paper(app: Flask) -> Flask:
    """A site that tells what it corrects."""
    with newsroom(app) as (site, _):
        site.corrections = True
        db.session.commit()
    return app


def reported(app: Flask, exact: str = "wrold", **more: Any) -> int:
    with app.app_context():
        return a_spot(db.session.get_one(Site, 1), exact, **more).id


def decided(app: Flask, spot_id: int, kind: Kind = Kind.FIX, **more: Any) -> None:
    with app.app_context():
        spot, editor = db.session.get_one(Spot, spot_id), db.session.get_one(Editor, 1)
        reason = Reason.STYLE if kind is Kind.REJECT else None
        decide(db.session, spot, editor, Verdict(kind, spot.version, reason, **more))
        db.session.commit()


def looked(app: Flask, spot_id: int, *texts: str) -> None:
    with app.app_context():
        for text in texts:
            a_look(db.session.get_one(Spot, spot_id).article, text)


def told(client: FlaskClient, query: str = "") -> list[tuple[str, str]]:
    """What the JSON feed tells: what was said, what is said now."""
    items = client.get(f"/corrections/1.json{query}").json["items"]
    return [(item["_correction"]["said"], item["_correction"]["says"]) for item in items]


PATHS = ("/corrections/1", "/corrections/1.atom", "/corrections/1.json", "/corrections/1/badge.svg")


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_there_unless_an_owner_wants_it(
    app: Flask, client: FlaskClient, path: str
) -> None:
    with newsroom(app):
        pass

    assert client.get(path).status_code == 404
    assert client.get(path.replace("1", "2")).status_code == 404
    assert client.get(path.replace("1", str(2**63))).status_code == 404


# What is told


def test_what_two_looks_saw_is_told_in_the_articles_own_words(
    paper: Flask, client: FlaskClient
) -> None:
    spot_id = reported(paper, nth=1, correction="a reader's idea")

    looked(paper, spot_id, TEXT, FIXED, FIXED)

    assert told(client) == [("wrold", "world")]


def test_what_the_article_says_later_leaves_a_correction_as_it_was(
    paper: Flask, client: FlaskClient
) -> None:
    spot_id = reported(paper, nth=1)
    looked(paper, spot_id, TEXT, FIXED, FIXED)

    looked(paper, spot_id, TEXT.replace("The wrold is", "The planet is"))

    assert told(client) == [("wrold", "world")]


def test_an_editors_own_words_are_told_where_no_look_can_tell(
    paper: Flask, client: FlaskClient
) -> None:
    spot_id = reported(paper, correction="a reader's idea")

    decided(paper, spot_id, correction="world")

    assert told(client) == [("wrold", "world")]


def test_what_an_editor_confirmed_is_told_and_what_readers_say_later_is_not(
    paper: Flask, client: FlaskClient
) -> None:
    spot_id = reported(paper, correction="world")
    decided(paper, spot_id)

    for _ in range(3):
        send(client, a_body(correction="libel", comment="libel"))

    with paper.app_context():
        assert db.session.get_one(Spot, spot_id).correction == "libel"
    assert told(client) == [("wrold", "world")]
    assert "libel" not in client.get("/corrections/1").text


def test_what_the_article_says_counts_more_than_what_an_editor_said(
    paper: Flask, client: FlaskClient
) -> None:
    spot_id = reported(paper, nth=1)
    looked(paper, spot_id, TEXT)
    decided(paper, spot_id, correction="globe")
    before = told(client)

    looked(paper, spot_id, FIXED)

    assert before == []  # the old words still stand there
    assert told(client) == [("wrold", "world")]


def test_words_that_were_taken_out_are_told(paper: Flask, client: FlaskClient) -> None:
    spot_id = reported(paper, nth=1, correction="")

    gone = TEXT.replace("The wrold is", "The is")
    looked(paper, spot_id, TEXT, gone, gone)

    assert told(client) == [("wrold", "")]
    assert "“wrold” was taken out." in client.get("/corrections/1.atom").text


@pytest.mark.parametrize("kind", [None, Kind.ACCEPT, Kind.REJECT, Kind.SNOOZE])
def test_what_is_not_fixed_is_not_told(
    paper: Flask, client: FlaskClient, kind: Kind | None
) -> None:
    spot_id = reported(paper)
    if kind:
        decided(paper, spot_id, kind)

    assert told(client) == []


def test_a_fix_without_any_words_is_not_told(paper: Flask, client: FlaskClient) -> None:
    decided(paper, reported(paper, correction=""))

    assert told(client) == []


def test_a_passage_that_is_gone_is_no_correction(paper: Flask, client: FlaskClient) -> None:
    spot_id = reported(paper, nth=1)
    without = TEXT.replace(TEXT.split("\n")[1], "An advertisement, of all things. " * 4)
    looked(paper, spot_id, TEXT, without)

    decided(paper, spot_id)

    assert told(client) == []


@pytest.mark.parametrize("type_", ["image", "link"])
def test_images_and_links_are_not_told(paper: Flask, client: FlaskClient, type_: str) -> None:
    about = {"type": type_, "text": "A shpi", "url": f"{ORIGIN}/x"}
    send(client, a_body(correction="A ship", about=about))
    decided(paper, 1, correction="https://evil.example/")

    assert told(client) == []
    assert "evil" not in client.get("/corrections/1").text


def test_nobody_hears_before_the_time_to_undo_is_over(make_app: Any) -> None:
    app = make_app(undo_seconds=30)
    with newsroom(app) as (site, _):
        site.corrections = True
        db.session.commit()
    decided(app, reported(app))
    client = app.test_client()

    early = told(client)
    with time_machine.travel(now() + timedelta(seconds=31)):
        late = told(client)

    assert (early, late) == ([], [("wrold", "world")])


def test_what_is_undone_or_reopened_is_told_no_more(paper: Flask, client: FlaskClient) -> None:
    for exact, kind in (("wrold", Kind.UNDO), ("teh", Kind.REOPEN)):
        spot_id = reported(paper, exact, correction="x")
        decided(paper, spot_id)
        decided(paper, spot_id, kind)

    assert told(client) == []


def test_another_sites_corrections_are_not_among_them(paper: Flask, client: FlaskClient) -> None:
    with paper.app_context():
        other = Site(name="Tribune", created_at=now(), corrections=True)
        db.session.add(other)
        db.session.commit()
    decided(paper, reported(paper))

    assert client.get("/corrections/2.json").json["items"] == []


# The page


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", page)).split())


def test_the_page_says_what_it_said_what_it_says_when_and_where(
    paper: Flask, client: FlaskClient
) -> None:
    with time_machine.travel("2026-03-12T12:00:00Z"):
        decided(paper, reported(paper, nth=1))

    page = client.get("/corrections/1").text

    assert re.search(r"The <del>.*wrold.*</del><ins>.*world.*</ins> is round", page)
    assert '<time datetime="2026-03-12T12:00:00' in page
    assert "Mar 12, 2026" in page
    assert f'href="{ARTICLE}"' in page
    assert "ed@paper.example" not in page


def test_the_page_is_alike_for_everybody(paper: Flask, client: FlaskClient) -> None:
    decided(paper, reported(paper))

    mine = signed_in(paper).get("/corrections/1", base_url=BASE)
    answer = client.get("/corrections/1", base_url=BASE)

    assert mine.text == answer.text
    assert "Cookie" not in answer.headers["Vary"]
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize("path", PATHS)
def test_who_has_it_already_is_told_so(paper: Flask, client: FlaskClient, path: str) -> None:
    decided(paper, reported(paper))
    etag = client.get(path).headers["ETag"]

    answer = client.get(path, headers={"If-None-Match": etag})

    assert (answer.status_code, answer.data) == (304, b"")


def linked(page: str) -> Any:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return json.loads(found[1]) if found else None


def test_corrections_are_linked_data(paper: Flask, client: FlaskClient) -> None:
    for exact, nth in (("wrold", 0), ("wrold", 1)):
        decided(paper, reported(paper, exact, nth=nth))

    graph = linked(client.get("/corrections/1").text)["@graph"]

    assert [work["url"] for work in graph] == [ARTICLE]
    assert [each["@type"] for each in graph[0]["correction"]] == ["CorrectionComment"] * 2
    assert graph[0]["correction"][0]["text"] == "“wrold” was corrected to “world”."
    assert graph[0]["inLanguage"] == "en"


HOSTILE = "</script><script>alert(1)</script><!-- \x01\x0b\ufffe ]]> & “x"


def test_hostile_words_are_words(paper: Flask, client: FlaskClient) -> None:
    decided(paper, reported(paper), correction=HOSTILE)

    page = client.get("/corrections/1").text
    feed = client.get("/corrections/1.atom")
    items = client.get("/corrections/1.json").json["items"]

    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert "alert(1)" in linked(page)["@graph"][0]["correction"][0]["text"]
    assert "alert(1)" in (ET.fromstring(feed.data).findtext(f"{ATOM}entry/{ATOM}content") or "")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe]", feed.text + json.dumps(items))
    assert items[0]["_correction"]["says"].startswith("</script>")


def many(app: Flask, number: int) -> None:
    """Fixed spots, the later the newer."""
    with app.app_context():
        first = a_spot(db.session.get_one(Site, 1))
        at = now() - timedelta(days=1)
        row = {column.key: getattr(first, column.key) for column in Spot.__table__.columns}
        rows = [
            row
            | {"id": n, "exact": f"wrold{n}", "status": Status.FIXED, "version": 1}
            | {"moved_at": at + timedelta(seconds=n // 3), "settled": True}
            for n in range(2, number + 2)
        ]
        db.session.execute(sa.insert(Spot), rows)
        db.session.execute(
            sa.insert(Decision),
            [
                {"spot_id": each["id"], "kind": Kind.FIX, "note": "", "at": each["moved_at"]}
                | {"editor_id": 1, "status_before": Status.WAITING, "status_after": Status.FIXED}
                | {"correction_before": "world", "settled_before": False}
                for each in rows
            ],
        )
        db.session.commit()


def test_pages_follow_one_another_without_a_gap(paper: Flask, client: FlaskClient) -> None:
    many(paper, 120)

    seen, path = [], "/corrections/1"
    for _ in range(3):
        page = client.get(path).text
        seen += re.findall(r"wrold(\d+)", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = unescape(older[1]) if older else ""

    assert seen == [str(n) for n in range(121, 1, -1)]
    assert path == ""


def test_a_page_goes_on_past_much_that_is_no_correction(
    paper: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "LOOKED", 20)
    many(paper, 60)
    with paper.app_context():
        nobody_knows = Spot.id.between(10, 58)
        db.session.execute(sa.update(Spot).where(nobody_knows).values(settled=True, correction=""))
        db.session.commit()

    seen, path = [], "/corrections/1.json"
    while path:
        feed = client.get(path).json
        seen += [item["_correction"]["said"] for item in feed["items"]]
        path = feed.get("next_url", "")

    assert seen == [f"wrold{n}" for n in (61, 60, 59, 9, 8, 7, 6, 5, 4, 3, 2)]


def test_feeds_name_what_is_older(paper: Flask, client: FlaskClient) -> None:
    many(paper, 51)

    older = client.get("/corrections/1.json").json["next_url"]
    feed = ET.fromstring(client.get("/corrections/1.atom").data)

    assert [item["id"][-2:] for item in client.get(older).json["items"]] == ["/2"]
    links = {link.get("rel"): link.get("href") for link in feed.iterfind(f"{ATOM}link")}
    assert links["next"] == older.replace(".json", ".atom")
    assert links["self"] == f"{BASE}/corrections/1.atom"


@pytest.mark.parametrize(
    "before", ["x", "MQ", "LTEuLTE", "MS4x" * 90, "\x00", "ÿ", "MS45OTk5OTk5OTk5OTk5OTk5OTk5OTk"]
)
def test_a_place_that_is_none_is_not_found(paper: Flask, client: FlaskClient, before: str) -> None:
    assert client.get("/corrections/1", query_string={"before": before}).status_code == 404


def test_one_article_has_its_own_page(paper: Flask, client: FlaskClient) -> None:
    decided(paper, reported(paper))
    decided(paper, reported(paper, "teh", url=f"{ORIGIN}/news/deck", correction="the"))

    assert told(client, f"?article={ARTICLE}?utm_source=x") == [("wrold", "world")]
    assert told(client) == [("teh", "the"), ("wrold", "world")]
    page = words(client.get(f"/corrections/1?article={ARTICLE}").text)
    assert "In this article: The end of the wrold" in page


@pytest.mark.parametrize("article", ["", "x", f"{ORIGIN}/none", "https://elsewhere.example/"])
def test_an_article_that_is_not_the_sites_is_not_found(
    paper: Flask, client: FlaskClient, article: str
) -> None:
    answer = client.get("/corrections/1", query_string={"article": article})

    assert answer.status_code == 404


def test_one_network_asks_so_often(make_app: Any) -> None:
    app = make_app(limit_public="2 per minute")
    with newsroom(app) as (site, _):
        site.corrections = True
        db.session.commit()
    client = app.test_client()

    answers = [client.get("/corrections/1") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


# The feeds


def test_the_feed_is_atom(paper: Flask, client: FlaskClient) -> None:
    decided(paper, reported(paper))

    answer = client.get("/corrections/1.atom")
    feed = ET.fromstring(answer.data)

    assert answer.mimetype == "application/atom+xml"
    assert faults(feed) == []
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == "“wrold” was corrected to “world”."
    ids = [element.text or "" for element in feed.iter(f"{ATOM}id")]
    assert all(re.fullmatch(r"tag:feedback\.example,\d{4}-\d\d-\d\d:[!-~]+", each) for each in ids)
    assert ids == [
        each.text
        for each in ET.fromstring(client.get("/corrections/1.atom").data).iter(f"{ATOM}id")
    ]


def faults(feed: ET.Element) -> list[str]:
    """What RFC 4287 asks of a feed and this one lacks."""
    found = [] if feed.tag == f"{ATOM}feed" else ["no feed"]
    found += [
        f"feed/{tag}" for tag in ("id", "title", "updated") if len(feed.findall(ATOM + tag)) != 1
    ]
    found += [] if feed.findtext(f"{ATOM}author/{ATOM}name") else ["author"]
    alternates = [link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
    found += [] if len(alternates) == 1 else ["alternate"]
    entries = feed.findall(f"{ATOM}entry")
    for entry in entries:
        found += [
            f"entry/{tag}"
            for tag in ("id", "title", "updated")
            if len(entry.findall(ATOM + tag)) != 1
        ]
        found += [] if entry.find(f"{ATOM}link") is not None else ["link"]
    for element in (*feed.iter(f"{ATOM}updated"), *feed.iter(f"{ATOM}published")):
        moment = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
        found += [] if re.fullmatch(moment, element.text or "") else ["moment"]
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    return [*found, *(["ids"] if len(ids) != len(set(ids)) else [])]


def test_an_empty_feed_is_atom_too(paper: Flask, client: FlaskClient) -> None:
    assert faults(ET.fromstring(client.get("/corrections/1.atom").data)) == []


def test_the_other_feed_is_json_feed(paper: Flask, client: FlaskClient) -> None:
    decided(paper, reported(paper))

    answer = client.get("/corrections/1.json")

    assert answer.mimetype == "application/feed+json"
    assert answer.json["version"] == "https://jsonfeed.org/version/1.1"
    assert answer.json["feed_url"] == f"{BASE}/corrections/1.json"
    item = answer.json["items"][0]
    assert set(item) == {
        *("id", "url", "title", "content_text", "date_published", "date_modified", "_correction"),
    }
    assert item["url"].startswith(ARTICLE)


# The badge


def picture(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"/corrections/1/badge.svg{query}")
    assert answer.mimetype == "image/svg+xml"
    ET.fromstring(answer.data)
    return answer.text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 misspellings fixed this month, thanks to readers"),
        (1, "1 misspelling fixed this month, thanks to readers"),
        (2, "2 misspellings fixed this month, thanks to readers"),
    ],
)
def test_the_badge_counts(paper: Flask, client: FlaskClient, number: int, text: str) -> None:
    with time_machine.travel("2026-03-31T23:00:00Z"):
        decided(paper, reported(paper, "deck", correction="last month"))
    with time_machine.travel("2026-04-01T00:00:01Z"):
        for exact in ("wrold", "teh")[:number]:
            decided(paper, reported(paper, exact, correction="x"))

    with time_machine.travel("2026-04-30T12:00:00Z"):
        assert f'<title id="title">{text}</title>' in picture(client)


def test_the_badge_does_not_count_for_ever(
    paper: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "COUNTED", 2)
    with time_machine.travel("2026-04-15T12:00:00Z"):
        many(paper, 3)

        assert "2+ misspellings" in picture(client)


def test_the_badge_may_be_shown_anywhere_and_kept_for_an_hour(
    paper: Flask, client: FlaskClient
) -> None:
    headers = client.get("/corrections/1/badge.svg").headers

    assert headers["Cache-Control"] == "public, max-age=3600"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Content-Security-Policy"] == badge.POLICY
    assert "unsafe" not in badge.POLICY


def test_a_picture_is_as_wide_as_its_words() -> None:
    assert badge.measured("") == 0
    assert badge.measured("iii") < badge.measured("aaa") < badge.measured("WWW")
    assert badge.measured("a\u0301") < badge.measured("aa")
    assert badge.measured("字") == 12


# Owners


def owner(app: Flask) -> FlaskClient:
    with app.app_context():
        an_editor(db.session.get_one(Site, 1), "owner@paper.example", Role.OWNER)
    return signed_in(app, "owner@paper.example")


DESK = "/desk/sites/1/corrections"


def keep(client: FlaskClient, **data: str) -> Any:
    page = client.get("/desk/profile", base_url=BASE).text
    headers = {"Referer": BASE + DESK}
    data["csrf_token"] = csrf(page)
    return client.post(DESK, base_url=BASE, headers=headers, data=data)


def test_an_owner_switches_it_on_and_off_and_that_is_on_record(
    app: Flask, client: FlaskClient
) -> None:
    with newsroom(app):
        pass
    olive = owner(app)

    on = keep(olive, corrections="1")
    there = client.get("/corrections/1").status_code
    page = olive.get(DESK, base_url=BASE).text
    off = keep(olive)

    assert (on.status_code, off.status_code) == (303, 303)
    assert (there, client.get("/corrections/1").status_code) == (200, 404)
    assert "&lt;div data-feedback-corrections&gt;&lt;/div&gt;" in page
    assert f"{BASE}/corrections/1/badge.svg" in page
    with app.app_context():
        kinds = db.session.scalars(sa.select(Act.kind).order_by(Act.id)).all()
    assert kinds[-2:] == ["corrections-on", "corrections-off"]


def test_who_is_no_owner_may_not(app: Flask, client: FlaskClient) -> None:
    with newsroom(app):
        pass

    answer = keep(signed_in(app), corrections="1")

    assert answer.status_code == 403
    assert client.get("/corrections/1").status_code == 404


# What it costs


@pytest.mark.parametrize("article_id", [None, 1])
def test_a_page_is_found_by_an_index(paper: Flask, article_id: int | None) -> None:
    many(paper, 60)
    with paper.app_context():
        if db.engine.dialect.name == "postgresql":  # few rows are read whole, whatever there is
            db.session.execute(sa.text("SET enable_seqscan = off"))
            db.session.execute(sa.text("SET enable_sort = off"))
            db.session.execute(sa.text("SET enable_incremental_sort = off"))
        place = corrections.Place(now(), 50)
        found = corrections.fixed(1, now(), place, article_id).with_only_columns(Spot.id)

        plan = explained(found)

    assert "ix_spot_told" in plan
    assert "TEMP B-TREE" not in plan


def explained(found: sa.Select[Any]) -> str:
    postgres = db.engine.dialect.name == "postgresql"
    written = found.compile(db.engine, compile_kwargs={"literal_binds": True})
    statement = sa.text(f"EXPLAIN {'' if postgres else 'QUERY PLAN '}{written}")
    return "\n".join(str(row) for row in db.session.execute(statement))


def test_a_page_takes_as_many_statements_whatever_is_behind_it(
    paper: Flask, client: FlaskClient
) -> None:
    decided(paper, reported(paper))
    few = [statements(paper, client, path) for path in PATHS]
    many(paper, 60)

    assert [statements(paper, client, path) for path in PATHS] == few == [3, 3, 3, 2]


def statements(app: Flask, client: FlaskClient, path: str) -> int:
    with heard(app) as told_of:
        assert client.get(path).status_code == 200
    return len(told_of)
