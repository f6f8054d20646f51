"""What readers say a mistake is, and what it is about when it is not the words themselves."""

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts.models import Editor
from feedback.anchoring.locate import Presence
from feedback.db import db
from feedback.desk.decisions import Verdict, decide
from feedback.desk.models import Kind, Reason
from feedback.reports import schema
from feedback.reports.models import Spot
from feedback.sites import Site
from feedback.statements import Statement
from tests.makers import TEXT, a_body, a_look, a_spot, a_token, newsroom, send, signed_in, standing

IMAGE = {"type": "image", "text": "A lmap", "url": "https://paper.example/lamp.jpg"}
OTHER = {"type": "image", "text": "A boat", "url": "https://paper.example/boat.jpg"}
LINK = {"type": "link", "text": "wrold", "url": "https://gone.example/"}


@pytest.fixture
def site(app: Flask) -> Any:
    with newsroom(app) as (site, _):
        yield site


def words(page: str) -> str:
    """What a page says; only `<bdi>` stands inside of words."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", re.sub(r"</?bdi[^>]*>", "", page))).split())


def spots() -> list[Spot]:
    return list(db.session.query(Spot).order_by(Spot.id))


def test_a_report_before_an_upgrade_is_the_same_after_it() -> None:
    body = a_body(id="00000000-0000-4000-8000-000000000001")
    plain = schema.Submission.model_validate(body)

    with_new = schema.Submission.model_validate(body | {"kind": "", "about": None})

    assert plain.id == UUID(body["id"])
    assert plain.digest.hex() == (
        "8196db9a8f37a9564adb2d8aa2d15ad0d635c376ba20631028b498e1efbb6fcf"
    )
    assert with_new.digest == plain.digest
    said = schema.Submission.model_validate(body | {"kind": "typo"})
    assert said.digest != plain.digest


@pytest.mark.parametrize("kind", ["typo", "fact", "link", "other", ""])
def test_a_kind_is_kept(site: Site, kind: str) -> None:
    spot = a_spot(site, kind=kind)

    assert spot.reports[0].kind == kind


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("kind", "rant", "kind"),
        ("kind", 7, "kind"),
        ("about", "image", "about"),
        ("about", {"type": "video"}, "about.type"),
        ("about", IMAGE | {"text": "x" * 501}, "about.text"),
        ("about", IMAGE | {"url": "x" * 2049}, "about.url"),
        ("about", IMAGE | {"url": "a\0b"}, "about.url"),
        ("about", IMAGE | {"more": 1}, "about.more"),
    ],
)
def test_what_is_not_of_the_form_is_refused_by_name(
    client: FlaskClient, site: Site, field: str, value: Any, named: str
) -> None:
    answer = send(client, a_body() | {field: value})

    assert answer.status_code == 422
    assert answer.json["field"].startswith(named)


def test_an_image_and_the_words_beside_it_are_two_spots(site: Site) -> None:
    words = a_spot(site)
    image = a_spot(site, about=IMAGE, correction="A lamp")

    assert image.id != words.id
    assert (image.about, image.about_text, image.about_url) == tuple(IMAGE.values())
    assert image.correction == "A lamp"
    assert image.faulty == "A lmap"
    assert image.presence is Presence.UNVERIFIABLE


def test_readers_of_one_image_meet_on_its_spot(site: Site) -> None:
    first = a_spot(site, about=IMAGE, correction="A lamp")
    a_spot(site, about=OTHER)

    again = a_spot(site, about=IMAGE, correction="The lamp")
    third = a_spot(site, about=IMAGE, correction="The lamp")

    assert first.id == again.id == third.id
    assert standing(first).readers == 3
    assert standing(first).correction == "The lamp"
    assert len(spots()) == 2


@pytest.mark.parametrize("url", ["", IMAGE["url"]])
def test_an_image_is_known_by_its_address_or_where_it_has_none_by_its_text(
    site: Site, url: str
) -> None:
    for text in ("A lmap", "A boat"):
        a_spot(site, about={"type": "image", "text": text, "url": url})

    assert len(spots()) == (1 if url else 2)


@pytest.mark.parametrize(("about", "wrong"), [(IMAGE, "A lmap"), (LINK, LINK["url"])])
def test_a_correction_that_changes_nothing_is_none(
    site: Site, about: dict[str, str], wrong: str
) -> None:
    spot = a_spot(site, about=about, correction=wrong)
    a_spot(site, about=about, correction=TEXT[:5])

    assert spot.faulty == wrong
    assert spot.correction == spot.reports[0].vote == ""
    assert standing(spot).correction == TEXT[:5]


def test_what_an_image_should_say_is_no_word_on_the_text_it_was_merged_into(app: Flask) -> None:
    with newsroom(app) as (site, editor):
        image, words = a_spot(site, about=IMAGE, correction="A lamp"), a_spot(site)
        decide(db.session, image, editor, Verdict(Kind.MERGE, 1, into=words.id))
        db.session.commit()

        for _ in range(2):
            a_spot(site, about=IMAGE, correction="A lamp")

        assert standing(words).readers == 4
        assert words.correction == "world"


def test_the_article_check_leaves_images_and_links_to_editors(site: Site) -> None:
    link = a_spot(site, about=LINK)
    words = a_spot(site)

    for _ in range(2):
        a_look(words.article, TEXT.replace("wrold", "world"))

    assert standing(words).status == "fixed"
    assert standing(link).status == "waiting"
    assert link.presence is Presence.UNVERIFIABLE


def test_the_desk_says_what_it_is_about_and_links_to_nothing_of_a_readers(app: Flask) -> None:
    hostile = {"type": "link", "text": "<b>x</b>", "url": "javascript:alert(1)"}
    with newsroom(app) as (site, _):
        a_spot(site, about=hostile, kind="link", email="ann@reader.example")
    ed = signed_in(app)

    queue = ed.get("/desk/sites/1/", base_url="https://feedback.example").text
    page = ed.get("/desk/spots/1", base_url="https://feedback.example").text

    for text in (queue, page):
        assert "javascript:alert(1)" in text
        assert 'href="javascript:' not in text
        assert "<b>x</b>" not in text
    assert "Broken link" in page
    assert "Wants an answer" in page
    assert "ann@reader.example" not in page


#: What a report is about, what should be there, and how the desk and the receipt say it.
SAID = [
    (IMAGE, "", "About the image with this alternative text, beside “teh” A lmap https://paper"),
    (IMAGE, "A lamp", "beside “teh” A remove: lmap ; write: lamp ; https://paper.example/lamp.jpg"),
    (IMAGE | {"text": ""}, "", "About an image without alternative text, beside “teh” https://pa"),
    (IMAGE | {"text": "", "url": ""}, "A lamp", "beside “teh” write: A lamp"),
    (LINK, "", "About the link “wrold”, which leads to https://gone.example/"),
    (LINK, "https://lamps.example/", "leads to remove: https://gone.example/ ; write: https://la"),
    (LINK | {"text": "", "url": ""}, "", "About the link “teh”"),
]


@pytest.mark.parametrize(("about", "correction", "said"), SAID)
def test_editors_and_the_reader_see_what_it_is_about(
    app: Flask, client: FlaskClient, about: dict[str, str], correction: str, said: str
) -> None:
    with newsroom(app):
        pass
    body = a_body("teh", about=about, correction=correction, kind="other")
    receipt = send(client, body).json["receipt"].removeprefix("https://feedback.example")
    ed = signed_in(app)

    pages = [
        ed.get(path, base_url="https://feedback.example").text
        for path in ("/desk/sites/1/", "/desk/spots/1", receipt)
    ]

    for page in pages:
        assert said in words(page)
        assert "<mark></mark>" not in page
    assert all("Something else" in page for page in pages[1:])
    assert "Only an editor can tell" in pages[0]
    assert "stands behind a wall" not in pages[1]


def test_programs_read_what_it_is_about(app: Flask, client: FlaskClient) -> None:
    with newsroom(app) as (site, editor):
        spot_id = a_spot(site, about=IMAGE, kind="other").id
        token = a_token(editor, site)

    answer = client.get(f"/api/v1/spots/{spot_id}", headers={"Authorization": f"Bearer {token}"})

    assert answer.json["about"] == IMAGE
    assert answer.json["reports"][0]["about"] == IMAGE
    assert answer.json["reports"][0]["kind"] == "other"


class TestTheAnswer:
    def test_of_what_waits_it_says_no_more_than_before(
        self, client: FlaskClient, site: Site
    ) -> None:
        told = send(client).json

        assert set(told) == {"id", "receipt", "readers", "status"}

    def test_it_says_when_and_why_a_spot_was_kept(self, app: Flask, client: FlaskClient) -> None:
        with newsroom(app) as (site, editor):
            decided(site, editor, Verdict(Kind.REJECT, 1, Reason.QUOTED))

        told = send(client).json

        assert told["status"] == "rejected"
        assert told["reason"] == "quoted"
        assert told["because"] == "It is a quotation, kept word for word."
        assert told["decided_at"].endswith("Z")

    def test_the_reason_is_told_in_the_articles_language(
        self, app: Flask, client: FlaskClient
    ) -> None:
        with newsroom(app) as (site, editor):
            decided(site, editor, Verdict(Kind.REJECT, 1, Reason.QUOTED))

        told = send(client, a_body(lang="de-AT")).json

        assert "Zitat" in told["because"]

    @pytest.mark.parametrize("reason", [Reason.OTHER, Reason.ABUSE])
    def test_some_reasons_are_not_for_readers(
        self, app: Flask, client: FlaskClient, reason: Reason
    ) -> None:
        with newsroom(app) as (site, editor):
            decided(site, editor, Verdict(Kind.REJECT, 1, reason))

        assert send(client).json["because"] is None

    @pytest.mark.parametrize("later", [Kind.REOPEN, Kind.UNDO, Kind.REJECT])
    def test_a_retry_is_told_the_same(self, app: Flask, client: FlaskClient, later: Kind) -> None:
        reason = Reason.CORRECT if later is Kind.REJECT else None
        with newsroom(app) as (site, editor):
            first_verdict = Verdict(Kind.ACCEPT if reason else Kind.FIX, 1)
            spot = decided(site, editor, first_verdict)
            body = a_body()
            first = send(client, body).json
            db.session.refresh(spot)
            decide(db.session, spot, editor, Verdict(later, spot.version, reason))
            db.session.commit()

        again = send(client, body)

        assert again.status_code == 200
        assert again.json == first
        assert first["decided_at"]
        assert first["reason"] is None

    def test_of_what_waits_it_asks_nothing_more(
        self, client: FlaskClient, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        a_spot(site)
        asked, _ = watched()
        carried_out(monkeypatch, asked)

        send(client)

        assert not any("FROM decision" in statement for statement in asked)
        assert sum("SELECT" in statement and "FROM report" in statement for statement in asked) == 2

    def test_of_what_was_decided_it_asks_without_a_lock(
        self, app: Flask, client: FlaskClient
    ) -> None:
        with newsroom(app) as (site, editor):
            decided(site, editor, Verdict(Kind.FIX, 1))
            asked, writes = watched()

            send(client)

            assert sum("FROM decision" in statement for statement in asked) == 1
            assert sum(writes) == 1


def watched() -> tuple[list[str], list[bool]]:
    """What the database is asked from now on, and of each transaction whether it may write."""
    asked: list[str] = []
    writes: list[bool] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    sa.event.listen(
        db.engine,
        "begin",
        lambda connection: writes.append(not connection.get_execution_options().get("reads")),
    )
    return asked, writes


def carried_out(monkeypatch: pytest.MonkeyPatch, asked: list[str]) -> None:
    """Note what statements on the driver ask, too."""
    carry_out = Statement.all

    def noted(self: Statement, connection: sa.Connection, **values: Any) -> list[Any]:
        asked.append(self.text(connection.dialect))
        return carry_out(self, connection, **values)

    monkeypatch.setattr(Statement, "all", noted)


def decided(site: Site, editor: Editor, verdict: Verdict) -> Spot:
    """A spot of the usual words that an editor has decided on."""
    spot = a_spot(site)
    decide(db.session, spot, editor, verdict)
    db.session.commit()
    return spot
