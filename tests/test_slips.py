"""Slips: what kind of mistake a correction mends."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.anchoring.slips import SURE, Slip, slip

TOLD = {
    Slip.TRANSPOSED: [
        ("wrold", "world"),
        ("teh", "the"),
        ("Hte", "The"),
        ("over the wrold and back", "over the world and back"),
        ("свіит", "свиіт"),
        ("Зустірч", "Зустріч"),
        ("aminal", "animal"),
        ("界世", "世界"),
        ("العلام", "العالم"),
        ("teh captain and teh sea", "the captain and the sea"),
    ],
    Slip.MISSING: [
        ("adress", "address"),
        ("goverment", "government"),
        ("Gescheft", "Gescheeft"),
        ("руский", "русский"),
        ("世は丸い", "世界は丸い"),
        ("שלם", "שלום"),
    ],
    Slip.EXTRA: [
        ("wasx", "was"),
        ("здравствуйтье", "здравствуйте"),
        ("世中界", "世界"),
    ],
    Slip.DOUBLED: [
        ("commming", "comming"),
        ("tthe", "the"),
        ("untill", "until"),
        ("программа", "програма"),
        ("我们的的书", "我们的书"),
    ],
    Slip.WRONG_LETTER: [
        ("seperate", "separate"),
        ("корова молако", "корова молоко"),
        ("мои", "мой"),
        ("地求是圆的", "地球是圆的"),
        ("かっこう", "がっこう"),
        ("세게", "세계"),
        ("हिन्दि", "हिन्दी"),
        ("ที่นี่ดิ", "ที่นี่ดี"),
        ("definately seperate", "definitely separate"),
    ],
    Slip.DOUBLED_WORD: [
        ("the the sea", "the sea"),
        ("The the sea", "The sea"),
        ("The the sea", "the sea"),
        ("of the of the sea", "of the sea"),
        ("это это море", "это море"),
        ("и и море", "и море"),
    ],
    Slip.SPACING: [
        ("alot", "a lot"),
        ("in to", "into"),
        ("word ,word", "word, word"),
        ("two  spaces", "two spaces"),
        ("не надо", "ненадо"),
        ("世 界", "世界"),
    ],
    Slip.PUNCTUATION: [
        ("its", "it's"),
        ("well known", "well-known"),
        ("Yes he said", "Yes, he said"),
        ("the end,", "the end."),
        ('"so"', "„so“"),
        ("don`t", "don't"),
        ("потому что", "потому, что"),
        ("世界、", "世界。"),
    ],
    Slip.CAPITAL: [
        ("english", "English"),
        ("The End", "The end"),
        ("киев", "Киев"),
        ("ΑΘΉΝΑ", "Αθήνα"),
    ],
    Slip.DIACRITIC: [
        ("cafe", "café"),
        ("a cote", "à côté"),
        ("lodz", "łódź"),
        ("ısık", "ışık"),
        ("елка", "ёлка"),
        ("Viet Nam la", "Việt Nam là"),
        ("العالم", "العالَم"),
        ("שלום", "שָׁלוֹם"),
    ],
    Slip.NAME: [
        ("said John Jonson to us", "said John Johnson to us"),
        ("wie Angela Merkol sagte", "wie Angela Merkel sagte"),
        ("с Иваном Петровим был", "с Иваном Петровым был"),
    ],
    Slip.OTHER: [
        ("a", "the"),
        ("he", "they"),
        ("in 2023", "in 2024"),
        ("Paris", "London"),
        ("the sea", "the wide sea"),
        ("teh seperate", "the separate"),
        ("is flat", "is round"),
        ("и", "а"),
        ("", "an image of the sea"),
        ("the very sea", "the sea"),
    ],
    None: [("wrold", ""), ("same", "same"), ("cafe\u0301", "café"), ("", ""), ("a", " ")],
}


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [(kind, *pair) for kind, pairs in TOLD.items() for pair in pairs],
)
def test_a_slip_is_told_from_what_changes(kind: Slip | None, before: str, after: str) -> None:
    assert slip(before, after) == kind


@pytest.mark.parametrize(
    ("before", "after"),
    [("der Hunt bellt", "der Hund bellt"), ("Der Hunt", "Der Hund"), ("Jonson", "Johnson")],
)
def test_a_capital_alone_is_no_name(before: str, after: str) -> None:
    assert slip(before, after) in {Slip.WRONG_LETTER, Slip.MISSING}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_form_of_a_letter_makes_no_difference(form: str) -> None:
    before, after = (unicodedata.normalize(form, text) for text in ("naïev", "naïve"))

    assert slip(before, after) is Slip.TRANSPOSED


def test_what_may_change_the_meaning_is_not_sure() -> None:
    assert {Slip.OTHER, Slip.NAME, Slip.WRONG_LETTER, Slip.CAPITAL}.isdisjoint(SURE)


@given(st.text(), st.text())
def test_any_two_texts_have_an_answer(before: str, after: str) -> None:
    told = slip(before, after)

    assert told is None or told in Slip
