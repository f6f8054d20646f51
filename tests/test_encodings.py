"""Pages in the world's encodings, labelled well, badly and not at all."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.articles.encoding import decode, guess
from tests.prose import STORIES

#: What stands around the text on most pages: plain ASCII, and much more of it.
TEMPLATE = (
    '<!DOCTYPE html><html><head><script>window.layer = window.layer || []; layer.push({"a": 1});'
    "</script><style>.article__body { margin: 0 auto; font-family: Georgia, serif }</style></head>"
    '<body class="single"><ul class="menu">'
    + "".join(f'<li><a href="/{name}/">{name}</a>' for name in "home news sport archive".split())
    + "</ul><main>%s</main><footer>Copyright 2024. All rights reserved.</footer></body></html>"
)
FRENCH = (
    "Le gardien du phare notait chaque navire qui passait devant l’île avant le déjeuner.\n"
    "Sa sœur écrivait chaque semaine ; les lettres arrivaient chaque mois, toutes à la fois."
)
CZECH = (
    "Strážce majáku si před snídaní zapisoval každou loď, která proplula kolem ostrova.\n"
    "Když přišla mlha, dvakrát za hodinu zvonil na zvon a myslel na lidi na lodích."
)
POLISH = (
    "Latarnik zapisywał przed śniadaniem każdy statek, który mijał wyspę.\n"
    "Gdy nadchodziła mgła, dzwonił dwa razy na godzinę i myślał o ludziach na statkach."
)
GREEK = (
    "Ο φαροφύλακας έγραφε πριν από το πρωινό κάθε πλοίο που περνούσε από το νησί.\n"
    "Όταν ερχόταν η ομίχλη, χτυπούσε την καμπάνα δύο φορές την ώρα."
)
TURKISH = (
    "Deniz feneri bekçisi kahvaltıdan önce adanın yanından geçen her gemiyi yazardı.\n"
    "Adanın ıssız olup olmadığını sorardı, o da martıların iyi arkadaş olduğunu söylerdi."
)
KOREAN = (
    "등대지기는 아침을 먹기 전에 섬을 지나가는 모든 배를 적어 두었다.\n"
    "안개가 끼면 한 시간에 두 번 종을 치고 배에 탄 사람들을 생각했다."
)
TAIWANESE = (
    "燈塔看守人在早餐前記下每一艘經過小島的船。\n她問小島上是不是寂寞，他回答說海鷗是很好的夥伴。"
)

WRITTEN = {
    "cp1251": STORIES["ru"],
    "koi8-r": STORIES["ru"].replace("–", "-"),
    "koi8-u": STORIES["uk"].replace("–", "-"),
    "shift_jis": STORIES["ja"],
    "euc_jp": STORIES["ja"],
    "gbk": STORIES["zh"],
    "gb18030": STORIES["zh"],
    "big5": TAIWANESE,
    "euc_kr": KOREAN,
    "latin-1": STORIES["de"],
    "cp1252": FRENCH,
    "cp1250": CZECH + POLISH,
    "iso8859-2": CZECH + POLISH,
    "cp1253": GREEK,
    "cp1254": TURKISH,
    "cp1255": STORIES["he"],
    "cp1256": STORIES["ar"],
}


@pytest.mark.parametrize("encoding", WRITTEN)
def test_a_page_without_a_label_is_read(encoding: str) -> None:
    text = TEMPLATE % WRITTEN[encoding]

    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", WRITTEN)
def test_two_sentences_are_enough(encoding: str) -> None:
    text = "\n".join(WRITTEN[encoding].splitlines()[:2])

    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", WRITTEN)
def test_a_label_is_believed(encoding: str) -> None:
    text = TEMPLATE % WRITTEN[encoding]
    label = {"latin-1": "iso-8859-1"}.get(encoding, encoding.replace("cp", "windows-"))
    labelled = f'<meta http-equiv="Content-Type" content="text/html; charset={label}">{text}'

    assert decode(text.encode(encoding), label) == text
    assert decode(labelled.encode(encoding)) == labelled


def test_the_header_is_believed_before_the_page() -> None:
    page = '<meta charset="koi8-r">' + STORIES["ru"]

    assert decode(page.encode("cp1251"), "windows-1251") == page


def test_a_byte_order_mark_is_believed_before_the_header() -> None:
    page = STORIES["ru"]

    assert decode(page.encode("utf-8-sig"), "windows-1251") == page
    assert decode(b"\xff\xfe" + page.encode("utf-16-le"), "windows-1251") == page
    assert decode(b"\xfe\xff" + page.encode("utf-16-be"), "windows-1251") == page


@pytest.mark.parametrize("label", ["", "none", "x-user-defined", "utf-7", "a\0b", "é", "hex"])
def test_a_label_that_no_browser_knows_is_passed_over(label: str) -> None:
    page = STORIES["ru"]

    assert decode(page.encode("cp1251"), label) == page


def test_a_wrong_label_is_believed_as_in_the_readers_browser() -> None:
    page = STORIES["de"].encode()

    assert decode(page, "windows-1252") == page.decode("cp1252", "replace")


def test_an_xml_declaration_is_a_label() -> None:
    page = f'<?xml version="1.0" encoding="windows-1251"?><p>{STORIES["ru"]}'

    assert decode(page.encode("cp1251")) == page


def test_utf8_is_told_though_it_is_cut_off_or_broken_once() -> None:
    page = STORIES["ja"].encode()

    assert guess(page[:-1]) == "utf-8"
    assert guess(page[:200] + b"\xff" + page[200:]) == "utf-8"


def test_a_page_in_ascii_is_read() -> None:
    assert decode(b"<p>plain</p>") == "<p>plain</p>"


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded(page: bytes) -> None:
    assert isinstance(decode(page), str)


@pytest.mark.parametrize(
    "page",
    [b"a" * 5_000_000, b"<" * 5_000_000, b"\xe9<" * 2_500_000, b"\xe9" * 5_000_000],
    ids=["one word", "opened only", "mixed", "foreign"],
)
def test_a_guess_takes_a_moment_whatever_the_page(page: bytes) -> None:
    start = time.perf_counter()

    guess(page)

    assert time.perf_counter() - start < 5  # 0.7 s where it was written
