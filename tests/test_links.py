"""Links to a spot; tests/browser/test_anchoring.py opens some of them."""

import re
import time
from urllib.parse import unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from feedback.anchoring import NormalText, fragment, normalize
from feedback.anchoring.links import NEAR, place

ARTICLE = (
    "Title of it all\n"
    "The cat sat on the mat, and the cat ate a rat-trap. It's 3,141.5 e.g. done.\n"
    "THE CAT & the dog: a tale — “told” by no-one, 100% true."
)


def link_to(text: str, spot: str, *, nth: int = 0) -> str:
    start = -1
    for _ in range(nth + 1):
        start = text.index(spot, start + 1)
    return fragment(text, start, start + len(spot))


def follow(text: str, directive: str) -> tuple[int, int] | None:
    """Do what a browser does with a directive: the first match, in any case, of whole words."""
    terms = directive.removeprefix(":~:text=").split(",")
    prefix = terms.pop(0)[:-1] if terms[0].endswith("-") else ""
    suffix = terms.pop()[1:] if terms[-1].startswith("-") else ""
    start, *end = (re.escape(unquote(term)) for term in terms)
    reach = f"(?:{start}).*?{end[0]}" if end else start
    before, after = (re.escape(unquote(term)) for term in (prefix, suffix))
    first = unquote(prefix or terms[0])[0]
    last = unquote(suffix or terms[-1])[-1]
    pattern = (
        (r"(?<!\w)" if first.isalnum() else "")
        + rf"{before}\s*({reach})\s*{after}"
        + (r"(?!\w)" if last.isalnum() else "")
    )
    match = re.search(pattern, text, re.IGNORECASE | re.DOTALL)
    return match.span(1) if match else None


@pytest.mark.parametrize(
    ("spot", "nth", "link"),
    [
        ("sat", 0, ":~:text=The%20cat-,sat,-on%20the%20mat"),
        ("a", 1, ":~:text=The-,cat,-sat%20on%20the"),
        ("rat", 0, ":~:text=cat%20ate%20a-,rat,-%2Dtrap.%20It%27s%203%2C141.5"),
        ("It", 0, ":~:text=a%20rat%2Dtrap.-,It%27s,-3%2C141.5%20e.g.%20done"),
        ("141", 0, ":~:text=rat%2Dtrap.%20It%27s-,3%2C141.5,-e.g.%20done."),
        ("done", 0, ":~:text=It%27s%203%2C141.5%20e.g.-,done,-."),
        ("true", 0, ":~:text=no%2Done%2C%20100%25-,true,-."),
        ("CAT & the", 0, ":~:text=THE-,CAT%20%26%20the,-dog%3A%20a%20tale"),
        ("done.\nTHE", 0, ":~:text=It%27s%203%2C141.5%20e.g.-,done.,THE,-CAT%20%26%20the%20dog"),
    ],
)
def test_a_link_names_whole_words_and_three_around(spot: str, nth: int, link: str) -> None:
    assert link_to(ARTICLE, spot, nth=nth) == link


def test_a_link_holds_no_character_that_means_something() -> None:
    text = "one-two, three & four? #5 100% ~:~ “six” юнікод\u2028/ = + ; end"

    directive = fragment(text, 0, len(text)).removeprefix(":~:text=")

    assert re.fullmatch(r"(?:[\w.~]|%[0-9A-F]{2})+", directive, re.ASCII)
    assert unquote(directive) == text


def test_context_grows_until_the_spot_is_the_first_match() -> None:
    text = "one two three four teh five\nzero two three four teh five\nfour teh five six"

    assert link_to(text, "teh") == ":~:text=two%20three%20four-,teh,-five"
    assert link_to(text, "teh", nth=1) == ":~:text=zero%20two%20three%20four-,teh,-five"
    assert link_to(text, "teh", nth=2) == ":~:text=four-,teh,-five%20six"


def test_case_and_marks_do_not_tell_spots_apart() -> None:
    text = "ein Résumé hier, a b c\nwo ein resume hier, a b d"

    assert link_to(text, "resume").endswith("-,resume,-hier%2C%20a%20b")
    assert link_to(text, "resume").startswith(":~:text=wo%20ein-,")


def test_a_spot_that_is_a_block_is_told_by_the_blocks_beside_it() -> None:
    text = "Name\nAnn\nAge\n12\nName\nEd\nAge\n12\nend"

    assert link_to(text, "12", nth=1) == ":~:text=Age-,12,-end"
    assert follow(text, link_to(text, "Name", nth=1)) == (16, 20)


def test_what_cannot_be_told_apart_leads_to_the_first() -> None:
    text = "0\n0\n0\n0\n0\n0\n0"

    assert fragment(text, 6, 7) == ":~:text=0"


def test_a_line_of_a_menu_said_twice_is_reached_from_above() -> None:
    menu = "News\nSport\nRadio\nHelp\n"
    text = f"{menu}An article\n{menu}The end"

    link = link_to(text, "Radio", nth=1)

    assert link == ":~:text=An%20article-,News,Radio,-Help"
    assert follow(text, link) == (text.rindex("News"), text.rindex("Radio") + 5)


def test_a_long_spot_is_named_by_its_ends() -> None:
    text = " ".join(f"w{i}" for i in range(200))
    start, end = text.index("w20 "), text.index(" w150 ")

    link = fragment(text, start, end)

    assert link == (
        ":~:text=w17%20w18%20w19-,w20%20w21%20w22,w147%20w148%20w149,-w150%20w151%20w152"
    )
    assert follow(text, link) == (start, end)


def test_text_without_spaces_is_cut_at_the_spot_and_bounded_by_punctuation() -> None:
    text = "吾輩は猫である。名前はまだ無い。どこで生れたか。"

    assert unquote(link_to(text, "まだ")) == (
        ":~:text=吾輩は猫である。名前は-,まだ,-無い。どこで生れたか。"
    )


