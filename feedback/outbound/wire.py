"""The connection itself: where it may lead, how long it may take, how much it may carry.

requests gives the HTTP, its adapter the place to put a connection of our own. That connection

1. looks its host up once, within the deadline, and refuses it if any answer is refused;
2. dials those very answers, so that a second, different answer of the DNS changes nothing,
   while host header, SNI and certificate keep the name;
3. counts and times each read of the answer, headers and chunk sizes included: a far end that
   sends a byte a second meets the deadline, one that sends for ever meets the limit.

requests-hardened's own adapter does 2; it takes the first answer unseen of the others, knows
no ports, no exceptions but loopback and no clock, so only its list of networks is used.
"""

import io
import socket
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException, HTTPResponse, IncompleteRead
from threading import Thread
from time import monotonic
from typing import Any, cast

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from feedback.outbound.errors import Broken, OutboundError, TooLarge, TooSlow, Unreachable
from feedback.outbound.policy import Policy

AddressInfo = tuple[int, int, int, str, Any]  # as socket.getaddrinfo gives it


class Clock:
    """What is left of a fetch's time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = monotonic() + seconds

    def left(self, at_most: float = 3600.0) -> float:
        """Give the seconds left, `at_most` so many. Raises TooSlow when none are."""
        seconds = self._end - monotonic()
        if seconds <= 0:
            raise TooSlow(f"the whole took longer than {self.seconds:g} s")
        return min(seconds, at_most)

    def late(self, what: str) -> TooSlow:
        """Name what ran out: the whole time, or the patience for `what`."""
        try:
            self.left()
        except TooSlow as whole:
            return whole
        return TooSlow(what)


@dataclass(frozen=True, slots=True)
class Trip:
    """One fetch: its limits and its time."""

    policy: Policy
    clock: Clock


@contextmanager
def facts(host: str, trip: Trip) -> Iterator[None]:
    """Turn what the libraries raise into the errors of this room."""
    try:
        yield
    except OutboundError:
        raise
    except (requests.exceptions.SSLError, urllib3.exceptions.SSLError) as error:
        raise Unreachable(f"no secure connection to {host}: {_root(error)}") from error
    except (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError) as error:
        raise trip.clock.late(f"{host} was silent for too long") from error
    except (
        requests.RequestException,
        urllib3.exceptions.HTTPError,
        HTTPException,
        OSError,
        ValueError,
    ) as error:
        root = _root(error)
        raise Broken(f"{host} hung up or sent no valid HTTP ({type(root).__name__})") from error


def _root(error: BaseException) -> BaseException:
    """Find the error that the libraries wrapped; theirs repeat the whole address."""
    inside = [getattr(error, "reason", None), *error.args]
    deeper = next((one for one in inside if isinstance(one, BaseException)), None)
    return _root(deeper) if deeper else error


class Adapter(HTTPAdapter):
    """Requests' way out, with our connections in it. Takes no proxy from the environment."""

    def __init__(self, trip: Trip) -> None:
        super().__init__()
        self.poolmanager.pool_classes_by_scheme = {
            "http": cast("type[HTTPConnectionPool]", partial(_Pool, trip)),
            "https": cast("type[HTTPSConnectionPool]", partial(_SecurePool, trip)),
        }


