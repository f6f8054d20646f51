"""Does the embed work on a page? All that can be told from the page as it came."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedback.anchoring import NormalText, normalize
from feedback.embedding import (
    content_policy,
    examining,
    language,
    loading,
    markup,
    options,
    origins,
    sample,
)
from feedback.embedding.content_policy import Asked
from feedback.embedding.embed import Embed
from feedback.embedding.findings import Finding, Mark
from feedback.embedding.origins import Admission
from feedback.embedding.page import Page
from feedback.outbound import Answer
from feedback.web import reader_strings
from tests.makers import TEXT

ROOT = Path(__file__).parent.parent
OURS = "https://feedback.example"
ARTICLE = "https://paper.example/news/captain"
SCRIPT = f'<script async src="{OURS}/embed.js"></script>'
EMBEDDER = "cross-origin-embedder-policy"
EMBED = Embed(
    OURS,
    "/static/2222/js/embed.js",
    "sha384-new",
    leads={"en": "Found a mistake?", "de": "Fehler <gefunden>?", "pt-BR": "Erro?"},
    match=reader_strings.match,
)
ASKED = Asked("https://paper.example", OURS, "abc")
ADMISSION = Admission({"https://paper.example": "Paper", "https://gazette.example": "Gazette"})


def a_page(
    html: str = SCRIPT,
    *policies: str,
    url: str = ARTICLE,
    headers: dict[str, str] | None = None,
) -> Page:
    given = {"content-security-policy": ", ".join(policies), **(headers or {})}
    body = html.encode()
    return Page.of(Answer(200, url, given, body), markup.read(body, "utf-8", url))


def the_one(findings: Iterator[Finding]) -> Finding:
    (finding,) = findings
    return finding


def marks(findings: Iterator[Finding]) -> list[Mark]:
    return [finding.mark for finding in findings]


# The script

LOADED = {
    "as the README says": SCRIPT,
    "with a query": f'<script async src="{OURS}/embed.js?1"></script>',
    "below a base": f'<base href="{OURS}/x/"><script async src="../embed.js"></script>',
    "by another scheme's name": '<script async src="//feedback.example/embed.js"></script>',
    "among others": f'<script src="/a.js"></script><script>1</script>{SCRIPT}',
    "in the body": f"<p>Hello {SCRIPT}",
    "with a type": f'<script defer type="text/javascript" src="{OURS}/embed.js"></script>',
    "with another type": f'<script async type="Application/JavaScript" src="{OURS}/embed.js">',
    "by its version": f'<script async src="{OURS}/static/1111/js/embed.js"></script>',
    "by its hash": EMBED.pinned_line,
    "left alone by Cloudflare": f'<script async data-cfasync="false" src="{OURS}/embed.js">',
}


@pytest.mark.parametrize("html", LOADED.values(), ids=LOADED)
def test_the_script_is_found(html: str) -> None:
    assert the_one(loading.examine(a_page(html), EMBED)).mark is Mark.GOOD


NOT_LOADED = {
    "none": ("<p>Hello", "does not load"),
    "another service's": ('<script src="https://old.example/embed.js"></script>', "old.example"),
    "by another scheme": ('<script src="http://feedback.example/embed.js">', "http://feedback"),
    "a copy": ('<script src="/wp-content/embed.js">', "https://paper.example/wp-content/embed.js"),
    "in a comment": (f"<!-- {SCRIPT} -->", "nothing there runs"),
    "in a noscript": (f"<noscript>{SCRIPT}</noscript>", "nothing there runs"),
    "in a template": (f"<template>{SCRIPT}</template>", "nothing there runs"),
    "as text": ("<p>&lt;script src=…", "does not load"),
    "as a module": (f'<script type="module" src="{OURS}/embed.js"></script>', "As a module"),
    "for old browsers": (f'<script nomodule src="{OURS}/embed.js">', "nomodule"),
    "for consent": (f'<script type="text/plain" src="{OURS}/embed.js">', 'type="text/plain"'),
    "for consent, elsewhere": (
        f'<script type="text/plain" data-src="{OURS}/embed.js">',
        'type="text/plain"',
    ),
    "for later": (f'<script data-src="{OURS}/embed.js">', "data-src"),
    "joined": ('<script src="/wp-content/cache/autoptimize/js/a.js">', "joins its scripts"),
}


@pytest.mark.parametrize(("html", "why"), NOT_LOADED.values(), ids=NOT_LOADED)
def test_a_page_without_the_script_is_told_the_line(html: str, why: str) -> None:
    finding = the_one(loading.examine(a_page(html), EMBED))

    assert finding.mark is Mark.BAD
    assert finding.line == SCRIPT
    assert why in finding.text


LATE = {
    "WP Rocket": (
        f'<script type="rocketlazyloadscript" data-rocket-src="{OURS}/embed.js">',
        SCRIPT,
    ),
    "LiteSpeed": (f'<script type="litespeed/javascript" data-src="{OURS}/embed.js">', SCRIPT),
    "Rocket Loader": (
        f'<script type="0123456789abcdef01234567-text/javascript" src="{OURS}/embed.js">',
        f'<script async data-cfasync="false" src="{OURS}/embed.js"></script>',
    ),
    "blocking": (f'<script src="{OURS}/embed.js"></script>', SCRIPT),
}


@pytest.mark.parametrize(("html", "line"), LATE.values(), ids=LATE)
def test_a_script_that_comes_late_is_told_how_it_would_not(html: str, line: str) -> None:
    findings = list(loading.examine(a_page(html), EMBED))

    assert findings[-1].mark is Mark.NOTE
    assert findings[-1].line == line


BY_OTHERS = {
    "a script of the page": "<script>load(String.raw`%s`)</script>",
    "what a framework passes on": '<script>self.push([1,"src\\":\\"%s\\""])</script>',
    "in JSON": '<script type="application/json">{"src": "https:\\/\\/feedback.example\\/embed.js"}',
    "fetched ahead": '<link rel="preload" as="script" href="%s">',
}


@pytest.mark.parametrize("html", BY_OTHERS.values(), ids=BY_OTHERS)
def test_a_script_that_another_one_loads_is_thought_possible(html: str) -> None:
    page = a_page(html.replace("%s", f"{OURS}/embed.js"))

    finding = the_one(loading.examine(page, EMBED))

    assert finding.mark is Mark.NOTE
    assert "Ctrl+Enter" in finding.text


def test_a_line_that_stands_twice_is_one_too_many() -> None:
    twice, loaded = loading.examine(a_page(SCRIPT + SCRIPT), EMBED)

    assert (twice.mark, loaded.mark) == (Mark.NOTE, Mark.GOOD)


HASHES = {
    "of another version": (
        f'<script async crossorigin src="{OURS}/static/1111/js/embed.js" integrity="sha384-old">',
        Mark.BAD,
    ),
    "that is wrong": (
        f'<script async crossorigin src="{OURS}{EMBED.pinned_path}" integrity="sha384-x">',
        Mark.BAD,
    ),
    "on the common address": (
        f'<script async crossorigin src="{OURS}/embed.js" integrity="sha384-x">',
        Mark.NOTE,
    ),
}


@pytest.mark.parametrize(("html", "mark"), HASHES.values(), ids=HASHES)
def test_a_hash_is_to_be_that_of_the_running_version(html: str, mark: Mark) -> None:
    finding = the_one(loading.examine(a_page(html), EMBED))

    assert (finding.mark, finding.line) == (mark, EMBED.pinned_line)


def test_a_hash_without_crossorigin_is_refused_by_browsers() -> None:
    html = EMBED.pinned_line.replace(" crossorigin", "")

    assert marks(loading.examine(a_page(html), EMBED)) == [Mark.GOOD, Mark.BAD]
    assert marks(loading.examine(a_page(html, url=f"{OURS}/demo"), EMBED)) == [Mark.GOOD]


def test_a_script_with_cookies_is_refused_by_browsers() -> None:
    html = f'<script async crossorigin="use-credentials" src="{OURS}/embed.js">'

    assert marks(loading.examine(a_page(html), EMBED)) == [Mark.GOOD, Mark.BAD]


@pytest.mark.parametrize(
    ("service", "url", "expected"),
    [
        ("http://feedback.example", ARTICLE, [Mark.GOOD, Mark.BAD]),
        ("http://feedback.example", "http://paper.example/a", [Mark.GOOD]),
        ("http://127.0.0.1:8000", ARTICLE, [Mark.GOOD]),
    ],
)
def test_an_encrypted_page_loads_no_script_that_is_not(
    service: str, url: str, expected: list[Mark]
) -> None:
    embed = Embed(service, "/static/2222/js/embed.js", "", leads={}, match=reader_strings.match)

    assert marks(loading.examine(a_page(embed.line, url=url), embed)) == expected


# Options

UNDERSTOOD = [
    'data-button="always"',
    'data-kinds="typo fact, other"',
    'data-email="true"',
    'data-email="false"',
    'data-lang="de"',
]


@pytest.mark.parametrize("option", UNDERSTOOD)
def test_an_option_is_understood(option: str) -> None:
    finding = the_one(options.examine(a_page(SCRIPT.replace("async", f"async {option}")), EMBED))

    assert finding.mark is Mark.GOOD
    assert option.partition("=")[0] in finding.text


MISSPELT = {
    'data-buton="always"': 'data-button="always"',
    'data-kind="typo"': 'data-kinds="typo"',
    'data-mail="true"': 'data-email="true"',
    "data-email": 'data-email="true"',
    'data-email="yes"': 'data-email="true"',
    'data-button=""': 'data-button="touch"',
    'data-button="allways"': 'data-button="always"',
    'data-button="on"': 'data-button="touch"',
    'data-kinds="Typo facts"': 'data-kinds="typo fact"',
}


@pytest.mark.parametrize(("option", "line"), MISSPELT.items())
def test_a_misspelt_option_is_told_the_one_most_like_it(option: str, line: str) -> None:
    finding = the_one(options.examine(a_page(SCRIPT.replace("async", f"async {option}")), EMBED))

    assert (finding.mark, finding.line) == (Mark.BAD, line)


@pytest.mark.parametrize("name", ["cfasync", "nscript", "wp-strategy", "no-optimize", "domain"])
def test_an_attribute_for_somebody_else_is_left_alone(name: str) -> None:
    page = a_page(SCRIPT.replace("async", f'async data-{name}="false"'))

    assert list(options.examine(page, EMBED)) == []


def test_what_is_marked_in_the_page_is_told() -> None:
    html = (
        "<main data-feedback-scope><p>A<p data-feedback-ignore>B</p></main><b data-feedback-scop>"
    )

    misspelt, scope, ignored = options.examine(a_page(html), EMBED)

    assert (misspelt.mark, misspelt.line) == (Mark.NOTE, "data-feedback-scope")
    assert "data-feedback-scope (found: 1)" in scope.text
    assert "data-feedback-ignore (found: 1)" in ignored.text


CAPTIONS = {
    "none": ("<p>A", Mark.NOTE),
    "empty": ("<p data-feedback-caption></p>", Mark.NOTE),
    "for another service": (
        '<p data-feedback-caption><a href="https://old.example/report">',
        Mark.NOTE,
    ),
    "as it is pasted": (EMBED.caption("en"), Mark.GOOD),
    "with the address": (
        f'<p data-feedback-caption><a href="{OURS}/report?url=https://a">',
        Mark.GOOD,
    ),
}


@pytest.mark.parametrize(("html", "mark"), CAPTIONS.values(), ids=CAPTIONS)
def test_a_caption_is_for_readers_without_scripts_too(html: str, mark: Mark) -> None:
    finding = the_one(options.caption(a_page(f'<html lang="en">{html}'), EMBED))

    assert (finding.mark, finding.line) == (mark, "" if mark is Mark.GOOD else EMBED.caption("en"))


def test_the_caption_is_in_the_pages_language_and_spelt_for_html() -> None:
    finding = the_one(options.caption(a_page('<html lang="de-AT">'), EMBED))

    assert ">Fehler &lt;gefunden&gt;?</a></p>" in finding.line
    assert f'href="{OURS}/report" referrerpolicy="no-referrer-when-downgrade"' in finding.line


# What the script knows, this must know too


def test_the_options_are_those_of_the_script() -> None:
    types = (ROOT / "static/js/embed.d.ts").read_text("utf-8")

    assert set(re.findall(r"`data-([a-z]+)", types)) == set(options.OPTIONS)


def test_the_marks_are_those_of_the_script() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "static/js").rglob("*.js")]

    found = re.findall(r"data-feedback-([a-z]+)", "".join(sources))
    assert set(found) == set(options.MARKS)


# The language

SPOKEN = {
    "the page's": ('<html lang="de-AT">', "", Mark.GOOD, "Deutsch (de)", ""),
    "spelt otherwise": ('<html lang="pt_br">', "", Mark.GOOD, "(pt-BR)", ""),
    "English": ('<html lang="en-GB">', "", Mark.GOOD, "English (en)", ""),
    "unknown": ('<html lang="tlh">', "", Mark.NOTE, "English (en)", ""),
    "unsaid": ("", "", Mark.NOTE, "English (en)", '<html lang="en">'),
    "the line's": ('<html lang="en">', 'data-lang="de"', Mark.GOOD, "Deutsch (de)", ""),
    "misspelt": ('<html lang="en">', 'data-lang="dee"', Mark.NOTE, "English", 'data-lang="de"'),
}


@pytest.mark.parametrize(("html", "option", "mark", "said", "line"), SPOKEN.values(), ids=SPOKEN)
def test_the_dialogs_language_is_told(
    html: str, option: str, mark: Mark, said: str, line: str
) -> None:
    page = a_page(html + SCRIPT.replace("async", f"async {option}"))

    finding = the_one(language.examine(page, EMBED))

    assert (finding.mark, finding.line) == (mark, line)
    assert said in finding.text


# Origins


def test_the_site_that_admits_a_page_is_named() -> None:
    findings = list(origins.examine(a_page(), ADMISSION))

    assert findings[0].text == "The site 'Paper' admits https://paper.example."
    assert marks(iter(findings)) == [Mark.GOOD, Mark.NOTE]


ADMITTING = {
    "strange": ("https://a.example", "", "NAME --origin https://a.example", "No site admits"),
    "strange to whose is asking": ("https://a.example", "Paper", "Paper --origin", "not admit"),
    "with www": ("https://www.paper.example", "", "Paper --origin https://www.", "'Paper' admits"),
    "without https": ("http://paper.example", "", "Paper --origin http://paper", "'Paper' admits"),
    "neither": ("http://www.paper.example", "", "Paper --origin http://www", "'Paper' admits"),
    "without www": (
        "https://news.example",
        "",
        "s news' --origin https://news.",
        "www.",
    ),
}


@pytest.mark.parametrize(("origin", "asking", "line", "said"), ADMITTING.values(), ids=ADMITTING)
def test_an_origin_that_is_not_admitted_is_told_the_command(
    origin: str, asking: str, line: str, said: str
) -> None:
    known = {**ADMISSION.sites, "https://www.news.example": "Ed's news"}

    finding = origins.admitted(origin, Admission(known, asking))

    assert finding.mark is Mark.BAD
    assert finding.line.startswith("feedback site add ")
    assert line in finding.line
    assert said in finding.text


PAGES_OWN = '<link rel="canonical" href="https://paper.example/news/captain">'
CANONICAL = {
    "its own": ("https://paper.example/a", Mark.GOOD, ""),
    "relative": ("/a", Mark.GOOD, ""),
    "empty": ("", Mark.GOOD, ""),
    "another site's": ("https://gazette.example/a", Mark.NOTE, "Paper --origin https://gazette"),
    "nobody's": ("https://copy.example/a", Mark.NOTE, "Paper --origin https://copy.example"),
    "unencrypted": ("http://paper.example/a", Mark.NOTE, "Paper --origin http://paper.example"),
    "not an address": ("javascript:void(0)", Mark.NOTE, PAGES_OWN),
    "the front page": ("https://paper.example", Mark.BAD, PAGES_OWN),
    "by a number": ("https://paper.example/?p=1", Mark.GOOD, ""),
}


@pytest.mark.parametrize(("link", "mark", "line"), CANONICAL.values(), ids=CANONICAL)
def test_the_canonical_address_counts_where_the_site_admits_it(
    link: str, mark: Mark, line: str
) -> None:
    page = a_page(f'<link rel="Canonical" href="{link}">')

    admitted, filed = origins.examine(page, ADMISSION)

    assert (admitted.mark, filed.mark) == (Mark.GOOD, mark)
    assert line in filed.line


def test_reports_are_filed_under_the_pages_own_address_where_it_names_no_other() -> None:
    _, filed = origins.examine(a_page(url=f"{ARTICLE}?utm_source=x#top"), ADMISSION)

    assert f"filed under {ARTICLE}" in filed.text
    assert filed.line == PAGES_OWN


def test_a_front_page_may_name_itself() -> None:
    page = a_page('<link rel="canonical" href="/">', url="https://paper.example/")

    assert marks(origins.examine(page, ADMISSION)) == [Mark.GOOD, Mark.GOOD]


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
    "nonce alone": "script-src 'nonce-abc'; connect-src *",
    "nonce by default": "default-src 'nonce-abc' 'strict-dynamic'; connect-src https:",
    "trusted types": "require-trusted-types-for 'script'; trusted-types 'none'",
    "a sandbox with room": "sandbox allow-forms allow-scripts allow-same-origin",
}


@pytest.mark.parametrize("policy", OPEN.values(), ids=OPEN)
def test_a_policy_that_lets_us_work_is_left_alone(policy: str) -> None:
    found = content_policy.examine(content_policy.parse(policy), ASKED)

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
    "no port": (f"script-src feedback.example:{'4' * 5_000}", [OURS]),
    "another host": ("script-src example", [OURS]),
    "wildcard that is deeper": ("script-src *.feedback.example", [OURS]),
    "only the embed": (f"script-src {OURS}/embed.js", [OURS]),
    "unencrypted only": ("script-src data:", [OURS]),
    "another nonce": ("script-src 'nonce-xyz'", [f"script-src 'nonce-xyz' {OURS}"]),
    "another nonce that carries on": (
        f"script-src 'nonce-xyz' 'strict-dynamic' {OURS}",
        [f'<script async nonce="…" src="{OURS}/embed.js"></script>'],
    ),
    "hash that carries on": ("script-src 'sha384-abc' 'strict-dynamic'", ["nonce"]),
    "default with a nonce for scripts": (
        "default-src 'self' 'nonce-xyz'",
        [f"script-src 'self' 'nonce-xyz' {OURS}", f"connect-src 'self' {OURS}"],
    ),
    "a sandbox": ("sandbox", ["sandbox allow-scripts allow-same-origin"]),
    "a sandbox without an origin": (
        "sandbox allow-scripts allow-forms",
        ["sandbox allow-scripts allow-forms allow-same-origin"],
    ),
}


@pytest.mark.parametrize(("policy", "lines"), BLOCKED.values(), ids=BLOCKED)
def test_a_policy_that_blocks_us_is_told_the_line(policy: str, lines: list[str]) -> None:
    found = list(content_policy.examine(content_policy.parse(policy), ASKED))

    assert [finding.mark for finding in found] == [Mark.BAD] * len(lines)
    assert all(line in each.line for line, each in zip(lines, found, strict=True))


def test_every_policy_of_a_page_must_let_us_work() -> None:
    page = a_page(SCRIPT, f"default-src {OURS}", "connect-src 'self'")

    assert the_one(examining.policies(page, EMBED)).mark is Mark.BAD


def test_a_page_of_the_services_own_origin_may_say_self() -> None:
    page = a_page(SCRIPT, "default-src 'self'", url=f"{OURS}/demo")

    assert the_one(examining.policies(page, EMBED)).mark is Mark.GOOD


def test_a_policy_in_the_head_counts_and_one_in_the_body_does_not() -> None:
    meta = '<meta http-equiv="content-security-policy" content="script-src \'none\'; sandbox">'

    found = the_one(examining.policies(a_page(meta + SCRIPT), EMBED))

    assert found.line == f"script-src {OURS}"
    assert "<meta>" in found.text
    assert list(examining.policies(a_page(f"<p>A</p>{meta}{SCRIPT}"), EMBED)) == []


def test_a_page_that_takes_only_what_may_be_taken_gets_the_script() -> None:
    found = the_one(examining.policies(a_page(headers={EMBEDDER: "require-corp"}), EMBED))

    assert found.mark is Mark.GOOD
    assert list(examining.policies(a_page(headers={EMBEDDER: "unsafe-none"}), EMBED)) == []


# A sample


def test_a_sample_is_a_word_in_the_middle_of_the_longest_paragraph() -> None:
    found = sample.take(NormalText(TEXT))

    assert found is not None
    assert found.exact == "flat"
    assert TEXT[found.start : found.end] == found.exact
    assert (found.length, found.again) == (len(TEXT), True)
    assert TEXT[: found.start].endswith(found.prefix)
    assert TEXT[found.end :].startswith(found.suffix)
    assert found.fragment.startswith(":~:text=teh%20sea%20is-,flat,-.")


def test_a_sample_is_taken_where_readers_can_report() -> None:
    long, short = "Cookies and conditions. " * 9, "The <b>wrold</b> is round."
    html = f"<p data-feedback-ignore>{long}<p>{long * 2}<main data-feedback-scope><p>{short}"

    found = a_page(html + f"<p data-feedback-ignore>{long}").markup.sample

    assert found is not None
    assert found.exact == "wrold"


def test_a_sample_that_stands_in_two_places_is_not_found_again_by_itself() -> None:
    found = a_page(f"<p>{'Twice the same words, ' * 9}</p>" * 2).markup.sample

    assert found is not None
    assert (found.presence, found.again) == ("ambiguous", False)


def test_a_sample_of_text_without_spaces_is_a_few_letters() -> None:
    found = sample.take(
        NormalText("港の老いた船長は嵐の夜にも灯台を見つけて無事に帰ってきたのである")
    )

    assert found is not None
    assert len(found.exact) == 3


@pytest.mark.parametrize("text", ["", "…", "\n* * *\n"])
def test_of_no_words_there_is_no_sample(text: str) -> None:
    assert sample.take(normalize(text)) is None


# Bounds


def test_of_a_page_without_end_only_so_much_is_told() -> None:
    many = f"<script {' '.join(f'a{n}={n}' for n in range(600))} src='/{'a' * 9_000}'></script>"

    found = a_page(many + "<script async></script>" * 600).markup

    assert len(found.scripts) == 500
    assert len(found.scripts[0]) == 50
    assert max(map(len, found.scripts[0].values())) <= 2_048


UNTIDY = {
    "a base that is none": '<base href="http://[">',
    "a script that is none": '<script src="http://["></script>',
    "a canonical that is none": '<link rel=canonical href="http://[">',
    "no root": "",
    "a caption with a broken link": '<p data-feedback-caption><a href="http://[">',
}


@pytest.mark.parametrize("html", UNTIDY.values(), ids=UNTIDY)
def test_an_untidy_page_is_examined_all_the_same(html: str) -> None:
    page = a_page(html + SCRIPT)

    for findings in (
        loading.examine(page, EMBED),
        options.examine(page, EMBED),
        options.caption(page, EMBED),
        language.examine(page, EMBED),
        origins.examine(page, ADMISSION),
    ):
        assert all(finding.text for finding in findings)
    assert loading.lines(page, EMBED)
