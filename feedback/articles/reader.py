"""The process that reads one page, see `reading`: bytes come in, what was read goes out."""

import json
import sys
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from typing import Any

from selectolax.lexbor import SelectolaxError

from feedback.articles.reading import OUT_OF_MEMORY


def main() -> None:
    """Read the page on standard input and write it to standard output as JSON."""
    head, _, body = sys.stdin.buffer.read().partition(b"\n")
    given: dict[str, Any] = json.loads(head)
    _limit(given["memory"], given["seconds"])
    try:
        page = import_module(given["room"]).read(body, given["charset"], given["address"])
        written = json.dumps(asdict(page)).encode("ascii")
    except (MemoryError, SelectolaxError):  # the parser fails by nothing else
        sys.exit(OUT_OF_MEMORY)
    sys.stdout.buffer.write(written)


def _limit(memory: int, seconds: int) -> None:
    """Take no more than this of the machine, even if nobody waits any more.

    Windows and macOS know no limit of this kind for memory: there the clock alone ends us.
    """
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 -- not on Windows

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
