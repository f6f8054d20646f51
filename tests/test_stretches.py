"""Stretches: every id is in one of them, and in the blocks that its stretch names."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from feedback.desk import stretches
from feedback.desk.stretches import Stretch


def has(part: Stretch, number: int) -> bool:
    """Whether an id is in a stretch, by its bounds."""
    above = part.low is None or number >= part.low
    return above and (part.high is None or number < part.high)


@given(st.integers(1, 2_000_000), st.integers(1, 2_000_000))
def test_each_id_is_in_one_stretch_and_its_blocks(bound: int, number: int) -> None:
    parts = list(stretches.down(bound) if number < bound else stretches.up(bound))

    there = [part for part in parts if has(part, number)]

    assert len(there) == (number != bound)
    for part in there:
        assert not part.blocks or set(part.blocks) & set(stretches.blocks(number))


@given(st.integers(1, 2**40))
def test_blocks_are_few(bound: int) -> None:
    parts = [*stretches.down(bound), *stretches.up(bound)]

    assert len(parts) <= 10
    assert max(len(part.blocks) for part in parts) <= 26
    assert len(set(chain(*(part.blocks for part in parts)))) < 100


def test_there_is_one_stretch_where_there_is_little() -> None:
    assert [(part.low, part.high) for part in stretches.down(500)] == [(0, 500)]
