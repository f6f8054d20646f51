"""Passages: a spot's paragraph in its article, as it was and as it is now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from feedback.anchoring import words
from feedback.anchoring.locate import Position, Presence, locate
from feedback.anchoring.words import Piece, Step
from feedback.articles import revisions
from feedback.articles.models import Revision
from feedback.reports.models import Spot

#: How much of a paragraph is compared on either side of a spot, in code points.
_WIDE = 2000
#: How much of what stayed as it was is shown beside what changed, in code points.
_SHOWN = 160

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """A spot's paragraph in a revision, cut around the spot."""

    before: str
    words: str
    after: str
    #: When a look first and last found it so.
    first_at: datetime
    last_at: datetime

    @property
    def text(self) -> str:
        """The paragraph."""
        return self.before + self.words + self.after


@dataclass(frozen=True, slots=True)
class Passages:
    """What the article said while the quote stood in it, and what it says now.

    Either is None where no kept revision tells.
    """

    stood: Passage | None
    now: Passage | None

    @property
    def pieces(self) -> list[Piece]:
        """How the one became the other; empty where there are not two, or they say the same."""
        if self.stood is None or self.now is None or self.stood.text == self.now.text:
            return []
        return _cut(words.difference(self.stood.text, self.now.text))

    @property
    def alone(self) -> tuple[Passage, str, str] | None:
        """The one that there is, with what is to be shown before and after its words."""
        one = self.now or self.stood
        return (one, _tail(one.before), _head(one.after)) if one else None


def of(spot: Spot) -> Passages:
    """Give a spot's passages. Loads the two revisions that the spot names."""
    stood = _in(spot.stood, spot, _where_it_stood) if spot.stood else None
    if spot.stood_id == spot.seen_id:
        return Passages(stood, stood)
    return Passages(stood, _in(spot.seen, spot, _where_it_is) if spot.seen else None)


def _in(
    revision: Revision, spot: Spot, where: Callable[[str, Spot], Span | None]
) -> Passage | None:
    text = revisions.unpack(revision.packed).text
    span = where(text, spot)
    if span is None:
        return None
    start, end = span
    first = max(text.rfind("\n", 0, start) + 1, start - _WIDE)
    last = text.find("\n", end)
    last = min(len(text) if last < 0 else last, end + _WIDE)
    at = (revision.first_at, revision.last_at)
    return Passage(text[first:start], text[start:end], text[end:last], *at)


def _where_it_stood(text: str, spot: Spot) -> Span | None:
    """Find the quote where it stood; it may be edited beside the words that are wrong."""
    if spot.seen_id == spot.stood_id:
        return _where_it_is(text, spot)
    return _found(text, spot, Presence.STILL)


def _where_it_is(text: str, spot: Spot) -> Span | None:
    """Give the place that the last look found, if that is what stands there.

    The spot names the place if it was beyond doubt; else it is looked for as it was then.
    """
    if spot.presence not in {Presence.STILL, Presence.CHANGED}:
        return None
    there = spot.exact if spot.presence is Presence.STILL and not spot.reads else spot.reads
    whole = spot.prefix + there + spot.suffix
    begin = spot.start - len(spot.prefix)
    if begin >= 0 and text[begin : begin + len(whole)] == whole:
        return spot.start, spot.start + len(there)
    span = _found(text, spot, spot.presence)
    return span if span and text[span[0] : span[1]] == there else None


def _found(text: str, spot: Spot, presence: Presence) -> Span | None:
    position = Position(spot.start, spot.end, spot.length)
    found = locate(text, spot.exact, spot.prefix, spot.suffix, position)
    if found.presence is not presence or found.start is None or found.end is None:
        return None
    return found.start, found.end


def _cut(pieces: list[Piece]) -> list[Piece]:
    """Leave of what stayed as it was only what stands beside what changed."""
    last = len(pieces) - 1
    return [
        Piece(piece.step, _shortened(piece.text, first=n == 0, last=n == last))
        if piece.step is Step.KEEP
        else piece
        for n, piece in enumerate(pieces)
    ]


def _shortened(text: str, *, first: bool, last: bool) -> str:
    if first:
        return _tail(text)
    if last:
        return _head(text)
    return text if len(text) <= 2 * _SHOWN else f"{_head(text)} {_tail(text)}"


def _tail(text: str) -> str:
    """Cut the beginning of a text, at a word."""
    if len(text) <= _SHOWN:
        return text
    kept = text[-_SHOWN:]
    return "…" + kept[max(kept.find(" "), 0) :]


def _head(text: str) -> str:
    """Cut the end of a text, at a word."""
    if len(text) <= _SHOWN:
        return text
    kept = text[:_SHOWN]
    return kept[: kept.rfind(" ") + 1 or _SHOWN] + "…"
