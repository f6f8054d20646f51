"""The server: answers until it is told to stop, then finishes what it began."""

import logging
import signal
import threading
import time
from types import FrameType
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ThreadedTaskDispatcher

from feedback import signals
from feedback.worker import Worker

log = logging.getLogger("feedback.server")
#: It would say of each request that waits how many do: under load, a line for each request.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)

#: Requests that are worked on at once: what they have to write is committed together. More of them
#: only compete for the interpreter.
THREADS = 8
#: Largest body that is read at all, in bytes; what is larger is refused before it is read.
LARGEST = 2 * 1024 * 1024
#: Connections that are open at once; further ones wait to be accepted.
CONNECTIONS = 1000
#: Seconds after which a connection without a request is closed.
IDLE = 60
#: Seconds for which it still takes what was on its way when it was told to stop.
MOMENT = 0.2
#: Seconds that requests under way have to end once the server is told to stop.
GRACE = 20.0
#: Seconds after which it ends, whatever its worker is still at.
END = 28.0


class CannotListen(Exception):
    """The address cannot be listened on; the message says why and what helps."""


class Server:
    """Waitress, with an end: it stops for SIGTERM and loses no request that has arrived."""

    def __init__(self, app: Flask, bind: str) -> None:
        """Open the sockets at `bind` (HOST:PORT). Raises CannotListen."""
        #: When it was told to stop, by the monotonic clock.
        self.told = 0.0
        self._map: dict[int, Any] = {}
        self._tasks = ThreadedTaskDispatcher()
        self._tasks.set_thread_count(THREADS)
        try:
            create_server(
                app,
                map=self._map,
                _dispatcher=self._tasks,
                listen=bind,
                ident=None,
                max_request_body_size=LARGEST,
                connection_limit=CONNECTIONS,
                cleanup_interval=10,
                channel_timeout=IDLE,
                clear_untrusted_proxy_headers=False,  # web.clients judges them
            )
        except (OSError, ValueError) as error:
            self._tasks.shutdown()
            wasyncore.close_all(self._map, ignore_all=True)
            raise CannotListen(f"cannot listen on {bind}: {error}; choose another --bind") from None

    @property
    def _listeners(self) -> list[BaseWSGIServer]:
        return [item for item in self._map.values() if isinstance(item, BaseWSGIServer)]

    def run(self, stopping: threading.Event) -> None:
        """Answer requests until `stopping` is set, and then those that have arrived.

        1. For a moment, what is on its way is still read: connections and requests.
        2. No connection is taken any more.
        3. Requests that have arrived are answered, for at most `GRACE` seconds. Each is its
           connection's last one, and the client is told so.
        """
        while not stopping.is_set():
            self._turn(0.5)
        self.told = time.monotonic()
        self._turn_until(time.monotonic() + MOMENT)
        channels = [listener.active_channels for listener in self._listeners]
        for listener in self._listeners:
            listener.del_channel(self._map)
            listener.socket.close()
        until = time.monotonic() + GRACE
        while time.monotonic() < until and any(map(_busy, channels)):
            for open_ones in channels:
                _make_last(open_ones)
            self._turn(0.1)
        self._tasks.shutdown(timeout=1)
        wasyncore.close_all(self._map, ignore_all=True)

    def _turn_until(self, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            self._turn(left)

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, map=self._map, count=1, use_poll=True)


def _busy(channels: dict[int, Any]) -> bool:
    return any(channel.requests or channel.total_outbufs_len for channel in list(channels.values()))


def _make_last(channels: dict[int, Any]) -> None:
    """Answer as if the clients had asked that their connections be closed."""
    for channel in list(channels.values()):
        for request in list(channel.requests):
            request.headers["CONNECTION"] = "close"


def serve(app: Flask, server: Server, *, with_worker: bool) -> None:
    """Answer requests, and do what is due, until SIGTERM or SIGINT."""
    stopping = _stopping()
    worker = Worker(app)
    thread = threading.Thread(target=worker.run, name="worker", daemon=True)
    if with_worker:
        thread.start()
    server.run(stopping)
    worker.stop()
    if with_worker:
        thread.join(max(1.0, server.told + END - time.monotonic()))
    log.info("Stopped")


def work(app: Flask) -> None:
    """Do what is due until SIGTERM or SIGINT."""
    stopping, worker = _stopping(), Worker(app)
    thread = threading.Thread(target=worker.run, name="worker", daemon=True)
    thread.start()
    log.info("Working")
    signals.wait(stopping)
    worker.stop()
    thread.join(GRACE)


def _stopping() -> threading.Event:
    """Give what SIGTERM and SIGINT set."""
    stopping = threading.Event()
    set_stopping = signals.setter(stopping)

    def stop(_number: int, _frame: FrameType | None) -> None:
        set_stopping()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return stopping