def test_a_spot_of_no_length_leads_to_the_word_beside_it() -> None:
    assert fragment("one two", 3, 4) == ":~:text=one-,two"
    assert fragment("one two", 5, 5) == ":~:text=one-,two"
    assert fragment("one two", 7, 7) == ":~:text=one-,two"
    assert fragment("one two", 0, 0) == ":~:text=one,-two"


def test_offsets_outside_the_text_are_clipped() -> None:
    assert fragment("one two", -5, 3) == ":~:text=one,-two"
    assert fragment("one two", 4, 99) == ":~:text=one-,two"
    assert fragment("one two", 99, 5) == ":~:text=one-,two"


@pytest.mark.parametrize("text", ["", " ", "\n \n"])
def test_a_text_without_words_has_no_link(text: str) -> None:
    assert fragment(text, 0, len(text)) == ""


def test_a_page_of_one_phrase_keeps_its_links_short() -> None:
    text = "This is said again and again. " * 5_000

    assert len(fragment(text, 75_000, 75_004)) < 200


@pytest.mark.parametrize("text", ["a" * 100_000, "猫" * 100_000, "0\n" * 50_000, "a b " * 25_000])
@pytest.mark.parametrize("length", [1, 400, 50_000])
def test_no_text_makes_a_link_too_long_or_too_late(text: str, length: int) -> None:
    begun = time.process_time()

    link = fragment(text, 49_000, 49_000 + length)

    assert len(link) < 40_000  # what Chromium takes for an address is 2 MB
    assert time.process_time() - begun < 3


WORDS = st.sampled_from(
    ["a", "b", "A", "the", "The", "it's", "x-y", "e.g.", "3,14", "(so)", "b.", "ab", "ω", "ba,"]
)
BLOCKS = st.lists(st.lists(WORDS, min_size=1, max_size=12).map(" ".join), min_size=1, max_size=8)


@given(BLOCKS, st.data())
def test_a_browser_that_follows_the_link_comes_to_the_spot(
    blocks: list[str], data: st.DataObject
) -> None:
    bare = [block.replace(" ", "").lower() for block in blocks]
    assume(not any(a in b for i, a in enumerate(bare) for j, b in enumerate(bare) if i != j))
    text = "\n".join(blocks)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, min(len(text), start + 40)))
    assume(text[start:end].strip())

    found = follow(text, fragment(text, start, end))

    spot = text[start:end]
    start += len(spot) - len(spot.lstrip())
    assert found is not None
    assert found[0] <= start
    assert start + len(spot.strip()) <= found[1]
    assert found[1] - found[0] <= len(spot) + 8


@given(st.text(), st.integers(-2, 20), st.integers(-2, 20))
def test_any_text_has_a_link_or_none(text: str, start: int, end: int) -> None:
    link = fragment(text, start, end)

    assert not link or re.fullmatch(r":~:text=[\w.~%,-]+", link, re.ASCII)
    assert bool(link) == bool(text.strip())


@pytest.mark.parametrize(
    ("html", "spot", "name"),
    [
        ("<p id=a>one</p><p id=b>two teh three</p><p id=c>four</p>", "teh", "b"),
        ("<p id=a>teh</p><p id=b>two</p>", "teh", "a"),
        ("<div id=a><p id=b><b id=c>teh</b></p></div>", "teh", "c"),
        ("<p>one</p><p>teh</p><p id=a>two</p>", "teh", ""),
        ("<h2 id='teh-“cat” & 100%'>one</h2>teh", "teh", ""),
        ("<h2 id='“cat”:~:text=a,b-%25#'>one</h2>teh", "teh", "“cat”:~:text=a,b-%25#"),
        (f"<h2 id=a>one</h2><p>{'x ' * (NEAR // 2 - 2)}</p>teh", "teh", "a"),
        (f"<h2 id=a>one</h2><p>{'x ' * (NEAR // 2 - 1)}</p>teh", "teh", ""),
    ],
)
def test_a_place_names_the_nearest_id_before_the_spot(html: str, spot: str, name: str) -> None:
    normal = normalize(html)
    start = normal.text.index(spot)

    named, delimiter, terms = place(normal, start, start + len(spot)).partition(":~:")

    assert unquote(named) == name
    assert delimiter + terms == fragment(normal.text, start, start + len(spot))
    assert re.fullmatch(r"[\w.~%-]*", named, re.ASCII)


def test_a_place_without_words_has_its_id_alone() -> None:
    assert place(NormalText("", ((0, "a"),)), 0, 0) == "a"
    assert place(NormalText(""), 0, 0) == ""


@pytest.mark.parametrize(
    ("html", "spot", "terms"),
    [
        (
            "<p>The price is <button>ten</button> for a tile.</p>",
            "ten",
            "ten",
        ),
        ("<p>is <button>ten</button> for a tile.</p>", "is ten for", "is|for|-a tile."),
        ("<pre>one    two three</pre>", "two", "two|-three"),
        (
            "<p>The new <ruby>Platz<rt>square</rt></ruby> of it now.</p>",
            "Platz",
            "The-|new|it|-now.",
        ),
        ("<p>The new <ruby>Platz<rt>square</rt></ruby> of it now.</p>", "now", "it-|now|-."),
        ("<p>The <b id=x>end</b></p>", "end", "The-|end"),
    ],
)
def test_no_term_crosses_a_seam_or_touches_the_unsaid(html: str, spot: str, terms: str) -> None:
    normal = normalize(html)
    start = normal.text.index(spot)

    _, _, found = place(normal, start, start + len(spot)).partition(":~:text=")

    assert unquote(found.replace(",", "|")) == terms
