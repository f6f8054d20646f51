"""What is read from a page: its text, and what it says of itself."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.anchoring import NormalText, normalize
from feedback.articles.page import Page, read

HERE = "https://paper.example/news/teh-lighthouse?id=7"
SHARED = Path(__file__).parents[2] / "shared" / "pages"

PAGE = """<!DOCTYPE html>
<html lang="en-GB"><head>
<title>Teh lighthouse | The Paper</title>
<meta name="author" content="Ann Reader">
<meta property="og:site_name" content="The Paper">
<meta property="og:title" content="Teh lighthouse – The Paper">
<meta property="article:section" content="Islands">
<link rel="canonical" href="/news/teh-lighthouse?utm_source=x#top">
</head><body><h1>Teh lighthouse</h1><p id="first">The keeper wrote <b>wrold</b>.</p></body></html>
"""


def page(html: str, address: str = HERE) -> Page:
    return read(html.encode(), "utf-8", address)


def story(**said: object) -> str:
    return linked({"@context": "https://schema.org", "@type": "NewsArticle", **said})


def linked(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def test_a_page_is_read() -> None:
    found = page(PAGE)

    assert found.text == "Teh lighthouse\nThe keeper wrote wrold."
    assert found.normal.ids == ((15, "first"),)
    assert found.title == "Teh lighthouse"
    assert found.lang == "en-GB"
    assert found.author == "Ann Reader"
    assert found.section == "Islands"
    assert found.canonical == "https://paper.example/news/teh-lighthouse"


def test_the_text_is_the_normal_text() -> None:
    assert page(PAGE).normal == normalize(PAGE)


def test_one_text_has_one_digest_whatever_surrounds_it() -> None:
    assert page("<p>one two").digest == page("<title>x</title><div>one  two</div>").digest
    assert page("<p>one two").digest != page("<p>one<p>two").digest


def test_a_page_that_says_nothing_of_itself_is_read() -> None:
    assert page("words") == Page(NormalText("words"))


@pytest.mark.parametrize(
    ("html", "title"),
    [
        (story(headline="Headline") + '<meta property="og:title" content="Other">', "Headline"),
        (story(name="Named"), "Named"),
        (story(headline="Teh &ldquo;light&#8221; &amp; us"), "Teh “light” & us"),
        (story(headline="Cut sh…") + '<meta property="og:title" content="Cut short">', "Cut short"),
        (story(headline="And then…"), "And then…"),
        ('<meta name="twitter:title" content="Bird"><title>Page</title>', "Bird"),
        ("<title> a \n b </title><h1>c</h1>", "a b"),
        ("<h1>Only <b>this</b></h1>", "Only this"),
        ('<meta property="og:site_name" content="P"><title>UP</title>', "UP"),
        ('<meta property="og:site_name" content="P"><title>P</title>', "P"),
        ('<meta property="og:site_name" content="P"><title>News — P</title>', "News"),
        (f"<title>{'x' * 400}</title>", "x" * 300),
        (story(headline="a\0b\ud800c\n d"), "abc d"),
        (story(headline=["first", "second"]), "first"),
        (story(headline={"@value": "valued"}), "valued"),
        (story(headline=7) + "<title>Page</title>", "Page"),
    ],
)  # fmt: skip
def test_the_best_title_is_taken(html: str, title: str) -> None:
    assert page(html).title == title


@pytest.mark.parametrize(
    ("html", "author"),
    [
        (story(author="Ann"), "Ann"),
        (story(author={"@type": "Person", "name": "Ann"}), "Ann"),
        (story(author=[{"name": "Ann"}, "Bob", {"name": ["Cleo"]}]), "Ann, Bob, Cleo"),
        (story(author=[{"name": "Ann"}, {"name": "Ann"}]), "Ann"),
        (story(author={"@type": "Person"}) + '<meta name="author" content="Meta">', "Meta"),
        (story(author="https://social.example/ann"), ""),
        (story(creator="Cleo"), "Cleo"),
        ('<meta property="article:author" content="https://social.example/ann">', ""),
        ('<meta name="author" content="@ann"><meta name="byl" content="By Ann Lee">', "Ann Lee"),
        ('<a rel="author" href="/ann">Ann</a>, <a rel="author" href="/bob">Bob</a>', "Ann, Bob"),
        ('<p itemprop="author">By <i itemprop="name">Ann</i>, who likes gulls</p>', "Ann"),
        (f'<div itemprop="author">Ann {"was born and " * 10}</div>', ""),
        (story(author=[f"A{n}" for n in range(30)]), ", ".join(f"A{n}" for n in range(10))),
    ],
)
def test_authors_are_named(html: str, author: str) -> None:
    assert page(html).author == author


@pytest.mark.parametrize(
    ("html", "lang"),
    [
        ("<html lang=de>" + story(inLanguage="en"), "de"),
        ("<html lang=''>" + story(inLanguage="en-US"), "en-US"),
        (story(inLanguage={"@type": "Language", "alternateName": "uk"}), "uk"),
        ('<meta http-equiv="Content-Language" content="fr">', "fr"),
        ('<meta property="og:locale" content="pt_BR">', "pt-BR"),
        ("<html lang='{{ lang }}'>", ""),
        (f"<html lang={'a-' * 40}a>", ""),
    ],
)
def test_the_language_is_told(html: str, lang: str) -> None:
    assert page(html).lang == lang


@pytest.mark.parametrize(
    ("html", "section"),
    [
        (story(articleSection="Sport"), "Sport"),
        (story(articleSection=["Sport", "Chess"]), "Sport"),
        ('<meta name="parsely-section" content="Science">', "Science"),
        ('<meta name="section" content="/world/islands/">', "world/islands"),
    ],
)
def test_the_section_is_told(html: str, section: str) -> None:
    assert page(html).section == section


@pytest.mark.parametrize(
    ("html", "canonical"),
    [
        ('<link rel="canonical" href="https://other.example/a#b">', "https://other.example/a"),
        ('<link rel="Canonical" href="?id=8">', "https://paper.example/news/teh-lighthouse?id=8"),
        ('<base href="/base/"><link rel="canonical" href="x">', "https://paper.example/base/x"),
        ("<link rel=canonical href=/a><link rel=canonical href=/b>", "https://paper.example/a"),
        ('<link rel="canonical" href="">', "https://paper.example/news/teh-lighthouse?id=7"),
        ('<link rel="canonical">', "https://paper.example/news/teh-lighthouse?id=7"),
        ('<link rel="canonical" href="javascript:alert(1)">', ""),
        ('<link rel="canonical" href="http://[x">', ""),
        ('<link rel="canonical" href="http://good\\@evil.example/">', ""),
        (f'<link rel="canonical" href="/{"x" * 3000}">', ""),
        ('<base href="http://[x"><link rel="canonical" href="/a">', ""),
    ],
)
def test_the_canonical_address_is_absolute_or_dropped(html: str, canonical: str) -> None:
    assert page(html).canonical == canonical


def test_the_story_of_this_page_is_found_among_others() -> None:
    others = [
        {"@type": "NewsArticle", "headline": "Another", "url": "https://paper.example/other"},
        {"@type": "NewsArticle", "headline": "This", "mainEntityOfPage": {"@id": HERE + "#x"}},
    ]

    assert page(linked(others)).title == "This"


def test_a_story_is_found_in_a_graph_and_its_author_by_reference() -> None:
    graph = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "name": "The Paper", "@id": "#site"},
            {"@type": ["Article", "Thing"], "headline": "Found", "author": {"@id": "#ann"}},
            {"@type": "Person", "@id": "#ann", "name": "Ann"},
        ],
    }

    found = page(linked(graph))

    assert (found.title, found.author) == ("Found", "Ann")


def test_what_is_no_article_tells_nothing_of_it() -> None:
    assert page(linked({"@type": "Recipe", "name": "Soup"}) + "<title>Page</title>").title == "Page"


@pytest.mark.parametrize(
    "wrapping",
    ["<!-- {} -->", "//<![CDATA[\n{}\n//]]>", "\n {} ;", "/*<![CDATA[*/{}/*]]>*/"],
)
def test_linked_data_may_be_wrapped(wrapping: str) -> None:
    data = wrapping.replace("{}", '{"@type": "Article", "headline": "Line\n feed"}')

    assert page(f'<script type="application/ld+json">{data}</script>').title == "Line feed"


HOSTILE = {
    "broken": '{"@type": "Article", ',
    "deep list": "[" * 500_000,
    "deep object": '{"@graph":' * 100_000 + "1" + "}" * 100_000,
    "long": '{"@type": "Article", "headline": "' + "x" * 2_000_000 + '"}',
    "wide": "[" + '{"@type": "WebPage"},' * 40_000 + "1]",
    "a long number": '{"@type": "Article", "headline": ' + "9" * 5_000 + "}",
    "not a number": '{"@type": "Article", "headline": NaN}',
    "no object": '"Article"',
    "itself": '{"@type": "Article", "@id": "#a", "author": {"@id": "#a", "author": 1}}',
    "odd types": '{"@type": [["Article"], {"a": 1}, null, 3], "headline": "x"}',
    "odd ids": '[{"@id": ["a"], "b": 1}, {"@type": "Article", "author": {"@id": ["a"]}}]',
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_linked_data_is_passed_over(data: str) -> None:
    html = f'<title>Page</title><script type="application/ld+json">{data}</script><p>text'

    found = page(html)

    assert (found.title, found.text) == ("Page", "text")


def values() -> st.SearchStrategy[object]:
    names = "@type @id @graph author headline name inLanguage articleSection"
    keys = st.sampled_from(names.split())
    leaves = st.none() | st.booleans() | st.floats() | st.sampled_from(["Article", "#a", "", "x"])
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner)
    )


@given(values())
def test_any_linked_data_is_survived(value: object) -> None:
    assert page(linked(value) + "<p>text").text == "text"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_page(body: bytes) -> None:
    assert "\0" not in read(body, None, HERE).text


def test_entities_that_the_parser_has_no_room_for_are_read() -> None:
    assert page("&nGt;" * 20_000 + "&nLt;").text == "≫⃒" * 20_000 + "≪⃒"


def test_half_characters_and_nothings_never_reach_the_text() -> None:
    found = page("<p>a&#xD800;b\0c&#0;d</p><pre>e\0</pre><table>\0f</table>")

    assert "\0" not in found.text
    found.text.encode("utf-8")


REAL = {
    "ars-1": ("Just-released Minecraft exploit makes it easy", "en-us", "Dan Goodin"),
    "heise": ("1Password für Mac generiert Einmal-Passwörter", "de", "Mac & i"),
    "herald-sun-1": ("Angry media won’t buckle over new surveillance", "en-au", "Laurie Oakes"),
    "hukumusume": ("欲張りなイヌ", "", ""),
    "la-nacion": ("Una solución no violenta para la cuestión mapuche", "", ""),
    "lemonde-1": ("Le projet de loi sur le renseignement", "fr", "Martin Untersinger"),
    "medium-2": ("On Behalf of “Literally”", "", "Courtney Kirchoff"),
    "mozilla-2": ("Welcome to Firefox Developer Edition", "en", ""),
    "rtl-1": ("RTL Test", "", ""),
    "simplyfound-1": ("Raspberry Pi 3 - The credit card sized PC", "en", ""),
    "wapo-1": ("Attack stokes instability fears in North Africa", "", ""),
}


@pytest.mark.parametrize(
    ("name", "title", "lang", "author"),
    [(name, *said) for name, said in REAL.items() if (SHARED / f"{name}.html").exists()],
)
def test_real_pages_are_read_right(name: str, title: str, lang: str, author: str) -> None:
    found = read((SHARED / f"{name}.html").read_bytes(), "utf-8", HERE)

    assert found.title.startswith(title)
    assert found.lang == lang
    assert found.author.startswith(author) if author else not found.author
