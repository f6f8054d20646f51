"""robots.txt: what a site asks of us, and what counts as its asking."""

import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from feedback.articles.failures import Failure
from feedback.articles.robots import AGENT, Robots, RobotsAnswer, fetch_robots
from feedback.outbound import Policy, user_agent
from tests.far_end import (
    Behaviour,
    a_closed_port,
    a_far_end,
    answering,
    by_path,
    sending,
)

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
ARTICLE = "https://paper.example/news/teh-lighthouse"


def asked(behaviour: Behaviour) -> RobotsAnswer:
    with a_far_end(behaviour) as end:
        policy = Policy(allow=frozenset({end.pair}))
        return fetch_robots(end.url.rstrip("/"), policy=policy, now=NOW)


def saying(text: bytes) -> Behaviour:
    return by_path({"/robots.txt": answering(text)})


def test_our_name_is_the_one_we_send() -> None:
    assert user_agent("1.0", "https://feedback.example").startswith(f"{AGENT}/")


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /news/", False),
        ("User-agent: *\nDisallow: /news/\nAllow: /news/teh", True),
        ("User-agent: *\nDisallow: /*house$", False),
        ("User-agent: *\nDisallow: /\nUser-agent: reader-feedback\nAllow: /", True),
        ("User-agent: Reader-Feedback/1.0 # typos\nDisallow: /", False),
        ("User-agent: gulls\nUser-agent: reader-feedback\nDisallow: /", False),
        ("User-agent: gulls\nDisallow: /\nUser-agent: *\nAllow: /", True),
        ("User-agent: read\nDisallow: /", True),
        ("User-agent: feedback\nDisallow: /", True),
        ("User-agent: reader-feedback-2\nDisallow: /", True),
        ("Disallow: /", True),
        ("user-agent: *\r\ndisallow: /\r\n", False),
        ("<html><body>User-agent</body></html>", True),
    ],
)
def test_what_a_robots_txt_allows(text: str, allowed: bool) -> None:
    assert Robots(text).allows(ARTICLE) is allowed


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 2.5", 2.5),
        ("User-agent: *\nCrawl-delay: 9\nUser-agent: reader-feedback\nCrawl-delay: 1", 1),
        ("User-agent: gulls\nCrawl-delay: 9", 0),
        ("User-agent: *\nCrawl-delay: soon", 0),
        ("User-agent: *\nCrawl-delay: -1", 0),
        ("User-agent: *\nCrawl-delay: 1e300", 3600),
        ("", 0),
    ],
)
def test_the_pause_that_it_asks_for(text: str, delay: float) -> None:
    assert Robots(text).delay == delay


def test_rules_survive_being_kept() -> None:
    answer = asked(saying("\ufeffUser-agent: *\nDisallow: /новости\n\0".encode()))

    assert answer.robots is not None
    kept = Robots(answer.robots.text)
    assert "\0" not in kept.text
    assert not kept.allows("https://paper.example/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/1")
    assert kept.allows(ARTICLE)


@pytest.mark.parametrize("status", [204, 304, 400, 401, 403, 404, 410])
def test_a_site_without_a_robots_txt_allows_all(status: int) -> None:
    answer = asked(answering(b"User-agent: *\nDisallow: /", status))

    assert answer == RobotsAnswer(Robots(""))


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, Failure.BUSY), (503, Failure.BUSY), (500, Failure.SERVER_ERROR)],
)
def test_while_a_server_fails_nobody_can_tell(status: int, kind: Failure) -> None:
    answer = asked(answering(b"", status, retry_after=120))

    assert answer == RobotsAnswer(None, f"robots.txt: it answers {status}", 120.0, kind)


def test_a_moment_to_come_back_is_told_in_seconds() -> None:
    later = format_datetime(NOW.replace(hour=8), usegmt=True)

    assert asked(answering(b"", 503, retry_after=later)).retry_after == 3600


def test_while_a_host_cannot_be_reached_nobody_can_tell() -> None:
    port = a_closed_port()
    policy = Policy(allow=frozenset({f"127.0.0.1:{port}"}))

    answer = fetch_robots(f"http://127.0.0.1:{port}", policy=policy, now=NOW)

    assert answer.robots is None
    assert answer.kind is Failure.UNREACHABLE


@pytest.mark.parametrize("behaviour", [sending(b""), sending(b"nonsense\r\n\r\n")])
def test_what_is_not_http_tells_nothing(behaviour: Behaviour) -> None:
    assert asked(behaviour).robots is None


def test_redirects_are_followed() -> None:
    answer = asked(
        by_path(
            {
                "/robots.txt": answering(b"", 302, location="/elsewhere"),
                "/elsewhere": answering(b"User-agent: *\nDisallow: /"),
            }
        )
    )

    assert answer.robots is not None
    assert not answer.robots.allows(ARTICLE)


def test_redirects_without_end_mean_that_there_is_none() -> None:
    assert asked(answering(b"", 301, location="/robots.txt")).robots == Robots("")


def test_only_the_first_half_megabyte_is_read_to_a_whole_line() -> None:
    line = b"Allow: /a" + b"b" * 90 + b"\n"
    answer = asked(saying(b"User-agent: *\n" + line * 6_000 + b"Disallow: /\n"))

    assert answer.robots is not None
    assert 500_000 < len(answer.robots.text) <= 512_000
    assert answer.robots.text.endswith("b\n")
    assert answer.robots.allows(ARTICLE)


HOSTILE = {
    "many programs": "".join(f"User-agent: a{n}\n" for n in range(18_000)) + "Allow: /\n" * 25_000,
    "many rules": "User-agent: *\n" + "".join(f"Disallow: /{n}*a*b$\n" for n in range(22_000)),
    "many stars": "User-agent: *\nDisallow: /" + "*a" * 240_000,
    "near misses": "User-agent: *\n" + "Disallow: /*a*a*a*a*a*a*a*b$\n" * 16_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_rules_take_a_moment(text: str) -> None:
    start = time.process_time()

    Robots(text).allows("https://paper.example/" + "a" * 2_000)

    assert time.process_time() - start < 5  # 0.7 s where it was written
