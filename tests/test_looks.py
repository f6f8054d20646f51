"""Looks: the worker fetches real pages over HTTP, and spots follow what they say."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback.anchoring.locate import Presence
from feedback.articles.models import Article, Host, Revision
from feedback.db import db
from feedback.desk import links
from feedback.reports.models import Spot, Status
from feedback.sites import Site
from feedback.worker import Duty, Worker, looks
from tests.far_end import a_closed_port
from tests.makers import TEXT, a_body, a_site, send, standing
from tests.newspaper import Newspaper, a_newspaper, a_report_on, look, printed, settled

Make = Callable[..., Flask]

FIXED = TEXT.replace("The wrold is", "The world is")


@pytest.fixture
def paper() -> Iterator[Newspaper]:
    with a_newspaper(captain=printed()) as newspaper:
        yield newspaper


@pytest.fixture
def looking(make_app: Make, paper: Newspaper) -> Iterator[Site]:
    """An application context with the newspaper's site."""
    app = make_app(**settled(paper))
    with app.app_context():
        yield a_site("Captain's Paper", paper.origin)


def presence(spot: Spot) -> Presence:
    return standing(spot).presence


def test_an_article_is_fetched_after_its_first_report(looking: Site, paper: Newspaper) -> None:
    spot = a_report_on(looking, paper, nth=1)

    while looks.look_at_next():
        pass

    assert presence(spot) is Presence.STILL
    assert paper.asked == ["/robots.txt", "/captain"]
    agent = paper.end.requests[1].headers["user-agent"]
    assert agent.startswith("reader-feedback/")
    assert "https://feedback.example" in agent


def test_a_typo_that_is_mended_closes_its_spot(looking: Site, paper: Newspaper) -> None:
    spot = a_report_on(looking, paper, nth=1)
    look(spot)

    paper.articles["/captain"] = printed(FIXED)
    look(spot)
    look(spot)

    assert (spot.status, spot.reads) == (Status.FIXED, "world")


def test_a_page_that_did_not_change_costs_nothing(looking: Site, paper: Newspaper) -> None:
    spot = a_report_on(looking, paper, nth=1)
    for _ in range(4):
        look(spot)

    assert paper.asked == ["/robots.txt"] + ["/captain"] * 4
    known = [request.headers.get("if-none-match") for request in paper.end.requests[1:]]
    assert known[0] is None
    assert known[1] == known[2] == known[3] != ""
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Revision)) == 1
    assert presence(spot) is Presence.STILL


def test_a_new_report_is_found_on_a_page_that_did_not_change(
    looking: Site, paper: Newspaper
) -> None:
    look(a_report_on(looking, paper, nth=1))

    spot = a_report_on(looking, paper, exact="teh")
    look(spot)

    assert presence(spot) is Presence.STILL
    assert links.to(spot).startswith(f"{paper.origin}/captain#:~:text=")


def test_a_host_is_asked_for_one_thing_at_a_time(make_app: Make, paper: Newspaper) -> None:
    names = ["captain", "mate", "cook"]
    paper.articles = {f"/{name}": printed() for name in names}
    app = make_app(**settled(paper, fetch_pause=0.4))
    with app.app_context():
        site = a_site("Captain's Paper", paper.origin)
        for name in names:
            a_report_on(site, paper, name)

    with working(app, Duty("look", 0.02, looks.look_at_next, abreast=3)):
        assert wait_until(lambda: len(paper.asked) == len(names) + 1)

    with app.app_context():
        at = sorted(db.session.scalars(sa.select(Article.looked_at)))
        gaps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(at)]
        assert min(gaps) >= 0.4


def test_what_robots_txt_disallows_is_not_read(looking: Site, paper: Newspaper) -> None:
    paper.articles["/private/captain"] = printed()
    spot = a_report_on(looking, paper, "private/captain")

    look(spot)

    assert paper.asked == ["/robots.txt"]
    assert (spot.presence, spot.article.trouble) == (Presence.UNVERIFIABLE, "robots")
    assert spot.status is Status.WAITING


def test_a_busy_server_is_left_alone_as_long_as_it_asks(looking: Site, paper: Newspaper) -> None:
    paper.articles["/mate"] = printed()
    other = a_report_on(looking, paper, "mate")
    look(other)
    spot = a_report_on(looking, paper)
    paper.trouble = (429, {"retry_after": "900"})
    look(spot)
    asked = len(paper.asked)

    paper.trouble = None
    look(other)

    assert len(paper.asked) == asked
    assert (spot.presence, spot.article.trouble) == (Presence.UNVERIFIABLE, "busy")
    host = db.session.scalars(sa.select(Host)).one()
    wait = (host.free_at - spot.article.looked_at).total_seconds()
    assert 890 < wait < 910


@pytest.mark.parametrize(
    ("status", "trouble"),
    [(500, "server error"), (403, "refused"), (404, "missing"), (503, "busy")],
)
def test_a_page_that_is_not_had_leaves_its_reports_good(
    looking: Site, paper: Newspaper, status: int, trouble: str
) -> None:
    spot = a_report_on(looking, paper)
    paper.trouble = (status, {})

    look(spot)

    assert (spot.status, spot.presence) == (Status.WAITING, Presence.UNVERIFIABLE)
    assert (spot.article.trouble, spot.article.failures) == (trouble, 1)


