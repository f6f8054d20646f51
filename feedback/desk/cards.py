"""Cards: a spot as people see it, in its sentence and with what they may do."""

from dataclasses import dataclass

from feedback.anchoring import sentence, words
from feedback.anchoring.words import Piece, Step
from feedback.desk import links
from feedback.desk.decisions import OUTCOMES
from feedback.desk.models import Kind
from feedback.reports.models import About, Report, Spot

#: The decisions that need nothing chosen but at most a reason or a time.
PLAIN = (Kind.ACCEPT, Kind.FIX, Kind.REJECT, Kind.SNOOZE, Kind.REOPEN)


@dataclass(frozen=True, slots=True)
class Card:
    """A spot, ready to be shown."""

    spot: Spot
    #: What stands before and after the quote in its sentence; nothing for an image or a link.
    before: str
    after: str
    #: What is wrong, and how it becomes the correction.
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
        return cls(spot, before, after, pieces(spot), links.to(spot), kinds)


def surroundings(said: Spot | Report) -> tuple[str, str]:
    """Give what stands before and after what is wrong; nothing around an image or a link."""
    if said.about:
        return "", ""
    return sentence.around(said.prefix, said.exact, said.suffix)


def pieces(said: Spot | Report) -> list[Piece]:
    """Give how what is wrong becomes its correction, or stands there where it has none.

    An address is one word. Of an image without a text there is nothing to give.
    """
    wrong, right = said.faulty, said.correction
    if right in {"", wrong}:
        return [Piece(Step.KEEP, wrong)] if wrong else []
    if said.about == About.LINK and wrong:
        return [Piece(Step.DELETE, wrong), Piece(Step.INSERT, right)]
    return words.difference(wrong, right)
