"""Why a look at an article gave no page."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from feedback.outbound import (
    Answer,
    Blocked,
    Broken,
    OutboundError,
    TooLarge,
    TooManyRedirects,
    TooSlow,
    Unreachable,
)

#: Longest that a far end can send us away for, in seconds.
LONGEST_AWAY: Final = 86_400.0


class Failure(StrEnum):
    """Why a look gave no page."""

    UNREACHABLE = "unreachable"  #: no host, no connection, no HTTP
    TOO_SLOW = "too slow"
    TOO_LARGE = "too large"
    BLOCKED = "blocked"  #: an address that we do not fetch
    ASTRAY = "astray"  #: redirects in a circle, too many, or to where no page is
    ROBOTS = "robots"  #: robots.txt asks us to stay away
    REFUSED = "refused"  #: 401, 403 and other 4xx
    MISSING = "missing"  #: 404, 410
    BUSY = "busy"  #: 429, 503 and the like: come later
    SERVER_ERROR = "server error"  #: other 5xx
    NOT_HTML = "not html"
    UNREADABLE = "unreadable"  #: nothing could be read from it


@dataclass(frozen=True, slots=True)
class Failed:
    """No page."""

    kind: Failure
    detail: str  #: for whoever runs the service
    retry_after: float | None = None  #: seconds for which the far end asked, a day at most


_ERRORS: Final[dict[type[OutboundError], Failure]] = {
    Blocked: Failure.BLOCKED,
    TooManyRedirects: Failure.ASTRAY,
    TooLarge: Failure.TOO_LARGE,
    TooSlow: Failure.TOO_SLOW,
    Unreachable: Failure.UNREACHABLE,
    Broken: Failure.UNREACHABLE,
}
_STATUSES: Final = {
    404: Failure.MISSING,
    410: Failure.MISSING,
    408: Failure.BUSY,
    425: Failure.BUSY,
    429: Failure.BUSY,
    503: Failure.BUSY,
}
_CLASSES: Final = {4: Failure.REFUSED, 5: Failure.SERVER_ERROR}

_SECONDS: Final = re.compile(r"[0-9]{1,9}")


def failed_by(error: OutboundError) -> Failed:
    """Say what went wrong on the way out."""
    return Failed(_ERRORS[type(error)], str(error))


def failed_with(answer: Answer, now: datetime) -> Failed | None:
    """Say what is wrong with an answer by its status; None where it may hold a page."""
    if answer.status in (200, 203):
        return None
    kind = _STATUSES.get(answer.status) or _CLASSES.get(answer.status // 100, Failure.UNREADABLE)
    detail = f"it answers {answer.status}"
    if answer.headers.get("cf-mitigated") == "challenge":
        kind = Failure.REFUSED
        detail += " with a challenge for browsers: Cloudflare must let us through"
    return Failed(kind, detail, _retry_after(answer, now))


def _retry_after(answer: Answer, now: datetime) -> float | None:
    """Give the seconds of a Retry-After, which states them or a moment (RFC 9110, 10.2.3)."""
    said = answer.headers.get("retry-after", "").strip()
    seconds = float(said) if _SECONDS.fullmatch(said) else _until(said, now)
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_AWAY)


def _until(said: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(said)
    except (ValueError, TypeError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()
