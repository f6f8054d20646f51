"""Where is this quote now? Each trap that an edited article sets, as a line or two of text."""

import random
import unicodedata
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.anchoring import Position, Presence, Sighting, locate
from feedback.anchoring.grouping import CONTEXT
from tests.prose import STORIES, an_article

STILL, CHANGED, GONE = Presence.STILL, Presence.CHANGED, Presence.GONE
AMBIGUOUS, UNVERIFIABLE = Presence.AMBIGUOUS, Presence.UNVERIFIABLE


@dataclass(frozen=True)
class Case:
    """An article with ⟦the quote⟧ in it, the article now with ⟦its place⟧, what is to be said."""

    before: str
    after: str
    presence: Presence


def unmarked(text: str) -> tuple[str, int, int]:
    start, end = text.find("⟦"), text.find("⟧") - 1
    return text.replace("⟦", "").replace("⟧", ""), start, end


def look(before: str, start: int, end: int, after: str) -> Sighting:
    """Locate `before[start:end]`, as a reader's browser describes it, in `after`."""
    prefix, suffix = before[max(0, start - CONTEXT) : start], before[end : end + CONTEXT]
    return locate(after, before[start:end], prefix, suffix, Position(start, end, len(before)))


INTRO = "The old harbour lies behind the hill, and few people go there any more.\n"
OUTRO = "\nNobody knows who built the wall, or when, but it still keeps the sea out."
STORY = INTRO + "One day he saw the ⟦wrold⟧ in a drop of water, and laughed." + OUTRO
FIXED = STORY.replace("wrold", "world")

