"""The server: slow clients hold up nobody, large bodies are refused, nothing begun is lost."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest
from flask import Flask, request

from feedback.server import LARGEST, THREADS, CannotListen, Server

SLOW = 40


@pytest.fixture
def far() -> tuple[Flask, threading.Event, threading.Event]:
    """An application of which `/wait` takes as long as the test says."""
    app, begun, go_on = Flask("far"), threading.Event(), threading.Event()

    @app.get("/")
    def hello() -> str:
        return "hello"

    @app.get("/wait")
    def wait() -> str:
        begun.set()
        assert go_on.wait(10)
        return "waited"

    @app.post("/length")
    def length() -> str:
        return str(len(request.get_data()))

    return app, begun, go_on


@contextmanager
def served(app: Flask) -> Iterator[tuple[int, threading.Event, threading.Thread]]:
    """Serve an application; give its port, what stops it, and its thread."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    stopping = threading.Event()
    thread = threading.Thread(target=Server(app, f"127.0.0.1:{port}").run, args=(stopping,))
    thread.start()
    try:
        yield port, stopping, thread
    finally:
        stopping.set()
        thread.join(30)


def asked(port: int, method: str = "GET", path: str = "/", body: bytes = b"") -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


Far = tuple[Flask, threading.Event, threading.Event]


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf a bo",
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_slow_clients_hold_up_nobody(far: Far, begin: bytes) -> None:
    with served(far[0]) as (port, _, _):
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW)]
        for connection in slow:
            connection.sendall(begin)

        since = time.monotonic()
        answers = [asked(port) for _ in range(10)]
        took = time.monotonic() - since

        for connection in slow:
            connection.close()
        assert answers == [(200, b"hello")] * 10
        assert took < 2


def test_a_client_that_reads_slowly_holds_up_nobody(far: Far) -> None:
    app = far[0]
    app.add_url_rule("/large", view_func=lambda: b"x" * 1_000_000)
    with served(app) as (port, _, _):
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW)]
        for connection in slow:
            connection.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")

        answers = [asked(port) for _ in range(10)]

        for connection in slow:
            connection.close()
        assert answers == [(200, b"hello")] * 10


def test_a_body_over_the_limit_is_refused_before_it_is_read(far: Far) -> None:
    with served(far[0]) as (port, _, _):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            head = f"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: {LARGEST + 1}\r\n\r\n"
            connection.sendall(head.encode())
            refused = connection.recv(65_536)
        taken = asked(port, "POST", "/length", b"x" * (LARGEST - 1))

    assert refused.split()[1] == b"413"
    assert taken == (200, str(LARGEST - 1).encode())


def test_what_was_begun_is_finished_and_no_more_is_taken(far: Far) -> None:
    app, begun, go_on = far
    answers: list[tuple[int, bytes]] = []
    with served(app) as (port, stopping, thread):
        client = threading.Thread(target=lambda: answers.append(asked(port, path="/wait")))
        client.start()
        assert begun.wait(10)

        stopping.set()
        _wait_until_closed(port)
        go_on.set()
        client.join(10)
        thread.join(10)

        assert answers == [(200, b"waited")]
        assert not thread.is_alive()


def _wait_until_closed(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            return
    raise AssertionError("it still takes connections")


def test_what_was_on_its_way_when_it_was_told_to_stop_is_answered(far: Far) -> None:
    with served(far[0]) as (port, stopping, thread):
        connections = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(20)]

        stopping.set()
        for connection in connections:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answers = [connection.makefile("rb").read() for connection in connections]

        for connection in connections:
            connection.close()
        thread.join(10)
        assert all(answer.endswith(b"hello") for answer in answers)


def test_an_address_that_is_taken_is_named_with_the_remedy(far: Far) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(CannotListen, match=f"cannot listen on {bind}.*--bind"):
            Server(far[0], bind)


def test_requests_that_wait_are_not_logged_one_by_one(
    far: Far, caplog: pytest.LogCaptureFixture
) -> None:
    app, begun, go_on = far
    with served(app) as (port, _, _):
        asking = [
            threading.Thread(target=asked, args=(port, "GET", "/wait"), daemon=True)
            for _ in range(3 * THREADS)
        ]
        for each in asking:
            each.start()
        assert begun.wait(10)
        time.sleep(0.2)  # those that find every thread at work wait in line
        go_on.set()
        for each in asking:
            each.join(10)

    assert caplog.messages == []
