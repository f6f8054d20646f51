"""Forty clients that send a byte now and then hold up no reader, and are heard themselves."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from flask import Flask

from feedback.config import Settings
from tests.faults import a_service
from tests.makers import ORIGIN, a_body, newsroom

SLOW = 40
#: Seconds between two bytes.
EVERY = 0.02


class Slow:
    """A client whose report comes byte by byte."""

    def __init__(self, port: int, at_once: int) -> None:
        """Connect, and send so many bytes at once: none of the head, or all of it."""
        body = json.dumps(a_body()).encode()
        head = (
            f"POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nOrigin: {ORIGIN}\r\nConnection: close\r\n"
            f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.left = head.encode() + body
        self._socket = socket.create_connection(("127.0.0.1", port), 30)
        self.send(at_once)

    def send(self, count: int) -> None:
        self._socket.sendall(self.left[:count])
        self.left = self.left[count:]

    def answer(self) -> bytes:
        """Send what is left, and read the first line of what is answered."""
        self.send(len(self.left))
        with self._socket, self._socket.makefile("rb") as answer:
            return answer.readline()


@contextmanager
def dripping(slow: list[Slow]) -> Iterator[None]:
    """Let them send a byte each, again and again."""
    over = threading.Event()

    def drip() -> None:
        while not over.wait(EVERY):
            for each in slow:
                each.send(1)

    with ExitStack() as end:
        thread = threading.Thread(target=drip)
        end.callback(thread.join, 30)
        end.callback(over.set)
        thread.start()
        yield


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("at_once", [20, 200], ids=["their heads", "their bodies"])
def test_clients_that_drip_hold_up_nobody_and_are_heard_in_the_end(
    app: Flask, settings: Callable[..., Settings], at_once: int
) -> None:
    with newsroom(app):
        pass
    with a_service(settings()) as service:
        slow = [Slow(service.port, at_once) for _ in range(SLOW)]
        with dripping(slow):
            begun = time.monotonic()
            answers = [service.post(a_body())[0] for _ in range(20)]
            took = time.monotonic() - begun
        heard = [each.answer() for each in slow]

    assert answers == [201] * 20
    assert took < 10
    assert set(heard) == {b"HTTP/1.1 201 CREATED\r\n"}
