"""The server's half of the normal text; tests/browser/test_anchoring.py holds the other to it."""

import json
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.anchoring import NormalText, normalize
from feedback.anchoring.normal import DROPPED, SPACES, decode

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
