"""One trial: a selection, an edit, what `locate` says of it, and whether that is true."""

import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from evaluation.edits import EDITS
from evaluation.pages import Marked, Page, read
from evaluation.selections import selections
from feedback.anchoring import Presence, Sighting, locate
from feedback.anchoring.grouping import CONTEXT
from feedback.anchoring.locate import Position, stands

#: Text on either side of a quote, in its block, by which readers would know the place.
_KNOWN_BY: Final = 24


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one look at an edited page."""

    page: str
    selection: str
    edit: str
    before: str
    quote: tuple[int, int]
    after: Marked
    sighting: Sighting
    #: Whether the quote's surroundings stood there more than once, so that no one could be sure.
    twin: bool
    seconds: float

    @property
    def exact(self) -> str:
        """The quote."""
        return self.before[slice(*self.quote)]

    @property
    def truth(self) -> Presence:
        """What a careful reader would say."""
        if self.after.start is None:
            return Presence.GONE
        now = self.after.text[self.after.start : self.after.end]
        return Presence.STILL if stands(now, self.exact) else Presence.CHANGED

    @property
    def right(self) -> bool:
        """Whether the presence is the true one."""
        said = self.sighting.presence
        return said is self.truth or (self.twin and said is Presence.AMBIGUOUS)

    @property
    def placed(self) -> bool:
        """Whether the place is the true one: it overlaps it, or touches where nothing is left."""
        if self.after.start is None or self.after.end is None:
            return self.sighting.start is None
        if self.sighting.start is None or self.sighting.end is None:
            return False
        low = max(self.after.start, self.sighting.start)
        high = min(self.after.end, self.sighting.end)
        empty = self.after.start == self.after.end or self.sighting.start == self.sighting.end
        return low < high or (empty and low - high <= 1)

    @property
    def good(self) -> bool:
        """Whether the sighting is true: presence and place, or that nobody could tell."""
        return self.right and (self.placed or self.sighting.presence is Presence.AMBIGUOUS)

    @property
    def exactly(self) -> bool:
        """Whether the place is the true one to the character."""
        return (self.sighting.start, self.sighting.end) == (self.after.start, self.after.end)


def trials(pages: Iterable[Page], seed: int, each: int) -> Iterator[Trial]:
    """Try every edit on `each` selections of every kind from every page."""
    for page in pages:
        chance = random.Random(f"{seed} {page.name}")
        for kind, span in selections(chance, page, each):
            marked = page.marked(*span)
            if marked.inside():
                yield from _tried(chance, marked, kind)


def _tried(chance: random.Random, marked: Page, kind: str) -> Iterator[Trial]:
    for name, edit in EDITS.items():
        made = edit(chance, marked)
        if made is None:
            continue
        before, after = read(made[0]), read(made[1])
        if before.start is None or before.end is None:
            continue
        quote = before.start, before.end
        if after.start is None and _stands(after.text, before.text, quote):
            continue
        if not _undecidable(before.text, quote, after):
            yield _looked(marked.name, kind, name, before.text, quote, after)


def _undecidable(before: str, quote: tuple[int, int], after: Marked) -> bool:
    """Tell whether a copy of the quote's surroundings is all that is left of them.

    The true place was edited and moved, the copy was not: nothing can tell which was meant.
    """
    if after.start is None or after.start - quote[0] in (0, len(after.text) - len(before)):
        return False
    return _stands(before, before, quote) > 1 and _stands(after.text, before, quote) > 0


def _looked(
    page: str, kind: str, edit: str, before: str, quote: tuple[int, int], after: Marked
) -> Trial:
    start, end = quote
    position = Position(start, end, len(before))
    prefix, suffix = before[max(0, start - CONTEXT) : start], before[end : end + CONTEXT]
    began = time.perf_counter()
    sighting = locate(after.text, before[start:end], prefix, suffix, position)
    seconds = time.perf_counter() - began
    twin = _stands(before, before, quote) > 1 or _stands(after.text, before, quote) > 1
    return Trial(page, kind, edit, before, quote, after, sighting, twin, seconds)


def _stands(text: str, before: str, quote: tuple[int, int]) -> int:
    """Count how often the quote stands in a text with what is around it in its block."""
    start, end = quote
    left = before[max(0, start - _KNOWN_BY) : start].rpartition("\n")[2]
    right = before[end : end + _KNOWN_BY].partition("\n")[0]
    return text.count(left + before[start:end] + right)
