"""`feedback doctor URL`: a page is fetched, read apart, and told what keeps its readers from it."""

from functools import partial

import pytest

from feedback.articles import looking
from feedback.articles.reading import Limits, apart
from feedback.config import load
from feedback.db import now
from feedback.embedding import examining
from feedback.embedding.examining import Examined
from feedback.embedding.findings import Mark
from feedback.embedding.origins import Admission
from tests.command import Installation
from tests.far_end import (
    Behaviour,
    FarEnd,
    a_closed_port,
    a_far_end,
    answering,
    by_path,
    redirecting,
)
from tests.prose import STORIES
from tests.test_embedding import EMBED, OURS, SCRIPT

STORY = f"<p>{STORIES['en']}".encode()


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    made = Installation(tmp_path_factory.mktemp("doctor") / "home", {"FEEDBACK_BASE_URL": OURS})
    made.said("upgrade")
    return made


def asked(installation: Installation, end: FarEnd, path: str = "") -> tuple[int, str]:
    done = installation.run("doctor", end.url + path, FEEDBACK_FETCH_ALLOW=end.pair)
    assert done.stderr == ""
    return done.returncode, done.stdout


# By command


def test_a_page_that_is_well_is_said_to_be(paper: Installation) -> None:
    html = f'<html lang="de"><link rel="canonical" href="/a">{SCRIPT}'.encode() + STORY
    policy = f"script-src {OURS}, connect-src {OURS}"
    with a_far_end(answering(html, Content_Security_Policy=policy)) as end:
        paper.said("site", "add", "Paper", "--origin", end.url)

        status, said = asked(paper, end, "a?utm_source=x")

    assert status == 0, said
    assert f"ok    The site 'Paper' admits http://{end.pair}." in said
    assert "ok    The page loads https://feedback.example/embed.js" in said
    assert f"ok    Reports are filed under http://{end.pair}/a\n" in said
    assert "ok    The page's Content-Security-Policy lets the script work." in said
    assert 'ok    By <html lang="de"> the dialog speaks Deutsch (de).' in said
    assert "ok    A word from the middle of the longest paragraph is found again" in said
    assert f"        link      {end.url}a?utm_source=x#:~:text=" in said
    assert '        exact     "' in said
    assert end.requests[0].headers["user-agent"].endswith("(+https://feedback.example)")


def test_all_that_is_wrong_with_a_page_is_said_at_once(paper: Installation) -> None:
    html = b'<meta http-equiv="content-security-policy" content="default-src \'self\'">'
    with a_far_end(answering(html)) as end:
        status, said = asked(paper, end)

    assert status == 1
    assert f"BAD   The page does not load the script. Paste into its head:  {SCRIPT}\n" in said
    assert f"feedback site add NAME --origin http://{end.pair}\n" in said
    assert f"script-src 'self' {OURS}\n" in said
    assert f"connect-src 'self' {OURS}\n" in said
    assert "note  The page has hardly any text before its scripts run (0 characters)." in said


def test_what_a_page_says_does_not_speak_to_the_terminal(paper: Installation) -> None:
    with a_far_end(answering(b"<html lang='\x1b[31m\xc2\x9bred'>")) as end:
        _, said = asked(paper, end)

    assert "red" in said
    assert not {"\x1b", "\x9b"} & set(said)


# By the far end


def examined(behaviour: Behaviour, *, asking: str = "") -> tuple[Examined, FarEnd]:
    """Examine the page at `/` of a far end that a site admits, if its owner is asking."""
    with a_far_end(behaviour) as end:
        policy = looking.policy(load(base_url=OURS, fetch_allow=[end.pair]))
        admission = Admission({f"http://{end.pair}": asking} if asking else {}, asking)
        return examining.examine(end.url, EMBED, admission, policy=policy, now=now()), end


def texts(found: Examined) -> list[str]:
    return [f"{finding.mark:4} {finding.text}" for finding in found.findings]


def test_the_page_that_a_redirect_leads_to_is_looked_at() -> None:
    found, end = examined(redirecting("/1", status=301))

    assert f"note The address leads on; the page that answers is {end.url}1" in texts(found)


def test_headers_that_stand_twice_all_count() -> None:
    one = {"Content_Security_Policy": "img-src *", "content_security_policy": "script-src 'self'"}
    found, _ = examined(answering(SCRIPT.encode(), **one))

    assert any("blocks the script by script-src" in text for text in texts(found))


