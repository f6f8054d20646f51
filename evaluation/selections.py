"""What readers select: words, parts of words, phrases, over inline elements and over blocks."""

import random
import re
from collections.abc import Callable, Iterator
from typing import Final

from evaluation.pages import Page
from feedback.anchoring.words import words

Span = tuple[int, int]
#: Draws a selection from a normal text; None where this draw gives none.
Draw = Callable[[random.Random, Page, str], Span | None]

#: Tries for one selection before a page is taken to have none of its kind.
_TRIES: Final = 60


def _spans(text: str) -> list[Span]:
    """Give where words stand; where a script puts no spaces, each letter."""
    found, at = [], 0
    for word in words(text):
        if word[0].isalnum():
            found.append((at, at + len(word)))
        at += len(word)
    return found


def _word(chance: random.Random, _page: Page, text: str) -> Span | None:
    spans = _spans(text)
    number = chance.randrange(len(spans))
    start, end = spans[number]
    if end - start == 1:  # an unspaced script: some letters in a row
        for other in spans[number + 1 : number + chance.randint(2, 4)]:
            end = other[1] if other[0] == end else end
    return start, end


def _part(chance: random.Random, page: Page, text: str) -> Span | None:
    start, end = _word(chance, page, text) or (0, 0)
    if end - start < 4:
        return None
    first = chance.randrange(start, end - 1)
    return first, chance.randint(first + 1, min(end, first + 5))


def _phrase(chance: random.Random, _page: Page, text: str) -> Span | None:
    spans = _spans(text)
    first = chance.randrange(len(spans))
    last = min(len(spans) - 1, first + chance.randint(1, 6))
    start, end = spans[first][0], spans[last][1]
    return None if "\n" in text[start:end] else (start, end)


def _inline(chance: random.Random, page: Page, text: str) -> Span | None:
    """Draw a phrase that an inline tag begins or ends in."""
    span = _phrase(chance, page, text)
    if span is None:
        return None
    marked = page.marked(*span)
    inside = marked.inside()
    tags = [piece for piece in marked.pieces[inside[0].piece : inside[-1].piece] if piece.tag]
    return span if tags else None


def _blocks(chance: random.Random, _page: Page, text: str) -> Span | None:
    """Draw the end of a block and the beginning of the next."""
    edges = [found.start() for found in re.finditer("\n", text)]
    if not edges:
        return None
    here = chance.randrange(len(text))
    edge = min(edges, key=lambda at: abs(at - here))
    spans = _spans(text)
    before = [span for span in spans if span[1] <= edge]
    after = [span for span in spans if span[0] > edge]
    if not before or not after:
        return None
    start = before[-min(len(before), chance.randint(1, 4))][0]
    end = after[min(len(after), chance.randint(1, 4)) - 1][1]
    return (start, end) if text[start:end].count("\n") <= 2 else None


def _whole(chance: random.Random, _page: Page, text: str) -> Span | None:
    """Draw a block from end to end."""
    here = chance.randrange(len(text))
    end = text.find("\n", here)
    span = text.rfind("\n", 0, here) + 1, end if end >= 0 else len(text)
    return span if span[0] < span[1] and span[1] - span[0] <= 2000 else None


KINDS: Final[dict[str, Draw]] = {
    "word": _word,
    "part of a word": _part,
    "phrase": _phrase,
    "over inline elements": _inline,
    "over blocks": _blocks,
    "whole block": _whole,
}


def selections(chance: random.Random, page: Page, each: int) -> Iterator[tuple[str, Span]]:
    """Yield some selections of every kind that the page has, with the kind's name."""
    text = page.text
    for kind, draw in KINDS.items():
        found: set[Span] = set()
        for _ in range(_TRIES):
            span = draw(chance, page, text)
            if span and any(map(str.isalnum, text[slice(*span)])):
                found.add(span)
            if len(found) == each:
                break
        yield from ((kind, span) for span in sorted(found))
