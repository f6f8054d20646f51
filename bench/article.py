"""A long article to read in a browser, and the sites that it and a stranger's script are on."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bench import bodies

#: What the article is made of: some 100 kB.
PARAGRAPHS, _SENTENCES = 60, 15

_SHEET = "body { font: 18px/1.6 serif } main { max-width: 40em; margin: auto }"
_CAPTION = "<p data-feedback-caption></p>"


def article(script: str = "") -> bytes:
    """Set a long article as a page that loads `script`, an address, if there is one.

    It has headings, links, stressed words, and at its end a place for the caption.
    """
    line = f'<script async src="{script}"></script>' if script else ""
    head = f'<meta charset="utf-8"><title>Paper</title><style>{_SHEET}</style>{line}'
    chance = random.Random("a long article")
    text = "\n".join(_paragraph(chance, number) for number in range(PARAGRAPHS))
    return (
        f'<!doctype html><html lang="en"><head>{head}</head><body><main><h1>Paper</h1>\n'
        f"{text}\n{_CAPTION}</main></body></html>"
    ).encode()


def _paragraph(chance: random.Random, number: int) -> str:
    heading = f"<h2>{_words(chance, 4)}</h2>\n" if number % 8 == 7 else ""
    link = f'<a href="/{number}">{_words(chance, 3)}</a>'
    first, *others = (_words(chance, chance.randint(8, 24)) for _ in range(_SENTENCES))
    text = ". ".join([first, f"{link} <em>{_words(chance, 2)}</em>", *others])
    return f"{heading}<p>{text}.</p>"


def _words(chance: random.Random, most: int) -> str:
    return bodies.words(chance, most).capitalize()


class _Answer(BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        body = self.server.files.get(self.path, b"")
        kind = "text/javascript" if self.path.endswith(".js") else "text/html; charset=utf-8"
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    files: dict[str, bytes]

    def handle_error(self, *_: object) -> None:
        """Say nothing when a browser hangs up: its tab was closed."""


@contextmanager
def site(files: dict[str, bytes]) -> Iterator[str]:
    """Serve files by their paths; give the origin they are at. More may be added meanwhile."""
    server = _Server(("127.0.0.1", 0), _Answer)
    server.files = files
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
