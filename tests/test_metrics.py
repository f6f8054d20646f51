"""Figures: what is counted, who may know it, and what they never tell."""

import itertools
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from feedback.articles.looking import Failure
from feedback.articles.models import Article
from feedback.db import db, now
from feedback.delivery import carriers, outbox
from feedback.desk import figures
from feedback.desk.decisions import Verdict, decide
from feedback.desk.figures import Figure
from feedback.desk.models import Kind
from feedback.worker import figures as duty
from tests.makers import (
    ORIGIN,
    TEXT,
    a_body,
    a_carrier,
    a_letter,
    a_look,
    a_miss,
    a_spot,
    newsroom,
    send,
    standing,
)

Make = Callable[..., Flask]
Told = dict[tuple[str, frozenset[tuple[str, str]]], float]


def told(client: FlaskClient) -> Told:
    """The figures: by name and labels."""
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.text
    families = text_string_to_metric_families(answer.text)
    samples = [sample for family in families for sample in family.samples]
    found = {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}
    assert len(found) == len(samples)
    return found


def one(found: Told, name: str, **labels: str) -> float:
    return found[f"feedback_{name}", frozenset(labels.items())]


def some(found: Told, name: str) -> dict[frozenset[tuple[str, str]], float]:
    return {labels: value for (each, labels), value in found.items() if each == f"feedback_{name}"}


@pytest.fixture
def added_up(app: Flask) -> Iterator[Told]:
    """The figures of a newspaper: a spot that is still there, one that was fixed, one rejected."""
    with newsroom(app) as (site, ed):
        stays = a_spot(site, "teh")
        a_spot(site, nth=1)
        a_look(stays.article, TEXT)
        for _ in range(2):
            a_look(stays.article, TEXT.replace("The wrold is", "The world is"))
        decide(db.session, standing(stays), ed, Verdict(Kind.ACCEPT, standing(stays).version))
        db.session.commit()
        duty.add_up()
    return told(app.test_client())


# Requests and reports


def test_each_answer_is_counted_by_route_and_status(client: FlaskClient) -> None:
    for path in ("/healthz", "/healthz", "/nowhere", "/nowhere/else"):
        client.get(path)

    found = told(client)

    route = {"method": "GET", "route": "/healthz"}
    assert one(found, "requests_total", status="200", **route) == 2
    assert one(found, "requests_total", method="GET", route="", status="404") == 2
    assert one(found, "request_seconds_count", **route) == 2
    assert 0 < one(found, "request_seconds_sum", **route) < 2
    assert one(found, "request_seconds_bucket", le="+Inf", **route) == 2


def test_a_spots_number_is_no_label(app: Flask) -> None:
    client = app.test_client()
    for number in range(5):
        client.get(f"/desk/spots/{number}")

    routes = {dict(labels)["route"] for labels in some(told(client), "requests_total")}

    assert routes == {"/desk/spots/<int:spot_id>"}


def test_methods_that_somebody_makes_up_count_as_one(client: FlaskClient) -> None:
    for number in range(5):
        client.open("/healthz", method=f"BREW{number}")

    found = some(told(client), "requests_total")

    assert [(dict(labels)["method"], value) for labels, value in found.items()] == [("other", 5)]


def test_a_view_that_fails_is_counted_too(app: Flask) -> None:
    @app.get("/broken")
    def broken() -> str:
        raise ZeroDivisionError

    client = app.test_client()
    client.get("/broken")

    assert one(told(client), "requests_total", method="GET", route="/broken", status="500") == 1


def test_reports_are_counted_by_what_became_of_them(app: Flask) -> None:
    with newsroom(app):
        pass
    client, body = app.test_client(), a_body()
    for each in (body, body, body | {"comment": "else"}, body | {"quote": 1}):
        send(client, each)
    send(client, data="{")
    send(client, origin="https://elsewhere.example")
    send(client, content_type="text/html")
    client.options("/api/v1/reports", headers={"Origin": ORIGIN})

    counted = {dict(k)["outcome"]: v for k, v in some(told(client), "reports_total").items()}

    assert {name: value for name, value in counted.items() if value} == {
        "taken": 1,
        "repeated": 1,
        "id taken": 1,
        "invalid": 1,
        "not json": 1,
        "not admitted": 1,
        "media type": 1,
    }
    assert {"too many", "too large", "unavailable", "error"} < counted.keys()


