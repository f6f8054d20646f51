"""A sample: what a selection in the middle of an article would be sent as."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from feedback.anchoring import NormalText, Presence, locate, place

#: Code points of context that go with a quote, on either side.
_CONTEXT: Final = 64
#: A word to select: not a short one, if there is another; of text without spaces a few letters.
_WORD: Final = re.compile(r"[^\W_]+")
_SHORT, _LONG = 4, 24
_FEW: Final = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """A selection as the reader's page would send it."""

    exact: str
    prefix: str
    suffix: str
    start: int
    end: int
    length: int
    #: What follows `#` in a link that opens the article there.
    fragment: str
    #: What `locate` says of it, from the quote and its context alone.
    presence: str
    #: Whether that is where it was taken.
    again: bool


def take(normal: NormalText, within: str = "", without: str = "") -> Sample | None:
    """Select a word in the middle of the longest paragraph; None where there is no word.

    With `within`, the normal text of what can be reported, only its paragraphs count; those of
    `without` never do.
    """
    span = _middle(normal, within, without)
    if span is None:
        return None
    (start, end), text = span, normal.text
    exact, prefix, suffix = text[start:end], text[:start][-_CONTEXT:], text[end : end + _CONTEXT]
    found = locate(text, exact, prefix, suffix)
    return Sample(
        exact,
        prefix,
        suffix,
        start,
        end,
        len(text),
        fragment=place(normal, start, end),
        presence=found.presence.value,
        again=found.presence is Presence.STILL and found.start == start,
    )


def _middle(normal: NormalText, within: str, without: str) -> tuple[int, int] | None:
    """Give where the word stands that is nearest to the middle."""
    blocks = sorted(_blocks(normal, within, without), key=lambda span: span[0] - span[1])
    for start, end in blocks:
        words = [match.span() for match in _WORD.finditer(normal.text, start, end)]
        long = [span for span in words if span[1] - span[0] >= _SHORT]
        if words:
            middle = (start + end) // 2
            return _cut(min(long or words, key=lambda span: abs(sum(span) - 2 * middle)), middle)
    return None


def _blocks(normal: NormalText, within: str, without: str) -> Iterator[tuple[int, int]]:
    wanted, unwanted = set(within.split("\n")), set(without.split("\n"))
    for start, end in normal.blocks:
        block = normal.text[start:end]
        if (not within or block in wanted) and block not in unwanted:
            yield start, end


def _cut(span: tuple[int, int], middle: int) -> tuple[int, int]:
    """Keep of what has no spaces a few letters around the middle."""
    start, end = span
    if end - start <= _LONG:
        return span
    first = min(max(middle, start), end - _FEW)
    return first, first + _FEW
