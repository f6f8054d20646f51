"""What is drawn from bytes: numbers, choices, texts; little, when the bytes are used up."""

import re
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

#: What no report can hold (`reports.schema.Storable`).
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Drawn:
    """Draws from bytes, from the first to the last."""

    def __init__(self, data: bytes) -> None:
        self._left = data

    def __bool__(self) -> bool:
        return bool(self._left)

    def number(self, most: int) -> int:
        """Draw a number from 0 to `most`."""
        size = 1 if most < 256 else 2
        taken, self._left = self._left[:size], self._left[size:]
        return int.from_bytes(taken) % (most + 1)

    def choice(self, things: Sequence[T]) -> T:
        """Draw one of these things."""
        return things[self.number(len(things) - 1)]

    def some(self, most: int = 255) -> bytes:
        """Draw some bytes."""
        size = self.number(most)
        taken, self._left = self._left[:size], self._left[size:]
        return taken

    def rest(self) -> bytes:
        """Draw all that is left."""
        taken, self._left = self._left, b""
        return taken

    def text(self, pieces: Sequence[str] = (), most: int = 255) -> str:
        """Draw a text that a report can hold: what the bytes spell, and now and then a piece."""
        text = self.some(most).decode("utf-8", "replace")
        if pieces and self.number(3) == 0:
            at = self.number(len(text))
            text = text[:at] + self.choice(pieces) + text[at:]
        return _UNSTORABLE.sub("", text)
