"""Web servers on loopback that behave as a script says: slow, endless, broken, hostile.

    with a_far_end(answering(b"hello")) as end:
        fetch(end.url, policy=Policy(allow={end.pair}))
        assert end.requests[0].path == "/"

A behaviour takes a Visit, one connection with its request read, and sends bytes. It may wait
only through the visit, which stops waiting when the server closes.
"""

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

HEAD_END = b"\r\n\r\n"
PATIENCE = 3.0  # seconds that a slow behaviour lasts, so that no test outlasts it
FLOOD = 100_000_000  # bytes that an endless one sends


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass
class Visit:
    """One connection."""

    sock: socket.socket
    request: Request | None
    closing: threading.Event

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def wait(self, seconds: float) -> bool:
        """Be slow. False when the server closes."""
        return not self.closing.wait(seconds)


Behaviour = Callable[[Visit], None]


@dataclass
class FarEnd:
    """A server that runs: where it is and what came in."""

    port: int
    scheme: str = "http"
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    names: list[str | None] = field(default_factory=list)  # by SNI

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/"

    @property
    def pair(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextmanager
def a_far_end(
    behaviour: Behaviour,
    *,
    certificate: tuple[str, str] | None = None,
    reads: bool = True,
) -> Iterator[FarEnd]:
    """Serve `behaviour` until the block ends, over TLS with a (certificate, key) of PEM files.

    Without `reads` the behaviour runs as soon as a client connects, before any TLS.
    """
    closing = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        end = FarEnd(listener.getsockname()[1], "https" if certificate or not reads else "http")
        tls = _tls(certificate, end) if certificate else None
        visits: list[threading.Thread] = []

        def accept() -> None:
            while True:
                with suppress(OSError):
                    sock, _ = listener.accept()
                    if closing.is_set():
                        sock.close()
                        return
                    end.connections += 1
                    visit = threading.Thread(target=serve, args=(sock,))
                    visits.append(visit)
                    visit.start()

        def serve(sock: socket.socket) -> None:
            with suppress(OSError), sock:
                sock.settimeout(10)
                with tls.wrap_socket(sock, server_side=True) if tls else sock as channel:
                    request = _read_request(channel) if reads else None
                    if request:
                        end.requests.append(request)
                    if request or not reads:
                        behaviour(Visit(channel, request, closing))

        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield end
        finally:
            closing.set()
            socket.create_connection(("127.0.0.1", end.port)).close()
            for thread in [acceptor, *visits]:
                thread.join(timeout=10)


def a_closed_port() -> int:
    """Give a port of loopback that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def a_certificate(place: Path, name: str) -> tuple[str, str]:
    """Make a certificate of `name` that nobody vouches for, and its key: two PEM files."""
    made, key = str(place / "cert.pem"), str(place / "key.pem")
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    whose = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    command = ["openssl", "req", "-x509", *kind, *whose, "-keyout", key, "-out", made]
    subprocess.run(command, check=True, capture_output=True)
    return made, key


def _tls(certificate: tuple[str, str], end: FarEnd) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    context.sni_callback = lambda _sock, name, _context: end.names.append(name)
    return context


def _read_request(sock: socket.socket) -> Request | None:
    data = b""
    while HEAD_END not in data:
        if not (piece := sock.recv(65536)):
            return None
        data += piece
    head, _, body = data.partition(HEAD_END)
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): text.strip() for name, _, text in (x.partition(":") for x in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += sock.recv(65536)
    return Request(method, path, headers, body)


# Behaviours


def head(status: int = 200, **headers: str | int) -> bytes:
    """Spell a status line and headers; `content_length=3` is `Content-Length: 3`."""
    lines = [f"HTTP/1.1 {status} Whatever"]
    lines += [f"{name.replace('_', '-')}: {text}" for name, text in headers.items()]
    return "\r\n".join(lines).encode("utf-8") + HEAD_END


def answering(body: bytes, status: int = 200, **headers: str | int) -> Behaviour:
    """Answer well."""
    return sending(head(status, **{"content_length": len(body), **headers}) + body)


def sending(data: bytes) -> Behaviour:
    """Send these bytes, whatever they mean, and hang up."""
    return lambda visit: visit.send(data)


def dripping(before: bytes, drop: bytes = b"x", every: float = 0.05) -> Behaviour:
    """Send `before`, then `drop` again and again, with a pause between, while patience lasts."""

    def drip(visit: Visit) -> None:
        visit.send(before)
        for _ in range(round(PATIENCE / every)):
            if not visit.wait(every):
                return
            visit.send(drop)

    return drip


def endless(before: bytes, block: bytes = b"x" * 65536) -> Behaviour:
    """Send `before`, then `block` again and again, as fast as it is taken: a flood."""

    def flow(visit: Visit) -> None:
        visit.send(before)
        for _ in range(FLOOD // len(block)):
            if visit.closing.is_set():
                return
            visit.send(block)

    return flow


def silent(before: bytes = b"") -> Behaviour:
    """Send `before` and then nothing."""

    def hush(visit: Visit) -> None:
        visit.send(before)
        visit.wait(PATIENCE)

    return hush


def redirecting(*places: str, status: int = 302, body: bytes = b"", **headers: str) -> Behaviour:
    """Redirect /0 (or /) to the first place, /1 to the second, and so on; else answer `done`."""

    def point(visit: Visit) -> None:
        assert visit.request is not None
        number = visit.request.path.strip("/") or "0"
        if not number.isdigit() or int(number) >= len(places):
            return answering(b"done")(visit)
        return answering(body, status, location=places[int(number)], **headers)(visit)

    return point


def by_path(places: dict[str, Behaviour]) -> Behaviour:
    """Behave at each path as that path's behaviour says; there is nothing anywhere else."""

    def go(visit: Visit) -> None:
        assert visit.request is not None
        places.get(visit.request.path, answering(b"nothing here", 404))(visit)

    return go
