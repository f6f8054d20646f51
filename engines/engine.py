"""What a browser must be able to do for the journey: the little that all engines share."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol, TypeVar

#: Seconds that anything in a browser may take on a busy machine.
PATIENCE = 20
#: The part of the page that is on the screen, in CSS pixels.
WIDTH, HEIGHT = 1024, 730

Found = TypeVar("Found")


class Point(NamedTuple):
    """A place on the screen, in CSS pixels."""

    x: float
    y: float


class Tab(Protocol):
    """A page in a browser that nobody has used before."""

    def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded."""

    def reload(self) -> None:
        """Load the same address anew, and wait until it is loaded."""

    def call(self, function: str, given: Any) -> Any:
        """Call a JavaScript function in the page. What it takes and gives is JSON."""

    def click(self, at: Point, times: int = 1) -> None:
        """Click with the mouse, so fast that two are a double click."""

    def drag(self, start: Point, end: Point) -> None:
        """Press the mouse at one point and let it go at the other."""

    def press(self, *keys: str) -> None:
        """Press keys together: `Control`, `Enter`, `Escape`."""

    def type(self, text: str) -> None:
        """Type into what has the focus."""

    def heard(self) -> list[str]:
        """Give what the console has said so far, the newest last."""


class Engine(Protocol):
    """A browser that runs."""

    def tab(self) -> AbstractContextManager[Tab]:
        """Open a tab that shares nothing with those before."""


def until(look: Callable[[], Found | None], what: str) -> Found:
    """Look again and again, until there is something to see. Raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE
    while True:
        if found := look():
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {PATIENCE} seconds: {what}")
        time.sleep(0.02)
