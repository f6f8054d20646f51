"""Typed words: without scripts there is no selection, so what a reader types is looked for."""

import re
from collections.abc import Iterator

from feedback.anchoring.grouping import CONTEXT
from feedback.anchoring.normal import DROPPED
from feedback.reports.schema import Position, Quote

_DROP = str.maketrans("", "", DROPPED)
#: Characters that keyboards have one of, and articles several.
_ALIKE = {char: f"[{kin}]" for kin in ("'’‘ʼ", '"“”„«»', r"\-‐‑–—") for char in kin if char != "\\"}


def folded(text: str) -> str:
    """Write `text` as it would stand in a normal text: no traces, one space, no empty line."""
    lines = text.translate(_DROP).replace("\r\n", "\n").split("\n")
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def quoted(words: str, text: str) -> tuple[Quote, Position]:
    """Quote `words`, folded and not blank, with their context and place in a normal text.

    Whole words come before parts of words, and the very letters before those that look alike.
    What is not found, as in an empty text, is quoted as it is: then there is no place to tell.
    """
    for pattern in _patterns(words):
        if found := re.search(pattern, text):
            start, end = found.span()
            return (
                Quote(
                    exact=found[0],
                    prefix=text[max(0, start - CONTEXT) : start],
                    suffix=text[end : end + CONTEXT],
                ),
                Position(start=start, end=end, length=len(text)),
            )
    return Quote(exact=words), Position(start=0, end=len(words), length=len(words))


def alike(words: str, exact: str) -> bool:
    """Tell whether `exact` can be what `quoted` made of these words."""
    return any(re.fullmatch(pattern, exact) for pattern in _patterns(words))


def _patterns(words: str) -> Iterator[str]:
    very = [re.escape(word) for word in words.split()]
    similar = [
        "".join(_ALIKE.get(char) or re.escape(char) for char in word) for word in words.split()
    ]
    for each in (very, similar):
        run = "[ \n]".join(each)
        yield rf"(?<!\w){run}(?!\w)"
        yield run
