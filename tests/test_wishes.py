"""Wishes: what is heard, when it is told, and that other versions' wishes are understood."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from feedback.delivery.models import Happening
from feedback.delivery.wishes import MOMENT, NEWS, Rhythm, Wishes, sections

BERLIN = "Europe/Berlin"


def told(wishes: Wishes, month: int, day: int, hour: int, minute: int = 0) -> str:
    """When what happens then, by the clock of the zone, is told, by the same clock."""
    at = datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(wishes.zone)).astimezone(UTC)
    return f"{wishes.next(at).astimezone(ZoneInfo(wishes.zone)):%d. %H:%M:%S}"


@pytest.mark.parametrize(
    ("rhythm", "then"),
    [
        (Rhythm.EACH, "02. 09:30:00"),
        (Rhythm.AT_ONCE, "02. 09:30:20"),
        (Rhythm.HOURLY, "02. 10:00:00"),
        (Rhythm.DAILY, "03. 08:00:00"),
    ],
)
def test_each_rhythm_has_its_time(rhythm: Rhythm, then: str) -> None:
    assert told(Wishes(rhythm=rhythm, zone=BERLIN), 3, 2, 9, 30) == then


def test_a_day_begins_by_the_clock_of_the_zone() -> None:
    daily = Wishes(rhythm=Rhythm.DAILY, hour=8, zone=BERLIN)

    assert told(daily, 3, 2, 7, 59) == "02. 08:00:00"
    assert told(daily, 3, 2, 8, 0) == "03. 08:00:00"
    assert told(daily, 3, 28, 9, 0) == "29. 08:00:00"  # an hour is left out that night
    assert told(daily, 10, 24, 9, 0) == "25. 08:00:00"  # one comes twice


@pytest.mark.parametrize("hour", range(24))
def test_no_hour_is_told_before_it_happened(hour: int) -> None:
    for day in (28, 29):
        at = datetime(2026, 3, day, hour, 30, tzinfo=UTC)
        for rhythm in Rhythm:
            assert Wishes(rhythm=rhythm, zone=BERLIN).next(at) >= at


def test_at_once_is_at_once_in_the_hour_that_comes_twice() -> None:
    at = datetime(2026, 10, 25, 0, 59, 50, tzinfo=UTC)  # 02:59:50 in Berlin, for the first time

    assert Wishes(zone=BERLIN).next(at) == at + MOMENT


@pytest.mark.parametrize(
    ("hour", "then"),
    [(21, "02. 21:00:20"), (22, "03. 07:00:00"), (23, "03. 07:00:00"), (7, "02. 07:00:20")],
)
def test_quiet_hours_go_over_midnight(hour: int, then: str) -> None:
    quiet = Wishes(zone=BERLIN, quiet_from=22, quiet_to=7)

    assert told(quiet, 3, 2, hour) == then


def test_quiet_hours_hold_a_daily_letter_back() -> None:
    quiet = Wishes(rhythm=Rhythm.DAILY, hour=6, zone=BERLIN, quiet_from=0, quiet_to=9)

    assert told(quiet, 3, 2, 12) == "03. 09:00:00"


@pytest.mark.parametrize(
    ("wishes", "heard"),
    [
        (Wishes(), True),
        (Wishes(happenings=(Happening.FIXED,)), False),
        (Wishes(sections=("Sports", "City")), True),
        (Wishes(sections=("City",)), False),
    ],
)
def test_what_is_heard(wishes: Wishes, heard: bool) -> None:
    assert wishes.hears(Happening.OPENED, "Sports") is heard


def test_wishes_are_read_as_they_were_written() -> None:
    wishes = Wishes(
        happenings=(Happening.FIXED, Happening.CHANGED),
        rhythm=Rhythm.DAILY,
        sections=("Ä", 'b"c'),
        hour=23,
        zone=BERLIN,
        lang="de",
        quiet_from=22,
        quiet_to=7,
        alarm_spots=9,
        alarm_reports=4,
    )

    assert Wishes.read(str(wishes)) == wishes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"colour": "red"}',
        '{"rhythm": "at noon"}',
        '{"zone": "Mars/Olympus"}',
        '{"zone": "../etc/passwd"}',
    ],
)
def test_what_is_not_known_is_left_out(text: str) -> None:
    assert Wishes.read(text) == Wishes()


def test_a_happening_that_is_not_known_is_not_heard() -> None:
    read = Wishes.read('{"happenings": ["spot.opened", "spot.sold", "spot.returned"]}')

    assert read.happenings == NEWS


def test_sections_are_written_as_people_write_them() -> None:
    assert sections(" Sports, City\nSports\n,\n") == ("Sports", "City")
