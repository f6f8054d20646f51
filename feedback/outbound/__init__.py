"""The one way out to the network: time and size limits, no private addresses.

    answer = fetch("https://paper.example/article", policy=Policy(user_agent=...))

A page's address comes from a reader, a webhook's from a site's owner: neither may lead to the
machines beside ours, hold a worker for long or fill its memory. Each redirect is a fetch of its
own under the same clock. Nothing is kept between fetches: no cookie, no connection; proxies and
.netrc of the environment are not looked at.

What can go wrong:

    OutboundError
    ├── Blocked            this address is not fetched (`reason`): nothing was sent
    ├── TooManyRedirects
    ├── TooLarge           headers or body pass their limit
    ├── TooSlow            a silence or the whole passes its limit
    ├── Unreachable        no such host, no connection, no trusted certificate
    └── Broken             hung up, cut short, not HTTP

The first three are `permanent`. An answer of 404 or 500 is an answer, not an error.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace

import requests
from requests.structures import CaseInsensitiveDict

from feedback.outbound.errors import (
    Blocked,
    Broken,
    OutboundError,
    Reason,
    TooLarge,
    TooManyRedirects,
    TooSlow,
    Unreachable,
)
from feedback.outbound.policy import Policy, user_agent
from feedback.outbound.targets import Target, target
from feedback.outbound.wire import Adapter, Clock, Trip, facts

__all__ = [
    "Answer",
    "Blocked",
    "Broken",
    "OutboundError",
    "Policy",
    "Reason",
    "TooLarge",
    "TooManyRedirects",
    "TooSlow",
    "Unreachable",
    "fetch",
    "user_agent",
]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})  # RFC 9110, section 15.4
_SAFE = frozenset({"GET", "HEAD"})
# What a caller's headers are to whoever a redirect names; tokens and signatures stay at home.
_CARRIED = frozenset({"accept", "accept-language", "if-modified-since", "if-none-match"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is decompressed, `headers` ignore case, `url` answered at last."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    redirects: tuple[str, ...] = ()  #: the addresses that led on to `url`, first to last


def fetch(
    url: str,
    *,
    policy: Policy,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """Ask for `url` and give its answer.

    GET and HEAD follow redirects, with none of the caller's headers but what is asked for
    (Accept, If-None-Match and the like). Other methods give the redirect itself, and no
    redirect's body is read. Raises OutboundError, or ValueError for a header of the caller's
    that is not one.
    """
    trip = Trip(policy, Clock(policy.total))
    aim, given = target(url), dict(headers or {})
    answer = _exchange(aim, method, given, body, trip)
    trail: list[str] = []
    while method in _SAFE and _leads_on(answer):
        trail.append(answer.url)
        aim = target(_location(answer), answer.url)
        _check_trail(aim, trail, policy)
        given = {name: text for name, text in given.items() if name.lower() in _CARRIED}
        answer = _exchange(aim, method, given, None, trip)
    return replace(answer, redirects=tuple(trail))


def _leads_on(answer: Answer) -> bool:
    return answer.status in _REDIRECTS and "location" in answer.headers


def _location(answer: Answer) -> str:
    """Read the header as browsers do: UTF-8, where RFC 9110 has but ASCII."""
    return answer.headers["location"].encode("latin-1").decode("utf-8", "replace")


def _check_trail(aim: Target, trail: list[str], policy: Policy) -> None:
    if aim.url in trail:
        raise TooManyRedirects(
            f"{aim.host} redirects in a circle; it may wait for a cookie, and we keep none"
        )
    if len(trail) > policy.max_redirects:
        raise TooManyRedirects(f"more than {policy.max_redirects} redirects led to {aim.host}")


def _exchange(
    aim: Target, method: str, headers: Mapping[str, str], body: bytes | None, trip: Trip
) -> Answer:
    """Send one request and read one answer, over a connection of its own."""
    request = _request(aim, method, headers, body, trip.policy)
    with facts(aim.host, trip), closing(Adapter(trip)) as adapter:
        response = adapter.send(
            request,
            stream=True,
            timeout=(trip.policy.connect, trip.policy.read),
            verify=trip.policy.ca_bundle or True,
        )
        with closing(response):
            answer = Answer(response.status_code, aim.url, response.headers, b"")
            return answer if _leads_on(answer) else replace(answer, body=_body(response, aim, trip))


def _request(
    aim: Target, method: str, headers: Mapping[str, str], body: bytes | None, policy: Policy
) -> requests.PreparedRequest:
    ours = {
        "User-Agent": policy.user_agent,
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
    }
    merged = CaseInsensitiveDict({**ours})
    merged.update(headers)
    return requests.Request(method, aim.url, headers=merged, data=body).prepare()


def _body(response: requests.Response, aim: Target, trip: Trip) -> bytes:
    """Read the body, or what there is of it where it may be cut. Raises OutboundError."""
    body = bytearray()
    try:
        with facts(aim.host, trip):
            _read(body, response, trip)
    except OutboundError:
        if not trip.policy.cuts:
            raise
    return bytes(body[: trip.policy.max_body])


def _read(body: bytearray, response: requests.Response, trip: Trip) -> None:
    """Fill `body`, decompressing no more than is taken. Raises TooLarge, Broken."""
    limit = trip.policy.max_body
    if "," in response.headers.get("content-encoding", ""):
        # One coding's output is bounded as it grows; of several, what is between them is not.
        raise Broken("the far end sent a body compressed more than once")
    if (response.raw.length_remaining or 0) > limit and not trip.policy.cuts:
        raise _too_large(limit)
    for piece in response.raw.stream(65_536, decode_content=True):
        body += piece
        if len(body) > limit:
            raise _too_large(limit)
        trip.clock.left()


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body is larger than {limit} bytes")
