"""`feedback doctor URL`: what keeps the readers of a page from reporting."""

from collections.abc import Iterator

import pytest
from selectolax.lexbor import LexborHTMLParser

from feedback.cli import content_policy, doctor_page
from feedback.cli.doctor_page import Page
from feedback.cli.findings import Finding, Mark
from feedback.config import load
from tests.command import Installation
from tests.far_end import FarEnd, a_closed_port, a_far_end, answering, redirecting

OURS = "https://feedback.example"
ARTICLE = "https://paper.example/news/captain"
SCRIPT = f'<script async src="{OURS}/embed.js"></script>'


def a_page(html: str = SCRIPT, *policies: str, url: str = ARTICLE) -> Page:
    return Page(url, 200, "text/html", policies, LexborHTMLParser(html, scripting=True))


def admitted(origin: str) -> str | None:
    return {"https://paper.example": "Paper", "https://gazette.example": "Gazette"}.get(origin)


def the_one(findings: Iterator[Finding]) -> Finding:
    (finding,) = findings
    return finding


# The script

LOADED = {
    "as the README says": SCRIPT,
    "with a query": f'<script async src="{OURS}/embed.js?1"></script>',
    "below a base": f'<base href="{OURS}/x/"><script src="../embed.js"></script>',
    "by another scheme's name": '<script src="//feedback.example/embed.js"></script>',
    "among others": f'<script src="/a.js"></script><script>1</script>{SCRIPT}',
}


@pytest.mark.parametrize("html", LOADED.values(), ids=LOADED)
def test_the_script_is_found(html: str) -> None:
    assert the_one(doctor_page.script(a_page(html), OURS)).mark is Mark.GOOD


NOT_LOADED = {
    "none": ("<p>Hello", "paste"),
    "another service's": ('<script src="https://old.example/embed.js"></script>', "old.example"),
    "in a comment": (f"<!-- {SCRIPT} -->", "paste"),
    "in a noscript": (f"<noscript>{SCRIPT}</noscript>", "paste"),
    "as text": ("<p>&lt;script src=…", "paste"),
    "as a module": (f'<script type="module" src="{OURS}/embed.js"></script>', "module"),
}


@pytest.mark.parametrize(("html", "remedy"), NOT_LOADED.values(), ids=NOT_LOADED)
def test_a_page_without_the_script_is_told_the_line(html: str, remedy: str) -> None:
    finding = the_one(doctor_page.script(a_page(html), OURS))

    assert finding.mark is Mark.BAD
    assert SCRIPT in finding.text
    assert remedy in finding.text


# Origins


def test_the_site_that_admits_a_page_is_named() -> None:
    findings = list(doctor_page.origins(a_page(), admitted))

    assert findings[0] == Finding(Mark.GOOD, "The site 'Paper' admits https://paper.example.")
    assert findings[1].mark is Mark.NOTE


def test_a_page_that_no_site_admits_is_told_the_command() -> None:
    finding = next(doctor_page.origins(a_page(url="https://www.paper.example/a"), admitted))

    assert finding.mark is Mark.BAD
    assert "feedback site add NAME --origin https://www.paper.example" in finding.text


CANONICAL = {
    "its own": ("https://paper.example/a", Mark.GOOD),
    "relative": ("/a", Mark.GOOD),
    "another site's": ("https://gazette.example/a", Mark.NOTE),
    "nobody's": ("https://copy.example/a", Mark.NOTE),
    "not an address": ("javascript:void(0)", Mark.NOTE),
    "empty": ("", Mark.GOOD),
}


@pytest.mark.parametrize(("link", "mark"), CANONICAL.values(), ids=CANONICAL)
def test_the_canonical_address_counts_where_the_site_admits_it(link: str, mark: Mark) -> None:
    page = a_page(f'<link rel="Canonical" href="{link}">')

    assert [finding.mark for finding in doctor_page.origins(page, admitted)] == [Mark.GOOD, mark]


# Content Security Policy

OPEN = {
    "no policy": "",
    "about something else": "img-src 'none'; object-src 'none'",
    "by name": f"default-src 'none'; script-src {OURS}; connect-src {OURS}",
    "by default": f"default-src 'self' {OURS}",
    "by host": "script-src feedback.example; connect-src feedback.example",
    "by host and port": "default-src feedback.example:443",
    "by any port": "default-src feedback.example:*",
    "by wildcard": "default-src *.example",
    "by scheme": "default-src https:",
    "by anything": "default-src *",
    "in capitals": "DEFAULT-SRC HTTPS://Feedback.Example",
    "by path": f"script-src {OURS}/embed.js {OURS}/static/; connect-src {OURS}/api/v1/reports",
    "elements by name": f"script-src 'none'; script-src-elem {OURS}; connect-src *",
    "first of two": f"default-src {OURS}; default-src 'none'",
    "nonce that is carried on": "script-src 'nonce-abc' 'strict-dynamic'; connect-src *",
}


@pytest.mark.parametrize("policy", OPEN.values(), ids=OPEN)
def test_a_policy_that_lets_us_work_is_left_alone(policy: str) -> None:
    found = content_policy.remedies(
        content_policy.parse(policy), "https://paper.example", OURS, "abc"
    )

    assert list(found) == []


