"""Slips: what kind of mistake a correction mends, told from the letters that change."""

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum

from feedback.anchoring.words import Piece, Step, difference, words


class Slip(StrEnum):
    """What went wrong between the thought and the text."""

    TRANSPOSED = "transposed"
    MISSING = "missing"
    EXTRA = "extra"
    DOUBLED = "doubled"
    WRONG_LETTER = "wrong-letter"
    DOUBLED_WORD = "doubled-word"
    SPACING = "spacing"
    PUNCTUATION = "punctuation"
    CAPITAL = "capital"
    DIACRITIC = "diacritic"
    NAME = "name"
    OTHER = "other"


#: The kinds whose corrections are nearly always right: fingers slip so, meanings do not change so.
SURE = frozenset({Slip.TRANSPOSED, Slip.MISSING, Slip.EXTRA, Slip.DOUBLED, Slip.DOUBLED_WORD})

#: Letters swapped over more than so many letters are two words, not one slip.
_FAR = 4
#: Longest stretch of words that is written twice by mistake.
_STRETCH = 4
#: Letters of their own, whatever Unicode makes of them.
_WHOLE = str.maketrans({letter: f"\ue000{n}" for n, letter in enumerate("йЙїЇ")})
#: Letters whose mark Unicode does not take off.
_STROKES = str.maketrans("łŁøØđĐħĦŧŦı", "lLoOdDhHtTi")
_SPACE = re.compile(r"\s+")
#: Marks that stand above, below or in a letter, as accents and vowel points do. The vowel signs of
#: Indic scripts and the voicing marks of kana have other classes: they make other letters.
_ACCENTS = frozenset({*range(10, 36), 36, 202, 214, 216, 218, 220, 222, 224, 226, 228, 230, 232})
#: What is typed for an apostrophe and is none.
_TICKS = "`´"


def slip(before: str, after: str) -> Slip | None:
    """Tell the likely kind of mistake that turning `before` into `after` mends.

    None where there is no correction. Several mistakes of one kind are that kind, else `OTHER`.
    """
    old, new = (unicodedata.normalize("NFC", text) for text in (before, after))
    if not new.strip() or old == new:
        return None
    if _names(old, new):
        return Slip.NAME
    found = _formal(old, new) or _doubled_word(old, new) or _lettered(old, new)
    return found or _each(old, new)


def _formal(old: str, new: str) -> Slip | None:
    """Tell what changes where all letters stay, or what belongs to them."""
    if _SPACE.sub("", old) == _SPACE.sub("", new):
        return Slip.SPACING
    if _unpointed(old) == _unpointed(new):
        return Slip.PUNCTUATION
    if old.lower() == new.lower():
        return Slip.CAPITAL
    if _unmarked(old) == _unmarked(new):
        return Slip.DIACRITIC
    return None


def _unpointed(text: str) -> str:
    return "".join(
        letter
        for letter in text
        if not (letter.isspace() or letter in _TICKS or unicodedata.category(letter)[0] == "P")
    )


def _unmarked(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.translate(_WHOLE)).translate(_STROKES)
    return "".join(part for part in parts if unicodedata.combining(part) not in _ACCENTS)


def _doubled_word(old: str, new: str) -> Slip | None:
    """Tell whether a stretch of words that stands twice stands once."""
    olds, news = (_words(text.lower()) for text in (old, new))
    size = len(olds) - len(news)
    if not 0 < size <= _STRETCH:
        return None
    at = _shared(olds, news)
    gone = olds[at : at + size]
    twice = gone in (olds[max(0, at - size) : at], olds[at + size : at + 2 * size])
    if not twice or olds[:at] + olds[at + size :] != news or not _wordy(gone):
        return None
    return Slip.DOUBLED if size == 1 and _unspaced(gone[0]) else Slip.DOUBLED_WORD


def _wordy(found: list[str]) -> bool:
    return any(_is_letter(word) for word in found)


