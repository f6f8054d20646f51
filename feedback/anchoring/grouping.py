"""Do these point at the same spot?

Two quotes are the same place when they overlap once their passages are laid on
each other. Where both readers saw the same text, their positions say how.
Where the article was edited between them, the quote and the words around it
do, edited as they may be themselves; the positions then only say whether that
is plausible: a text that grew by ten characters has not moved a sentence by a
thousand.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from operator import eq

from feedback.anchoring.words import Change, changed

#: Longest selection, in code points, that points at words rather than at a passage.
LONG = 200
#: Context that is kept on either side of a quote, in code points.
CONTEXT = 64
#: How much of the text at equal positions must agree for both readers to have seen the same.
_ALIKE = 0.9
#: How much of the shorter passage must stand in the other one, in runs of at least so many
#: characters, where the text was edited: less where one edit would explain how far it moved.
_AGREEING = 0.75
_EXPLAINED = 0.5
_RUN = 3
#: How near to that a move must be, in characters; the words beside the spot may be edited too.
_NEAR = 16
#: How far a quote may have moved beyond what the text grew or shrank by: this part of that, and
#: this many characters where the text at equal positions shows that there were edits.
_SLACK = 0.25
_BALANCED = 64
#: Longest text that is compared by the character; longer ones are by pieces of so many characters.
_WIDE = 2 * LONG
_PIECE = 24
#: Characters that kindred texts have in one piece, looked for at every so many.
_KINDRED = 10
_STRIDE = 5


@dataclass(frozen=True, slots=True)
class Passage:
    """A quote in its context, and its place in a normal text of `length` code points."""

    exact: str
    prefix: str
    suffix: str
    start: int
    end: int
    length: int

    @property
    def text(self) -> str:
        """The quote with its context."""
        return self.prefix + self.exact + self.suffix

    @property
    def offset(self) -> int:
        """Where `text` begins in the normal text."""
        return self.start - len(self.prefix)

    @property
    def size(self) -> int:
        """The length of the quote."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class _Run:
    """`size` characters that are the same in two texts, from `here` and from `there`."""

    here: int
    there: int
    size: int


def same_place(one: Passage, other: Passage) -> bool:
    """Tell whether two quotes from one article point at the same spot."""
    one, other = sorted((one, other), key=_order)
    alike = _alike(one, other)
    if alike is not None and alike >= _ALIKE:
        common = min(one.end, other.end) - max(one.start, other.start)
    else:
        common = _common(one, other, edited=alike is not None)
    longest = max(one.size, other.size)
    return common > 0 if longest <= LONG else common * 2 >= longest


def narrowed(passage: Passage, correction: str) -> tuple[Passage, str]:
    """Narrow a long selection, and its correction, to the words that the correction changes."""
    if len(passage.exact) <= LONG or not correction:
        return passage, correction
    change = changed(passage.exact, correction)
    if change is None or change.end - change.start > LONG:
        return passage, correction
    part = _part(passage, change)
    if not part.exact.strip() or not change.text.strip():
        return passage, correction
    return part, change.text


def focus(passage: Passage, correction: str) -> Passage | None:
    """Give the part of a passage that a correction changes; None where it is not less than all."""
    change = changed(passage.exact, correction) if correction else None
    if change is None or change.end - change.start >= len(passage.exact):
        return None
    part = _part(passage, change)
    return part if part.exact.strip() else None


def _part(passage: Passage, change: Change) -> Passage:
    before, after = passage.exact[: change.start], passage.exact[change.end :]
    return replace(
        passage,
        exact=passage.exact[change.start : change.end],
        prefix=(passage.prefix + before)[-CONTEXT:],
        suffix=(after + passage.suffix)[:CONTEXT],
        start=passage.start + change.start,
        end=passage.start + change.end,
    )


