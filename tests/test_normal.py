"""The server's half of the normal text; tests/browser/test_anchoring.py holds the other to it."""

import json
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from feedback.anchoring import NormalText, normalize
from feedback.anchoring.normal import DROPPED, SPACES, decode, read

CORPUS = json.loads((Path(__file__).parent / "corpus" / "normal.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CORPUS, ids=[case["name"] for case in CORPUS])
def test_the_server_reads_the_corpus(case: dict[str, str]) -> None:
    assert normalize(case["html"]).text == case["text"]


def test_white_space_is_what_python_splits_at() -> None:
    assert set(SPACES) == {chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()}


@pytest.mark.parametrize("tag", ["div", "span", "pre", "b"])
def test_ten_thousand_nested_elements_are_read(tag: str) -> None:
    html = f"<{tag}>" * 10_000 + "deep"

    assert normalize(html).text == "deep"


@given(st.text())
def test_any_text_becomes_lines_of_words(html: str) -> None:
    text = normalize(html).text

    assert all(line.split() and line == " ".join(line.split()) for line in text.split("\n") if text)
    assert not set(text) & set(DROPPED)


@given(st.binary(max_size=400))
def test_any_bytes_are_read(page: bytes) -> None:
    assert isinstance(normalize(page), NormalText)


@given(st.text(st.characters(codec="utf-8", exclude_characters="<&\0\r"), min_size=1))
def test_normal_text_is_a_fixed_point(words: str) -> None:
    text = normalize(words).text

    assert normalize(f"<pre>\n{text}").text == text


def test_blocks_say_where_each_line_stands() -> None:
    normal = normalize("<h1>Title</h1><p>One<br>two 😀</p><p>end</p>")

    assert [normal.text[start:end] for start, end in normal.blocks] == [
        "Title",
        "One",
        "two 😀",
        "end",
    ]
    assert normalize("").blocks == ()


@pytest.mark.parametrize(
    ("html", "ids"),
    [
        ("<p id=a>One</p><p>Two <b id=b>three</b></p>", {0: "a", 8: "b"}),
        ("<p>a</p> <div id=out> <p id=in> \n&nbsp;<i id=i>b</i></p></div>", {2: "out in i"}),
        ("wo<i id=x></i>rd <i id=y></i> \xad <i id=z></i> end", {2: "x", 5: "y z"}),
        ("<p>a <i id=x></i></p><p id=y>b</p>", {2: "x y"}),
        ("<pre>a\n<i id=x></i>\n  b</pre>", {2: "x"}),
        ("a<br id=x><hr id=y>\u200bb", {2: "x y"}),
        ("<p id=empty></p>a<p id=last> &shy; </p>", {0: "empty", 1: "last"}),
        ("<html id=h><body id=b>", {}),
        ("<a name=x>a</a><p name=y>b</p>", {0: "x"}),
        ("<a name=x>a</a><p>b</p><p id=x>c</p>", {4: "x"}),
        ("<a name=y id=x>a</a>", {0: "x y"}),
        ("<a name=x id=x>a</a>", {0: "x"}),
        ("<p id=x>a</p><p id=x>b</p>", {0: "x"}),
        ("<p id=x hidden>a</p><p id=x>b</p><p id=X>c</p>", {2: "X"}),
        ("<head><meta id=x></head>a<script id=y></script><p id=x>b</p><p id=y>c</p>", {}),
        ("<template><p id=x></p></template>a<noscript><p id=x></noscript><p id=x>b", {2: "x"}),
        ("<ruby>a<rt id=x>b</rt></ruby><b id=y>c</b>", {1: "y"}),
        ("<svg id=s><g id=g><text id=t>a</text></g></svg><math><mi id=x>b", {0: "s", 2: "x"}),
        ("<p id=''>a</p><p id>b</p><p id='c d'>c</p><p id=' e'>d</p>", {}),
        ("<input id=a><map id=b><area id=c></map><link id=d><p id=e>x", {0: "e"}),
        (f"<p id={'x' * 100}>a</p><p id={'x' * 101}>b", {0: "x" * 100}),
        ("<p id='a#b'>a</p><p id='ü😀'>b</p><p id='&#xd800;'>c", {0: "a#b", 2: "ü😀", 4: "\ufffd"}),
        ("😀<table><i id=x>a</i><tr id=r><td>b</table>", {1: "x", 3: "r"}),
    ],
)
def test_a_fragment_can_name_where_elements_begin(html: str, ids: dict[int, str]) -> None:
    expected = [(at, name) for at, names in ids.items() for name in names.split()]

    assert list(normalize(html).ids) == expected


@pytest.mark.parametrize(
    ("html", "seams", "unsaid"),
    [
        ("<p>one <b>two</b><img> three</p><hr><p>wo<wbr>rd</p>", set(), set()),
        ("one <button>two</button> three <input> four", {4, 8, 14}, set()),
        ("a<textarea>x</textarea> b<canvas>x</canvas>c", {2, 3}, set()),
        ("a <svg><text>b</text></svg> <math><mi>x</mi><mo>=</mo></math> c", {2, 4, 5, 7}, set()),
        ("<p>the <ruby>Platz<rt>square</rt></ruby> of", set(), {10}),
        ("<ruby>東<rb>京<rtc><rt>tō<rt>kyō</rtc></ruby>", set(), {2}),
        ("a <select><option>x</select>b<p hidden>c <button>d", set(), {2}),
        ("<pre>a  b\tc d\n  e</pre>f  g", {2, 4, 8}, set()),
        ("a&nbsp;b &nbsp; c&nbsp; d\u3000\u3000e\n\u3000f g", {4, 6, 8, 10}, set()),
        ("<b>a </b> <i>&shy; b</i>", set(), set()),
    ],
)
def test_seams_and_what_is_unsaid_are_told(html: str, seams: set[int], unsaid: set[int]) -> None:
    normal = normalize(html)

    assert set(normal.seams) == seams
    assert set(normal.unsaid) == unsaid


@pytest.mark.parametrize(
    "html",
    [
        "&nbsp; " * 150_000,
        "<pre>" + "  \t" * 300_000,
        "<a id=x></a> &nbsp;" * 50_000 + "a",
        "<p id=x hidden>" * 50 + "<button>" * 200 + "a <input>" * 20_000,
        "<svg><g id=a>" * 5_000 + "a" * 500_000,
    ],
)
def test_no_page_takes_long_to_walk(html: str) -> None:
    tree = LexborHTMLParser(html, scripting=True)
    start = time.perf_counter()

    read(tree)

    assert time.perf_counter() - start < 2  # 0.4 s at most where it was written


PARTS = st.sampled_from(
    [
        "a",
        "b c",
        " ",
        "\n",
        "\xa0",
        "&shy;",
        "\u200b",
        "<br>",
        "<p>",
        "</p>",
        "<pre>",
        "</pre>",
        "😀",
    ]
)


@given(st.lists(st.one_of(PARTS, st.just("|")), max_size=24))
def test_names_change_no_text_and_stand_before_the_next_word(parts: list[str]) -> None:
    def html(chosen: int) -> str:
        """Give the page with an id for each bar; the chosen one's place shows as a letter."""
        bars = iter(range(len(parts)))
        named = ((next(bars) if part == "|" else -1, part) for part in parts)
        return "".join(
            part if at < 0 else "\ue000" if at == chosen else f"<i id=n{at}></i>"
            for at, part in named
        )

    normal = normalize(html(-2))

    assert normal.text == normalize("".join(parts).replace("|", "")).text
    assert [name for _, name in normal.ids] == [f"n{at}" for at in range(parts.count("|"))]
    for at, (offset, _) in enumerate(normal.ids):
        before = normalize(html(at)).text.partition("\ue000")[0]
        assert normal.text[:offset].split() == before.split()
        assert not normal.text[offset : offset + 1].isspace()


def test_a_tree_that_someone_else_parsed_is_read_and_left_alone() -> None:
    tree = LexborHTMLParser("<title>T</title><p id=x>One</p>", scripting=True)
    before = tree.html

    normal = read(tree)

    assert normal == NormalText("One", ((0, "x"),))
    assert tree.html == before


CYRILLIC = "Привет, мир"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (CYRILLIC.encode(), CYRILLIC),
        (b"\xef\xbb\xbf" + CYRILLIC.encode(), CYRILLIC),
        (b"\xff\xfe" + CYRILLIC.encode("utf-16-le"), CYRILLIC),
        (b"\xfe\xff" + CYRILLIC.encode("utf-16-be"), CYRILLIC),
        (b"<meta charset=windows-1251>" + CYRILLIC.encode("cp1251"), CYRILLIC),
        (b"<META CHARSET = 'KOI8-R'>" + CYRILLIC.encode("koi8-r"), CYRILLIC),
        (
            b'<meta http-equiv="Content-Type" content="text/html; charset=cp1251">'
            + CYRILLIC.encode("cp1251"),
            CYRILLIC,
        ),
        (b"<!-- <meta charset=koi8-r> --><meta charset=utf-8>" + CYRILLIC.encode(), CYRILLIC),
        (b"\xef\xbb\xbf<meta charset=koi8-r>" + CYRILLIC.encode(), CYRILLIC),
        (b"<meta charset=utf-16>" + CYRILLIC.encode(), CYRILLIC),
        (b"<meta charset=shift_jis>" + "①日本".encode("cp932"), "①日本"),
        (b"<meta charset=gb2312>" + "中文镕".encode("gbk"), "中文镕"),
        (b"<meta charset=iso-8859-1>\x93a\x94 \x80", "“a” €"),
        (b"\x93a\x94 caf\xe9", "“a” café"),
        (b"<meta charset=nonsense>" + CYRILLIC.encode(), CYRILLIC),
        (b"<meta charset=utf-7>" + CYRILLIC.encode(), CYRILLIC),
        (b"<meta charset=hex>6162", "6162"),
        (b"<meta charset=unicode_escape>\\x41", "\\x41"),
        (b"<meta charset=utf-8>a\xffb", "a\ufffdb"),
        (b"<meta charset=X-SJIS>" + "①日本".encode("cp932"), "①日本"),
        (b"<meta charset=windows-31j>" + "①日本".encode("cp932"), "①日本"),
        (b"<meta charset=iso-8859-8-i>" + "שלום".encode("iso8859-8"), "שלום"),
        (b'<?xml version="1.0" encoding="koi8-r"?><p>' + CYRILLIC.encode("koi8-r"), CYRILLIC),
        (
            b'<?xml version="1.0" encoding="koi8-r"?><meta charset=cp1251>'
            + CYRILLIC.encode("cp1251"),
            CYRILLIC,
        ),
    ],
)
def test_bytes_are_decoded_as_browsers_do(page: bytes, text: str) -> None:
    assert normalize(page).text == text


def test_http_wins_over_the_page_and_a_mark_over_both() -> None:
    page = b"<meta charset=koi8-r>"

    assert decode(page + CYRILLIC.encode("cp1251"), "windows-1251").endswith(CYRILLIC)
    assert decode(b"\xef\xbb\xbf" + CYRILLIC.encode(), "windows-1251") == CYRILLIC
    assert decode(page + CYRILLIC.encode("koi8-r"), "no\0nsense").endswith(CYRILLIC)


def test_a_long_article_is_read_in_a_blink() -> None:
    html = "<p>Some <b>text</b> with “quotes” <a href=x>and links</a> here.</p>\n" * 5_000
    spent = []

    for _ in range(5):
        start = time.perf_counter()
        assert len(normalize(html).text) == 199_999
        spent.append(time.perf_counter() - start)

    assert min(spent) < 0.15  # 25 ms where it was written


@pytest.mark.parametrize("entity", ["&nGt;", "&nLt;"])
def test_entities_that_are_longer_than_their_names_end_nothing(entity: str) -> None:
    assert len(normalize(f"<p>{entity * 20_000}").text) == 40_000