def test_a_report_that_is_one_too_many_is_counted_so(make_app: Make) -> None:
    app = make_app(limit_reader="1 per hour")
    with newsroom(app):
        pass
    client = app.test_client()
    for _ in range(3):
        send(client, a_body())

    assert one(told(client), "reports_total", outcome="too many") == 2


def test_applications_in_one_process_count_apart(make_app: Make) -> None:
    first, second = make_app().test_client(), make_app().test_client()

    first.get("/healthz")

    assert some(told(first), "requests_total")
    assert not some(told(second), "requests_total")


# What the database holds


def test_spots_are_told_by_status_and_presence(added_up: Told) -> None:
    assert some(added_up, "spots") == {
        frozenset({"status": "accepted", "presence": "still"}.items()): 1,
        frozenset({"status": "fixed", "presence": "changed"}.items()): 1,
    }


def test_decisions_are_told_by_kind_and_by_whom(added_up: Told) -> None:
    assert some(added_up, "decisions") == {
        frozenset({"kind": "accept", "by": "editor"}.items()): 1,
        frozenset({"kind": "fix", "by": "article check"}.items()): 1,
    }


def test_revisions_and_articles_are_told(added_up: Told) -> None:
    assert one(added_up, "revisions") == 2
    assert one(added_up, "articles", trouble="") == 1
    assert 0 <= one(added_up, "totals_seconds") < 5
    assert abs(one(added_up, "totals_timestamp_seconds") - time.time()) < 60


def test_looks_are_counted_by_what_came_of_them(app: Flask) -> None:
    with newsroom(app) as (site, _):
        article = a_spot(site).article
        a_look(article, TEXT)
        a_look(article)
        a_look(article)
    found = told(app.test_client())

    assert one(found, "looks_total", outcome="read", failure="") == 1
    assert one(found, "looks_total", outcome="unchanged", failure="") == 2
    assert one(found, "look_seconds_count") == one(found, "look_seconds_bucket", le="+Inf") == 3
    assert 0 < one(found, "look_seconds_sum") < 30


def test_the_times_that_looks_take_are_told_as_a_histogram(app: Flask) -> None:
    with app.app_context():
        for seconds in (0.05, 0.1, 0.3, 7.0, 99.0):
            figures.count_look(db.session, _failed(), seconds, now())
        db.session.commit()

    buckets = some(told(app.test_client()), "look_seconds_bucket")

    by_bound = {float(dict(labels)["le"]): value for labels, value in buckets.items()}
    assert [by_bound[bound] for bound in figures.BOUNDS] == [2, 2, 3, 3, 3, 3, 4, 4, 5]


def _failed() -> figures.Failed:
    return figures.Failed(Failure.TOO_SLOW, "as it happens")


def test_looks_that_fail_are_counted_by_what_they_failed_by(looked_in_vain: Flask) -> None:
    found = told(looked_in_vain.test_client())

    assert one(found, "looks_total", outcome="failed", failure="missing") == 2
    assert one(found, "articles", trouble="missing") == 1


@pytest.fixture
def looked_in_vain(app: Flask) -> Flask:
    """An application of which an article was looked for twice and was missing."""
    with newsroom(app) as (site, _):
        article = a_spot(site).article
        for _ in range(2):
            a_miss(article, Failure.MISSING)
            figures.count_look(db.session, figures.Failed(Failure.MISSING, "404"), 0.2, now())
            db.session.commit()
        duty.add_up()
    return app


def test_a_look_that_is_not_kept_is_not_counted(app: Flask) -> None:
    with app.app_context():
        figures.count_look(db.session, _failed(), 0.2, now())
        db.session.rollback()

    assert not some(told(app.test_client()), "looks_total")


