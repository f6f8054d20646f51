"""Wishes: what a carrier wants to hear, and when."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from feedback.delivery.models import Happening


class Rhythm(StrEnum):
    """How often letters come."""

    #: One letter for each happening.
    EACH = "each"
    #: One for all that happened within a moment.
    AT_ONCE = "at-once"
    HOURLY = "hourly"
    DAILY = "daily"


#: What people hear of unless they say otherwise.
NEWS = (Happening.OPENED, Happening.RETURNED)
#: How long what is told at once is gathered.
MOMENT = timedelta(seconds=20)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a carrier wants to hear, and when."""

    happenings: tuple[Happening, ...] = NEWS
    rhythm: Rhythm = Rhythm.AT_ONCE
    #: Only of articles in one of these sections; of all where there is none.
    sections: tuple[str, ...] = ()
    #: For `DAILY`: at this hour of the zone (0 to 23).
    hour: int = 8
    #: An IANA name.
    zone: str = "UTC"
    #: BCP 47, one of the desk's.
    lang: str = "en"
    #: From this hour to that nothing comes; equal: it comes at all hours.
    quiet_from: int = 0
    quiet_to: int = 0
    #: An alarm once so many new spots wait within an hour, or a page gets so many reports; 0: none.
    alarm_spots: int = 0
    alarm_reports: int = 0

    def __str__(self) -> str:
        """Write them as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> "Wishes":
        """Read what `str` wrote, here or in another version: what is not known is left out."""
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {
            name: value for name, value in json.loads(text or "{}").items() if name in known
        }
        if "happenings" in values:
            names = set(Happening)
            values["happenings"] = tuple(
                Happening(name) for name in values["happenings"] if name in names
            )
        if "sections" in values:
            values["sections"] = tuple(values["sections"])
        for name, is_known in (("rhythm", _is_rhythm), ("zone", _is_zone)):
            if name in values and not is_known(values[name]):
                del values[name]
        if "rhythm" in values:
            values["rhythm"] = Rhythm(values["rhythm"])
        return cls(**values)

    def hears(self, kind: Happening, section: str) -> bool:
        """Tell whether a happening in an article of this section is to be told."""
        return kind in self.happenings and (not self.sections or section in self.sections)

    def next(self, at: datetime) -> datetime:
        """Give when what happened `at` some time is told."""
        local = at.astimezone(ZoneInfo(self.zone))
        if self.rhythm is Rhythm.DAILY:
            then = _at_hour(local, self.hour)
        elif self.rhythm is Rhythm.HOURLY:
            then = at + _HOUR - timedelta(minutes=local.minute, seconds=local.second)
            then = then.replace(microsecond=0)  # by the clock's hour, and one later for real
        elif self.rhythm is Rhythm.AT_ONCE:
            then = at + MOMENT
        else:
            then = local
        return self.aloud(then).astimezone(at.tzinfo)

    def aloud(self, then: datetime) -> datetime:
        """Give the first time from `then` on at which it is not quiet."""
        local = then.astimezone(ZoneInfo(self.zone))
        if not _between(local.hour, self.quiet_from, self.quiet_to):
            return then
        return _at_hour(local, self.quiet_to)


def _is_rhythm(name: str) -> bool:
    return name in set(Rhythm)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, LookupError, OSError):
        return False
    return True


def _between(hour: int, begin: int, end: int) -> bool:
    """Tell whether an hour is within a span that may go over midnight."""
    if begin == end:
        return False
    return begin <= hour < end if begin < end else hour >= begin or hour < end


def _at_hour(local: datetime, hour: int) -> datetime:
    """Give the next time after `local` at which its clock says so."""
    today = datetime.combine(local.date(), time(hour), local.tzinfo)
    return today if today > local else today + timedelta(days=1)


def sections(text: str) -> Sequence[str]:
    """Read sections as people write them: one a line, or with commas between."""
    parts = text.replace("\n", ",").split(",")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