class _Pool(HTTPConnectionPool):
    def __init__(self, trip: Trip, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.ConnectionCls = cast("type[HTTPConnection]", partial(_Connection, trip))


class _SecurePool(HTTPSConnectionPool):
    def __init__(self, trip: Trip, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.ConnectionCls = cast("type[HTTPSConnection]", partial(_SecureConnection, trip))


class _Connection(HTTPConnection):
    def __init__(self, trip: Trip, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # http.client asks for no more than something to call.
        self.response_class = partial(_Response, trip)  # type: ignore[assignment]
        self._trip = trip

    def _new_conn(self) -> socket.socket:
        return dial(self.host, self.port, self._trip)

    def send(self, data: Any) -> None:
        """Send `data` piece by piece: over TLS a socket's timeout is for a piece, not for all."""
        if self.sock is None:
            self.connect()
        for piece in _pieces(data):
            self.sock.settimeout(self._trip.clock.left(self._trip.policy.read))
            super().send(piece)


class _SecureConnection(_Connection, HTTPSConnection):
    """The same, inside TLS."""


def _pieces(data: bytes, size: int = 16_384) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


class _Response(HTTPResponse):
    """An answer that is read through a meter."""

    def __init__(self, trip: Trip, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self._policy = trip.policy
        self._meter = _Meter(cast("socket.SocketIO", self.fp.detach()), sock, trip)
        self.fp = io.BufferedReader(self._meter)

    def begin(self) -> None:
        """Read status and headers; then the body may come, and what chunks add to it.

        Raises IncompleteRead where the headers stop short, which http.client takes for their end.
        """
        super().begin()
        if self._meter.ended:
            raise IncompleteRead(b"")
        # urllib3 would log the whole address along with what is odd in them.
        self.msg.defects.clear()
        self.msg.set_payload("")
        self._meter.left = 2 * self._policy.max_body + self._policy.max_head


class _Meter(io.RawIOBase):
    """A socket's bytes, counted and timed."""

    def __init__(self, raw: socket.SocketIO, sock: socket.socket, trip: Trip) -> None:
        self.left = trip.policy.max_head + io.DEFAULT_BUFFER_SIZE  # the reader reads ahead
        self.ended = False
        self._raw = raw
        self._sock = sock
        self._trip = trip

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Take what has come. Raises TooSlow, TooLarge."""
        self._sock.settimeout(self._trip.clock.left(self._trip.policy.read))
        try:
            count = self._raw.readinto(buffer) or 0
        except TimeoutError as error:
            patience = f"the far end was silent for {self._trip.policy.read:g} s"
            raise self._trip.clock.late(patience) from error
        self.ended = count == 0
        self.left -= count
        if self.left < 0:
            raise TooLarge("the far end sent more than is taken")
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


def dial(host: str, port: int, trip: Trip) -> socket.socket:
    """Connect to `host`. Raises Blocked, Unreachable, TooSlow."""
    trip.policy.check_port(host, port)
    found = _look_up(host, port, trip.clock)
    for *_, place in found:
        trip.policy.check_address(host, port, place[0])
    return _first(host, found, trip)


def _look_up(host: str, port: int, clock: Clock) -> list[AddressInfo]:
    """Ask the DNS once, aside, since a look-up knows no timeout and cannot be stopped."""
    answer: Future[Any] = Future()
    Thread(target=_ask, args=(answer, host, port), name="look-up", daemon=True).start()
    try:
        return cast("list[AddressInfo]", answer.result(clock.left()))
    except TimeoutError as error:
        raise clock.late(f"looking up {host} took too long") from error
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"there is no host named {host}, as far as the DNS tells") from error


def _ask(answer: Future[Any], host: str, port: int) -> None:
    try:
        answer.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except Exception as error:  # carried to the thread that waits
        answer.set_exception(error)


def _first(host: str, found: Iterable[AddressInfo], trip: Trip) -> socket.socket:
    """Try the addresses in the resolver's order (RFC 6724) until one answers."""
    failure: OSError | None = None
    for family, kind, protocol, _, place in found:
        try:
            return _connected(socket.socket(family, kind, protocol), place, trip)
        except OSError as error:
            failure = error
    if isinstance(failure, TimeoutError):
        raise trip.clock.late(f"{host} took no connection in time") from failure
    raise Unreachable(f"{host} takes no connection ({failure})") from failure


def _connected(sock: socket.socket, place: Any, trip: Trip) -> socket.socket:
    try:
        sock.settimeout(trip.clock.left(trip.policy.connect))
        sock.connect(place)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock
