"""`feedback recheck`: run for real, against a newspaper on loopback."""

import os
import pty
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback.anchoring.locate import Presence
from feedback.articles import schedule
from feedback.articles.models import Article, Host
from feedback.db import db, now
from feedback.desk.figures import LOOKS, Figure
from feedback.reports.models import Spot, Status
from tests.command import COMMAND, Installation
from tests.far_end import a_closed_port
from tests.makers import TEXT, a_site
from tests.newspaper import Newspaper, a_newspaper, a_report_on, printed

Make = Callable[..., Flask]

FIXED = TEXT.replace("The wrold is", "The world is")


@pytest.fixture
def paper() -> Iterator[Newspaper]:
    with a_newspaper(captain=printed(), mate=printed()) as newspaper:
        yield newspaper


@pytest.fixture
def shop(database_url: str, tmp_path: Path, paper: Newspaper) -> Installation:
    """The command on the test's database; no host is left a pause."""
    env = {
        "FEEDBACK_DATABASE_URL": database_url,
        "FEEDBACK_FETCH_ALLOW": paper.end.pair,
        "FEEDBACK_FETCH_PAUSE": "0",
    }
    return Installation(tmp_path / "home", env)


def seed(app: Flask, paper: Newspaper, *names: str, site: str = "Paper") -> None:
    """Reports on these articles."""
    with app.app_context():
        made = a_site(site, paper.origin)
        for name in names:
            a_report_on(made, paper, name, nth=1)


def spots(app: Flask) -> list[tuple[Status, Presence]]:
    with app.app_context():
        found = db.session.scalars(sa.select(Spot).order_by(Spot.id)).all()
        return [(spot.status, spot.presence) for spot in found]


def change(app: Flask, statement: sa.Update) -> None:
    with app.app_context():
        db.session.execute(statement)
        db.session.commit()


def test_articles_are_looked_at_without_a_worker(
    app: Flask, shop: Installation, paper: Newspaper
) -> None:
    seed(app, paper, "captain", "mate")

    said = shop.said("recheck").splitlines()

    assert paper.asked == ["/robots.txt", "/captain", "/mate"]
    assert spots(app) == [(Status.WAITING, Presence.STILL)] * 2
    assert said == [
        "2 articles on 1 host.",
        f"{paper.origin}/captain\tread: 1 still",
        f"{paper.origin}/mate\tread: 1 still",
        (
            "Articles: 2 read, 0 unchanged, 0 failed."
            " Spots: 2 still, 0 changed, 0 gone, 0 unsure; 0 fixed, 0 reopened, 0 merged."
        ),
        "Next: http://127.0.0.1:8000/desk/ (what two looks find changed is fixed)",
    ]


def test_a_typo_that_is_mended_is_fixed_by_two_rounds(
    app: Flask, shop: Installation, paper: Newspaper
) -> None:
    seed(app, paper, "captain")
    paper.articles["/captain"] = printed(FIXED)

    first, second = shop.said("recheck"), shop.said("recheck")

    assert "read: 1 changed" in first
    assert "unchanged: 1 changed, 1 fixed" in second
    assert "Articles: 0 read, 1 unchanged" in second
    assert spots(app) == [(Status.FIXED, Presence.CHANGED)]


def test_a_word_that_comes_back_reopens_its_spot(
    app: Flask, shop: Installation, paper: Newspaper
) -> None:
    seed(app, paper, "captain")
    for text in (FIXED, FIXED, TEXT):
        paper.articles["/captain"] = printed(text)
        shop.said("recheck")

    said = shop.said("recheck")

    assert "1 reopened" in said
    assert spots(app) == [(Status.WAITING, Presence.STILL)]


def test_articles_that_are_not_due_are_looked_at_and_rejected_ones_are_not(
    app: Flask, shop: Installation, paper: Newspaper
) -> None:
    seed(app, paper, "captain", "mate")
    change(app, sa.update(Article).values(due_at=now() + timedelta(days=7)))
    change(app, sa.update(Spot).where(Spot.id == 1).values(status=Status.REJECTED))

    shop.said("recheck")

    assert paper.asked == ["/robots.txt", "/mate"]


def test_one_sites_articles_are_looked_at(app: Flask, shop: Installation, paper: Newspaper) -> None:
    with a_newspaper(herald=printed()) as herald:
        seed(app, paper, "captain")
        seed(app, herald, "herald", site="Herald")

        shop.said("recheck", "--site", "Paper")

        assert paper.asked == ["/robots.txt", "/captain"]
        assert herald.asked == []


def test_one_article_is_looked_at_however_its_address_is_spelled(
    app: Flask, shop: Installation, paper: Newspaper
) -> None:
    seed(app, paper, "captain", "mate")
    change(app, sa.update(Spot).values(status=Status.REJECTED))

    said = shop.said("recheck", "--article", f"{paper.origin}/./mate?utm_source=x#top")

    assert f"{paper.origin}/mate\tread: 1 still" in said
    assert paper.asked == ["/robots.txt", "/mate"]


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        (["--article", "https://paper.example/nowhere"], "take the address from the spot's page"),
        (["--article", "paper.example"], "http://"),
        (["--site", "Herald"], "feedback site list"),
    ],
)
def test_what_is_not_known_is_said_in_one_line(
    shop: Installation, options: list[str], remedy: str
) -> None:
    assert remedy in shop.refused("recheck", *options)


def test_nothing_to_look_at_is_no_failure(shop: Installation) -> None:
    assert "nothing to do" in shop.said("recheck")


def test_failures_are_told_with_their_reasons(
    app: Flask, shop: Installation, paper: Newspaper
) -> None:
    seed(app, paper, "captain", "gone", "lost", "private/diary")

    said = shop.said("recheck")

    assert f"{paper.origin}/gone\tfailed: missing" in said
    assert "Articles: 1 read, 0 unchanged, 3 failed (2 missing, 1 robots)." in said


def test_a_round_in_which_nothing_could_be_had_fails(
    app: Flask, shop: Installation, paper: Newspaper
) -> None:
    seed(app, paper, "gone", "lost")

    done = shop.run("recheck")

    assert done.returncode == 1
    assert done.stderr == "feedback: no article could be looked at: 2 missing\n"


def test_a_server_that_cannot_be_reached_is_a_failure(
    app: Flask, shop: Installation, paper: Newspaper
) -> None:
    port = a_closed_port()
    away = Newspaper()
    away.end.port = port
    seed(app, away, "captain")

    done = shop.run("recheck", FEEDBACK_FETCH_ALLOW=f"127.0.0.1:{port}")

    assert done.returncode == 1
    assert "unreachable" in done.stderr


def test_a_host_is_left_its_pause_and_waited_for(
    app: Flask, shop: Installation, paper: Newspaper
) -> None:
    paper.articles["/cook"] = printed()
    seed(app, paper, "captain", "mate", "cook")
    begun = time.monotonic()

    said = shop.said("recheck", FEEDBACK_FETCH_PAUSE="0.5")

    assert "Articles: 3 read" in said
    assert time.monotonic() - begun > 1.5  # robots.txt, and then three articles
    assert len(paper.asked) == 4


def test_a_host_that_asked_to_be_left_alone_is_not_waited_for(
    app: Flask, shop: Installation, paper: Newspaper
) -> None:
    seed(app, paper, "captain", "mate")
    paper.trouble = (429, {"retry_after": "900"})

    done = shop.run("recheck")

    assert paper.asked == ["/robots.txt", "/captain"]
    assert done.stderr == "feedback: no article could be looked at: 2 busy\n"
    assert "left alone until" in done.stdout


def test_an_article_that_a_worker_looks_at_is_left_until_it_is_done(
    app: Flask, shop: Installation, paper: Newspaper
) -> None:
    seed(app, paper, "captain", "mate")
    at = now()
    ends = at + timedelta(seconds=4)  # a claim that was made a while ago ends by itself
    claimed = {"looked_at": ends - schedule.LEASE, "due_at": ends}
    change(app, sa.update(Article).where(Article.id == 1).values(**claimed))

    said = shop.said("recheck")

    assert paper.asked == ["/robots.txt", "/mate", "/captain"]
    assert "Articles: 2 read" in said
    assert now() >= ends


@pytest.mark.parametrize(
    ("pause", "robots"), [("30", ""), ("1", "User-agent: *\nCrawl-delay: 3600\n")]
)
def test_a_long_round_says_how_long_it_takes(
    app: Flask, shop: Installation, paper: Newspaper, pause: str, robots: str
) -> None:
    seed(app, paper, "captain", *(f"article-{n}" for n in range(9)))
    at = now() + timedelta(hours=1)
    with app.app_context():
        db.session.add(Host(origin=paper.origin, free_at=at, robots=robots, robots_at=now()))
        db.session.commit()

    done = shop.run("recheck", FEEDBACK_FETCH_PAUSE=pause)

    assert done.stdout.splitlines()[0] == "10 articles on 1 host: the pauses alone take 5 minutes."
    assert paper.asked == []


def test_a_round_is_made_though_looks_are_switched_off(
    app: Flask, shop: Installation, paper: Newspaper
) -> None:
    seed(app, paper, "captain")

    said = shop.said("recheck", FEEDBACK_CHECK_DELAYS="off")

    assert "FEEDBACK_CHECK_DELAYS is off: only this once" in said
    assert spots(app) == [(Status.WAITING, Presence.STILL)]


def test_looks_of_a_round_are_counted(app: Flask, shop: Installation, paper: Newspaper) -> None:
    seed(app, paper, "captain", "gone")

    shop.said("recheck")

    with app.app_context():
        found = db.session.scalars(sa.select(Figure.value).where(Figure.name == LOOKS)).all()
        assert found == [1, 1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_round_after_the_article_at_hand(
    app: Flask, shop: Installation, paper: Newspaper, number: int
) -> None:
    seed(app, paper, "captain", "mate")
    asked, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        asked.set()
        assert go_on.wait(20)

    paper.before = slowly

    with shop.running("recheck") as round_:
        assert asked.wait(20)
        round_.send_signal(number)
        go_on.set()
        said, complaints = round_.communicate(timeout=20)

    assert (round_.returncode, complaints) == (0, "")
    assert "Articles: 1 read" in said
    assert "Next: feedback recheck goes on with the 1 article that are left" in said
    assert paper.asked == ["/robots.txt", "/captain"]


def test_a_round_that_was_ended_goes_on_in_the_next(
    app: Flask, shop: Installation, paper: Newspaper
) -> None:
    seed(app, paper, "captain", "mate")
    shop.said("recheck", "--article", f"{paper.origin}/captain")

    shop.said("recheck")

    assert paper.asked == ["/robots.txt", "/captain", "/mate", "/captain"]


def test_a_terminal_is_shown_a_bar(app: Flask, shop: Installation, paper: Newspaper) -> None:
    seed(app, paper, "captain", "mate")

    said = at_a_terminal(shop, "recheck")

    assert "Articles" in said
    assert "2/2" in said
    assert "\tread:" not in said
    assert "2 read" in said


def at_a_terminal(installation: Installation, *args: str) -> str:
    """Run a command that must work at a terminal; give all that it shows."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [COMMAND, *args],
        stdin=subprocess.DEVNULL,
        stdout=its,
        stderr=its,
        env=installation.environ | {"TERM": "xterm"},
    )
    os.close(its)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:  # Linux says so that the other end is closed
        pass
    os.close(ours)
    assert process.wait(20) == 0, shown
    return shown.decode()
