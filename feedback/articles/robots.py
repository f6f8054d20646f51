"""robots.txt: what a site asks of programs that fetch its pages (RFC 9309)."""

from dataclasses import dataclass
from datetime import datetime

from feedback.outbound import Policy

#: The name by which a robots.txt may speak of us; `outbound.user_agent` begins with it.
AGENT = "reader-feedback"


@dataclass(frozen=True, slots=True)
class Robots:
    """What a robots.txt says to us. `text` is all there is to keep."""

    text: str

    def allows(self, address: str) -> bool:
        """Tell whether we may fetch `address`, which is of this robots.txt's origin."""
        raise NotImplementedError

    @property
    def delay(self) -> float:
        """Seconds to leave between two fetches, as Crawl-delay asks; 0 where it does not."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class RobotsAnswer:
    """What came of asking for a robots.txt."""

    robots: Robots | None  #: None: nobody can tell now, so nothing may be fetched yet
    detail: str = ""  #: why there is none, for whoever runs the service
    retry_after: float | None = None  #: seconds for which the far end asked


def fetch_robots(origin: str, *, policy: Policy, now: datetime) -> RobotsAnswer:
    """Ask `origin` for its robots.txt. A 4xx means that there is none: all is allowed."""
    raise NotImplementedError
