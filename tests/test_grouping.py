"""Do these point at the same spot? Selections of one article, edited meanwhile or not."""

import random
import re
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.anchoring.grouping import (
    CONTEXT,
    LONG,
    Passage,
    focus,
    narrowed,
    same_place,
    together,
)
from feedback.anchoring.locate import Position, Presence, locate
from tests.makers import TEXT
from tests.prose import (
    BOILERPLATE,
    STORIES,
    Edit,
    a_word,
    an_article,
    edited,
    elsewhere,
    passage,
)

ARTICLE = an_article(random.Random(1))
Spot = tuple[int, int]


def found(words: str, nth: int = 0, text: str = ARTICLE) -> Spot:
    """Where words stand in a text, for the `nth` time."""
    start = [match.start() for match in re.finditer(re.escape(words), text)][nth]
    return start, start + len(words)


def selected(words: str, nth: int = 0, text: str = ARTICLE) -> Passage:
    return passage(text, *found(words, nth, text))


ONCE = {
    "en": "company",
    "de": "zweimal",
    "ru": "скучно",
    "uk": "самотньо",
    "ja": "寂し",
    "zh": "寂寞",
    "ar": "موحشة",
    "he": "בודד",
    "th": "เหงา",
}


@pytest.mark.parametrize("word", ONCE.values(), ids=ONCE)
def test_the_same_words_at_the_same_place_are_one_spot(word: str) -> None:
    assert same_place(selected(word), selected(word))


@pytest.mark.parametrize("word", ONCE.values(), ids=ONCE)
@pytest.mark.parametrize(
    "above", ["Now longer: ", "A correction was made to this story.\n" * 5], ids=["a bit", "a lot"]
)
def test_an_article_that_grew_above_keeps_its_spots(word: str, above: str) -> None:
    assert same_place(selected(word), selected(word, text=above + ARTICLE))


@pytest.mark.parametrize("word", ONCE.values(), ids=ONCE)
def test_words_around_a_spot_may_be_edited(word: str) -> None:
    start, end = found(word)
    beside = [Edit(start - 5, 4, "other words"), Edit(end + 1, 4, "")]

    text, spot = edited(ARTICLE, (start, end), *beside)

    assert same_place(selected(word), passage(text, *spot))


def test_an_edit_that_keeps_the_length_keeps_the_spots() -> None:
    start, end = found("lonely")
    moved = [Edit(start - 200, 0, "x" * 40), Edit(end + 200, 40, "")]

    text, spot = edited(ARTICLE, (start, end), *moved)

    assert len(text) == len(ARTICLE)
    assert same_place(selected("lonely"), passage(text, *spot))


APART = {
    "a word": (selected("ships", 0), selected("ships", 1)),
    "a word in one sentence": (selected("the gulls", 0), selected("the gulls", 1)),
    "words side by side": (selected("the"), selected("island")),
    "a letter": (selected("e", 3), selected("e", 4)),
    "all around the same": (selected("teh news", 0), selected("teh news", 1)),
    "Chinese": (selected("海鸥", 0), selected("海鸥", 1)),
    "in a short text": (selected("wrold", 0, TEXT), selected("wrold", 1, TEXT)),
    "again and again": (
        selected("wrold", 3, "the wrold " * 40),
        selected("wrold", 4, "the wrold " * 40),
    ),
}


@pytest.mark.parametrize(("one", "other"), APART.values(), ids=APART)
def test_the_same_words_elsewhere_are_another_spot(one: Passage, other: Passage) -> None:
    assert not same_place(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("the gulls", "the gulls"), ("teh news", "teh news"), ("ships", "ships")],
)
def test_the_same_words_elsewhere_stay_another_spot_when_the_article_grows(
    one: str, other: str
) -> None:
    assert not same_place(selected(one), selected(other, 1, text="New. " + ARTICLE))


OVERLAPPING = {
    "a word in a phrase": ("letters", "the letters came every month"),
    "a phrase and the next": ("the letters came", "letters came every month"),
    "one letter shared": ("the let", "tters"),
    "Japanese": ("毎月まとめて", "まとめて届いた"),
    "over a block's edge": ("all at once", "once.\nShe asked"),
}


