"""Stretches: the ids that a search goes through, cut so that near ones are looked at alone. Pure.

PostgreSQL's index of words has no order: it gives all that is found, of which a page shows fifty.
So each spot is also found by the blocks of ids that it is in, and a search asks for the nearest
blocks first. Each stretch is several times as long as the one before. What is found often ends
the search soon, and of what is found seldom there is not much: either costs little.
"""

from collections.abc import Iterator
from dataclasses import dataclass

#: How many ids are in a block of each size.
SIZES = (1024, 16_384)
#: How many blocks of each size a stretch has at the least.
_NEAR, _NEXT, _MORE, _FAR = 1, 4, 8, 10

#: Private characters: the first says a block's size, two others its number.
_SIZE, _DIGIT, _BASE = 0x100000, 0xE000, 6399


@dataclass(frozen=True, slots=True)
class Stretch:
    """Ids from `low` on and before `high`, and blocks that hold them all; none for any."""

    low: int | None = None
    high: int | None = None
    blocks: tuple[str, ...] = ()


def blocks(number: int) -> list[str]:
    """Give the blocks that an id is in, one of each size."""
    return [_block(which, number // size) for which, size in enumerate(SIZES)]


def _block(which: int, number: int) -> str:
    high, low = divmod(number, _BASE)
    return chr(_SIZE + which) + chr(_DIGIT + high) + chr(_DIGIT + low)


def down(bound: int) -> Iterator[Stretch]:
    """Cut the ids below `bound`, from the highest on."""
    small, large = SIZES
    near = (bound - 1) // small - _NEAR
    more = (near - _NEXT - _MORE) * small // large
    ends = near * small, (near - _NEXT) * small, more * large, (more - _FAR) * large
    high = bound
    for end, which in zip(ends, (0, 0, 0, 1), strict=True):
        yield _stretch(which, max(end, 0), high)
        if end <= 0:
            return
        high = end
    yield Stretch(high=high)


def up(bound: int) -> Iterator[Stretch]:
    """Cut the ids above `bound`, from the lowest on."""
    small, large = SIZES
    near = (bound + 1) // small + 1 + _NEAR
    more = -(-(near + _NEXT + _MORE) * small // large)
    ends = near * small, (near + _NEXT) * small, more * large, (more + _FAR) * large
    low = bound + 1
    for end, which in zip(ends, (0, 0, 0, 1), strict=True):
        yield _stretch(which, low, end)
        low = end
    yield Stretch(low=low)


def _stretch(which: int, low: int, high: int) -> Stretch:
    size = SIZES[which]
    numbers = range(low // size, (high - 1) // size + 1)
    return Stretch(low, high, tuple(_block(which, number) for number in numbers))
