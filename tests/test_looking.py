"""Looks at articles that real servers answer, well and badly."""

import gzip
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from typing import Any

import pytest

from feedback.articles.failures import Failed, Failure
from feedback.articles.looking import Known, Look, Read, Unchanged, look
from feedback.articles.reading import Limits, read_apart
from feedback.articles.robots import Robots
from feedback.outbound import Policy
from tests.far_end import (
    Behaviour,
    FarEnd,
    Visit,
    a_closed_port,
    a_far_end,
    answering,
    by_path,
    dripping,
    endless,
    head,
    sending,
    silent,
)
from tests.prose import STORIES

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
LATER = format_datetime(NOW.replace(hour=8), usegmt=True)
US = "reader-feedback/1 (+https://feedback.example)"
BODY = b"<title>The light</title><p>The keeper wrote wrold."
HTML = "text/html; charset=utf-8"
ETAG, MODIFIED = '"v1"', "Mon, 06 May 2024 07:00:00 GMT"


def seen(end: FarEnd, known: Known | None = None, path: str = "", **given: Any) -> Look:
    told = {name: given.pop(name) for name in ("robots", "lang") if name in given}
    limits = {"allow": {end.pair}, "read": 1.0, "total": 2.0, "user_agent": US} | given
    return look(end.url + path, policy=Policy(**limits), known=known, now=NOW, **told)


def looked(behaviour: Behaviour, known: Known | None = None, path: str = "", **given: Any) -> Look:
    with a_far_end(behaviour) as end:
        return seen(end, known, path, **given)


def article(body: bytes = BODY, **headers: str | int) -> Behaviour:
    return answering(body, **{"content_type": HTML, **headers})


def conditional(visit: Visit) -> None:
    """Answer 304 to whoever knows the page, as servers do."""
    assert visit.request is not None
    told = visit.request.headers
    knows = told.get("if-none-match") == ETAG or told.get("if-modified-since") == MODIFIED
    marks = {"etag": ETAG, "last_modified": MODIFIED}
    if knows:
        return visit.send(head(304, etag=ETAG, cache_control="no-cache"))
    return article(**marks)(visit)


@pytest.fixture
def paper() -> Iterator[FarEnd]:
    with a_far_end(conditional) as end:
        yield end


def test_an_article_is_read(paper: FarEnd) -> None:
    found = seen(paper)

    assert isinstance(found, Read)
    assert (found.page.title, found.page.text) == ("The light", "The keeper wrote wrold.")
    assert found.address == paper.url
    assert (found.known.etag, found.known.last_modified) == (ETAG, MODIFIED)


def test_we_say_who_we_are_and_what_we_read(paper: FarEnd) -> None:
    seen(paper, lang="pt-BR")

    told = paper.requests[0].headers
    assert told["user-agent"] == US
    assert told["accept"].startswith("text/html")
    assert told["accept-language"] == "pt-BR, *;q=0.5"
    assert "cookie" not in told
    assert "if-none-match" not in told


@pytest.mark.parametrize("lang", ["", "en\r\nX-Evil: 1", "{{ lang }}", "e" * 40])
def test_a_language_that_is_none_is_not_sent(paper: FarEnd, lang: str) -> None:
    seen(paper, Known(ETAG), lang=lang)

    assert "accept-language" not in paper.requests[0].headers


@pytest.mark.parametrize(
    "known", [Known(etag=ETAG), Known(last_modified=MODIFIED), Known(ETAG, MODIFIED, "digest")]
)
def test_a_page_that_has_not_changed_is_not_sent_again(paper: FarEnd, known: Known) -> None:
    found = seen(paper, known)

    assert found == Unchanged(paper.url, Known(ETAG, known.last_modified, known.digest))


def test_a_page_that_has_changed_is_read(paper: FarEnd) -> None:
    found = seen(paper, Known(etag='"v0"', digest="old"))

    assert isinstance(found, Read)
    assert found.known.etag == ETAG


def test_a_weak_mark_is_sent_back_as_it_came() -> None:
    with a_far_end(article(etag='W/"v1-gzip"')) as end:
        found = seen(end)
        assert isinstance(found, Read)
        seen(end, found.known)

    assert end.requests[1].headers["if-none-match"] == 'W/"v1-gzip"'


def test_the_same_bytes_are_not_read_twice() -> None:
    with a_far_end(article(etag='"changes each time"')) as end:
        first = seen(end)
        assert isinstance(first, Read)
        second = seen(end, Known(digest=first.known.digest))

    assert second == Unchanged(end.url, first.known)


