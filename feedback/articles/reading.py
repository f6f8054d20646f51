"""Reading a page in a process of its own, which may be slow, swell or crash.

The parser is written in C, and markup that nests 200,000 deep keeps it busy for minutes; other
markup makes it take all memory there is. Neither can be stopped from inside. So each page is read
by a new Python that imports little, knows its limits and is ended when time is up. Decision 0011
has the figures.

    us                                        the process
    room, address, charset, limits, bytes --> sets its own limits
                                              read(...) of the room, such as page.read
    what was read, or Unreadable          <-- the same as JSON, or an exit code
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeVar

from feedback.anchoring import NormalText
from feedback.articles.page import Page

T = TypeVar("T")

#: What the process ends with when its memory runs out; any other code is a crash.
OUT_OF_MEMORY: Final = 64

#: What it ends with when its time is up, by the system's own doing.
_OUT_OF_TIME: Final = -getattr(signal, "SIGXCPU", 0) or None
#: How long we wait for a second of its: the machine may be busy with others.
_PATIENCE: Final = 3

# Isolated (-I), with no site (-S), the new Python finds what we find in the order we find it.
_START: Final = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]);"
    " from feedback.articles import reader; reader.main()"
)

# What the new Python needs to start at all. Our settings and secrets are none of its business.
_ENVIRONMENT: Final = ("SYSTEMROOT", "LD_LIBRARY_PATH")


class Unreadable(Exception):
    """Nothing could be read from a page: the message says what went wrong."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one page may cost."""

    seconds: int = 10  #: of the processor; of the clock, which is all Windows tells, 3 times that
    memory: int = 512 * 1024 * 1024  #: bytes of address space, where the system can tell


def read_apart(
    body: bytes, charset: str | None, address: str, limits: Limits | None = None
) -> Page:
    """Read a page as `page.read` does, within limits. Raises Unreadable."""
    return apart(Page.__module__, _page, body, charset, address, limits)


def _page(fields: dict[str, Any]) -> Page:
    return Page(**{**fields, "normal": NormalText.of(fields["normal"])})


def apart(
    room: str,
    made: Callable[[dict[str, Any]], T],
    body: bytes,
    charset: str | None,
    address: str,
    limits: Limits | None = None,
) -> T:
    """Let `read` of the module called `room` read a page, within limits. Raises Unreadable.

    `read` takes what `page.read` takes and gives a dataclass; `made` makes one again of its fields,
    as JSON brings them. The module should import little: it is imported for each page.
    """
    limits = limits or Limits()
    given = {"room": room, "charset": charset, "address": address, **asdict(limits)}
    command = [sys.executable, "-I", "-S", "-c", _START, json.dumps([*map(str, sys.path)])]
    try:
        ended = subprocess.run(  # noqa: S603 -- ourselves; the page comes by standard input
            command,
            input=json.dumps(given).encode() + b"\n" + body,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE * limits.seconds,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_slow(limits) from None
    except OSError as error:
        raise Unreadable(f"{sys.executable} cannot be started: {error.strerror}") from error
    written = _written(ended, limits)
    try:
        return made(json.loads(written))
    except (ValueError, TypeError, KeyError):
        raise Unreadable("the page's markup breaks the parser, which wrote nonsense") from None


def _written(ended: subprocess.CompletedProcess[bytes], limits: Limits) -> bytes:
    if ended.returncode == _OUT_OF_TIME:
        raise _too_slow(limits)
    if ended.returncode == OUT_OF_MEMORY:
        raise Unreadable(f"the page takes more than {limits.memory >> 20} MB to read")
    if ended.returncode:
        raise Unreadable(f"the page's markup breaks the parser ({ended.returncode})")
    return ended.stdout


def _too_slow(limits: Limits) -> Unreadable:
    return Unreadable(f"the page takes longer than {limits.seconds} s to read")