BLOCKED = {
    "all": ("default-src 'none'", [f"script-src {OURS}", f"connect-src {OURS}"]),
    "own scripts only": ("script-src 'self'", [f"script-src 'self' {OURS}"]),
    "own sending only": ("connect-src 'self'", [f"connect-src 'self' {OURS}"]),
    "empty": ("connect-src", [f"connect-src {OURS}"]),
    "default for both": (
        "default-src 'self'",
        [f"script-src 'self' {OURS}", f"connect-src 'self' {OURS}"],
    ),
    "elements": ("script-src *; script-src-elem 'self'", [f"script-src-elem 'self' {OURS}"]),
    "another port": ("script-src feedback.example:8443", [OURS]),
    "another host": ("script-src example", [OURS]),
    "wildcard that is deeper": ("script-src *.feedback.example", [OURS]),
    "only the embed": (f"script-src {OURS}/embed.js", [OURS]),
    "unencrypted only": ("script-src data:", [OURS]),
    "nonce alone": ("script-src 'nonce-abc'", [f"script-src 'nonce-abc' {OURS}"]),
    "another nonce": (f"script-src 'nonce-xyz' 'strict-dynamic' {OURS}", ["nonce"]),
}


@pytest.mark.parametrize(("policy", "lines"), BLOCKED.values(), ids=BLOCKED)
def test_a_policy_that_blocks_us_is_told_the_line(policy: str, lines: list[str]) -> None:
    parsed = content_policy.parse(policy)

    found = list(content_policy.remedies(parsed, "https://paper.example", OURS, "abc"))

    assert len(found) == len(lines)
    assert all(line in text for line, text in zip(lines, found, strict=True))


def test_every_policy_of_a_page_must_let_us_work() -> None:
    page = a_page(SCRIPT, f"default-src {OURS}", "connect-src 'self'")

    assert the_one(doctor_page.policies(page, OURS)).mark is Mark.BAD


def test_a_page_of_the_services_own_origin_may_say_self() -> None:
    page = a_page(SCRIPT, "default-src 'self'", url=f"{OURS}/demo")

    assert the_one(doctor_page.policies(page, OURS)).mark is Mark.GOOD


# For real


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    env = {"FEEDBACK_BASE_URL": OURS}
    made = Installation(tmp_path_factory.mktemp("doctor") / "home", env)
    made.said("upgrade")
    return made


def asked(installation: Installation, end: FarEnd, path: str = "") -> tuple[int, str]:
    done = installation.run("doctor", end.url + path, FEEDBACK_FETCH_ALLOW=end.pair)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_page_that_is_well_is_said_to_be(paper: Installation) -> None:
    html = f'<link rel="canonical" href="/a">{SCRIPT}'.encode()
    policy = f"script-src {OURS}, connect-src {OURS}"
    with a_far_end(answering(html, Content_Security_Policy=policy)) as end:
        paper.said("site", "add", "Paper", "--origin", end.url)

        status, said = asked(paper, end, "a?utm_source=x")

    assert status == 0, said
    assert f"ok    The site 'Paper' admits http://{end.pair}." in said
    assert "ok    The page loads https://feedback.example/embed.js" in said
    assert f"ok    Reports go to the canonical address http://{end.pair}/a" in said
    assert "ok    The page's Content-Security-Policy lets the script work." in said
    assert end.requests[0].headers["user-agent"].endswith("(+https://feedback.example)")


def test_all_that_is_wrong_with_a_page_is_said_at_once(paper: Installation) -> None:
    html = b'<meta http-equiv="content-security-policy" content="default-src \'self\'">'
    with a_far_end(answering(html)) as end:
        status, said = asked(paper, end)

    assert status == 1
    assert "BAD   The page does not load the script" in said
    assert f"feedback site add NAME --origin http://{end.pair}" in said
    assert f"script-src 'self' {OURS}" in said
    assert f"connect-src 'self' {OURS}" in said


def test_the_page_that_a_redirect_leads_to_is_looked_at(paper: Installation) -> None:
    with a_far_end(redirecting("/1", status=301)) as end:
        _, said = asked(paper, end)

    assert f"The page answers: {end.url}1" in said


NOT_A_PAGE = {
    "missing": (answering(b"", 404, content_type="text/html"), "answers 404"),
    "a picture": (answering(b"x", content_type="image/png"), "image/png"),
}


@pytest.mark.parametrize(("behaviour", "why"), NOT_A_PAGE.values(), ids=NOT_A_PAGE)
def test_what_is_no_page_is_said_to_be_none(behaviour: object, why: str) -> None:
    with a_far_end(behaviour) as end:
        settings = load(base_url=OURS, fetch_allow=[end.pair])
        finding = the_one(doctor_page.examine(end.url, settings, admitted))

    assert finding.mark is Mark.BAD
    assert why in finding.text


def test_a_private_address_is_told_the_setting() -> None:
    port = a_closed_port()

    finding = the_one(doctor_page.examine(f"http://127.0.0.1:{port}/", load(), admitted))

    assert finding.mark is Mark.BAD
    assert f"add 127.0.0.1:{port} to FEEDBACK_FETCH_ALLOW" in finding.text


def test_a_page_that_does_not_answer_is_said_not_to() -> None:
    port = a_closed_port()
    settings = load(fetch_allow=[f"127.0.0.1:{port}"])

    finding = the_one(doctor_page.examine(f"http://127.0.0.1:{port}/", settings, admitted))

    assert finding.mark is Mark.BAD
    assert "cannot be fetched" in finding.text


@pytest.mark.parametrize("url", ["paper.example", "ftp://paper.example/", ""])
def test_what_is_no_address_is_said_to_be_none(url: str) -> None:
    assert the_one(doctor_page.examine(url, load(), admitted)).mark is Mark.BAD
