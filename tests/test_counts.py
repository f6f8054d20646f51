"""Counting in this process: sliding windows, bounded memory."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from limits import parse

from feedback.web import counts
from feedback.web.counts import Counts

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
THREE = parse("3 per minute")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def test_so_many_pass_and_no_more(clock: time_machine.Traveller) -> None:
    here = Counts()

    assert [here.hit(THREE, "reader", "ann") for _ in range(5)] == [True] * 3 + [False] * 2
    assert not here.test(THREE, "reader", "ann")
    assert here.hit(THREE, "reader", "bob")
    assert here.hit(THREE, "site", "ann")


def test_asking_counts_nothing(clock: time_machine.Traveller) -> None:
    here = Counts()

    assert all(here.test(THREE, "reader", "ann") for _ in range(10))


def test_the_window_slides(clock: time_machine.Traveller) -> None:
    here = Counts()
    clock.shift(50)
    for _ in range(3):
        here.hit(THREE, "reader", "ann")

    passed = []
    for _ in range(12):
        clock.shift(10)
        passed.append(here.hit(THREE, "reader", "ann"))

    assert passed[:2] == [False, False]
    assert 3 <= sum(passed[:8]) <= 5


def test_it_says_when_to_come_back_and_means_it(clock: time_machine.Traveller) -> None:
    here = Counts()
    for _ in range(3):
        here.hit(THREE, "reader", "ann")

    stats = here.get_window_stats(THREE, "reader", "ann")
    clock.move_to(stats.reset_time - 1)
    early = here.test(THREE, "reader", "ann")
    clock.move_to(stats.reset_time + 0.01)

    assert stats.remaining == 0
    assert stats.reset_time == pytest.approx(NOON.timestamp() + 80)
    assert not early
    assert here.hit(THREE, "reader", "ann")


def test_who_has_not_been_seen_for_long_is_forgotten(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "_MANY", 100)
    here = Counts()
    for round_ in range(20):
        for number in range(100):
            here.hit(THREE, "reader", f"{round_}.{number}")
        clock.shift(60)

    assert len(here._windows) <= 600
