"""The timeline: a reader sees step by step what became of a report, and nothing too early."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts import people
from feedback.accounts.models import Editor, Role
from feedback.db import db
from feedback.desk import claims, decisions, reasons
from feedback.desk.decisions import Verdict
from feedback.desk.models import Kind, Reason
from feedback.reports.models import Spot
from feedback.sites import Site
from tests.makers import a_body, a_site, an_editor, send, signed_in

ED = "ed@paper.example"
BASE = "https://feedback.example"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
#: Seconds for an undo, here.
UNDO = 60

MakeApp = Callable[..., Flask]

AGAIN = "The editors look at it again"
TOGETHER = "Put together with other reports of the same place"
#: What was decided, each at a second, and what its reader is told afterwards.
STORIES: list[tuple[Sequence[tuple[int, Kind]], list[str]]] = [
    ([], ["Received"]),
    ([(100, Kind.ACCEPT)], ["Received", "Accepted"]),
    ([(100, Kind.ACCEPT), (200, Kind.FIX)], ["Received", "Accepted", "Corrected"]),
    ([(100, Kind.REJECT)], ["Received", "Kept as it is"]),
    ([(100, Kind.SNOOZE)], ["Received"]),
    ([(100, Kind.SNOOZE), (200, Kind.FIX)], ["Received", "Corrected"]),
    ([(100, Kind.ACCEPT), (300, Kind.UNDO)], ["Received", "Accepted", AGAIN]),
    ([(100, Kind.ACCEPT), (130, Kind.UNDO)], ["Received"]),
    ([(100, Kind.ACCEPT), (130, Kind.UNDO), (140, Kind.FIX)], ["Received", "Corrected"]),
    (
        [(100, Kind.REJECT), (200, Kind.REOPEN), (300, Kind.ACCEPT)],
        ["Received", "Kept as it is", AGAIN, "Accepted"],
    ),
    (
        [(100, Kind.REJECT), (200, Kind.ACCEPT), (400, Kind.UNDO)],
        ["Received", "Kept as it is", "Accepted", "Kept as it is"],
    ),
]


def at(seconds: float) -> Any:
    return time_machine.travel(NOON + timedelta(seconds=seconds), tick=False)


def decide(app: Flask, seconds: float, kind: Kind, spot_id: int = 1, **more: Any) -> None:
    with at(seconds), app.app_context():
        spot, editor = db.session.get_one(Spot, spot_id), db.session.get_one(Editor, 1)
        reason = Reason.STYLE if kind is Kind.REJECT else None
        decisions.decide(
            db.session, spot, editor, Verdict(kind, spot.version, **({"reason": reason} | more))
        )
        db.session.commit()


def reported(client: FlaskClient, seconds: float = 0, **body: Any) -> str:
    """Let Ann report; give the receipt's path."""
    with at(seconds):
        return urlsplit(send(client, a_body(**body)).json["receipt"]).path


def page(client: FlaskClient, path: str, seconds: float) -> str:
    with at(seconds):
        answer = client.get(path)
    assert answer.status_code == 200
    return answer.text


def steps(html: str) -> list[str]:
    """What the list of steps says, without times."""
    progress = html[html.index('<ol class="record"') : html.index("</ol>")]
    return [unescape(each) for each in re.findall(r"<strong>(.*?)</strong>", progress)]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app(undo_seconds=UNDO)
    with app.app_context():
        people.add(db.session, ED, a_site(), Role.EDITOR)
        db.session.commit()
    return app


def open_page(app: Flask, *moments: float, email: str = ED, role: Role = Role.EDITOR) -> None:
    """Let somebody open the spot's page at these seconds."""
    with app.app_context():
        an_editor(db.session.get_one(Site, 1), email, role)
    with at(moments[0]):
        client = signed_in(app, email)
    for seconds in moments:
        with at(seconds):
            assert client.get("/desk/spots/1", base_url=BASE).status_code == 200


@pytest.mark.parametrize(("story", "told"), STORIES)
def test_each_step_is_told_and_when_it_was(
    app: Flask, client: FlaskClient, story: Sequence[tuple[int, Kind]], told: list[str]
) -> None:
    path = reported(client)
    for seconds, kind in story:
        decide(app, seconds, kind)

    html = page(client, path, 1000)

    assert steps(html) == told
    assert html.count("March 1, 2026") >= len(told)


def test_a_decision_is_told_once_it_cannot_be_undone_any_more(
    app: Flask, client: FlaskClient
) -> None:
    path = reported(client)
    decide(app, 100, Kind.REJECT)

    seen = [steps(page(client, path, seconds)) for seconds in (159, 161)]

    assert seen == [["Received"], ["Received", "Kept as it is"]]


def test_what_was_undone_in_time_is_told_at_no_moment(app: Flask, client: FlaskClient) -> None:
    path = reported(client)
    decide(app, 100, Kind.REJECT)
    decide(app, 150, Kind.UNDO)

    for seconds in (120, 155, 170, 205, 215, 1000):
        html = page(client, path, seconds)

        assert steps(html) == ["Received"]
        assert "It stays as it is" not in html


def test_an_undo_that_comes_late_is_told_late(app: Flask, client: FlaskClient) -> None:
    path = reported(client)
    decide(app, 100, Kind.FIX)
    decide(app, 300, Kind.UNDO)

    seen = [steps(page(client, path, seconds)) for seconds in (310, 370)]

    assert seen == [["Received", "Corrected"], ["Received", "Corrected", AGAIN]]


