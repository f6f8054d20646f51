"""What a look at an article says of a quote."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Presence(StrEnum):
    """What the last look at the article says of a spot."""

    UNCHECKED = "unchecked"
    #: The quote's very words stand there.
    STILL = "still"
    #: The place is there, and something else stands at it.
    CHANGED = "changed"
    #: The place is no part of the article any more.
    GONE = "gone"
    #: Several places fit, and nothing tells which one is meant.
    AMBIGUOUS = "ambiguous"
    #: The article could not be read, or has no words.
    UNVERIFIABLE = "unverifiable"


class Position(NamedTuple):
    """A W3C TextPositionSelector over a normal text of `length` code points."""

    start: int
    end: int
    #: None where nobody knows how long the text was.
    length: int | None = None


#: What `locate` takes for a position: as the reader's API has it, a mere start, or nothing.
Placed = Position | Mapping[str, int] | int | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a quote's place is in a text, and what stands there: `text` is `text[start:end]`.

    Offsets are code points. All three are None where the place is gone or nothing could be
    read; where several places fit they are those of the likeliest. `text` is empty, and `start`
    is `end`, where a change left nothing between the words around the quote.
    """

    presence: Presence
    start: int | None = None
    end: int | None = None
    text: str | None = None
    #: Whether the place is beyond doubt: only then may a stored context be taken anew from it.
    sure: bool = False


def placed(given: Placed, size: int) -> Position | None:
    """Read a position in any of its forms; `size` is the quote's, where the end is not given."""
    if given is None or isinstance(given, Position):
        return given
    if isinstance(given, int):
        return Position(given, given + size)
    start = given["start"]
    return Position(start, given.get("end", start + size), given.get("length"))
