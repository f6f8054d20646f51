"""For the doctor: do people reach us by the address that the settings name, and how?"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import urlsplit

from feedback.config import Settings
from feedback.embedding.findings import Finding, bad, good, note
from feedback.outbound import Answer, OutboundError, Policy, TooManyRedirects, fetch, user_agent
from feedback.web import reached
from feedback.web.headers import HEADERS, STRICT_TRANSPORT_SECURITY

#: Seconds by which the clocks of two machines may differ: second factors and leases bear that much.
SKEW = 10.0

_NOBODY = "Nobody answers at {base}: {why}. Start `feedback serve`, and the proxy before it."
_OTHER = (
    "What answers at {base} is not this installation ({status}): lead the proxy to `feedback "
    "serve`, and give that the same FEEDBACK_SECRET_KEY, or the same FEEDBACK_HOME."
)
_FROM = (
    "Requests come without X-Forwarded-For, so all readers count as one for the limits: let the "
    "proxy send it, as docs/run.md shows."
)
_TRUST = (
    "Requests come through {peer}, which is not trusted, so all readers count as one for the "
    "limits. Set"
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the service says of a request."""

    peer: str
    client: str
    forwarded: bool
    at: float


def examine(settings: Settings, *, in_use: bool) -> Iterator[Finding]:
    """Ask through the base address. `in_use`: that nobody answers there is a fault."""
    base = settings.base_url
    begun = time.time()
    try:
        answer = _asked(settings)
    except TooManyRedirects:
        yield bad(f"{base} redirects elsewhere: set FEEDBACK_BASE_URL to where people arrive.")
        return
    except OutboundError as error:
        text = _NOBODY.format(base=base, why=error)
        yield bad(text) if in_use and settings.https else note(text)
        return
    seconds = (begun + time.time()) / 2
    told = _told(answer)
    if told is None:
        yield bad(_OTHER.format(base=base, status=answer.status))
        return
    yield good(f"We answer at {base}.")
    yield from _headers(answer, settings)
    yield from _proxies(told, settings)
    yield from skewed(told.at - seconds, "the service's machine")


def _asked(settings: Settings) -> Answer:
    parts = urlsplit(settings.base_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = parts.port or (443 if settings.https else 80)
    policy = Policy(
        user_agent=user_agent(version("reader-feedback"), settings.base_url),
        connect=3,
        read=5,
        total=8,
        max_redirects=0,
        allow=frozenset({f"{host}:{port}"}),
    )
    headers = {"Authorization": reached.a_pass(settings.secret)}
    return fetch(f"{settings.base_url}/doctor", policy=policy, headers=headers)


def _told(answer: Answer) -> Told | None:
    """Read what we say; None where it is somebody else who speaks."""
    try:
        return Told(**json.loads(answer.body)) if answer.status == 200 else None
    except (ValueError, TypeError):
        return None


def _headers(answer: Answer, settings: Settings) -> Iterator[Finding]:
    wanted = dict(HEADERS)
    if settings.https:
        wanted["Strict-Transport-Security"] = STRICT_TRANSPORT_SECURITY
    other = [name for name, value in wanted.items() if answer.headers.get(name) != value]
    if other:
        names = ", ".join(other)
        yield bad(
            f"On the way these headers are changed or lost: {names}. Let the proxy keep them."
        )
    else:
        yield good("Our headers arrive as we send them.")


def _proxies(told: Told, settings: Settings) -> Iterator[Finding]:
    if not told.forwarded:
        if settings.https:
            yield bad(_FROM)
    elif told.client == told.peer:
        yield bad(_TRUST.format(peer=told.peer), f"FEEDBACK_TRUSTED_PROXIES={told.peer}")
    else:
        yield good(f"Requests come through {told.peer}, and we know for whom.")


def skewed(seconds: float, whose: str) -> Iterator[Finding]:
    """Say how far another clock is from ours."""
    if abs(seconds) > SKEW:
        ahead = "ahead of" if seconds > 0 else "behind"
        text = f"The clock of {whose} is {abs(seconds):.0f} s {ahead} this one's"
        yield bad(f"{text}: let NTP keep both.")
    else:
        yield good(f"The clock of {whose} goes as this one's.")