def test_the_reason_is_told_in_the_sites_words(app: Flask, client: FlaskClient) -> None:
    path = reported(client)
    with app.app_context():
        code = reasons.add(db.session, 1, "Dialect", "Our captain <i>talks</i> so.").code
        db.session.commit()
    decide(app, 100, Kind.REJECT, reason=code)
    decide(app, 200, Kind.ACCEPT)

    html = page(client, path, 1000)

    assert "Our captain &lt;i&gt;talks&lt;/i&gt; so." in html
    assert steps(html) == ["Received", "Kept as it is", "Accepted"]


def test_what_was_decided_before_a_report_came_is_told_as_that(
    app: Flask, client: FlaskClient
) -> None:
    reported(client)
    decide(app, 100, Kind.ACCEPT)
    decide(app, 200, Kind.REJECT)
    path = reported(client, 300)

    html = page(client, path, 1000)

    assert steps(html) == ["Received", "Kept as it is"]
    assert "before your report came" in html


def test_a_report_that_was_merged_shows_the_spot_that_has_it_now(
    app: Flask, client: FlaskClient
) -> None:
    path = reported(client)
    reported(client, 10, exact="teh", correction="the")
    decide(app, 50, Kind.ACCEPT, spot_id=2)
    decide(app, 100, Kind.MERGE, into=2)
    decide(app, 200, Kind.FIX, spot_id=2)

    seen = [steps(page(client, path, seconds)) for seconds in (150, 170, 1000)]

    assert seen[0] == ["Received"]
    assert seen[1] == ["Received", "Accepted", TOGETHER]
    assert seen[2] == ["Received", "Accepted", TOGETHER, "Corrected"]
    assert "teh" not in page(client, path, 1000)


def test_a_merge_that_was_undone_in_time_is_told_at_no_moment(
    app: Flask, client: FlaskClient
) -> None:
    path = reported(client)
    reported(client, 10, exact="teh", correction="the")
    decide(app, 50, Kind.FIX, spot_id=2)
    decide(app, 100, Kind.MERGE, into=2)
    decide(app, 140, Kind.UNDO)

    for seconds in (120, 155, 170, 205, 1000):
        assert steps(page(client, path, seconds)) == ["Received"]


def test_a_report_that_was_split_off_goes_its_own_way(app: Flask, client: FlaskClient) -> None:
    reported(client)
    path = reported(client, 10, comment="mine")
    decide(app, 50, Kind.REJECT)
    decide(app, 200, Kind.SPLIT, reports=(2,))
    decide(app, 300, Kind.FIX, spot_id=2)

    told = steps(page(client, path, 1000))

    assert told == ["Received", "Looked at apart from other reports", "Corrected"]


# Seen


def noticed(app: Flask) -> datetime | None:
    with app.app_context():
        return db.session.get_one(Spot, 1).noticed_at


def test_a_reader_is_told_that_an_editor_has_seen_it(app: Flask, client: FlaskClient) -> None:
    path = reported(client)
    open_page(app, 100)
    decide(app, 200, Kind.ACCEPT)

    assert steps(page(client, path, 1000)) == ["Received", "Seen by an editor", "Accepted"]


def test_that_a_place_was_seen_before_a_report_came_is_told_as_that(
    app: Flask, client: FlaskClient
) -> None:
    reported(client)
    open_page(app, 100)
    path = reported(client, 200)

    html = page(client, path, 1000)

    assert steps(html) == ["Received", "Seen by an editor"]
    assert "before your report came" in html


def test_a_look_after_the_decision_is_no_news(app: Flask, client: FlaskClient) -> None:
    path = reported(client)
    decide(app, 100, Kind.FIX)
    open_page(app, 200)

    assert steps(page(client, path, 1000)) == ["Received", "Corrected"]


def test_it_is_kept_when_an_editor_first_had_a_spot_open(app: Flask, client: FlaskClient) -> None:
    reported(client)
    open_page(app, 100, 200)

    assert noticed(app) == NOON + timedelta(seconds=100)


def test_a_claim_is_a_look_too(app: Flask, client: FlaskClient) -> None:
    reported(client)
    for seconds in (100, 200):
        with at(seconds), app.app_context():
            editor = db.session.get_one(Editor, 1)
            claims.take(db.session, 1, editor, NOON + timedelta(seconds=seconds))
            db.session.commit()

    assert noticed(app) == NOON + timedelta(seconds=100)


def test_a_viewers_look_is_none(app: Flask, client: FlaskClient) -> None:
    reported(client)
    open_page(app, 100, email="viewer@paper.example", role=Role.VIEWER)

    assert noticed(app) is None


# The page


def test_the_title_of_an_article_that_was_never_read_is_not_told(
    app: Flask, client: FlaskClient
) -> None:
    path = reported(client)
    reported(client, 10, title="Buy my pills")

    html = page(client, path, 1000)

    assert "Buy my pills" not in html
    assert "https://paper.example/news/captain" in html


@pytest.mark.parametrize("left", [True, False])
def test_who_left_an_address_can_have_it_erased(
    app: Flask, client: FlaskClient, left: bool
) -> None:
    path = reported(client, email="ann@reader.example" if left else "")

    html = page(client, path, 1000)

    assert ("/erase/" in html) == left
    assert "ann@reader.example" not in html


def test_a_receipt_takes_three_queries_however_much_was_decided(
    app: Flask, client: FlaskClient
) -> None:
    """The report with its spot and article, its moves, the decisions."""
    path = reported(client)
    for n in range(6):
        decide(app, 100 + 200 * n, Kind.FIX if n % 2 == 0 else Kind.REOPEN)
    statements: list[str] = []
    with app.app_context():
        sa.event.listen(
            db.engine, "before_cursor_execute", lambda *given: statements.append(given[2])
        )

    told = steps(page(client, path, 5000))

    assert len(told) == 7
    assert len([each for each in statements if each.startswith("SELECT")]) == 3
