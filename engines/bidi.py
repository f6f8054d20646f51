"""WebDriver BiDi, as far as the journey needs it: https://w3c.github.io/webdriver-bidi/."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import websocket

from engines.engine import PATIENCE


class Refused(Exception):
    """The browser says that it cannot do this."""


class Line:
    """A line to a browser: commands go out one by one, events are kept as they come in."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.events: list[dict[str, Any]] = []

    def command(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and wait for what comes of it. Raises Refused."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message["type"] == "event":
                self.events.append(message)
            elif message["id"] == number:
                break
        if message["type"] == "error":
            raise Refused(f"{method}: {message['error']}: {message['message']}")
        return message["result"]


@contextmanager
def line(address: str) -> Iterator[Line]:
    """Call a browser and begin a session. A browser takes no calls that name a page as origin."""
    socket = websocket.create_connection(
        address + "/session", timeout=PATIENCE, suppress_origin=True, http_no_proxy=["*"]
    )
    try:
        line = Line(socket)
        line.command("session.new", capabilities={})
        yield line
        line.command("session.end")
    finally:
        socket.close()