def test_articles_that_are_due_are_counted_with_how_long_the_first_is(app: Flask) -> None:
    with newsroom(app) as (site, _):
        for name, minutes in (("a", -10), ("b", -2), ("c", 5)):
            article = a_spot(site, url=f"{ORIGIN}/{name}").article
            at = now() + timedelta(minutes=minutes)
            db.session.execute(sa.update(Article).where(Article.id == article.id).values(due_at=at))
        db.session.commit()

    found = told(app.test_client())

    assert one(found, "articles_due") == 2
    assert 600 <= one(found, "articles_lag_seconds") < 630


def test_letters_that_wait_are_counted_with_how_long_the_oldest_does(app: Flask) -> None:
    with newsroom(app) as (site, _):
        far, off = a_carrier(site), a_carrier(site, address="https://off.example/")
        for minutes in (10, 2):
            a_letter(far, at=now() - timedelta(minutes=minutes))
        a_letter(off, at=now() - timedelta(days=9))
        carriers.off(off, now())
        outbox.drop(a_letter(far), now())
        db.session.commit()
        duty.add_up()

    found = told(app.test_client())

    assert one(found, "letters_waiting") == 2
    assert 600 <= one(found, "letters_oldest_seconds") < 630
    assert one(found, "letters", state="waiting") == 3
    assert one(found, "letters", state="dropped") == 1


def test_nothing_due_is_no_lag(client: FlaskClient) -> None:
    found = told(client)

    assert one(found, "articles_due") == one(found, "articles_lag_seconds") == 0
    assert one(found, "letters_waiting") == one(found, "letters_oldest_seconds") == 0


def test_the_database_tells_its_kind_its_size_and_whether_it_is_ready(app: Flask) -> None:
    with app.app_context():
        kind = db.engine.dialect.name

    found = told(app.test_client())

    assert one(found, "database_ready", kind=kind) == 1
    assert one(found, "database_bytes") > 50_000
    assert any(name == "feedback_build_info" for name, _ in found)


def test_a_database_that_is_not_ready_leaves_what_the_process_knows(app: Flask) -> None:
    with app.app_context(), db.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
        kind = db.engine.dialect.name
    client = app.test_client()
    client.get("/healthz")

    found = told(client)

    assert one(found, "database_ready", kind=kind) == 0
    assert some(found, "requests_total")
    assert not some(found, "articles_due")


