"""What counts as the same: strictly, for what readers see; loosely, for finding a place again."""

import unicodedata
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from feedback.anchoring.words import words

_QUOTES: Final = frozenset("'\"`´‘’‚‛“”„‟‹›«»′″「」『』")
_DASHES: Final = "\u2212"  # the minus sign; other dashes are known by their category

#: How like the beginning of two lines must be for one to be the other, changed.
_ALIKE: Final = 0.6
#: Texts with fewer code points, and with more kinds of them that change, are folded one by one.
_FEW: Final = 200
#: The same for texts with so many kinds of code points in so many: no language writes such.
_MANY: Final = 5000
_SAMPLE: Final = 10_000


def same(one: str, other: str) -> bool:
    """Tell whether two texts read the same: a space may be a line feed, `é` may be two code points.

    Case, accents, quotation marks and dashes count: they may be what was wrong.
    """
    return one == other or _plain(one) == _plain(other)


def stands(found: str, exact: str) -> bool:
    """Tell whether a slot holds the quote: it reads the same, but for blocks put in between.

    A block in between that begins like one of the quote's is that one, changed.
    """
    if same(found, exact):
        return True
    ours, theirs = _plain_lines(exact), _plain_lines(found)
    if not 1 < len(ours) < len(theirs) or (ours[0], ours[-1]) != (theirs[0], theirs[-1]):
        return False
    rest = iter(theirs)
    if not all(line in rest for line in ours):
        return False
    put_in = [line for line in theirs[1:-1] if line not in ours]
    return not any(_begins_alike(line, own) for line in put_in for own in ours[1:])


def _begins_alike(line: str, own: str) -> bool:
    return OSA.normalized_similarity(line[: len(own)], own) >= _ALIKE


def _plain_lines(text: str) -> list[str]:
    return [_plain(line) for line in text.split("\n")]


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def loose(text: str) -> str:
    """Fold case, accents, quotation marks, dashes and line feeds, code point by code point.

    The text keeps its length, so that offsets stay what they are.
    """
    lower = text.replace("İ", "i").lower()  # the one letter whose small form is two code points
    if len(lower) < _FEW or len(set(lower[:_SAMPLE])) > _MANY:
        return lower.translate(_FOLDS)
    changing = {c for c in set(lower) if ord(c) != _FOLDS[ord(c)]}
    if len(changing) > _FEW:
        return lower.translate(_FOLDS)
    for character in changing:  # several times as fast as str.translate
        lower = lower.replace(character, chr(_FOLDS[ord(character)]))
    return lower


@lru_cache(maxsize=1 << 14)
def key(word: str) -> str:
    """Give what a word is compared by, as `fold` does."""
    return fold(word) or word


def fold(text: str) -> str:
    """Fold case, accents, quotation marks and dashes; accents vanish, however they are written.

    A vowel sign that is written as a mark is no accent.
    """
    text = text.casefold()
    if not text.isascii():
        parts = unicodedata.normalize("NFKD", text)
        base = "".join(c for c in parts if not unicodedata.combining(c))
        text = unicodedata.normalize("NFC", base)
    return text.translate(_MARKS)


class _Marks(dict[int, int]):
    """One quotation mark for all of them, and one dash; worked out when one is first met."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        dash = character in _DASHES or unicodedata.category(character) == "Pd"
        self[code] = ord("'") if character in _QUOTES else ord("-") if dash else code
        return self[code]


class _Folds(dict[int, int]):
    """What a code point is compared as, worked out when it is first met."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        if character.isspace():
            self[code] = ord(" ")
        elif unicodedata.decomposition(character):
            self[code] = ord((fold(character) or character)[0])
        else:
            self[code] = _MARKS[ord(character.casefold()[0])]
        return self[code]


_MARKS: Final = _Marks()
_FOLDS: Final = _Folds()


def tokens(text: str) -> list[tuple[int, int, str]]:
    """Cut a text into words and marks without white space: start, end, and what each is as a key.

    Where a script puts no space between words, each letter stands alone.
    """
    found, at = [], 0
    for word in words(text):
        if not word.isspace():
            found.append((at, at + len(word), key(word)))
        at += len(word)
    return found
