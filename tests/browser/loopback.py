"""Two web servers on the loopback: the one that has the articles and a double of the service."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from feedback.shipped import shipped
from feedback.web.assets import read

#: What ships, as the service serves it.
ASSETS = read(shipped("static"))
VERSION = ASSETS.version
JAVASCRIPT = "text/javascript; charset=utf-8"


@dataclass(frozen=True)
class Page:
    html: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Received:
    """A request to the reports API, as it came in."""

    headers: dict[str, str]
    text: str

    @property
    def report(self) -> dict[str, Any]:
        return json.loads(self.text)


@dataclass
class Answer:
    status: int = 201
    body: dict[str, Any] | str = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["Server"]:
        with cls() as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            yield server
            server.shutdown()
            thread.join()


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class ArticleHandler(Handler):
    server: "ArticleSite"

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path.split("?")[0])
        if page is None:
            self.send(404, b"", {})
        else:
            html = {"Content-Type": "text/html; charset=utf-8"}
            self.send(200, page.html.encode(), html | page.headers)


class ArticleSite(Server):
    """A newspaper's site: pages by path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ArticleHandler)
        self.pages: dict[str, Page] = {}

    def publish(self, path: str, html: str, headers: dict[str, str] | None = None) -> str:
        """Put a page up and give its address."""
        self.pages[path] = Page(html, headers or {})
        return self.origin + path


class ServiceHandler(Handler):
    server: "ServiceDouble"
    types: ClassVar = {".js": JAVASCRIPT}

    def do_GET(self) -> None:
        self.server.requests.append(f"GET {self.path}")
        headers = {"Content-Type": JAVASCRIPT, "Access-Control-Allow-Origin": "*"}
        if self.path.startswith("/api/") and self.server.answer is None:
            self.close_connection = True
            return
        if self.path.startswith("/api/v1/corrections?") and self.server.corrections:
            answer = json.dumps(self.server.corrections).encode()
            self.send(200, answer, headers | {"Content-Type": "application/json"})
            return
        module = self.path.removeprefix(f"/static/{VERSION}/")
        asset = ASSETS.embed if self.path == "/embed.js" else ASSETS.get(module)
        if asset is None or (self.server.modules_fail and asset is not ASSETS.embed):
            self.send(503, b"", headers)
        else:
            self.send(200, asset.bodies["identity"], headers)

    def do_OPTIONS(self) -> None:
        self.server.requests.append(f"OPTIONS {self.path}")
        self.send(405, b"", {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.requests.append(f"POST {self.path}")
        self.server.received.append(Received(dict(self.headers), body))
        self.server.open_gate.wait(10)
        answer = self.server.answer
        if answer is None:  # the line is cut after the report was taken in
            self.close_connection = True
            return
        cors = {
            "Access-Control-Allow-Origin": self.headers["Origin"],
            "Access-Control-Expose-Headers": "Retry-After",
            "Content-Type": "application/json",
        }
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        self.send(answer.status, text.encode(), cors | answer.headers)


class ServiceDouble(Server):
    """The far end of the reader's side: serves the modules, takes reports, says what it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ServiceHandler)
        self.reset()

    def reset(self) -> None:
        self.requests: list[str] = []
        self.received: list[Received] = []
        self.modules_fail = False
        #: What the note of corrections is told; nothing while it is empty.
        self.corrections: dict[str, Any] = {}
        self.open_gate = threading.Event()  # while closed, reports wait for their answer
        self.open_gate.set()
        self.accept()

    @property
    def embed(self) -> str:
        return f"{self.origin}/embed.js"

    @property
    def pinned(self) -> tuple[str, str]:
        return ASSETS.pinned()

    @property
    def reports(self) -> list[dict[str, Any]]:
        return [received.report for received in self.received]

    def accept(
        self, *, status: str = "waiting", readers: int = 1, receipt: str = "", **more: str
    ) -> None:
        """From now on, take reports."""
        receipt = receipt or f"{self.origin}/r/secret"
        body = {"id": "a-report", "receipt": receipt, "readers": readers, "status": status} | more
        self.answer: Answer | None = Answer(201, body)

    def refuse(self, status: int, detail: str = "", **headers: str) -> None:
        """From now on, answer with a problem. `Retry_After="30"` sets that header."""
        problem = {"type": "about:blank", "title": "No", "status": status, "detail": detail}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = Answer(status, problem, {"Content-Type": "application/problem+json"} | named)

    def hang_up(self) -> None:
        """From now on, take reports in and answer to nothing under /api/."""
        self.answer = None
