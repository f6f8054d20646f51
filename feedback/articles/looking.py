"""Looking at an article: one polite fetch, and what came of it. No database."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from feedback.articles.page import Page
from feedback.articles.robots import Robots
from feedback.outbound import Policy


class Failure(StrEnum):
    """Why a look gave no page."""

    UNREACHABLE = "unreachable"  #: no host, no connection, no HTTP
    TOO_SLOW = "too slow"
    TOO_LARGE = "too large"
    BLOCKED = "blocked"  #: an address that we do not fetch
    ASTRAY = "astray"  #: redirects in a circle, or too many
    ROBOTS = "robots"  #: robots.txt asks us to stay away
    REFUSED = "refused"  #: 401, 403 and other 4xx
    MISSING = "missing"  #: 404, 410
    BUSY = "busy"  #: 429, 503: come later
    SERVER_ERROR = "server error"  #: other 5xx
    NOT_HTML = "not html"
    UNREADABLE = "unreadable"  #: nothing could be read from it


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept from one look for the next, so that the same page need not come again."""

    etag: str = ""  #: the header as it came, quotation marks and all
    last_modified: str = ""  #: the header as it came
    digest: str = ""  #: of the bytes


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The page is as it was: 304, or the same bytes."""

    address: str  #: that answered at last
    known: Known  #: to be kept instead


@dataclass(frozen=True, slots=True)
class Read:
    """The page was read. Its text may still be as it was: see `Page.digest`."""

    page: Page
    address: str  #: that answered at last: it may be another page, or another origin's
    known: Known  #: to be kept


@dataclass(frozen=True, slots=True)
class Failed:
    """No page."""

    kind: Failure
    detail: str  #: for whoever runs the service
    retry_after: float | None = None  #: seconds for which the far end asked, a day at most


Look = Unchanged | Read | Failed


def look(
    address: str,
    *,
    policy: Policy,
    known: Known | None = None,
    robots: Robots | None = None,
    now: datetime,
) -> Look:
    """Fetch the page at `address` and read it.

    With `robots` of its origin nothing is fetched that they disallow. `now` is for a Retry-After
    that names a moment.
    """
    raise NotImplementedError