ROBOTS = {
    "keeps us away": (answering(b"User-agent: *\nDisallow: /"), "asks us not to read the page"),
    "cannot be had": (answering(b"", 503), "cannot be had (robots.txt: it answers 503)"),
}


@pytest.mark.parametrize(("robots", "said"), ROBOTS.values(), ids=ROBOTS)
def test_a_robots_txt_that_keeps_looks_away_is_told_of(robots: Behaviour, said: str) -> None:
    found, _ = examined(by_path({"/": answering(STORY), "/robots.txt": robots}))

    notes = [finding for finding in found.findings if finding.mark is Mark.NOTE]
    assert any(said in finding.text for finding in notes)


def test_a_robots_txt_is_told_what_lets_us_in() -> None:
    away = answering(b"User-agent: *\nDisallow: /")
    found, _ = examined(by_path({"/": answering(STORY), "/robots.txt": away}))

    assert "User-agent: reader-feedback\nAllow: /" in [each.line for each in found.findings]


NOT_A_PAGE = {
    "missing": (answering(b"", 404, content_type="text/html"), "answers 404"),
    "a picture": (answering(b"x", content_type="image/png"), "image/png"),
    "behind a shield": (answering(b"", 403, cf_mitigated="challenge"), "Cloudflare must let us"),
}


@pytest.mark.parametrize(("behaviour", "why"), NOT_A_PAGE.values(), ids=NOT_A_PAGE)
def test_what_is_no_page_is_said_to_be_none(behaviour: Behaviour, why: str) -> None:
    found, end = examined(behaviour)

    (finding,) = found.findings
    assert (finding.mark, found.works) == (Mark.BAD, False)
    assert why in finding.text
    assert [request.path for request in end.requests] == ["/"]


def test_a_page_that_would_keep_the_parser_busy_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    impatient = partial(apart, limits=Limits(seconds=1))
    monkeypatch.setattr("feedback.articles.reading.apart", impatient)

    found, _ = examined(answering(b"<div>" * 200_000))

    assert texts(found) == ["BAD  The page cannot be read: the page takes longer than 1 s to read."]


# For a site's owner


def test_an_owner_is_shown_the_pages_of_the_site() -> None:
    found, end = examined(answering(SCRIPT.encode() + STORY), asking="Paper")

    assert found.works
    assert f"ok   The site 'Paper' admits http://{end.pair}." in texts(found)


@pytest.mark.parametrize("address", ["https://elsewhere.example/a", "ftp://paper.example", "a b"])
def test_what_is_not_the_sites_is_not_fetched(address: str) -> None:
    admission = Admission({"https://paper.example": "Paper"}, "Paper")

    found = examining.examine(address, EMBED, admission, policy=looking.policy(load()), now=now())

    assert [finding.mark for finding in found.findings] == [Mark.BAD]
    assert "cannot be fetched" not in found.findings[0].text


def test_nothing_is_told_of_a_page_elsewhere_that_the_sites_own_leads_to() -> None:
    with (
        a_far_end(answering(b"<html lang='de'>secret" + STORY)) as elsewhere,
        a_far_end(redirecting(elsewhere.url)) as end,
    ):
        allowed = [end.pair, elsewhere.pair]
        policy = looking.policy(load(base_url=OURS, fetch_allow=allowed))
        admission = Admission({f"http://{end.pair}": "Paper"}, "Paper")

        found = examining.examine(end.url, EMBED, admission, policy=policy, now=now())

    assert [finding.mark for finding in found.findings] == [Mark.NOTE, Mark.BAD]
    assert f"does not admit http://{elsewhere.pair}" in found.findings[1].text
    assert found.sample is None


# Where nothing answers


def at(url: str, *allowed: str) -> str:
    policy = looking.policy(load(fetch_allow=list(allowed)))
    (finding,) = examining.examine(url, EMBED, Admission({}), policy=policy, now=now()).findings
    assert finding.mark is Mark.BAD
    return finding.text


def test_a_private_address_is_told_the_setting() -> None:
    port = a_closed_port()

    said = at(f"http://127.0.0.1:{port}/")

    assert f"add 127.0.0.1:{port} to FEEDBACK_FETCH_ALLOW" in said


def test_a_page_that_does_not_answer_is_said_not_to() -> None:
    port = a_closed_port()

    said = at(f"http://127.0.0.1:{port}/", f"127.0.0.1:{port}")

    assert "cannot be fetched" in said


@pytest.mark.parametrize("url", ["paper.example", "ftp://paper.example/", ""])
def test_what_is_no_address_is_said_to_be_none(url: str) -> None:
    assert "cannot be fetched" in at(url)
