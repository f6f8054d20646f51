"""Rate limits: how much one address, or all for one site, may send.

Counted in this process, or in Redis or Valkey where there are several. When
that does not answer, each process counts for itself until it does.
"""

import ipaddress
import logging
import time
from typing import Any

from flask import Flask, current_app, request
from limits import RateLimitItem, parse_many
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from feedback.config import Settings
from feedback.notations import OFF
from feedback.web import clients
from feedback.web.counts import Counts

log = logging.getLogger("feedback.web")

#: Wrong codes of the second factor for one account: of six digits three codes are right at a
#: time, and who knows the password could else guess one within weeks.
CODES = "20 per day"


class TooMany(Exception):
    """A limit is reached; `seconds` until it makes sense to try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many at the moment. Please try again in {seconds} s.")
        self.seconds = seconds


class Limits:
    """All rate limits of the service."""

    def __init__(self, settings: Settings) -> None:
        self._own = Counts()
        self._warned = float("-inf")
        self._shared = _shared(settings.redis_url)
        self._items = {
            "reader": _items(settings.limit_reader),
            "site": _items(settings.limit_site),
            "sign-in": _items(settings.limit_sign_in),
            "check": _items(settings.limit_check),
            "api": _items(settings.limit_api),
            "public": _items(settings.limit_public),
            "code": _items(OFF if settings.limit_sign_in == OFF else CODES),
        }

    def count(self, name: str, key: str) -> None:
        """Count one for `key` under the limit called `name`. Raises TooMany."""
        for item in self._items[name]:
            if not self._ask("hit", item, name, key):
                raise TooMany(self._wait(item, name, key))

    def check(self, name: str, key: str) -> None:
        """Raise TooMany if the limit is reached; count nothing."""
        for item in self._items[name]:
            if not self._ask("test", item, name, key):
                raise TooMany(self._wait(item, name, key))

    def _wait(self, item: RateLimitItem, name: str, key: str) -> int:
        seconds = self._ask("get_window_stats", item, name, key).reset_time - time.time()
        return max(1, int(seconds) + 1)

    def _ask(self, question: str, item: RateLimitItem, name: str, key: str) -> Any:
        if self._shared is not None:
            try:
                return getattr(self._shared, question)(item, name, key)
            except self._shared.storage.base_exceptions:
                self._warn()
        return getattr(self._own, question)(item, name, key)

    def _warn(self) -> None:
        """Say once a minute that limits hold for each process by itself."""
        if time.monotonic() - self._warned > 60:
            self._warned = time.monotonic()
            log.warning("FEEDBACK_REDIS_URL does not answer; limits are counted per process")


def _items(notation: str) -> list[RateLimitItem]:
    return [] if notation == OFF else parse_many(notation)


def _shared(url: str) -> SlidingWindowCounterRateLimiter | None:
    return SlidingWindowCounterRateLimiter(storage_from_string(url)) if url else None


def init_app(app: Flask) -> None:
    """Make the application's limits."""
    app.extensions["limits"] = Limits(app.extensions["settings"])


def limits() -> Limits:
    """Give the current application's limits."""
    return current_app.extensions["limits"]  # type: ignore[no-any-return]  # ours


def here() -> str:
    """Give what one reader's network is counted by: an IPv4 address, or an IPv6 /64."""
    settings: Settings = current_app.extensions["settings"]
    text = clients.address(request.environ, settings.trusted_proxies)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return text
