"""What counts as the same: strictly, for what readers see; loosely, for finding a place again."""

import unicodedata
from functools import lru_cache
from typing import Final

from feedback.anchoring.words import words

_QUOTES: Final = frozenset("'\"`´‘’‚‛“”„‟‹›«»′″「」『』")
_DASHES: Final = "\u2212"  # the minus sign; other dashes are known by their category


def same(one: str, other: str) -> bool:
    """Tell whether two texts read the same: a space may be a line feed, `é` may be two code points.

    Case, accents, quotation marks and dashes count: they may be what was wrong.
    """
    return one == other or _plain(one) == _plain(other)


def stands(found: str, exact: str) -> bool:
    """Tell whether a slot holds the quote: it reads the same, but for blocks put in between."""
    if same(found, exact):
        return True
    ours, theirs = _plain_lines(exact), _plain_lines(found)
    if not 1 < len(ours) < len(theirs) or (ours[0], ours[-1]) != (theirs[0], theirs[-1]):
        return False
    rest = iter(theirs)
    return all(line in rest for line in ours)


def _plain_lines(text: str) -> list[str]:
    return [_plain(line) for line in text.split("\n")]


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def loose(text: str) -> str:
    """Fold case, accents, quotation marks, dashes and line feeds, code point by code point.

    The text keeps its length, so that offsets stay what they are.
    """
    return text.translate(_FOLDS)


@lru_cache(maxsize=1 << 14)
def key(token: str) -> str:
    """Give what a word is compared by: as `loose`, but marks are dropped and all is composed."""
    base = _bare(token.casefold())
    return "".join(map(_mark, base)) or token


def _bare(text: str) -> str:
    """Take accents off; a vowel sign that is written as a mark is no accent."""
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", "".join(c for c in parts if not unicodedata.combining(c)))


def _mark(character: str) -> str:
    """Make one quotation mark of all of them, and one dash."""
    if character in _QUOTES:
        return "'"
    if character in _DASHES or unicodedata.category(character) == "Pd":
        return "-"
    return character


class _Folds(dict[int, int]):
    """What a code point is compared as, worked out when it is first met."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        folded = " " if character.isspace() else key(character)
        self[code] = ord(folded[0])
        return self[code]


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
