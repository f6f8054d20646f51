"""Rate limits: how much one address, or all for one site, may send.

Counted in this process, or in Redis or Valkey where there are several. When
that does not answer, each process counts for itself until it does.
"""

import importlib
import ipaddress
import logging
import threading
import time
from collections.abc import Callable
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

#: Seconds in which Redis or Valkey must answer: every report waits for it.
PROMPT = 0.5
#: Seconds for which it is not asked again when it did not.
REST = 5.0


class TooMany(Exception):
    """A limit is reached; `seconds` until it makes sense to try again.

    `name` and `key` say which, and whose.
    """

    def __init__(self, seconds: int, name: str = "", key: str = "") -> None:
        super().__init__(f"Too many at the moment. Please try again in {seconds} s.")
        self.seconds, self.name, self.key = seconds, name, key


class Away(Exception):
    """Redis or Valkey does not answer, or did not a moment ago."""


class Shared:
    """What is counted in Redis or Valkey for all processes.

    1. When it does not answer within `PROMPT`, that is logged, and it is left alone for `REST`.
    2. Then one request, and no other, asks it again.
    3. When it answers, that is logged too, and all ask it.
    """

    def __init__(self, url: str) -> None:
        self._counts = SlidingWindowCounterRateLimiter(storage_from_string(url, **_prompt(url)))
        kinds = self._counts.storage.base_exceptions
        self._silent: tuple[type[Exception], ...] = (
            ConnectionError,
            *(kinds if isinstance(kinds, tuple) else (kinds,)),
        )
        self._lock = threading.Lock()
        self._away = False
        self._again = 0.0

    def ask(self, question: str, item: RateLimitItem, name: str, key: str) -> Any:
        """Ask what `Counts` would be asked. Raises Away."""
        return self._answer(lambda: getattr(self._counts, question)(item, name, key))

    def answers(self) -> bool:
        """Tell whether it answers."""
        try:
            return bool(self._answer(self._ping))
        except Away:
            return False

    def _ping(self) -> bool:
        if not self._counts.storage.check():
            raise ConnectionError
        return True

    def _answer(self, ask: Callable[[], Any]) -> Any:
        if self._rests():
            raise Away
        try:
            answer = ask()
        except self._silent as error:
            self._lost(error)
            raise Away from error
        self._found()
        return answer

    def _rests(self) -> bool:
        """Tell whether it is to be left alone; if not and it was away, others leave it alone."""
        if not self._away:
            return False
        with self._lock:
            if time.monotonic() < self._again:
                return True
            self._again = time.monotonic() + REST
            return False

    def _lost(self, error: Exception) -> None:
        with self._lock:
            known, self._away = self._away, True
            self._again = time.monotonic() + REST
        if not known:
            log.warning(
                "FEEDBACK_REDIS_URL does not answer (%s); limits are counted per process",
                type(error).__name__,
            )

    def _found(self) -> None:
        if self._away:
            self._away = False
            log.warning("FEEDBACK_REDIS_URL answers again; limits are counted for all processes")


class Limits:
    """All rate limits of the service."""

    def __init__(self, settings: Settings) -> None:
        self._own = Counts()
        self._shared = Shared(settings.redis_url) if settings.redis_url else None
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
                raise TooMany(self._wait(item, name, key), name, key)

    def check(self, name: str, key: str) -> None:
        """Raise TooMany if the limit is reached; count nothing."""
        for item in self._items[name]:
            if not self._ask("test", item, name, key):
                raise TooMany(self._wait(item, name, key), name, key)

    def where(self) -> str:
        """Say where it is counted, for those who operate the service."""
        if self._shared is None:
            return "per process"
        if self._shared.answers():
            return "shared"
        return "per process: FEEDBACK_REDIS_URL does not answer"

    def _wait(self, item: RateLimitItem, name: str, key: str) -> int:
        seconds = self._ask("get_window_stats", item, name, key).reset_time - time.time()
        return max(1, int(seconds) + 1)

    def _ask(self, question: str, item: RateLimitItem, name: str, key: str) -> Any:
        if self._shared is not None:
            try:
                return self._shared.ask(question, item, name, key)
            except Away:
                pass
        return getattr(self._own, question)(item, name, key)


def _items(notation: str) -> list[RateLimitItem]:
    return [] if notation == OFF else parse_many(notation)


def _prompt(url: str) -> dict[str, Any]:
    """Give the client's options: it waits for no answer for long, and asks only once."""
    try:
        client = "valkey" if url.startswith("valkey") else "redis"
        retry = importlib.import_module(f"{client}.retry").Retry
        backoff = importlib.import_module(f"{client}.backoff").NoBackoff()
    except ImportError:
        return {}  # `storage_from_string` says what is missing
    return {
        "socket_timeout": PROMPT,
        "socket_connect_timeout": PROMPT,
        "retry": retry(backoff, 0),
    }


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
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return text
