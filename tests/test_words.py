"""Words: what a text is cut into, and how a correction reads."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedback.anchoring.words import Step, changed, difference, words

MARK = {Step.KEEP: "{}", Step.DELETE: "[-{}-]", Step.INSERT: "[+{}+]"}

PIECES = (
    "the|wrold| |  |\n|.|’|-|'|e\u0301|é|\u0301|漢|字|か\u3099|ที่|שָׁ|ب|\u200d|👩|3.14|_|ж|ій"
).split("|")
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join))


def shown(before: str, after: str) -> str:
    return "".join(MARK[piece.step].format(piece.text) for piece in difference(before, after))


CUT = {
    "English": ("The wrold, said he.", "The| |wrold|,| |said| |he|."),
    "apostrophes": ("don't rock’n’roll 'so'", "don't| |rock’n’roll| |'|so|'"),
    "hyphens": ("well-known – or--not", "well-known| |–| |or|-|-|not"),
    "numbers": ("3.14, 1,000 at 10:30.", "3.14|,| |1,000| |at| |10:30|."),
    "German": ("Straßen­bahn in Köln", "Straßen|\u00ad|bahn| |in| |Köln"),
    "accents of two code points": ("le cafe\u0301 noir", "le| |cafe\u0301| |noir"),
    "Russian": ("из-за ёлки", "из-за| |ёлки"),
    "Ukrainian": ("здоров'я й м’ята", "здоров'я| |й| |м’ята"),
    "Japanese": ("世界は丸い。", "世|界|は|丸|い|。"),
    "kana of two code points": ("か\u3099く", "か\u3099|く"),
    "Chinese": ("地球是圆的", "地|球|是|圆|的"),
    "Chinese and English": ("用Python写", "用|Python|写"),
    "Korean": ("세계는 둥글다", "세계는| |둥글다"),
    "Arabic": ("العالَم مستدير", "العالَم| |مستدير"),
    "Hebrew with points": ("שָׁלוֹם עולם", "שָׁלוֹם| |עולם"),
    "Hebrew abbreviation": ("צה״ל בבית־ספר", "צה״ל| |בבית־ספר"),
    "Thai": ("ที่นี่", "ที่|นี่"),
    "Hindi": ("हिन्दी भाषा", "हिन्दी| |भाषा"),
    "joiners": ("می\u200cخواهم", "می\u200cخواهم"),
    "emoji": ("so 👩\u200d🚀❤\ufe0f", "so| |👩\u200d|🚀|❤\ufe0f"),
    "snake": ("a_b __", "a|_|b| |_|_"),
}


@pytest.mark.parametrize(("text", "cut"), CUT.values(), ids=CUT)
def test_a_text_is_cut_into_words_of_its_script(text: str, cut: str) -> None:
    assert words(text) == cut.split("|")


@given(TEXTS)
@example("\ud800a")
def test_the_words_together_are_the_text(text: str) -> None:
    assert "".join(words(text)) == text


READ = {
    "letters swapped": ("over the wrold and back", "over the [-wrold-][+world+] and back"),
    "word doubled": ("moved to the the west", "moved to the [-the -]west"),
    "word missing": ("one of most read", "one of [+the +]most read"),
    "two words for one": ("should of been", "should [-of-][+have+] been"),
    "phrase": ("so one two three there", "so [-one two three-][+uno due tre+] there"),
    "quotes": ('said "Hello" and', 'said [-"-][+“+]Hello[-"-][+”+] and'),
    "apostrophe": ("she cant come", "she [-cant-][+can’t+] come"),
    "apostrophe, the wrong one": ("it‘s late", "[-it‘s-][+it’s+] late"),
    "accent missing": ("un cafe noir", "un [-cafe-][+café+] noir"),
    "accent of two code points": ("un cafe\u0301e noir", "un [-cafe\u0301e-][+café+] noir"),
    "hyphen": ("a well known fact", "a [-well known-][+well-known+] fact"),
    "word divided": ("never the less, he", "[-never the less-][+nevertheless+], he"),
    "comma": ("Wir wissen dass er", "Wir wissen[+,+] dass er"),
    "German": ("auf der Strasse dort", "auf der [-Strasse-][+Straße+] dort"),
    "Russian": ("в течении дня", "в [-течении-][+течение+] дня"),
    "Ukrainian": ("самий кращий день", "[-самий кращий-][+найкращий+] день"),
    "Japanese": ("東京都に住んでいまする人々", "東京都に住んでい[-ます-]る人々"),
    "Chinese": ("他明天在去北京大学学习", "他明天[-在-]去北京大学学习"),
    "Chinese, one letter": ("他做在椅子上看书", "他[-做-][+坐+]在椅子上看书"),
    "Thai": ("ภาษาทีสวยมาก", "ภาษา[-ที-][+ที่+]สวยมาก"),
    "Arabic": ("ذهب الى المدرسة", "ذهب [-الى-][+إلى+] المدرسة"),
    "Hebrew": ("הוא הלך הבייתה אתמול", "הוא הלך [-הבייתה-][+הביתה+] אתמול"),
    "number": ("at 3.14 metres", "at [-3.14-][+3.41+] metres"),
    "nothing": ("all is well", "all is well"),
}


def _said(read: str) -> str:
    """Give what a marked text says once it is corrected."""
    after = ""
    for part in read.replace("[+", "\0+").replace("+]", "\0").replace("[-", "\0-").split("\0"):
        kept = part.partition("-]")[2] if part.startswith("-") else part.removeprefix("+")
        after += kept
    return after


@pytest.mark.parametrize(("before", "read"), READ.values(), ids=READ)
def test_a_correction_reads_as_the_words_that_change(before: str, read: str) -> None:
    assert shown(before, _said(read)) == read


@given(TEXTS, TEXTS)
@example("a " * 300, "b " * 300)
@example("漢" * 1000, "字" * 1000)
def test_a_difference_holds_both_texts(before: str, after: str) -> None:
    pieces = difference(before, after)

    assert "".join(p.text for p in pieces if p.step is not Step.INSERT) == before
    assert "".join(p.text for p in pieces if p.step is not Step.DELETE) == after
    assert all(piece.text for piece in pieces)


@given(TEXTS, TEXTS)
def test_a_change_leads_from_one_text_to_the_other(before: str, after: str) -> None:
    change = changed(before, after)

    if change is None:
        assert before == after
    else:
        assert before[: change.start] + change.text + before[change.end :] == after


CHANGED = {
    "word": ("the wrold is", "the world is", ("wrold", "world")),
    "two words apart": ("a bb c dd e", "a xx c yy e", ("bb c dd", "xx c yy")),
    "word put in": ("it is big house", "it is a big house", ("is", "is a")),
    "word put in first": ("house is big", "The house is big", ("house", "The house")),
    "word doubled": ("to the the west", "to the west", ("the the", "the")),
    "comma put in": ("we know that", "we know, that", ("know", "know,")),
}


@pytest.mark.parametrize(("before", "after", "stretch"), CHANGED.values(), ids=CHANGED)
def test_a_change_is_a_stretch_that_can_be_seen(
    before: str, after: str, stretch: tuple[str, str]
) -> None:
    change = changed(before, after)

    assert change is not None
    assert (before[change.start : change.end], change.text) == stretch


def test_equal_texts_have_no_change() -> None:
    assert changed("the world", "the world") is None


UNLIKE = {
    "one word, another word": ("a " * 1000, "b " * 1000),
    "two words in turn": ("a b " * 500, "b a " * 500),
    "no word alike": (" ".join(map(str, range(500))), " ".join(map(str, range(500, 1000)))),
    "in another order": ("漢字" * 1000, "字漢" * 1000),
}


@pytest.mark.parametrize(("before", "after"), UNLIKE.values(), ids=UNLIKE)
def test_the_longest_texts_are_compared_in_no_time(before: str, after: str) -> None:
    begun = time.process_time()

    difference(before, after)

    assert time.process_time() - begun < 0.5


def test_a_word_in_the_longest_text_without_spaces_is_found() -> None:
    before = "世界は丸いと船長は言った。" * 150
    after = before[:900] + "。" + before[901:]

    pieces = difference(before, after)

    assert [p.text for p in pieces if p.step is not Step.KEEP] == [before[900], "。"]