def test_a_page_that_scripts_build_is_not_verified(looking: Site, paper: Newspaper) -> None:
    script = "<script>document.body.append('The wrold is round')</script>"
    paper.articles["/captain"] = printed("", head=script)
    spot = a_report_on(looking, paper)

    look(spot)

    assert (spot.status, spot.presence) == (Status.WAITING, Presence.UNVERIFIABLE)


def test_a_page_that_leads_to_another_site_is_not_the_article(
    make_app: Make, paper: Newspaper
) -> None:
    with a_newspaper(login=printed("Sign in, please.")) as elsewhere:
        allowed = [paper.end.pair, elsewhere.end.pair]
        paper.trouble = (302, {"location": f"{elsewhere.origin}/login"})
        with make_app(**settled(paper, fetch_allow=allowed)).app_context():
            spot = a_report_on(a_site("Captain's Paper", paper.origin), paper)

            look(spot)

            assert elsewhere.asked == ["/login"]
            assert (spot.presence, spot.article.trouble) == (Presence.UNVERIFIABLE, "astray")


def test_a_host_that_nobody_answers_at_is_tried_again(make_app: Make) -> None:
    port = a_closed_port()
    app = make_app(fetch_allow=[f"127.0.0.1:{port}"], fetch_pause=0, check_delays=[60, 600])
    with app.app_context():
        site = a_site("Silence", f"http://127.0.0.1:{port}")
        spot = a_report_on(
            site, Newspaper(end=type("End", (), {"url": f"http://127.0.0.1:{port}/"})())
        )

        look(spot)

        wait = (spot.article.due_at - spot.article.looked_at).total_seconds()
        assert presence(spot) is Presence.UNVERIFIABLE
        assert wait >= 600


def test_private_addresses_are_not_fetched(make_app: Make, paper: Newspaper) -> None:
    with make_app(fetch_pause=0).app_context():
        site = a_site("Captain's Paper", paper.origin)
        spot = a_report_on(site, paper)

        look(spot)

        assert paper.asked == []
        assert presence(spot) is Presence.UNVERIFIABLE


def test_looks_can_be_switched_off(make_app: Make, paper: Newspaper) -> None:
    with make_app(**settled(paper, check_delays="off")).app_context():
        site = a_site("Captain's Paper", paper.origin)
        spot = a_report_on(site, paper)

        look(spot)

        assert paper.asked == []
        assert presence(spot) is Presence.UNCHECKED


def test_a_look_that_fails_in_the_middle_is_made_again(
    looking: Site, paper: Newspaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    spot = a_report_on(looking, paper, nth=1)
    with monkeypatch.context() as broken:
        broken.setattr(looks.sightings, "see", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            look(spot)
    db.session.rollback()
    before = presence(spot)

    look(spot)

    assert (before, presence(spot)) == (Presence.UNCHECKED, Presence.STILL)


def test_what_the_page_says_of_itself_is_kept(looking: Site, paper: Newspaper) -> None:
    paper.articles["/captain"] = printed(
        head='<meta name=author content="Ann Bonny">'
        '<meta property="article:section" content="Sea">'
        '<link rel=canonical href="/captain">'
    )
    spot = a_report_on(looking, paper)

    look(spot)

    article = db.session.get_one(Article, spot.article_id)
    assert (article.author, article.section, article.lang) == ("Ann Bonny", "Sea", "en")
    assert article.canonical == f"{paper.origin}/captain"


def test_the_whole_way_from_a_readers_post_to_fixed(make_app: Make, paper: Newspaper) -> None:
    app = make_app(**settled(paper, check_delays=[0.05]))
    with app.app_context():
        a_site("Captain's Paper", paper.origin)
        db.session.close()
    body = a_body(nth=1, url=f"{paper.origin}/captain")
    told = []

    with working(app, Duty("look", 0.05, looks.look_at_next, abreast=2)):
        answer = send(app.test_client(), body, origin=paper.origin)
        told.append(wait_until(lambda: Presence.STILL in of_the_spot(app)))
        paper.articles["/captain"] = printed(FIXED)
        told.append(wait_until(lambda: Status.FIXED in of_the_spot(app)))

    assert answer.status_code == 201
    assert told == [True, True]


def of_the_spot(app: Flask) -> tuple[Status, Presence]:
    """What is known of the only spot."""
    with app.app_context(), db.reading.connect() as connection:
        return tuple(connection.execute(sa.select(Spot.status, Spot.presence)).one())


@contextmanager
def working(app: Flask, *duties: Duty) -> Iterator[None]:
    """A worker that does these duties until the block ends."""
    worker = Worker(app, duties)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(20)


def wait_until(happened: Callable[[], bool]) -> bool:
    ends = time.monotonic() + 30
    pause = threading.Event()
    while not (done := happened()) and time.monotonic() < ends:
        pause.wait(0.05)
    return done
