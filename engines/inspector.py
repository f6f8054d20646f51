"""What WebKit's console hears, by the protocol of its remote inspector.

WebKit's driver has no command for it, and a driven browser writes it nowhere. But the two talk over
a socket on which an inspector may call in too (RemoteInspectorServer, in WebKit's
Source/JavaScriptCore/inspector/remote). A message there is

    length of what follows the flags (4 bytes, big-endian), flags (1: numbers are little-endian),
    name, NUL, a GVariant: here, (tts): the connection, the target, JSON

and the JSON is of the inspector's protocol: commands for a page are wrapped in one for its target.
"""

import itertools
import json
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engines.engine import PATIENCE, until

_HEAD = struct.Struct(">IB")
_ADDRESSEE = struct.Struct("<QQ")
#: The first to call in, and the only page of a browser that was just started.
_PAGE = _ADDRESSEE.pack(1, 1)


class Inspector:
    """An inspector of the only page: keeps what its console hears."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._received = b""
        self._numbers = itertools.count(1)
        self._target = ""
        self.heard: list[str] = []
        self._send("SetupInspectorClient")
        self._send("Setup", _PAGE)
        until(self._listening, "WebKit's inspector knows the page")

    def _listening(self) -> bool:
        self.listen()
        return bool(self._target)

    def listen(self) -> None:
        """Read what has come in."""
        self._connection.setblocking(False)
        try:
            while more := self._connection.recv(1 << 16):
                self._received += more
        except BlockingIOError:
            pass
        finally:
            self._connection.settimeout(PATIENCE)
        for name, body in self._messages():
            if name == b"SendMessageToFrontend":
                self._take(json.loads(body[_ADDRESSEE.size :].rstrip(b"\0")))

    def _messages(self) -> Iterator[tuple[bytes, bytes]]:
        while len(self._received) >= _HEAD.size:
            length, _ = _HEAD.unpack_from(self._received)
            end = _HEAD.size + length
            if len(self._received) < end:
                return
            name, _, body = self._received[_HEAD.size : end].partition(b"\0")
            self._received = self._received[end:]
            yield name, body

    def _take(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        match message.get("method"):
            case "Target.targetCreated":
                self._target = params["targetInfo"]["targetId"]
                self._tell("Console.enable")
            case "Target.dispatchMessageFromTarget":
                self._take(json.loads(params["message"]))
            case "Console.messageAdded":
                self.heard.append(params["message"]["text"])

    def _tell(self, method: str) -> None:
        """Give the page a command."""
        inner = {"id": next(self._numbers), "method": method}
        params = {"targetId": self._target, "message": json.dumps(inner)}
        outer = {"id": next(self._numbers), "method": "Target.sendMessageToTarget"}
        text = json.dumps(outer | {"params": params})
        self._send("SendMessageToBackend", _PAGE + text.encode() + b"\0")

    def _send(self, name: str, body: bytes = b"") -> None:
        message = name.encode() + b"\0" + body
        self._connection.sendall(_HEAD.pack(len(message), 1) + message)


@contextmanager
def inspecting(address: str) -> Iterator[Inspector]:
    """Call in at HOST:PORT."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), PATIENCE) as connection:
        yield Inspector(connection)
