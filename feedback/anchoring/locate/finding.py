"""From a quote and its context to its place in an article as it is now."""

from dataclasses import dataclass
from typing import Final

from feedback.anchoring.locate.loose import stands
from feedback.anchoring.locate.nearby import Expected, expected, places
from feedback.anchoring.locate.passage import Held, Passage
from feedback.anchoring.locate.reading import slots
from feedback.anchoring.locate.sighting import Placed, Position, Presence, Sighting, placed

#: What speaks for one place against another. Most of all the context,
_CONTEXT: Final = 1.0
#: which counts so much more where the text's growth explains how far the quote moved,
_PLAUSIBLE: Final = 0.7
#: then how much of the quote stands there: it is what may have been changed.
_QUOTE: Final = 0.15
#: the same among ways to cut one place.
_CUT: Final = 0.12
#: Two places that speak so nearly alike for themselves cannot be told apart.
_CLOSE: Final = 0.08

#: At so many of the likeliest places words are laid on words where nothing simpler tells the slot.
_LAID: Final = 3

#: A quote is evidence of its place like context, up to so many code points.
_OWN: Final = 40
#: What other blocks count where the quote's own has so much to know it by.
_OUTSIDE: Final = 0.2
_ENOUGH: Final = 48
#: How much of quote and context must stand there for the place to be the quote's,
_STILL: Final = 0.45
_CHANGED: Final = 0.55
#: the more the less alike they are,
_UNLIKE: Final = 0.15
#: and how much of what is in the quote's own block.
_INSIDE: Final = 0.4
#: How like the quote another block must be to be taken for it, where the quote is a whole block.
_KINDRED: Final = 0.5
#: How much of it all must stand there for the place to be beyond doubt.
_SURE: Final = 0.75


@dataclass(frozen=True)
class _Candidate:
    """A slot and what speaks for it."""

    start: int
    end: int
    text: str
    held: Held
    #: How much of the quote stands there, from 0 to 1; `still` only says that all does.
    likeness: float
    plausible: float
    still: bool
    #: Whether the quote has no context in its own block.
    whole: bool
    #: What the quote counts as evidence of its place.
    own: float

    def overlaps(self, other: "_Candidate") -> bool:
        """Tell whether two slots share text."""
        return self.start < other.end and other.start < self.end

    @property
    def context(self) -> float:
        """How much of the context stands around it, from 0 to 1."""
        return self.held.all / self.held.of if self.held.of else self.likeness

    @property
    def score(self) -> float:
        """What speaks for this place, against others."""
        context = _CONTEXT * self.context * (1 + _PLAUSIBLE * self.plausible)
        return context + _QUOTE * self.likeness

    @property
    def evidence(self) -> float:
        """How much of the passage stands there, from 0 to 1.

        Other blocks count the less the more there is to know the quote's own by.
        """
        inside = self.held.inside_of + self.own
        share = max(_OUTSIDE, 1 - inside / _ENOUGH)
        there = self.held.inside + self.own * self.likeness + share * self.held.outside
        return there / (inside + share * self.held.outside_of)

    @property
    def inside(self) -> float:
        """The same within the quote's block."""
        return (self.held.inside + self.own * self.likeness) / (self.held.inside_of + self.own)

    @property
    def presence(self) -> Presence:
        """What is to be said if this is the best place there is."""
        if self.whole and self.likeness < _KINDRED:
            return Presence.GONE
        least = _STILL if self.still else _CHANGED + _UNLIKE * (1 - self.likeness)
        if self.evidence < least or self.inside < _INSIDE:
            return Presence.GONE
        return Presence.STILL if self.still else Presence.CHANGED


def locate(
    text: str, exact: str, prefix: str = "", suffix: str = "", position: Placed = None
) -> Sighting:
    """Find where a quote stands now in `text`, the normal text of an article."""
    passage, place = Passage(exact, prefix, suffix), placed(position, len(exact))
    if not exact.strip() or not any(map(str.isalnum, text)):
        return Sighting(Presence.UNVERIFIABLE)
    if _untouched(text, passage, place):
        start = place.start if place else 0
        return Sighting(Presence.STILL, start, start + len(exact), exact, sure=True)
    return _decided(_candidates(text, passage, expected(text, place)))


def _untouched(text: str, passage: Passage, place: Position | None) -> bool:
    """Tell whether the passage is where it was in a text as long as it was."""
    if place is None or place.length != len(text):
        return False
    ahead = place.start - len(passage.prefix)
    return ahead >= 0 and text.startswith(passage.text, ahead)


def _candidates(text: str, passage: Passage, where: Expected | None) -> list[_Candidate]:
    """Read the slots at the likeliest places and weigh them, best first."""
    likely = set(where.starts) if where else set()
    found = {
        slot: _weighed(text, passage, where, *slot)
        for number, start in enumerate(places(text, passage, where))
        for slot in slots(text, passage, start, lay=number < _LAID or start in likely)
    }
    return sorted(found.values(), key=lambda each: (-each.score, each.start))


def _weighed(
    text: str, passage: Passage, where: Expected | None, start: int, end: int
) -> _Candidate:
    found = text[start:end]
    still = stands(found, passage.exact)
    return _Candidate(
        start,
        end,
        found,
        held=passage.held(text, start, end),
        likeness=1.0 if still else passage.likeness(found),
        plausible=where.plausible(start) if where else 0.5,
        still=still,
        whole=not passage.alone.prefix and not passage.alone.suffix,
        own=float(min(len(passage.exact), _OWN)),
    )


def _best_cut(candidates: list[_Candidate]) -> _Candidate:
    """Of the ways to cut the best place take the one with most context right beside it.

    Where a letter next to the quote was doubled, a cut one further on finds the quote again.
    """
    cuts = [each for each in candidates if each is candidates[0] or each.overlaps(candidates[0])]
    return max(cuts, key=lambda each: each.context + _CUT * each.likeness)


def _decided(candidates: list[_Candidate]) -> Sighting:
    """Say what the best place says, unless another is as good."""
    fit = [each for each in candidates if each.presence is not Presence.GONE]
    if not fit:
        return Sighting(Presence.GONE)
    best = _best_cut(fit)
    rivals = [each for each in fit[1:] if not each.overlaps(best)]
    close = bool(rivals) and best.score - rivals[0].score < _CLOSE
    return Sighting(
        Presence.AMBIGUOUS if close else best.presence,
        best.start,
        best.end,
        best.text,
        sure=not close and best.evidence >= _SURE,
    )
