"""The sentence around a quote: where it begins and ends, and what says that it was cut."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedback.anchoring.sentence import around

#: A text with its sentence between | and the quote in it between [ ].
SENTENCES = {
    "English": "He slept. |The [wrold] is round.| Nobody knew.",
    "first of a text": "|The [wrold] is round.| Nobody knew.",
    "last of a text": "He slept. |The [wrold] is round|",
    "quote first": "He slept. |[Teh] world is round.| Nobody knew.",
    "quote last": "He slept. |The world is [ruond].| Nobody knew.",
    "quote with its full stop": "He slept. |The world is [ruond.]| Nobody knew.",
    "question and shout": "Why? |The [wrold] is round!| Nobody knew.",
    "quotation": "He slept. |“The [wrold] is round.”| Nobody knew.",
    "quotation goes on": "He slept. |“Is the [wrold] round?” she asked.| Nobody knew.",
    "quotation before": "“He slept.” |“The [wrold] is round.”| Nobody knew.",
    "quote mark in the quote": "He slept. |“The world is [ruond.”]| Nobody knew.",
    "brackets": "He slept. |(The [wrold] is round.)| Nobody knew.",
    "titles": "He slept. |So Dr. Mary J. Smith and Mr. Brown see the [wrold] of St. Ives.| Yes.",
    "Latin": "He slept. |It has (e.g. in Rome, cf. Ovid et al. 2001) a [wrold].| Yes.",
    "number": "He slept. |It weighs 3.14 t, see No. 5, said the [wrold].| Yes.",
    "year": "It was so in 1791. |The [wrold] was flat.| Yes.",
    "three dots within": "He slept. |Well ... the [wrold] is … round.| Nobody knew.",
    "three dots after": "Well ... |The [wrold] is round…| Nobody knew.",
    "German": "Er schlief. |Am 3. Oktober sah Hr. Dr. Weiß z. B. die [Wlet] bzw. Köln.| Ja.",
    "German, small letter": "Er schlief. |Die [Wlet] usw. über uns.| Ach.",
    "Russian": "Он спал. |В XIX в. А. С. Пушкин, т. е. поэт, видел [мрі] на ул. Мойке.| Да.",
    "Ukrainian": "Він спав. |У 1840 р. їхній [світт] був круглий, див. рис. 115.| Так.",
    "Spanish": "Dormía. |¿Es redondo el [mudno]?| Sí.",
    "Japanese": "彼は眠った。|世界は[円い]と彼は言った。|誰も知らない。",
    "Japanese quotation": "「眠い。」|世界は[円い]。|誰も。",
    "Chinese": "他睡了！|地球是[园]的。|没人知道。",
    "Hindi": "वह सोया। |दुनिया [गोला] है।| कोई नहीं।",
    "Arabic": "هل نام؟ |العالم [مستدر] جدا.| لا أحد.",
    "Urdu": "وہ سویا۔ |دنیا [گولل] ہے۔| کوئی نہیں۔",
    "Hebrew": "הוא ישן. |העולם [עגלו] מאוד.| איש לא ידע.",
    "block": "A headline\n|The [wrold] is round|\nNobody",
    "block after a full stop": "He slept.\n|The [wrold] is round.|\nNobody knew.",
    "block in the middle of words": "A list of\n|[wrolds] and|\nmore",
    "Thai": "|โลก[กลมม]มาก|",
}


@pytest.mark.parametrize("marked", SENTENCES.values(), ids=SENTENCES)
def test_a_quote_is_shown_in_its_sentence(marked: str) -> None:
    earlier, sentence, later = marked.split("|")
    before, exact, after = sentence.replace("]", "[").split("[")

    shown = around(earlier + before, exact, after + later)

    assert shown == (before, after)


CUT = {
    "English": (
        "and so on and on without any end of it as it were until the very ",
        "is round and so on and on without any end of it as it were until",
        "… so on and on without any end of it as it were until the very ",
        "is round and so on and on without any end of it as it were …",
    ),
    "half words": (
        "lessly he wandered on and on without any end of it as it were and ",
        " is round and so on and on without any end of it as it were unstopp",
        "… he wandered on and on without any end of it as it were and ",
        " is round and so on and on without any end of it as it were …",
    ),
    "Japanese": ("東" * 64, "京" * 64, "…" + "東" * 64, "京" * 64 + "…"),
    "Japanese with a space far off": (
        "東" * 50 + " " + "東" * 13,
        "京" * 13 + " " + "京" * 50,
        "…" + "東" * 50 + " " + "東" * 13,
        "京" * 13 + " " + "京" * 50 + "…",
    ),
    "Thai": ("ก" * 64, "ข" * 64, "…" + "ก" * 64, "ข" * 64 + "…"),
    "Arabic": ("كلمة " * 13, " كلمة" * 13, "…" + " كلمة" * 12 + " ", " كلمة" * 12 + " …"),
}


@pytest.mark.parametrize(("prefix", "suffix", "before", "after"), CUT.values(), ids=CUT)
def test_a_cut_at_a_word_says_so(prefix: str, suffix: str, before: str, after: str) -> None:
    assert around(prefix, "wrold", suffix) == (before, after)


def test_a_sentence_that_ends_where_the_context_does_is_whole() -> None:
    suffix = " is round and so on and on without any end of it, said the man."

    assert around("The ", "wrold", suffix) == ("The ", suffix)


def test_a_quote_may_run_over_sentences_and_blocks() -> None:
    exact = "is round. So\nare we"

    assert around("Yes. The world ", exact, " all. No.") == ("The world ", " all.")


PIECES = st.lists(
    st.sampled_from([*"a b Dr 5 the . ! … 。 ” ( é 漢 ש".split(), " ", "\n"]), max_size=64
).map("".join)


@given(PIECES, PIECES.filter(str.strip), PIECES)
@example("a.\n", "\nb. ", "\n c. D")
def test_the_sentence_is_cut_from_the_context_and_never_leaves_the_block(
    prefix: str, exact: str, suffix: str
) -> None:
    before, after = around(prefix, exact, suffix)

    assert prefix.endswith(before.removeprefix("…"))
    assert suffix.startswith(after.removesuffix("…"))
    assert "\n" not in before + after