@pytest.mark.parametrize("above", ["", "New. "], ids=["as it was", "grown above"])
@pytest.mark.parametrize(("one", "other"), OVERLAPPING.values(), ids=OVERLAPPING)
def test_selections_that_overlap_are_one_spot(one: str, other: str, above: str) -> None:
    text = STORIES["en"] + "\n" + STORIES["ja"]

    assert same_place(selected(one, text=text), selected(other, text=above + text))


@pytest.mark.parametrize("above", ["", "New. "], ids=["as it was", "grown above"])
def test_a_long_selection_bridges_no_two_spots(above: str) -> None:
    start, end = found("breakfast", text=STORIES["en"])[0], found("month", text=STORIES["en"])[1]
    long = passage(STORIES["en"], start, end)

    assert end - start > LONG
    for word in ("breakfast", "Mondays", "bell", "month"):
        assert not same_place(long, selected(word, text=above + STORIES["en"]))


@pytest.mark.parametrize("above", ["", "New. "], ids=["as it was", "grown above"])
def test_long_selections_of_much_the_same_are_one_spot(above: str) -> None:
    text = above + STORIES["en"]
    one, other = passage(STORIES["en"], 20, 320), passage(text, len(above) + 60, len(above) + 350)

    assert same_place(one, other)


def test_a_long_selection_joins_one_of_two_neighbours_at_most() -> None:
    left, right = passage(ARTICLE, 100, 400), passage(ARTICLE, 400, 700)

    joined = [
        [same_place(passage(ARTICLE, start, start + 300), spot) for spot in (left, right)]
        for start in range(100, 401, 10)
    ]

    assert [True, False] in joined
    assert [False, True] in joined
    assert not any(all(each) for each in joined if each != joined[15])


def test_quotes_without_context_are_compared_by_their_places() -> None:
    bare = Passage("wrold", "", "", 4, 9, 60)

    assert same_place(bare, Passage("wrold", "", "", 4, 9, 60))
    assert not same_place(bare, Passage("wrold", "", "", 40, 45, 60))
    assert not same_place(bare, Passage("teh", "", "", 20, 23, 60))


POSITIONS = st.integers(0, len(ARTICLE) - 1)
SIZES = st.one_of(st.integers(1, 30), st.integers(1, 500))
TEXTS = st.sampled_from(
    [ARTICLE, "New. " + ARTICLE, ARTICLE[300:], "wrold " * 900, STORIES["ja"] * 20]
)
PASSAGES = st.builds(
    lambda text, start, size: passage(text, start, min(start + size, len(text))),
    TEXTS,
    st.integers(0, 3000),
    SIZES,
)


@given(PASSAGES, PASSAGES)
def test_it_makes_no_difference_who_came_first(one: Passage, other: Passage) -> None:
    assert same_place(one, other) == same_place(other, one)


@given(PASSAGES)
def test_every_quote_is_at_its_own_place(one: Passage) -> None:
    assert same_place(one, one)


# What editors do to an article between two readers


def grown(chance: random.Random, text: str, spot: Spot) -> list[Edit]:
    edges = [0, *(m.end() for m in re.finditer("\n", text[: spot[0]]))]
    added = ("New! ", "A correction was made to this story.\n", BOILERPLATE)
    return [Edit(min(chance.choice(edges), spot[0] - 1), 0, chance.choice(added))]


def shrunk(chance: random.Random, text: str, spot: Spot) -> list[Edit]:
    lines = [m.span() for m in re.finditer("[^\n]*\n", text[: spot[0]])]
    start, end = chance.choice(lines) if lines else (0, 0)
    return [Edit(start, end - start, "")]


