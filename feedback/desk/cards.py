"""Cards: a spot as people see it, in its sentence and with what they may do."""

from dataclasses import dataclass

from feedback.anchoring import sentence, words
from feedback.anchoring.words import Piece, Step
from feedback.desk import links
from feedback.desk.decisions import OUTCOMES
from feedback.desk.models import Kind
from feedback.reports.models import Report, Spot

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
        before, after = surroundings(spot)
        kinds = tuple(kind for kind in PLAIN if spot.status in OUTCOMES[kind])
        return cls(spot, before, after, pieces(spot.faulty, spot.correction), links.to(spot), kinds)


def surroundings(said: Spot | Report) -> tuple[str, str]:
    """Give what stands before and after what is wrong; nothing around an image or a link."""
    if said.about:
        return "", ""
    return sentence.around(said.prefix, said.exact, said.suffix)


def pieces(exact: str, correction: str) -> list[Piece]:
    """Give how a quote becomes its correction; the quote alone where there is none."""
    if not correction:
        return [Piece(Step.KEEP, exact)]
    return words.difference(exact, correction)
