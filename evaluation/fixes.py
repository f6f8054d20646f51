"""What is wrong in a quote, put right: by an editor's hand, on the words alone."""

import random
import re
import unicodedata
from collections.abc import Callable
from typing import Final

#: Changes a text; None where it finds nothing to change.
Fix = Callable[[random.Random, str], str | None]

_WORD: Final = re.compile(r"[^\W\d_]+")


def letters(chance: random.Random, word: str) -> str:
    """Change a letter or two of a word."""
    at = chance.randrange(len(word))
    other = chance.choice(word)
    return chance.choice(
        [
            word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + other + word[at + 1 :],
            word[:at] + other + word[at:],
        ]
    )


def spelling(chance: random.Random, text: str) -> str | None:
    """Change a letter of one of the words."""
    return _in_a_word(chance, text, letters)


def another_word(chance: random.Random, text: str) -> str | None:
    """Put something quite different for one of the words."""
    return _in_a_word(chance, text, lambda _, word: word[::-1].lower() + word[len(word) // 2 :])


def look(chance: random.Random, text: str) -> str | None:
    """Change an accent, the case, a quotation mark or a dash."""
    accented = _in_a_word(
        chance,
        text,
        lambda _, word: unicodedata.normalize("NFC", word[0] + "\u0301" + word[1:]),
    )
    marks = [
        text.swapcase(),
        text.capitalize(),
        text.title(),
        text.translate(str.maketrans("'\"“”-", "’“«»–")),
        f"“{text}”",
        accented or text,
    ]
    found = [each for each in marks if each != text]
    return chance.choice(found) if found else None


def word_in(chance: random.Random, text: str) -> str | None:
    """Put a word in between two words."""
    gaps = [found.span() for found in re.finditer(r"(?<=\w) (?=\w)", text)]
    if not gaps:
        return None
    start, end = chance.choice(gaps)
    return f"{text[:start]} {chance.choice(_WORD.findall(text) or ['a'])[::-1]} {text[end:]}"


def word_out(chance: random.Random, text: str) -> str | None:
    """Take one of several words out."""
    found = [found.span() for found in re.finditer(r"\w+ ", text)]
    if not found:
        return None
    start, end = chance.choice(found)
    return (text[:start] + text[end:]) if _WORD.search(text[:start] + text[end:]) else None


def split(chance: random.Random, text: str) -> str | None:
    """Write one word as two."""
    found = [f for f in _WORD.finditer(text) if f.end() - f.start() > 3]
    if not found:
        return None
    word = chance.choice(found)
    at = chance.randrange(word.start() + 1, word.end() - 1)
    return f"{text[:at]} {text[at:]}"


def _in_a_word(
    chance: random.Random, text: str, change: Callable[[random.Random, str], str]
) -> str | None:
    found = list(_WORD.finditer(text))
    for _ in range(8):
        word = chance.choice(found) if found else None
        changed = change(chance, word[0]) if word else ""
        if word and changed not in ("", word[0]):
            return text[: word.start()] + changed + text[word.end() :]
    return None
