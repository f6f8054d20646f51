"""Where in a text may a passage stand? Cheap: pieces of it are looked up, and vote on places."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from feedback.anchoring.locate.loose import loose
from feedback.anchoring.locate.passage import Passage
from feedback.anchoring.locate.sighting import Position

#: Length of a piece in code points, and of one in a script whose letters are words.
_PIECE: Final = 8
_DENSE_PIECE: Final = 4
_DENSE: Final = re.compile("[\u2e80-\u9fff\uac00-\ud7af]")
#: Pieces of one passage, about; of a longer quote they lie further apart.
_PIECES: Final = 32
#: Places that one piece may vote for: all, if there are so many at most, else those near where the
#: passage should be, so many to either side.
_HITS: Final = 40
_HITS_NEAR: Final = 8
#: Votes for places so close count together, in code points: a correction shifts what follows.
_TOGETHER: Final = 12
#: Places that are looked at.
_PLACES: Final = 10
#: How fast it gets less plausible that the quote moved, in code points.
_MOVED: Final = 128
#: How plausible a place between the two that one edit would explain is at least.
_BETWEEN: Final = 0.5


class Expected(NamedTuple):
    """Where the quote should be: text was put in below it only, above it only, or both."""

    start: int
    #: How much the text grew since; less than 0 where it shrank.
    grown: int

    def plausible(self, start: int) -> float:
        """Tell how well a place fits, from 0 to 1: 1 where a single edit elsewhere explains it."""
        moved = start - self.start
        off = min(abs(moved), abs(moved - self.grown))
        if off == 0:
            return 1.0
        between = min(0, self.grown) <= moved <= max(0, self.grown)
        return max(_BETWEEN if between else 0.0, 0.9 / (1 + off / _MOVED))

    @property
    def starts(self) -> tuple[int, ...]:
        """Where the quote starts if there was one edit below, or one above it."""
        return tuple({self.start, self.start + self.grown})


def expected(text: str, position: Position | None) -> Expected | None:
    """Say where a quote with this position should be now."""
    if position is None:
        return None
    grown = 0 if position.length is None else len(text) - position.length
    return Expected(position.start, grown)


def places(text: str, passage: Passage, where: Expected | None) -> list[int]:
    """Give the likeliest places of a passage's quote by where it would start, best first.

    They may be off by what was edited inside the passage.
    """
    folded = _folded(text)
    starts = where.starts if where else (0,)
    votes = sorted(_votes(folded, passage, starts))
    found = sorted(_peaks(votes, where), reverse=True)
    likely = [start for _, _, start in found[:_PLACES]]
    return [*likely, *(start for start in starts if start not in likely)] if where else likely


@lru_cache(maxsize=2)
def _folded(text: str) -> str:
    """Remember the folded text: an article is asked for one spot after the other."""
    return loose(text)


def _votes(text: str, passage: Passage, starts: Sequence[int]) -> Iterator[int]:
    """Give for each piece of the passage, wherever it stands, where the quote would start then."""
    ahead = len(passage.prefix)
    for at, piece in _pieces(loose(passage.text), ahead, len(passage.exact)):
        for hit in _hits(text, piece, [start - ahead + at for start in starts]):
            yield hit - at + ahead


def _pieces(passage: str, ahead: int, size: int) -> Iterator[tuple[int, str]]:
    """Cut a passage into overlapping pieces, and the quote with what is next to it."""
    length = _DENSE_PIECE if len(_DENSE.findall(passage)) * 3 > len(passage) else _PIECE
    length = min(length, len(passage))
    step = max(length // 2, (len(passage) - length) // _PIECES, 1)
    for at in range(0, len(passage) - length + 1, step):
        yield at, passage[at : at + length]
    start, end = max(0, ahead - length // 2), ahead + size + length // 2
    yield start, passage[start:end]
    if size >= length:
        yield ahead, passage[ahead : ahead + size]


def _hits(text: str, piece: str, near: Iterable[int]) -> Iterable[int]:
    """Give where a piece stands: everywhere, or near to where it should where that is too often."""
    found: list[int] = []
    at = text.find(piece)
    while at >= 0 and len(found) <= _HITS:
        found.append(at)
        at = text.find(piece, at + 1)
    if at < 0:
        return found
    return {hit for start in near for hit in _hits_near(text, piece, start)}


def _hits_near(text: str, piece: str, start: int) -> Iterator[int]:
    at = max(0, start) - 1
    for _ in range(_HITS_NEAR):
        at = text.find(piece, at + 1)
        if at < 0:
            break
        yield at
    at = max(0, start) + len(piece) - 1
    for _ in range(_HITS_NEAR):
        at = text.rfind(piece, 0, max(0, at))
        if at < 0:
            break
        yield at
        at += len(piece) - 1


def _peaks(votes: Sequence[int], where: Expected | None) -> Iterator[tuple[int, float, int]]:
    """Give where votes gather: how many there are close by, how plausible it is, and the place."""
    first = last = 0
    best: tuple[int, float, int] | None = None
    for number, start in enumerate(votes):
        if number and start == votes[number - 1]:
            continue
        while votes[first] < start - _TOGETHER:
            first += 1
        while last < len(votes) and votes[last] <= start + _TOGETHER:
            last += 1
        peak = (last - first, where.plausible(start) if where else 0.0, start)
        if best and start - best[2] > _TOGETHER:
            yield best
            best = peak
        elif not best or peak > best:
            best = peak
    if best:
        yield best
