"""Cards: a spot as people see it, in its sentence and with what they may do."""

from dataclasses import dataclass

from feedback.anchoring import sentence, words
from feedback.anchoring.words import Piece, Step
from feedback.desk import links
from feedback.desk.decisions import OUTCOMES
from feedback.desk.models import Kind
from feedback.reports.models import Spot

#: The decisions that need nothing chosen but at most a reason.
PLAIN = (Kind.ACCEPT, Kind.FIX, Kind.REJECT, Kind.REOPEN)


@dataclass(frozen=True, slots=True)
class Card:
    """A spot, ready to be shown."""

    spot: Spot
    #: What stands before and after the quote in its sentence.
    before: str
    after: str
    #: The quote, and how it becomes the correction.
    pieces: list[Piece]
    #: The place in the article.
    link: str
    #: The decisions that make sense now.
    kinds: tuple[Kind, ...]

    @classmethod
    def of(cls, spot: Spot) -> "Card":
        """Make a spot's card."""
        before, after = sentence.around(spot.prefix, spot.exact, spot.suffix)
        kinds = tuple(kind for kind in PLAIN if spot.status in OUTCOMES[kind])
        return cls(spot, before, after, pieces(spot.exact, spot.correction), links.to(spot), kinds)


def pieces(exact: str, correction: str) -> list[Piece]:
    """Give how a quote becomes its correction; the quote alone where there is none."""
    if not correction:
        return [Piece(Step.KEEP, exact)]
    return words.difference(exact, correction)