def test_the_same_bytes_in_another_encoding_are_another_page() -> None:
    body = "<p>Straße".encode()
    first = looked(article(body))
    assert isinstance(first, Read)

    second = looked(article(body, content_type="text/html; charset=windows-1252"), first.known)

    assert isinstance(second, Read)
    assert second.page.text == "StraÃŸe"


def test_the_same_text_in_other_markup_has_the_same_digest() -> None:
    first, second = looked(article(b"<p>one two")), looked(article(b"<div>one <b>two</b></div>"))

    assert isinstance(first, Read)
    assert isinstance(second, Read)
    assert first.page.digest == second.page.digest
    assert first.known.digest != second.known.digest


@pytest.mark.parametrize("etag", ["é", "x" * 500])
def test_a_mark_that_cannot_be_sent_back_is_not_kept(etag: str) -> None:
    found = looked(article(etag=etag))

    assert isinstance(found, Read)
    assert found.known.etag == ""


def test_a_304_that_was_not_asked_for_is_no_page() -> None:
    found = looked(sending(head(304)))

    assert found == Failed(Failure.UNREADABLE, "it answers 304")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (204, Failure.UNREADABLE),
        (206, Failure.UNREADABLE),
        (300, Failure.UNREADABLE),
        (400, Failure.REFUSED),
        (401, Failure.REFUSED),
        (403, Failure.REFUSED),
        (404, Failure.MISSING),
        (410, Failure.MISSING),
        (429, Failure.BUSY),
        (451, Failure.REFUSED),
        (500, Failure.SERVER_ERROR),
        (502, Failure.SERVER_ERROR),
        (503, Failure.BUSY),
        (999, Failure.UNREADABLE),
    ],
)
def test_a_status_is_named(status: int, kind: Failure) -> None:
    assert looked(answering(BODY, status)) == Failed(kind, f"it answers {status}")


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("999999", 86_400.0),
        (LATER, 3_600.0),
        (MODIFIED, 0.0),
        ("Fri, 06 May 2224 07:00:00 GMT", 86_400.0),
        ("Mon, 06 May 2024 08:00:00 -0000", 3_111.0),
        ("-5", None),
        ("soon", None),
        ("9" * 5_000, None),
        ("", None),
    ],
)
def test_a_server_that_asks_for_a_pause_is_heard(
    status: int, said: str, seconds: float | None
) -> None:
    found = looked(answering(b"", status, retry_after=said))

    assert isinstance(found, Failed)
    assert found.kind is Failure.BUSY
    assert found.retry_after == seconds


def test_a_challenge_for_browsers_says_what_to_do() -> None:
    found = looked(answering(b"<p>Just a moment", 503, cf_mitigated="challenge"))

    assert isinstance(found, Failed)
    assert found.kind is Failure.REFUSED
    assert "Cloudflare must let us through" in found.detail


@pytest.mark.parametrize(
    "kind", ["application/pdf", "text/plain", "image/png", "application/json; charset=utf-8"]
)
def test_what_is_not_html_is_not_read(kind: str) -> None:
    found = looked(answering(BODY, content_type=kind))

    assert found == Failed(Failure.NOT_HTML, f"it is {kind.partition(';')[0]}")


@pytest.mark.parametrize(
    "kind",
    ["text/html", "TEXT/HTML;charset=UTF-8", "application/xhtml+xml", "text/plain, text/html", ""],
)
def test_what_is_html_is_read(kind: str) -> None:
    assert isinstance(looked(answering(BODY, content_type=kind)), Read)


@pytest.mark.parametrize("stated", ['charset="windows-1251"', "x=y;charset=windows-1251; a=b"])
def test_the_encoding_in_the_header_is_believed(stated: str) -> None:
    body = ('<meta charset="utf-8"><p>' + STORIES["ru"]).encode("cp1251")

    found = looked(article(body, content_type=f"text/html; {stated}"))

    assert isinstance(found, Read)
    assert found.page.text == STORIES["ru"].replace("\n", " ")


@pytest.mark.parametrize(
    ("encoding", "lang"),
    [("cp1251", "ru"), ("shift_jis", "ja"), ("gbk", "zh"), ("iso-8859-1", "de")],
)
def test_an_article_without_a_label_is_read(encoding: str, lang: str) -> None:
    body = ("<p>" + STORIES[lang]).encode(encoding)

    found = looked(answering(body, content_type="text/html"))

    assert isinstance(found, Read)
    assert found.page.text == " ".join(STORIES[lang].split())


@pytest.mark.parametrize("body", [b"", b"<div id=app></div><script>start()</script>", b"\0" * 99])
def test_a_page_without_text_is_unreadable(body: bytes) -> None:
    found = looked(article(body))

    assert isinstance(found, Failed)
    assert found.kind is Failure.UNREADABLE