CASES = {
    "untouched": Case(STORY, STORY, STILL),
    "fixed": Case(STORY, FIXED, CHANGED),
    "grown above": Case(STORY, "Breaking news.\n" + STORY, STILL),
    "fixed, grown above": Case(STORY, "Breaking news.\n" + FIXED, CHANGED),
    "a word became two": Case(
        "He had ⟦alot⟧ of time that day.", "He had ⟦a lot⟧ of time that day.", CHANGED
    ),
    "two words became one": Case(
        "It was a ⟦to day⟧ thing, he said.", "It was a ⟦today⟧ thing, he said.", CHANGED
    ),
    "a word put in": Case(
        "Then they ⟦went the⟧ sea again.", "Then they ⟦went to the⟧ sea again.", CHANGED
    ),
    "another word": Case(STORY, STORY.replace("wrold", "planet Earth"), CHANGED),
    "part of a word": Case(
        "He saw the w⟦ro⟧ld again that day.", "He saw the w⟦or⟧ld again that day.", CHANGED
    ),
    "the letter stands, its word was fixed": Case(
        "He saw the wr⟦o⟧ld again that day.", "He saw the w⟦or⟧ld again that day.", CHANGED
    ),
    "part of a word that became longer": Case(
        "He saw the w⟦ro⟧ld again that day.", "He saw the w⟦ro⟧lds again that day.", STILL
    ),
    "a letter doubled beside the quote": Case(
        "So they tr⟦a⟧velled on to the sea.", "So they tr⟦aa⟧velled on to the sea.", CHANGED
    ),
    "doubled word, the second selected": Case(
        "He saw the ⟦the⟧ cat on the roof.", "He saw the ⟦⟧cat on the roof.", CHANGED
    ),
    "doubled word, the first selected": Case(
        "He saw ⟦the⟧ the cat on the roof.", "He saw ⟦⟧the cat on the roof.", CHANGED
    ),
    "doubled word, both selected": Case(
        "He saw ⟦the the⟧ cat on the roof.", "He saw ⟦the⟧ cat on the roof.", CHANGED
    ),
    "taken out": Case(
        "It was ⟦very⟧ unique, they said of it.", "It was ⟦⟧unique, they said of it.", CHANGED
    ),
    "neighbours edited": Case(
        STORY, STORY.replace("saw the", "saw a small").replace(" in a", " inside the"), STILL
    ),
    "fixed, neighbours edited": Case(
        STORY, FIXED.replace("saw the", "saw a small").replace(" in a", " inside the"), CHANGED
    ),
    "a word put in before it": Case(STORY, STORY.replace("⟦", "big ⟦"), STILL),
    "a word put in after it": Case(STORY, STORY.replace("⟧", "⟧ map"), STILL),
    "a word before it taken out": Case(STORY, STORY.replace("saw the ", "saw "), STILL),
    "the same word elsewhere fixed": Case(
        "A wrold at first. " + STORY, "A world at first. " + STORY, STILL
    ),
    "fixed, the same word stands elsewhere": Case(
        STORY + "\nOh what a wrold!", FIXED + "\nOh what a wrold!", CHANGED
    ),
    "moved below": Case(
        INTRO + "He saw the ⟦wrold⟧ in a drop.\n" + OUTRO.strip() + "\nAnd it was late by then.",
        INTRO + OUTRO.strip() + "\nAnd it was late by then.\nHe saw the ⟦wrold⟧ in a drop.",
        STILL,
    ),
    "moved and fixed": Case(
        INTRO + "He saw the ⟦wrold⟧ in a drop.\n" + OUTRO.strip() + "\nAnd it was late by then.",
        INTRO + OUTRO.strip() + "\nAnd it was late by then.\nHe saw the ⟦world⟧ in a drop.",
        CHANGED,
    ),
    "an ad above its block": Case(
        STORY.replace("One day he saw the ", ""),
        STORY.replace("One day he saw the ", "Advertisement\n"),
        STILL,
    ),
    "fixed, an ad above its block": Case(
        STORY.replace("One day he saw the ", ""),
        FIXED.replace("One day he saw the ", "Advertisement\n"),
        CHANGED,
    ),
    "an ad inside of a quote over blocks": Case(
        "And so it ⟦ended.\nThe next⟧ day it rained.",
        "And so it ⟦ended.\nAdvertisement\nThe next⟧ day it rained.",
        STILL,
    ),
    "fixed in a quote over blocks that goes on alike": Case(
        INTRO + "Share it ⟦now.\nShare by mail⟧\nOther ways\nShare by mail\nAnd so on for ever.",
        INTRO + "Share it ⟦now.\nShare by mali⟧\nOther ways\nShare by mail\nAnd so on for ever.",
        CHANGED,
    ),
    "a letter put in where a block of Japanese begins": Case(
        INTRO + "きょうの日本民話\n⟦仕事の取替え⟧\nきょうのイソップ童話",
        "News\n" + INTRO + "きょうの日本民話\n⟦取仕事の取替え⟧\nぞうきんとお年玉",
        CHANGED,
    ),
    "a space became a line feed": Case(
        "He saw ⟦the wrold⟧ in a drop of water.", "He saw ⟦the\nwrold⟧ in a drop of water.", STILL
    ),
    "a line feed became a space": Case(
        "And so it ⟦ended.\nThe next⟧ day it rained.",
        "And so it ⟦ended. The next⟧ day it rained.",
        STILL,
    ),
    "an accent": Case(
        "He sent his ⟦resume⟧ to the harbour.", "He sent his ⟦résumé⟧ to the harbour.", CHANGED
    ),
    "the case": Case("He went to ⟦paris⟧ in spring.", "He went to ⟦Paris⟧ in spring.", CHANGED),
    "quotation marks": Case(
        'He said ⟦"no"⟧ to all of it.', "He said ⟦“no”⟧ to all of it.", CHANGED
    ),
    "a dash": Case(
        "They met 1914⟦-⟧1918 in the harbour.", "They met 1914⟦–⟧1918 in the harbour.", CHANGED
    ),
    "a comma": Case("He came⟦,⟧ and went away.", "He came⟦;⟧ and went away.", CHANGED),
    "accents of their own": Case(
        "Il était au ⟦café⟧ près de la forêt.",
        unicodedata.normalize("NFD", "Il était au ⟦café⟧ près de la forêt."),
        STILL,
    ),
    "quoted in a comment": Case(
        STORY, STORY + "\nReader: “One day he saw the wrold in a drop”, really?", STILL
    ),
    "fixed, quoted in a comment": Case(
        STORY, FIXED + "\nReader: “One day he saw the wrold in a drop of water”, really?", CHANGED
    ),
    "fixed, the whole sentence in a comment": Case(
        STORY,
        FIXED + "\nOne day he saw the wrold in a drop of water, and laughed.",
        CHANGED,
    ),
    "its paragraph deleted": Case(STORY, INTRO + OUTRO.strip(), GONE),
    "its paragraph deleted, the word stands elsewhere": Case(
        STORY + "\nOh what a wrold!", INTRO + OUTRO.strip() + "\nOh what a wrold!", GONE
    ),
    "its paragraph deleted, a kindred sentence stands elsewhere": Case(
        STORY,
        INTRO + OUTRO.strip() + "\nShe never had seen the world, in her books or out of them.",
        GONE,
    ),
    "its sentence deleted": Case(
        INTRO.strip() + " One day he saw the ⟦wrold⟧ in a drop of water, and laughed. It was late.",
        INTRO.strip() + " It was late.",
        GONE,
    ),
    "a whole block deleted": Case(
        "One more\n⟦Teh harbour⟧\nThe end of it", "One more\nThe end of it", GONE
    ),
    "a whole block fixed": Case(
        INTRO
        + "⟦"
        + "It rained, and the gulls were silent on there rocks. " * 7
        + "It ends.⟧"
        + OUTRO,
        INTRO
        + "⟦"
        + "It rained, and the gulls were silent on there rocks. " * 5
        + "It rained, and the gulls were silent on their rocks. "
        + "It rained, and the gulls were silent on there rocks. "
        + "It ends.⟧"
        + OUTRO,
        CHANGED,
    ),
    "a long quote partly deleted": Case(
        INTRO + "He said ⟦" + STORIES["en"].replace("\n", " ") + "⟧ and left." + OUTRO,
        INTRO + "He said ⟦" + STORIES["en"].replace("\n", " ")[:199] + "⟧ and left." + OUTRO,
        CHANGED,
    ),
    "at the start": Case("⟦Teh⟧ end is near, said he.", "⟦The⟧ end is near, said he.", CHANGED),
    "at the start, grown above": Case(
        "⟦Teh⟧ end is near, said he.", "News\n⟦Teh⟧ end is near, said he.", STILL
    ),
    "at the end": Case("He saw the whole ⟦wrold⟧", "He saw the whole ⟦world⟧", CHANGED),
    "all there is": Case("⟦Teh⟧", "⟦The⟧", CHANGED),
    "boilerplate, this one fixed": Case(
        "Read ⟦teh⟧ news.\n" + INTRO + "Read teh news.\n" + INTRO + "Read teh news.",
        "Read ⟦the⟧ news.\n" + INTRO + "Read teh news.\n" + INTRO + "Read teh news.",
        CHANGED,
    ),
    "boilerplate, another one fixed": Case(
        "Read ⟦teh⟧ news.\n" + INTRO + "Read teh news.\n" + INTRO + "Read teh news.",
        "Read ⟦teh⟧ news.\n" + INTRO + "Read the news.\n" + INTRO + "Read teh news.",
        STILL,
    ),
    "Russian": Case(
        STORIES["ru"].replace("туман", "⟦тумман⟧"),
        STORIES["ru"].replace("туман", "⟦туман⟧"),
        CHANGED,
    ),
    "Chinese": Case(
        STORIES["zh"].replace("敲两次", "敲⟦俩⟧次"),
        STORIES["zh"].replace("两次", "⟦两⟧次"),
        CHANGED,
    ),
    "Japanese": Case(
        STORIES["ja"].replace("手紙を書いた", "⟦手祇⟧を書いた"),
        STORIES["ja"].replace("手紙を書いた", "⟦手紙⟧を書いた"),
        CHANGED,
    ),
    "Arabic": Case(
        STORIES["ar"].replace("الضباب", "⟦الظباب⟧"),
        STORIES["ar"].replace("الضباب", "⟦الضباب⟧"),
        CHANGED,
    ),
    "Hebrew": Case(
        STORIES["he"].replace("הערפל", "⟦הערפל⟧"), STORIES["he"].replace("הערפל", "⟦הערפל⟧"), STILL
    ),
    "Thai": Case(
        STORIES["th"].replace("หมอก", "⟦หมอค⟧"), STORIES["th"].replace("หมอก", "⟦หมอก⟧"), CHANGED
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_became_of_a_quote(case: Case) -> None:
    before, start, end = unmarked(case.before)
    after, first, last = unmarked(case.after)

    found = look(before, start, end, after)

    place = (None, None, None) if case.presence is GONE else (first, last, after[first:last])
    assert found.presence is case.presence
    assert (found.start, found.end, found.text) == place


def test_equal_places_are_told_apart_by_the_position() -> None:
    line = "Subscribe and read teh news.\n"
    text = line * 9
    spots = [n * len(line) + line.index("teh") for n in range(9)]

    found = [look(text, at, at + 3, "New!\n" + text).start for at in spots]

    assert found == [at + 5 for at in spots]


def test_equal_places_without_a_position_are_ambiguous() -> None:
    text = "Subscribe and read teh news.\n" * 9

    found = locate(text, "teh", text[:19], text[22:50])

    assert found.presence is AMBIGUOUS
    assert not found.sure


@pytest.mark.parametrize("text", ["", "\n", "— … !?", "\u0301" * 9])
def test_a_text_without_words_cannot_tell(text: str) -> None:
    assert locate(text, "teh", "read ", " news", None) == Sighting(UNVERIFIABLE)


def test_a_blank_quote_is_nowhere() -> None:
    assert locate("some text", " ", "some", "text").presence is UNVERIFIABLE


@pytest.mark.parametrize(
    "position",
    [Position(20, 23, 60), {"start": 20, "end": 23, "length": 60}, 20, None, {"start": 20}],
)
def test_a_position_may_be_given_in_several_ways(position: Position | int | None) -> None:
    text = "One two three four. Teh five six seven."

    found = locate(text, "Teh", "two three four. ", " five six", position)

    assert (found.presence, found.start, found.text) == (STILL, 20, "Teh")


def test_a_place_is_sure_when_its_context_stands() -> None:
    before, start, end = unmarked(STORY)
    rewritten = before.replace("One day he saw the", "And then there was a").replace(
        "in a drop of water, and laughed", "which nobody had expected at all"
    )

    assert look(before, start, end, before.replace("wrold", "world")).sure
    assert not look(before, start, end, rewritten).sure


ARTICLE = an_article(random.Random(4))
TEXTS = st.text(
    st.one_of(
        st.sampled_from("ab  \n\n.,“é\u0301\u200dßİ海\u0e33\ud800\udfff😀"),
        st.characters(),
    ),
    max_size=60,
)
SPANS = st.tuples(st.integers(0, len(ARTICLE) - 1), st.integers(1, 200))


@given(SPANS)
def test_an_unchanged_text_has_every_quote_where_it_was(span: tuple[int, int]) -> None:
    start, size = span
    exact = ARTICLE[start : start + size].strip()
    start = ARTICLE.index(exact, start) if exact else start

    found = look(ARTICLE, start, start + len(exact), ARTICLE)

    assert not exact or found == Sighting(STILL, start, start + len(exact), exact, sure=True)


@given(TEXTS, TEXTS, TEXTS, TEXTS, st.none() | st.integers(0, 80))
@settings(max_examples=400)
def test_any_text_is_looked_at_and_what_is_found_stands_there(
    text: str, exact: str, prefix: str, suffix: str, position: int | None
) -> None:
    found = locate(text, exact, prefix, suffix, position)

    if found.start is None or found.end is None:
        assert found == Sighting(found.presence)
        assert found.presence in (GONE, UNVERIFIABLE)
    else:
        assert found.text == text[found.start : found.end]
        assert 0 <= found.start <= found.end <= len(text)
        assert found == locate(text, exact, prefix, suffix, position)


@given(TEXTS, st.data())
@settings(max_examples=300)
def test_any_quote_of_an_unchanged_text_stands_where_it_was(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    found = look(text, start, end, text)

    if text[start:end].strip() and any(map(str.isalnum, text)):
        assert (found.presence, found.start, found.end) == (STILL, start, end)


MANY = 2_000_000
#: Texts that make careless searches take minutes, with a quote and its position.
HARD = {
    "one letter": ("a" * MANY, "a" * 5, "a" * 64, "a" * 64),
    "one letter, a long quote": ("a" * MANY, "a" * 999 + "b" + "a" * 1000, "a" * 64, "a" * 64),
    "two letters": ("ab" * (MANY // 2), "ba" * 500 + "bb" + "ab" * 499, "ab" * 32, "ab" * 32),
    "near misses": (
        "He saw the wrlod in the big blue see of yesterday. " * (MANY // 51),
        "wrold",
        "in the big blue see of yesterday. He saw the ",
        " in the big blue see of today, and then",
    ),
    "line feeds": ("x" + "\n" * (MANY - 1), "x\n" * 20, "\n" * 64, "\n" * 64),
    "lines of a letter": ("a\n" * (MANY // 2), "a\na\na b" * 280, "a\n" * 32, "\na" * 32),
    "spaces": (" " * (MANY - 1) + "x", "x x", "  " * 32, " " * 64),
    "marks": ("\u0301" * (MANY - 1) + "a", "\u0301" * 2000, "\u0301" * 64, "\u0301" * 64),
}


@pytest.mark.parametrize("hard", HARD.values(), ids=HARD)
def test_hard_texts_come_to_an_end(hard: tuple[str, str, str, str]) -> None:
    text, exact, prefix, suffix = hard

    found = locate(
        text, exact, prefix, suffix, Position(MANY // 2, MANY // 2 + len(exact), MANY - 7)
    )

    assert found.presence is not Presence.UNCHECKED
