"""The account of OWASP's ASVS 5.0 is whole: each requirement of levels 1 and 2 is in it."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent / "docs" / "asvs.md"

#: How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has. They come first there:
#: what follows is level 3.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
    "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip

_ROW = re.compile(r"^\| (\d[\d., –]*) \|", re.MULTILINE)

Number = tuple[int, ...]


def number(text: str) -> Number:
    return tuple(map(int, text.split(".")))


def expected() -> set[Number]:
    return {(*number(name), n) for name, count in SECTIONS.items() for n in range(1, count + 1)}


def meant(text: str) -> Iterator[Number]:
    """What a cell names: requirements, whole sections, and all from one to another."""
    for part in text.split(", "):
        first, _, last = part.partition("–")
        low, high = number(first), number(last or first)
        if len(low) == 2:
            yield from (each for each in expected() if low <= each[:2] <= high)
        else:
            assert low[:2] == high[:2], part
            yield from ((*low[:2], n) for n in range(low[2], high[2] + 1))


def named(text: str) -> Counter[Number]:
    return Counter(each for cell in _ROW.findall(text) for each in meant(cell.strip()))


def halves() -> tuple[str, str]:
    met, _, unmet = PAGE.read_text("utf-8").partition("## Not met")
    return met, unmet


def test_there_are_as_many_as_the_standard_says() -> None:
    assert len(expected()) == 253


def test_each_requirement_of_asvs_is_accounted_for() -> None:
    met, unmet = halves()
    said = set(named(met) + named(unmet))

    assert sorted(expected() - said) == []
    assert sorted(said - expected()) == []


def test_each_is_accounted_for_once_in_each_part() -> None:
    for half in halves():
        assert [each for each, count in named(half).items() if count > 1] == []


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("6.2.4", [(6, 2, 4)]),
        ("2.4, 8.3", [(2, 4, 1), (8, 3, 1)]),
        ("1.2.6–1.2.8", [(1, 2, 6), (1, 2, 7), (1, 2, 8)]),
        ("4.2–4.3", [(4, 2, 1), (4, 3, 1), (4, 3, 2)]),
    ],
)
def test_cells_are_read_as_people_read_them(cell: str, numbers: list[Number]) -> None:
    assert sorted(meant(cell)) == numbers