def test_hostile_markup_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    impatient = partial(read_apart, limits=Limits(seconds=1))
    monkeypatch.setattr("feedback.articles.looking.read_apart", impatient)

    found = looked(article(b"<div>" * 1_000_000))

    assert found == Failed(Failure.UNREADABLE, "the page takes longer than 1 s to read")


SLOW = {
    "silent": silent(),
    "dripping": dripping(head(200, content_type=HTML)),
    "dripping headers": dripping(b"HTTP/1.1 200 OK\r\n"),
}


@pytest.mark.parametrize("behaviour", SLOW.values(), ids=SLOW)
def test_a_slow_server_is_left(behaviour: Behaviour) -> None:
    found = looked(behaviour, read=0.3, total=0.6)

    assert isinstance(found, Failed)
    assert found.kind is Failure.TOO_SLOW


LARGE = {
    "stated": article(b"x" * 60_000),
    "endless": endless(head(200, content_type=HTML)),
    "bomb": article(gzip.compress(b"x" * 10_000_000), content_encoding="gzip"),
}


@pytest.mark.parametrize("behaviour", LARGE.values(), ids=LARGE)
def test_a_page_without_end_is_left(behaviour: Behaviour) -> None:
    found = looked(behaviour, max_body=50_000)

    assert isinstance(found, Failed)
    assert found.kind is Failure.TOO_LARGE


@pytest.mark.parametrize("data", [b"", b"nonsense\r\n\r\n", head(200, content_length=9) + b"cut"])
def test_what_is_not_http_is_unreachable(data: bytes) -> None:
    found = looked(sending(data))

    assert isinstance(found, Failed)
    assert found.kind is Failure.UNREACHABLE


def test_a_server_that_is_not_there_is_unreachable() -> None:
    found = seen(FarEnd(a_closed_port()))

    assert isinstance(found, Failed)
    assert found.kind is Failure.UNREACHABLE


def test_a_private_address_is_blocked_and_not_asked(paper: FarEnd) -> None:
    found = look(paper.url, policy=Policy(), now=NOW)

    assert isinstance(found, Failed)
    assert found.kind is Failure.BLOCKED
    assert paper.connections == 0


def test_a_redirect_inside_is_blocked() -> None:
    found = looked(answering(b"", 302, location="http://10.0.0.1/"))

    assert isinstance(found, Failed)
    assert found.kind is Failure.BLOCKED


def test_a_moved_article_tells_its_new_address() -> None:
    moved = by_path(
        {
            "/old": answering(b"", 301, location="/new?utm_source=x#there"),
            "/new?utm_source=x": article(),
        }
    )
    with a_far_end(moved) as end:
        found = seen(end, path="old")

    assert isinstance(found, Read)
    assert found.address == end.url + "new"


def test_an_article_that_moved_to_another_origin_tells_it() -> None:
    with ExitStack() as ends:
        there = ends.enter_context(a_far_end(article()))
        here = ends.enter_context(a_far_end(answering(b"", 301, location=there.url + "a")))
        found = seen(here, allow={here.pair, there.pair})

    assert isinstance(found, Read)
    assert found.address == there.url + "a"


CIRCLES = {
    "itself": answering(b"", 302, location="/"),
    "two": by_path(
        {"/": answering(b"", 302, location="/b"), "/b": answering(b"", 302, location="/")}
    ),
    "many": by_path({f"/{n or ''}": answering(b"", 302, location=f"/{n + 1}") for n in range(9)}),
    "an address that no article has": by_path(
        {
            "/": answering(b"", 302, location="/" + "%20" * 800),
            "/" + "%20" * 800: article(),
        }
    ),
}


@pytest.mark.parametrize("behaviour", CIRCLES.values(), ids=CIRCLES)
def test_redirects_that_lead_nowhere_are_left(behaviour: Behaviour) -> None:
    found = looked(behaviour)

    assert isinstance(found, Failed)
    assert found.kind is Failure.ASTRAY


def test_nothing_is_fetched_that_robots_disallow(paper: FarEnd) -> None:
    found = seen(paper, path="news/a", robots=Robots("User-agent: *\nDisallow: /news/"))

    assert isinstance(found, Failed)
    assert found.kind is Failure.ROBOTS
    assert paper.requests == []


def test_what_robots_allow_is_read(paper: FarEnd) -> None:
    assert isinstance(seen(paper, robots=Robots("User-agent: *\nDisallow: /private/")), Read)


def test_a_redirect_to_what_robots_disallow_is_not_read() -> None:
    moved = by_path({"/": answering(b"", 302, location="/private/a"), "/private/a": article()})

    found = looked(moved, robots=Robots("User-agent: *\nDisallow: /private/"))

    assert isinstance(found, Failed)
    assert found.kind is Failure.ROBOTS