def _lettered(old: str, new: str) -> Slip | None:
    """Tell how one word's letters change, where little else does."""
    olds, news = _letters(old.lower()), _letters(new.lower())
    left = _shared(olds, news)
    right = _shared(olds[left:][::-1], news[left:][::-1])
    gone, come = olds[left : len(olds) - right], news[left : len(news) - right]
    if not gone and not come:  # equal but for capitals: lower case has told so
        return None
    if not all(_is_letter(letter) for letter in gone + come):
        return None
    around = [*olds[left - 1 : left], *olds[len(olds) - right :][:1]]
    inside = any(_is_letter(letter) for letter in around)
    if inside or len(gone) == len(come) == 2 or _unspaced((gone + come)[0]):
        return _changed(gone, come, around)
    return None


def _changed(gone: list[str], come: list[str], around: list[str]) -> Slip | None:
    """Tell what it is that `gone` becomes `come` between the letters `around`."""
    match len(gone), len(come):
        case 0, 1:
            return Slip.MISSING
        case 1, 0:
            return Slip.DOUBLED if gone[0] in around else Slip.EXTRA
        case 1, 1:
            return Slip.WRONG_LETTER
    return Slip.TRANSPOSED if _swapped(gone, come) else None


def _swapped(gone: list[str], come: list[str]) -> bool:
    """Tell whether the first and the last have changed places, and nothing else."""
    ends = (gone[:1], gone[-1:]) == (come[-1:], come[:1])
    return ends and 2 <= len(gone) <= _FAR and gone[1:-1] == come[1:-1]


def _each(old: str, new: str) -> Slip:
    """Tell what all the changes are, one by one."""
    found = {_formal(a, b) or _lettered(a, b) if a and b else None for a, b in _changes(old, new)}
    return (found.pop() or Slip.OTHER) if len(found) == 1 else Slip.OTHER


def _changes(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Give what becomes what, word by word where as many words come as go."""
    gone = ""
    for piece in [*difference(old, new), Piece(Step.KEEP, "")]:
        if piece.step is Step.DELETE:
            gone = piece.text
            continue
        come = piece.text if piece.step is Step.INSERT else ""
        olds, news = _words(gone), _words(come)
        if len(olds) == len(news):
            yield from ((a, b) for a, b in zip(olds, news, strict=True) if a != b)
        else:
            yield gone, come
        gone = ""


def _words(text: str) -> list[str]:
    return [word for word in words(text) if not word.isspace()]


def _names(old: str, new: str) -> bool:
    """Tell whether one name among names becomes another like it.

    A language that begins every noun with a capital has them everywhere, so one is not enough:
    beside it must stand another, and neither may begin the text.
    """
    olds, news = (_words(text) for text in (old, new))
    at = _shared(olds, news)
    if not (0 < at < len(olds) == len(news)) or olds[at + 1 :] != news[at + 1 :]:
        return False
    beside = [*olds[max(1, at - 1) : at], *olds[at + 1 : at + 2]]
    return (
        _named(olds[at])
        and _named(news[at])
        and _is_letter(olds[at - 1])
        and any(_named(word) for word in beside)
        and _lettered(olds[at], news[at]) in {Slip.MISSING, Slip.EXTRA, Slip.WRONG_LETTER}
    )


def _named(word: str) -> bool:
    return len(word) > 2 and word[0].isupper() and word[1:].islower()


def _shared(olds: list[str], news: list[str]) -> int:
    """Count what both begin with."""
    pairs = enumerate(zip(olds, news, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(olds), len(news)))


def _letters(text: str) -> list[str]:
    """Cut a text into letters, each with its marks."""
    found: list[str] = []
    for part in text:
        if found and (unicodedata.category(part)[0] == "M" or part in "\u200c\u200d"):
            found[-1] += part
        else:
            found.append(part)
    return found


def _is_letter(letter: str) -> bool:
    return letter[0].isalpha()


def _unspaced(letter: str) -> bool:
    """Tell whether a letter is of a script that puts no space between words."""
    return len(words(letter + letter)) == 2