def retouched(chance: random.Random, text: str, spot: Spot) -> list[Edit]:
    edits = []
    for before in chance.choice([(True,), (False,), (True, False)]):
        near = list(re.finditer(r"\w{1,12}", text[: spot[0]] if before else text[spot[1] :]))
        if near:
            start, end = near[-1].span() if before else near[0].span()
            shift = 0 if before else spot[1]
            word = chance.choice(["two", "the old", "captain’s"])
            edits.append(Edit(start + shift, end - start, word))
    return edits


def exchanged(chance: random.Random, text: str, spot: Spot) -> list[Edit]:
    size = chance.randint(3, 60)
    if spot[0] < 30 or spot[1] + 200 > len(text):
        return []
    at = chance.randrange(spot[0] - 10)
    return [Edit(at, 0, "x" * size), Edit(spot[1] + 90, size, "")]


def rewritten(chance: random.Random, text: str, spot: Spot) -> list[Edit]:
    kept: list[Edit] = []
    edits = grown(chance, text, spot) + shrunk(chance, text, spot) + retouched(chance, text, spot)
    for edit in sorted(edits, key=lambda edit: edit.at):
        if not kept or edit.at >= kept[-1].at + kept[-1].removed:
            kept.append(edit)
    return kept


Edits = Callable[[random.Random, str, Spot], list[Edit]]
KINDS: Sequence[Edits] = (grown, shrunk, retouched, exchanged, rewritten)


def widened(chance: random.Random, text: str, spot: Spot) -> Spot:
    """What another reader selects of the same place: some characters more on either side."""
    return max(0, spot[0] - chance.randrange(25)), min(len(text), spot[1] + chance.randrange(25))


def sighted(text: str, seen: Passage) -> Spot | None:
    """Where a text of today has what a reader saw."""
    position = Position(seen.start, seen.end, seen.length)
    found = locate(text, seen.exact, seen.prefix, seen.suffix, position)
    if found.presence is not Presence.STILL or found.start is None or found.end is None:
        return None
    return found.start, found.end


def landed(_now: str, first: Passage, second: Passage) -> bool:
    """Whether the second of two reports lands on the spot of the first."""
    return same_place(first, second)


def looked_at(now: str, first: Passage, second: Passage) -> bool:
    """Whether two reports are on one spot once `now`, the text of today, was looked at."""
    if same_place(first, second):
        return True
    spans = [sighted(now, first), sighted(now, second)]
    return None not in spans and together([span for span in spans if span]) == [[0, 1]]


@pytest.mark.parametrize("one", [landed, looked_at], ids=lambda one: one.__name__)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_readers_are_brought_together_and_kept_apart(
    kind: Edits, one: Callable[[str, Passage, Passage], bool]
) -> None:
    """What is measured: of 400 pairs each, how many are told right. Printed with -s."""
    chance = random.Random(20)
    joined, apart = [], []
    while len(joined) < 400 or len(apart) < 400:
        text = an_article(chance)
        spot = a_word(chance, text)
        now, there = edited(text, spot, *kind(chance, text, spot))
        first = passage(text, *widened(chance, text, spot))
        joined.append(one(now, first, passage(now, *widened(chance, now, there))))
        other = elsewhere(chance, now, there)
        if other:
            apart.append(not one(now, passage(text, *spot), passage(now, *other)))

    brought, kept = sum(joined) / len(joined), sum(apart) / len(apart)

    name = f"{kind.__name__}, {one.__name__}"
    print(f"\n{name}: joined {brought:.1%} of {len(joined)}, apart {kept:.1%}")
    assert brought >= 0.98
    assert kept >= 0.98


# Narrowing


def narrow(exact: str, correction: str) -> tuple[Passage, str]:
    text = f"{'Before it all. ' * 6}{exact}{' And after it all.' * 6}"
    start = text.index(exact)
    return narrowed(passage(text, start, start + len(exact)), correction)


PARAGRAPH = " ".join(STORIES["en"].split("\n")[:3])
NARROWED = {
    "a word": ("counted", "counnted", "counted", "counnted"),
    "a word put in": ("the bell twice", "the old bell twice", "the", "the old"),
    "a word doubled": ("every ship", "every every ship", "every", "every every"),
    "punctuation": ("the gulls, and", "the gulls; and", ",", ";"),
}


