"""robots.txt: what a site asks of programs that fetch its pages (RFC 9309)."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final

from protego import Protego

from feedback.articles.failures import Failed, Failure, failed_by, failed_with
from feedback.outbound import OutboundError, Policy, TooManyRedirects, fetch

#: The name by which a robots.txt may speak of us; `outbound.user_agent` begins with it.
AGENT: Final = "reader-feedback"

#: How much of a robots.txt is read, in bytes: as much as RFC 9309, section 2.5 asks for.
_LONGEST: Final = 512_000
#: Longest pause that it can ask for, in seconds.
_LONGEST_DELAY: Final = 3_600.0
#: Redirects that are followed, to other hosts too (section 2.3.1.2).
_REDIRECTS: Final = 5

_GROUP: Final = re.compile(r"\s*user[ -]?agent\s*:?\s*(?P<name>[^#]*)", re.IGNORECASE)
_TOKEN: Final = re.compile(r"[A-Za-z_-]+|\*")


@dataclass(frozen=True, slots=True)
class Robots:
    """What a robots.txt says to us. `text` is all there is to keep."""

    text: str

    def allows(self, address: str) -> bool:
        """Tell whether we may fetch `address`, which is of this robots.txt's origin."""
        return _rules(self.text).can_fetch(address, AGENT)

    @property
    def delay(self) -> float:
        """Seconds to leave between two fetches, as Crawl-delay asks; 0 where it does not."""
        return min(_rules(self.text).crawl_delay(AGENT) or 0.0, _LONGEST_DELAY)


@dataclass(frozen=True, slots=True)
class RobotsAnswer:
    """What came of asking for a robots.txt."""

    robots: Robots | None  #: None: nobody can tell now, so nothing may be fetched yet
    detail: str = ""  #: why there is none, for whoever runs the service
    retry_after: float | None = None  #: seconds for which the far end asked
    kind: Failure = Failure.ROBOTS  #: what a look fails by while there is none


def fetch_robots(origin: str, *, policy: Policy, now: datetime) -> RobotsAnswer:
    """Ask `origin` for its robots.txt.

    A 4xx, or redirects without end, mean that there is none: all is allowed. While the server fails
    or cannot be reached nothing is (RFC 9309, section 2.3.1). `now` is for a Retry-After.
    """
    limits = replace(policy, max_redirects=_REDIRECTS)
    try:
        answer = fetch(f"{origin}/robots.txt", policy=limits, headers={"Accept": "text/plain, */*"})
    except TooManyRedirects:
        return RobotsAnswer(Robots(""))
    except OutboundError as error:
        return _untold(failed_by(error))
    failed = failed_with(answer, now)
    if failed is None:
        return RobotsAnswer(Robots(_text(answer.body)))
    if failed.kind in (Failure.BUSY, Failure.SERVER_ERROR):
        return _untold(failed)
    return RobotsAnswer(Robots(""))


def _untold(failed: Failed) -> RobotsAnswer:
    return RobotsAnswer(None, f"robots.txt: {failed.detail}", failed.retry_after, failed.kind)


def _text(body: bytes) -> str:
    """Give what is read of it: whole lines, in UTF-8, without what no database keeps."""
    if len(body) > _LONGEST:
        body = body[: body.rfind(b"\n", 0, _LONGEST) + 1]
    return body.decode("utf-8-sig", "replace").replace("\0", "")


@lru_cache(maxsize=16)
def _rules(text: str) -> Protego:
    return Protego.parse("\n".join(map(_for_us, text.splitlines())))


def _for_us(line: str) -> str:
    """Call all programs but us by one name.

    Protego keeps rules for each of them, and a file of 500 KB can name 20,000 programs and give
    each 20,000 rules. It also takes `read` for the beginning of our name, where RFC 9309,
    section 2.2.1 wants the whole.
    """
    group = _GROUP.match(line)
    if group is None:
        return line
    token = _TOKEN.match(group["name"])
    name = token[0].lower() if token else ""
    return f"User-agent: {name if name in ('*', AGENT) else 'another'}"
