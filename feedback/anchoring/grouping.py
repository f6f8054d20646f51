"""Do these point at the same spot?

Two quotes are the same place when they overlap once their passages are laid on
each other. Where both readers saw the same text, their positions say how;
where the article was edited between them, the words around the quote do, and
the positions only say whether that is plausible: a text that grew by ten
characters has not moved a sentence by a thousand.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from feedback.anchoring.words import changed

#: Longest selection, in code points, that points at words rather than at a passage.
LONG = 200
#: Context that is kept on either side of a quote, in code points.
CONTEXT = 64
#: Characters around the quote that must agree when positions do not.
_AGREEING = 20
#: How often the text at equal positions must agree, when positions do.
_ALIKE = 0.6
#: How much further than the text's growth a quote may have moved.
_SLACK = 3


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


def same_place(one: Passage, other: Passage) -> bool:
    """Tell whether two quotes from one article point at the same spot."""
    if _alike(one, other):
        return _meets(one, other, 0)
    moved = abs(one.length - other.length) * _SLACK
    shifts = (shift for shift in _shifts(one, other) if abs(shift) <= moved)
    return any(_meets(one, other, shift) for shift in shifts)


def narrowed(passage: Passage, correction: str) -> tuple[Passage, str]:
    """Narrow a long selection, and its correction, to the words that the correction changes."""
    if len(passage.exact) <= LONG or not correction:
        return passage, correction
    change = changed(passage.exact, correction)
    if change is None or not 0 < change.end - change.start <= LONG:
        return passage, correction
    before, after = passage.exact[: change.start], passage.exact[change.end :]
    focus = replace(
        passage,
        exact=passage.exact[change.start : change.end],
        prefix=(passage.prefix + before)[-CONTEXT:],
        suffix=(after + passage.suffix)[:CONTEXT],
        start=passage.start + change.start,
        end=passage.start + change.end,
    )
    return focus, change.text


def _alike(one: Passage, other: Passage) -> bool:
    """Tell whether both have much the same text at the same positions."""
    start = max(one.offset, other.offset)
    end = min(one.offset + len(one.text), other.offset + len(other.text))
    if start >= end:
        return False
    pairs = zip(
        one.text[start - one.offset : end - one.offset],
        other.text[start - other.offset : end - other.offset],
        strict=True,
    )
    return sum(a == b for a, b in pairs) >= _ALIKE * (end - start)


def _shifts(one: Passage, other: Passage) -> Iterator[int]:
    """Give each shift that lays `one` on `other` so that a quote and the words around it agree."""
    for quote in dict.fromkeys((one.exact, other.exact)):
        for here in _hits(one.text, quote):
            for there in _hits(other.text, quote):
                if _agree(one.text, here, other.text, there, len(quote)):
                    yield (other.offset + there) - (one.offset + here)


def _hits(text: str, quote: str) -> Iterator[int]:
    """Give the first places of `quote` in `text`; a handful says what many would."""
    at = text.find(quote) if quote else -1
    for _ in range(8):
        if at < 0:
            return
        yield at
        at = text.find(quote, at + 1)


def _agree(one: str, here: int, other: str, there: int, size: int) -> bool:
    """Tell whether the texts run on alike around a quote, as far as needed or as there is text."""
    before = _run(one[:here][::-1], other[:there][::-1])
    after = _run(one[here + size :], other[there + size :])
    known = min(here, there) + min(len(one) - here, len(other) - there) - size
    return before + after >= min(_AGREEING, known)


def _run(one: str, other: str) -> int:
    """Count how many characters two texts share from their start."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _meets(one: Passage, other: Passage, shift: int) -> bool:
    """Tell whether the quotes overlap, once `one` is moved by `shift`."""
    common = min(one.end + shift, other.end) - max(one.start + shift, other.start)
    longest = max(one.end - one.start, other.end - other.start)
    return common > 0 if longest <= LONG else common * 2 >= longest