def together(spans: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Put spans of one text that point at the same spot together; give their indexes.

    Spans that overlap are one spot. One that is longer than `LONG` joins at the most one spot,
    of which it must share half with, and bridges none. Groups and their members are in the
    order of `spans`.
    """
    groups: list[list[int]] = []
    short = [n for n, (start, end) in enumerate(spans) if end - start <= LONG]
    reach = -1
    for n in sorted(short, key=lambda n: spans[n]):
        if groups and spans[n][0] < reach:
            groups[-1].append(n)
        else:
            groups.append([n])
        reach = max(reach, spans[n][1])
    for n in sorted(set(range(len(spans))) - set(short), key=lambda n: spans[n]):
        home = max(groups, key=lambda group: _most_shared(spans, n, group), default=None)
        size = spans[n][1] - spans[n][0]
        if home is not None and _most_shared(spans, n, home) * 2 >= size:
            home.append(n)
        else:
            groups.append([n])
    return sorted(sorted(group) for group in groups)


def _most_shared(spans: Sequence[tuple[int, int]], n: int, group: list[int]) -> int:
    """Count the most that a span shares with one of a group."""
    start, end = spans[n]
    return max(min(end, spans[m][1]) - max(start, spans[m][0]) for m in group)


def _order(passage: Passage) -> tuple[int, int, int, str]:
    """Put two passages in one order, so that who came first makes no difference."""
    return passage.length, passage.start, passage.end, passage.text


def _alike(one: Passage, other: Passage) -> float | None:
    """Give how much of the text at the positions that both show is the same; None for no text."""
    start = max(one.offset, other.offset)
    end = min(one.offset + len(one.text), other.offset + len(other.text))
    if start >= end:
        return None
    here = one.text[start - one.offset : end - one.offset]
    there = other.text[start - other.offset : end - other.offset]
    same: int = sum(map(eq, here, there))
    return same / (end - start)


def _common(one: Passage, other: Passage, *, edited: bool) -> int:
    """Count the characters of both quotes that fall on each other, as far as that is plausible."""
    runs = list(_runs(one.text, other.text))
    agreeing = sum(run.size for run in runs) / max(1, min(len(one.text), len(other.text)))
    apart, grown = other.offset - one.offset, other.length - one.length
    return sum(
        _quoted(run, one, other)
        for run in runs
        if agreeing >= _needed(apart + run.there - run.here, grown, edited=edited)
    )


def _needed(moved: int, grown: int, *, edited: bool) -> float:
    """Tell how well passages must agree to believe that a text which grew so much moved so far.

    One edit above the spot moves it by all that the text grew, one below by nothing.
    """
    if min(abs(moved), abs(moved - grown)) <= _NEAR:
        return _EXPLAINED
    slack = abs(grown) * _SLACK + _BALANCED * edited
    return _AGREEING if min(0, grown) - slack <= moved <= max(0, grown) + slack else math.inf


def _quoted(run: _Run, one: Passage, other: Passage) -> int:
    """Count the characters of a run that are in both quotes."""
    here, there = len(one.prefix) - run.here, len(other.prefix) - run.there
    first = max(here, there, 0)
    last = min(here + len(one.exact), there + len(other.exact), run.size)
    return max(0, last - first)


def _runs(one: str, other: str) -> Iterator[_Run]:
    """Give the runs of characters that both texts have, in the same order."""
    if not _kindred(one, other):
        return
    if max(len(one), len(other)) > _WIDE:
        yield from _pieces(one, other)
        return
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    for found in matcher.get_matching_blocks():
        if found.size >= min(_RUN, len(one), len(other)):
            yield _Run(found.a, found.b, found.size)


def _kindred(one: str, other: str) -> bool:
    """Tell, fast, whether two texts may have enough in common."""
    size = min(_KINDRED, len(one), len(other))
    return any(one[at : at + size] in other for at in range(0, len(one) - size + 1, _STRIDE))


def _pieces(one: str, other: str) -> Iterator[_Run]:
    """Give the runs that two long texts have in common, roughly, in time that grows with them."""
    start = 0
    for at in range(0, len(one) - _PIECE + 1, _PIECE):
        found = other.find(one[at : at + _PIECE], start)
        if found >= 0:
            yield _Run(at, found, _PIECE)
            start = found + _PIECE
