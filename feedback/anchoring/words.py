"""Words: the difference between what a text says and what it should say."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

#: Texts that differ over more words than this are compared as wholes: time grows with the square.
_MOST_WORDS = 800

#: Scripts that put no space between words; of these each letter is a word. Thai, Lao, Burmese,
#: Khmer; Han with its radicals, kana, Bopomofo, Yi; Han beyond the first plane.
_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u312f\u31a0-\u31bf"
    r"\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uf900-\ufaff\uff66-\uff9f"
    r"\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
#: What joins two letters into one word: apostrophes, hyphens, the marks of Hebrew, the Catalan dot.
_JOINERS = r"'’ʼ\-\u2010\u2011\u05be\u05f3\u05f4·"


def _ranges(numbers: Iterable[int]) -> str:
    """Write ascending code points as the inside of a character class."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in spans)


#: Marks and joiners that belong to the letter before them: accents, vowel signs, selectors.
_MARKS = _ranges(n for n in range(0x20000) if unicodedata.category(chr(n))[0] == "M")
_WITH = rf"[{_MARKS}\u200c\u200d]*"

_TOKEN = re.compile(
    rf"[{_UNSPACED}]{_WITH}"
    rf"|[^\W_{_UNSPACED}]{_WITH}(?:(?:[{_JOINERS}]|(?<=\d)[.,:](?=\d))?[^\W_{_UNSPACED}]{_WITH})*"
    rf"|\s+|.{_WITH}",
    re.DOTALL,
)


class Step(StrEnum):
    """What becomes of a piece of text."""

    KEEP = "keep"
    DELETE = "delete"
    INSERT = "insert"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text and what becomes of it."""

    step: Step
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """The code points from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


def words(text: str) -> list[str]:
    """Cut a text into words, white space and marks; together they are the text.

    Where a script puts no space between words, each letter is one.
    """
    return _TOKEN.findall(text)


def difference(before: str, after: str) -> list[Piece]:
    """Give the pieces that lead from `before` to `after`, whole words at a time."""
    olds, news = words(before), words(after)
    pieces: list[Piece] = []
    for tag, a, b, c, d in _opcodes(olds, news):
        if tag == "equal":
            pieces.append(Piece(Step.KEEP, "".join(olds[a:b])))
            continue
        if a < b:
            pieces.append(Piece(Step.DELETE, "".join(olds[a:b])))
        if c < d:
            pieces.append(Piece(Step.INSERT, "".join(news[c:d])))
    return pieces


def changed(before: str, after: str) -> Change | None:
    """Give the one stretch of `before`, in whole words, outside of which `after` is the same.

    None where the texts are equal. Where words are only put in, or only taken away, the stretch
    takes a word beside them along: a place that can be seen, a correction that can be read.
    """
    olds, news = words(before), words(after)
    left, right = _shared(olds, news)
    if left == len(olds) == len(news):
        return None
    if left + right == min(len(olds), len(news)):
        left, right = _widened(olds, news, left, right)
    start = len("".join(olds[:left]))
    return Change(
        start=start,
        end=start + len("".join(olds[left : len(olds) - right])),
        text="".join(news[left : len(news) - right]),
    )


def _shared(olds: list[str], news: list[str]) -> tuple[int, int]:
    """Count the words that both begin with, and of the rest those that both end with."""
    shorter = min(len(olds), len(news))
    left = 0
    while left < shorter and olds[left] == news[left]:
        left += 1
    right = 0
    while right < shorter - left and olds[-1 - right] == news[-1 - right]:
        right += 1
    return left, right


def _widened(olds: list[str], news: list[str], left: int, right: int) -> tuple[int, int]:
    """Share a word less: the one before, else the one after; but the space at its other side."""
    common = min(len(olds), len(news))
    before = next((n for n in range(left, 0, -1) if not olds[n - 1].isspace()), 0)
    if before:
        left = before - 1
        while right < common - left - 1 and olds[-1 - right] == news[-1 - right] == " ":
            right += 1
        return left, right
    after = next((n for n in range(right, 0, -1) if not olds[-n].isspace()), 0)
    return left, max(0, after - 1)


def _opcodes(olds: list[str], news: list[str]) -> list[tuple[str, int, int, int, int]]:
    """Give what becomes of which words, as difflib does; white space alone is no likeness."""
    left, right = _shared(olds, news)
    a, b, c, d = left, len(olds) - right, left, len(news) - right
    codes = [("equal", 0, left, 0, left)] if left else []
    if max(b - a, d - c) > _MOST_WORDS:
        codes.append(("replace", a, b, c, d))
    elif a < b or c < d:
        matcher = SequenceMatcher(str.isspace, olds[a:b], news[c:d], autojunk=False)
        codes += [(t, i + a, j + a, k + c, m + c) for t, i, j, k, m in matcher.get_opcodes()]
    return [*codes, ("equal", b, len(olds), d, len(news))] if right else codes
