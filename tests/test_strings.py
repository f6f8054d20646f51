"""The strings of the readers' dialog: every language whole, and in its own words."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest

from feedback.shipped import shipped

FOLDER = shipped("static") / "js" / "reader" / "strings"
TABLES: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))
}
ENGLISH = TABLES["en"]
OTHERS = [tag for tag in TABLES if tag != "en"]

#: The languages we speak, and the CLDR categories that integers from 2 to 200 take in them.
PLURALS = {
    "en": "other",
    "de": "other",
    "fr": "other",
    "es": "other",
    "pt": "other",
    "pt-BR": "other",
    "it": "other",
    "nl": "other",
    "sv": "other",
    "da": "other",
    "nb": "other",
    "fi": "other",
    "ro": "few other",
    "hu": "other",
    "el": "other",
    "tr": "other",
    "ar": "two few many other",
    "he": "two other",
    "ja": "other",
    "zh-Hans": "other",
    "zh-Hant": "other",
    "uk": "one few many",
    "ru": "one few many",
    "pl": "few many",
    "cs": "few other",
    "ko": "other",
}
SCRIPTS = {
    "ru": ("CYRILLIC",),
    "uk": ("CYRILLIC",),
    "el": ("GREEK",),
    "ar": ("ARABIC",),
    "he": ("HEBREW",),
    "ja": ("CJK", "HIRAGANA", "KATAKANA"),
    "zh-Hans": ("CJK",),
    "zh-Hant": ("CJK",),
    "ko": ("HANGUL",),
}
#: What is the same word in English; besides the key that says Ctrl.
SAME = {("fr", "correction"), ("fr", "image"), ("da", "send"), ("nb", "send")}
ENGLISH_WORDS = re.compile(r"(?i)\b(?:and|editors|mistake|not|please|report|the|your)\b")


def values(table: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give all that is said, by its key; of what is nested, both keys."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{inner}", text) for inner, text in value.items())
        elif key not in {"lang", "dir"}:
            yield key, value


def placeholders(text: str) -> list[str]:
    return re.findall(r"\{\w*\}", text)


def test_every_language_is_there() -> None:
    assert set(PLURALS) <= set(TABLES)
    assert len(TABLES) >= 24


@pytest.mark.parametrize("tag", TABLES)
def test_a_language_has_the_keys_of_english_in_their_order(tag: str) -> None:
    table = TABLES[tag]

    assert list(table) == list(ENGLISH)
    assert list(table["corrections"]) == list(ENGLISH["corrections"])
    assert list(table["form"]) == list(ENGLISH["form"])


@pytest.mark.parametrize("tag", TABLES)
def test_a_table_names_its_language_and_direction(tag: str) -> None:
    table = TABLES[tag]

    assert table["lang"] == tag
    assert table["dir"] == ("rtl" if tag in {"ar", "he"} else "ltr")


@pytest.mark.parametrize("tag", TABLES)
def test_nothing_is_left_unsaid(tag: str) -> None:
    unsaid = [key for key, text in values(TABLES[tag]) if not isinstance(text, str) or not text]

    assert unsaid == []


@pytest.mark.parametrize("tag", TABLES)
def test_no_value_has_space_to_spare(tag: str) -> None:
    sloppy = [key for key, text in values(TABLES[tag]) if re.search(r"^\s|\s\s|\s$", text)]

    assert sloppy == []


@pytest.mark.parametrize("tag", TABLES)
def test_the_placeholders_are_those_of_english(tag: str) -> None:
    original = {**dict(values(ENGLISH)), "reported": ENGLISH["reported"]["other"]}

    astray = [
        key
        for key, text in values(TABLES[tag])
        if placeholders(text) != placeholders(original[re.sub(r"^reported\..*", "reported", key)])
    ]

    assert astray == []


@pytest.mark.parametrize("tag", TABLES)
def test_the_time_of_a_correction_can_be_cut_out(tag: str) -> None:
    full_width = tag in {"ja", "zh-Hans", "zh-Hant"}
    parenthesis = "（{when}）" if full_width else " ({when})"

    before, found, after = TABLES[tag]["fixed"].partition(parenthesis)

    assert found
    assert not re.search(r"[()（）]", before + after)
    assert not before.endswith(" ")


@pytest.mark.parametrize("tag", TABLES)
def test_every_number_of_readers_has_its_form(tag: str) -> None:
    forms = TABLES[tag]["reported"]

    assert {*PLURALS[tag].split(), "other"} <= set(forms)
    assert set(forms) <= {"one", "two", "few", "many", "other"}


@pytest.mark.parametrize("tag", OTHERS)
def test_no_english_is_left_over(tag: str) -> None:
    english = dict(values(ENGLISH))

    left = {
        (tag, key)
        for key, text in values(TABLES[tag])
        if key != "ctrl" and (text == english.get(key) or ENGLISH_WORDS.search(text))
    }

    assert left <= SAME


@pytest.mark.parametrize("tag", TABLES)
def test_quotes_and_apostrophes_are_typographic(tag: str) -> None:
    straight = [key for key, text in values(TABLES[tag]) if re.search(r"['\"`]|\.\.\.", text)]

    assert straight == []
    assert TABLES[tag]["sending"].endswith("…")


@pytest.mark.parametrize(("tag", "scripts"), SCRIPTS.items(), ids=SCRIPTS)
def test_a_language_is_written_in_its_script(tag: str, scripts: tuple[str, ...]) -> None:
    foreign = [
        key
        for key, text in values(TABLES[tag])
        if not any(unicodedata.name(letter, "").startswith(scripts) for letter in text)
    ]

    assert foreign == ["ctrl"]


def test_french_keeps_its_spaces_before_tall_punctuation() -> None:
    torn = [text for _, text in values(TABLES["fr"]) if re.search(r"[^\u00a0\u202f][:;!?]", text)]

    assert torn == []