@pytest.mark.parametrize(
    ("right", "wrong", "correct", "exact"), NARROWED.values(), ids=list(NARROWED)
)
def test_a_long_selection_narrows_to_the_words_that_change(
    right: str, wrong: str, correct: str, exact: str
) -> None:
    selection = PARAGRAPH.replace(right, wrong, 1)

    focus, correction = narrow(selection, PARAGRAPH)

    assert len(selection) > LONG
    assert (focus.exact, correction) == (exact, correct)
    assert focus.end - focus.start == len(exact)
    assert len(focus.prefix) == len(focus.suffix) == CONTEXT


def test_what_narrows_from_a_paragraph_meets_the_word_selected_alone() -> None:
    text = PARAGRAPH.replace("twice", "twiec") + " The end of it."
    start, end = found("twiec", text=text)

    focus, _ = narrowed(passage(text, 0, len(PARAGRAPH)), PARAGRAPH)

    assert same_place(focus, passage(text, start, end))


@pytest.mark.parametrize(
    ("exact", "correction"),
    [
        ("wrold", "world"),
        (PARAGRAPH, ""),
        (PARAGRAPH, PARAGRAPH),
        (PARAGRAPH, "Nothing like it at all"),
        (PARAGRAPH, " "),
        (PARAGRAPH, "So " + PARAGRAPH[:-20] + "what."),
    ],
    ids=["short", "no correction", "no change", "all anew", "blank", "from end to end"],
)
def test_other_selections_stay_as_they_are(exact: str, correction: str) -> None:
    focus, said = narrow(exact, correction)

    assert (focus.exact, said) == (exact, correction)


# On one revision


@pytest.mark.parametrize(
    ("spans", "groups"),
    [
        ([], []),
        ([(0, 5)], [[0]]),
        ([(0, 5), (5, 9)], [[0], [1]]),
        ([(0, 5), (4, 9)], [[0, 1]]),
        ([(4, 9), (0, 5), (20, 22), (8, 12)], [[0, 1, 3], [2]]),
        ([(0, 5), (0, 5), (0, 5)], [[0, 1, 2]]),
        # One word lies within another selection.
        ([(0, 100), (40, 45), (99, 120)], [[0, 1, 2]]),
        # What is long joins no word in it, nor bridges two.
        ([(0, 300), (10, 15), (200, 205)], [[0], [1], [2]]),
        # It joins what it shares half of itself with, be that long or short.
        ([(0, 300), (20, 310)], [[0, 1]]),
        ([(0, 300), (0, 200), (210, 215)], [[0, 1], [2]]),
        ([(0, 300), (250, 550)], [[0], [1]]),
    ],
)
def test_spans_of_one_text_that_overlap_are_one_spot(
    spans: list[tuple[int, int]], groups: list[list[int]]
) -> None:
    assert together(spans) == groups


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 400)), max_size=12))
def test_every_span_is_in_one_group_and_the_order_makes_no_difference(
    drawn: list[tuple[int, int]],
) -> None:
    spans = [(start, start + size) for start, size in drawn]
    groups = together(spans)

    turned = together(spans[::-1])
    last = len(spans) - 1

    assert sorted(n for group in groups for n in group) == list(range(len(spans)))
    if len(set(spans)) == len(spans):
        assert sorted(sorted(last - n for n in group) for group in turned) == groups


def test_a_correction_says_which_part_of_a_quote_is_wrong() -> None:
    text = "The wrold is round, said the captain, and teh sea is flat."
    whole = passage(text, 0, len(text))

    part = focus(whole, text.replace("teh", "the"))

    assert part is not None
    assert (part.exact, text[part.start : part.end]) == ("teh", "teh")
    assert text.startswith(part.suffix, part.end)
    assert text.endswith(part.prefix, 0, part.start)


@pytest.mark.parametrize("correction", ["", "wrold", "world", "The world"])
def test_a_word_has_no_part_that_is_more_wrong(correction: str) -> None:
    assert focus(passage("The wrold is round", 4, 9), correction) is None
