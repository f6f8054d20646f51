"""A quote in its context, cut into words; how much of the context stands around a place."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rapidfuzz.distance import OSA, Indel

from feedback.anchoring.locate.loose import fold, loose, tokens

#: Code points beside the quote that count in full; from there on they count less and less, down to
#: `_FAR` at `_EDGE`: an edit near by is likelier to be part of the fix than to be another place.
_NEAR: Final = 16
_EDGE: Final = 64
_FAR: Final = 0.4
#: What context in another block counts, beside context in the quote's own: blocks get new
#: neighbours when paragraphs come, go and move, and when advertisements are put in.
_BEYOND: Final = 0.3
#: Equal words count only in runs of so many code points; letters of unspaced Han and kana for two.
_RUN: Final = 4
#: What a matched run loses when it stands away from where it should: this part at `_EDGE`.
_SHIFTED: Final = 0.3
#: What it counts that the word, or the edge of a block, beside the quote is beside the place.
_BESIDE: Final = 8.0
#: How much more text than context is compared: room for words that were put in.
_ROOM: Final = 64


@dataclass(frozen=True, slots=True)
class Held:
    """How much context there is beside a place, and how much of it stands there still."""

    #: In the quote's own block.
    inside: float
    inside_of: float
    #: In the blocks before or after.
    outside: float
    outside_of: float

    def __add__(self, other: "Held") -> "Held":
        return Held(
            self.inside + other.inside,
            self.inside_of + other.inside_of,
            self.outside + other.outside,
            self.outside_of + other.outside_of,
        )

    @property
    def all(self) -> float:
        """What stands there still."""
        return self.inside + self.outside

    @property
    def of(self) -> float:
        """What there is."""
        return self.inside_of + self.outside_of


@dataclass(frozen=True)
class _Side:
    """The context on one side of a quote, from the quote outward."""

    #: The context as `loose` has it.
    text: str
    keys: list[str]
    #: How far from the quote each word is, and how long, in code points.
    places: list[tuple[int, int]]
    weights: list[float]
    #: Which words are in the quote's own block.
    inside: list[bool]
    #: Whether the quote begins, or ends, its block.
    edge: bool


@dataclass(frozen=True)
class Passage:
    """A quote with the text before and after it."""

    exact: str
    prefix: str
    suffix: str

    @cached_property
    def text(self) -> str:
        """The quote in its context."""
        return self.prefix + self.exact + self.suffix

    @cached_property
    def tokens(self) -> list[tuple[int, int, str]]:
        """The words of `text`; one that the quote's edge cuts is whole."""
        return tokens(self.text)

    @cached_property
    def keys(self) -> list[str]:
        """The words of `text` by what they are compared by."""
        return [word for _, _, word in self.tokens]

    @cached_property
    def folded(self) -> str:
        """The quote as it is compared with what stands in its place."""
        return fold(self.exact)

    @cached_property
    def cut(self) -> tuple[bool, bool]:
        """Whether the quote begins, and whether it ends, inside a word."""
        start, end = len(self.prefix), len(self.prefix) + len(self.exact)
        return self._cuts(start), self._cuts(end)

    def _cuts(self, at: int) -> bool:
        return any(first < at < last for first, last, _ in self.tokens)

    @cached_property
    def alone(self) -> "Passage":
        """The quote with the context in its own block."""
        before, after = self.prefix.rpartition("\n")[2], self.suffix.partition("\n")[0]
        return Passage(self.exact, before, after)

    def likeness(self, text: str) -> float:
        """Tell how much of the quote a text is, from 0 to 1; letters exchanged are one fault."""
        return OSA.normalized_similarity(self.folded, fold(text))

    @cached_property
    def before(self) -> _Side:
        """The context before the quote."""
        return _side(self.prefix, backward=True)

    @cached_property
    def after(self) -> _Side:
        """The context after the quote."""
        return _side(self.suffix, backward=False)

    def held(self, text: str, start: int, end: int) -> Held:
        """Tell how much of the context stands around `text[start:end]`."""
        room = len(self.prefix) + _ROOM
        left = text[max(0, start - room) : start]
        right = text[end : end + len(self.suffix) + _ROOM]
        return _held(self.before, left, backward=True) + _held(self.after, right, backward=False)


def _side(context: str, *, backward: bool) -> _Side:
    words = _outward(context, backward=backward)
    edge = context.rfind("\n") if backward else context.find("\n")
    reach = len(context) if edge < 0 else (len(context) - 1 - edge if backward else edge)
    inside = [gap < reach for gap, _, _ in words]
    weights = [
        sum(map(_weight, range(gap, gap + size))) * (1 if within else _BEYOND)
        for (gap, size, _), within in zip(words, inside, strict=True)
    ]
    keys, places = [word for _, _, word in words], [(gap, size) for gap, size, _ in words]
    return _Side(loose(context), keys, places, weights, inside, edge=reach == 0 or not context)


def _outward(text: str, *, backward: bool) -> list[tuple[int, int, str]]:
    """Give the words of a text from one end on: how far off, how long, and the key."""
    found = tokens(text)
    if not backward:
        return [(start, end - start, word) for start, end, word in found]
    size = len(text)
    return [(size - end, end - start, word) for start, end, word in reversed(found)]


def _weight(gap: int) -> float:
    """Say what one code point of context counts at this distance from the quote."""
    if gap < _NEAR:
        return 1.0
    return max(_FAR, 1 - (1 - _FAR) * (gap - _NEAR) / (_EDGE - _NEAR))


def _held(side: _Side, text: str, *, backward: bool) -> Held:
    kept = _kept(side, text, backward=backward)
    beside = _edged(text, backward=backward) if side.edge else bool(kept) and kept[0] == 1
    sums = [_BESIDE * beside, _BESIDE, 0.0, 0.0]
    for share, weight, within in zip(kept, side.weights, side.inside, strict=True):
        sums[0 if within else 2] += share * weight
        sums[1 if within else 3] += weight
    return Held(*sums)


def _kept(side: _Side, text: str, *, backward: bool) -> list[float]:
    """Give how far each word of a context is kept: from 0 to 1, and 1 only in its own place."""
    folded = loose(text)
    one, other = (side.text[::-1], folded[::-1]) if backward else (side.text, folded)
    common = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    common = min(len(one), len(other)) if common is None else common
    words = _outward(text, backward=backward)
    kept = [min(1.0, max(0.0, (common - gap) / size)) for gap, size in side.places]
    for here, there, size in matches(side.keys, [word for _, _, word in words]):
        run = range(size)
        if sum(_worth(side.keys[here + n]) for n in run) < _RUN and here + there:
            continue
        for n in run:
            shift = abs(words[there + n][0] - side.places[here + n][0])
            kept[here + n] = max(kept[here + n], 1 - _SHIFTED * min(1.0, shift / _EDGE))
    return kept


def _edged(text: str, *, backward: bool) -> bool:
    """Tell whether a block ends, or begins, right beside a place."""
    bare = text.rstrip(" ") if backward else text.lstrip(" ")
    return not bare or bare[-1 if backward else 0] == "\n"


def _worth(word: str) -> int:
    return 2 if "\u2e80" <= word[0] <= "\u9fff" else len(word)


def matches(ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int, int]]:
    """Give the runs of equal words, in order, with the fewest words left over: from, from, size."""
    found = Indel.opcodes(ours, theirs).as_matching_blocks()
    return [(run.a, run.b, run.size) for run in found if run.size]
