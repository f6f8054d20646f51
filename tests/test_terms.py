"""Terms: what a text is found by, and what a search asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.desk import terms
from feedback.desk.terms import Phrase

CUT = {
    "case": ("The WROLD", "the wrold"),
    "accents": ("Café à côté", "cafe a cote"),
    "German": ("Straße, GRÖSSE", "strasse grosse"),
    "ligatures": ("ﬁsh №5", "fish no5"),
    "apostrophes": ("don't rock’n’roll", "don t rock n roll"),
    "hyphens": ("well-known a_b", "well known a b"),
    "numbers": ("3.14 of 1,000", "3 14 of 1 000"),
    "Russian": ("Ёлка и ёжик", "елка и ежик"),
    "Greek": ("Ἀθῆναι ΣΟΦΌΣ", "αθηναι σοφοσ"),
    "Turkish": ("İstanbul ISPARTA", "istanbul isparta"),
    "Chinese": ("地球是圆的", "地 球 是 圆 的"),
    "Japanese": ("がっこう", "が っ こ う"),
    "half width": ("ｶﾞｯｺｳ", "ガ ッ コ ウ"),
    "Korean": ("세계는 둥글다", "세계는 둥글다"),
    "Thai": ("ที่นี่", "ที่ นี่"),
    "Hindi": ("हिन्दी भाषा", "हिन्दी भाषा"),
    "Hebrew": ("שָׁלוֹם", "שלום"),
    "Arabic": ("العالَم", "العالم"),
    "joiners": ("می\u200cخواهم so\u00adft", "میخواهم soft"),
    "nothing": ("… — !?", ""),
}


@pytest.mark.parametrize(("text", "cut"), CUT.values(), ids=CUT)
def test_a_text_is_cut_into_terms(text: str, cut: str) -> None:
    assert terms.terms(text) == cut.split()


ASKED = {
    "a word is half typed": ("wor", [Phrase(("wor",), prefix=True)]),
    "only the last": ("the wor", [Phrase(("the",)), Phrase(("wor",), prefix=True)]),
    "a star": ("cap* sea", [Phrase(("cap",), prefix=True), Phrase(("sea",), prefix=True)]),
    "a phrase": ('"the wrold"', [Phrase(("the", "wrold"))]),
    "a phrase at the end": (
        'se "the wrold"',
        [Phrase(("se",), prefix=True), Phrase(("the", "wrold"))],
    ),
    "typographic": ("„the wrold“", [Phrase(("the", "wrold"))]),
    "one that is cut": ("don't x", [Phrase(("don", "t")), Phrase(("x",), prefix=True)]),
    "letters": ("世界", [Phrase(("世", "界"), prefix=True)]),
    "an open quote": ('"the wr', [Phrase(("the",)), Phrase(("wr",), prefix=True)]),
    "signs": ('* "" ( AND ): -', [Phrase(("and",), prefix=True)]),
    "nothing": (" ", []),
}


@pytest.mark.parametrize(("query", "phrases"), ASKED.values(), ids=ASKED)
def test_a_search_is_read(query: str, phrases: list[Phrase]) -> None:
    assert terms.asked(query) == phrases


PAIRS = {
    "a phrase": ('"in the second"', [("in", "the"), ("the", "sec")]),
    "half typed": ("well-know", [("well", "kno")]),
    "hardly typed": ("don't", []),
    "letters": ("世界", [("世", "界")]),
    "one word": ("world", []),
}


@pytest.mark.parametrize(("query", "pairs"), PAIRS.values(), ids=PAIRS)
def test_a_phrase_has_pairs(query: str, pairs: list[tuple[str, str]]) -> None:
    assert [pair for phrase in terms.asked(query) for pair in phrase.pairs] == pairs


@given(st.lists(st.text(alphabet="ab1 世界กิ", max_size=8)), st.data())
def test_what_has_a_phrase_has_its_pairs(texts: list[str], data: st.DataObject) -> None:
    document = terms.document(texts)
    start = data.draw(st.integers(0, len(document)))
    end = data.draw(st.integers(start, len(document)))
    some = document[start:end]
    if terms.GAP in some or not some:
        return
    last = data.draw(st.integers(1, len(some[-1])))
    half = Phrase((*some[:-1], some[-1][:last]), prefix=True)

    for phrase in (Phrase(tuple(some)), half):
        assert set(phrase.pairs) <= set(terms.pairs(document))


def test_a_search_asks_for_so_many_terms_at_most() -> None:
    asked = terms.asked("a b " * 100)

    assert len(asked) == terms.MOST_ASKED


def test_what_is_said_twice_counts_once_and_texts_stay_apart() -> None:
    assert terms.document(["wrold", "world", "wrold"]) == ["wrold", terms.GAP, "world", terms.GAP]


def test_a_document_is_no_longer_than_databases_take() -> None:
    document = terms.document(["a " * 20_000, "b"])

    assert len(document) == terms.MOST
    assert document.count("a") == terms.MOST_OF_ONE


@given(st.text())
def test_terms_are_what_both_databases_read_alike(text: str) -> None:
    for term in terms.terms(text):
        assert 0 < len(term) <= terms.LONGEST
        assert not any(part.isascii() and not part.isalnum() for part in term)
        assert term == term.casefold()
        assert terms.GAP not in term


@given(st.text())
def test_a_text_asks_for_its_own_terms(text: str) -> None:
    asked = [term for phrase in terms.asked(text) for term in phrase.terms]

    assert asked == terms.terms(text.translate(terms._QUOTES).replace('"', " "))[: terms.MOST_ASKED]