def test_a_database_that_is_away_leaves_what_the_process_knows(
    make_app: Make, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_app(database_url="postgresql://ed@127.0.0.1:1/none").test_client()

    found = told(client)

    assert one(found, "database_ready", kind="postgresql") == 0
    assert "does not answer" in caplog.text


# Totals: worked out now and then


def test_totals_are_added_up_once_a_minute(app: Flask) -> None:
    with newsroom(app) as (site, _), time_machine.travel(now(), tick=False) as clock:
        duty.add_up()
        a_spot(site)

        counted = []
        for _ in range(3):
            duty.add_up()
            counted.append(spots())
            clock.shift(31)

    assert counted == [0, 0, 1]


def spots() -> float:
    found = db.session.scalar(sa.select(sa.func.sum(Figure.value)).where(Figure.name == "spots"))
    db.session.commit()
    return found or 0


def test_totals_that_take_long_are_added_up_less_often(app: Flask) -> None:
    with app.app_context():
        at = now()
        assert figures.claim(db.session, at)
        figures.keep(db.session, {"spots": []}, 10.0, at)

        due = [
            figures.claim(db.session, at + timedelta(seconds=seconds)) for seconds in (60, 499, 500)
        ]

        assert due == [False, False, True]


def test_of_two_workers_one_adds_up(app: Flask) -> None:
    with app.app_context():
        at = now()

        assert [figures.claim(db.session, at) for _ in range(2)] == [True, False]


def test_totals_of_a_worker_that_died_are_added_up_by_another(app: Flask) -> None:
    with app.app_context():
        at = now()
        figures.claim(db.session, at)

        assert not figures.claim(db.session, at + timedelta(minutes=29))
        assert figures.claim(db.session, at + timedelta(minutes=31))


def test_a_total_that_is_no_more_is_told_no_more(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site)
        with time_machine.travel(now(), tick=False) as clock:
            duty.add_up()
            decide(db.session, spot, ed, Verdict(Kind.ACCEPT, spot.version))
            db.session.commit()
            clock.shift(61)
            duty.add_up()

    statuses = {dict(labels)["status"] for labels in some(told(app.test_client()), "spots")}

    assert statuses == {"accepted"}


# Who may know


FORWARDED = ["X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via"]
PEERS = {
    "127.0.0.1": 200,
    "127.8.8.8": 200,
    "::1": 200,
    "::ffff:127.0.0.1": 200,
    "10.0.0.1": 401,
    "192.0.2.1": 401,
    "::ffff:192.0.2.1": 401,
    "": 401,
    "unix": 401,
}


@pytest.mark.parametrize(("peer", "status"), PEERS.items())
def test_figures_are_told_on_this_machine(client: FlaskClient, peer: str, status: int) -> None:
    answer = client.get("/metrics", environ_overrides={"REMOTE_ADDR": peer})

    assert answer.status_code == status
    assert ("feedback_" in answer.text) == (status == 200)


@pytest.mark.parametrize("header", FORWARDED)
def test_figures_are_not_told_through_a_proxy(make_app: Make, header: str) -> None:
    client = make_app(trusted_proxies=["127.0.0.1"]).test_client()

    answer = client.get("/metrics", headers={header: "127.0.0.1"})

    assert answer.status_code == 401
    assert "FEEDBACK_METRICS_TOKEN" in answer.text


@pytest.mark.parametrize(
    ("shown", "status"),
    [("Bearer hush", 200), ("Bearer husk", 401), ("hush", 401), ("Bearer", 401), (None, 401)],
)
def test_a_token_opens_figures_from_anywhere_and_nothing_else_does(
    make_app: Make, shown: str | None, status: int
) -> None:
    client = make_app(metrics_token="hush").test_client()
    headers = {"X-Forwarded-For": "192.0.2.1"} | ({"Authorization": shown} if shown else {})

    for peer in ("127.0.0.1", "192.0.2.1"):
        surroundings = {"REMOTE_ADDR": peer}
        answer = client.get("/metrics", headers=headers, environ_overrides=surroundings)

        assert answer.status_code == status
        assert "hush" not in answer.text


def test_the_answer_is_what_prometheus_expects(client: FlaskClient) -> None:
    answer = client.get("/metrics")

    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


# What they never tell


def test_no_figure_names_a_site_an_editor_or_an_address(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        site.name = "Unmistakable"
        article = a_spot(site, email="ann@reader.example", comment="Unheard-of").article
        a_look(article, TEXT, title="Inimitable")
        a_miss(article)
        decide(db.session, (spot := a_spot(site, "teh")), ed, Verdict(Kind.ACCEPT, spot.version))
        db.session.commit()
        duty.add_up()
    client = app.test_client()
    send(client, a_body())
    for path in ("/desk/sites/1/", "/desk/spots/1", "/wp-login.php?user=ed@paper.example"):
        client.get(path)

    text = client.get("/metrics").text

    assert "feedback_spots{" in text
    for word in ("Unmistakable", "example", "@", "://", "captain", "login", "wrold", "Inimitable"):
        assert word not in text.replace("reader-feedback", "")


def test_a_scrape_asks_the_database_as_much_however_much_it_holds(app: Flask) -> None:
    client = app.test_client()
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    told(client)
    few = len(asked)
    with newsroom(app) as (site, _):
        for name in range(30):
            a_spot(site, url=f"{ORIGIN}/{name}")
        duty.add_up()
    asked.clear()

    told(client)

    assert len(asked) == few < 10
    for statement, table in itertools.product(asked, ("spot", "report", "decision", "revision")):
        assert f"FROM {table} " not in " ".join(statement.split()) + " "
