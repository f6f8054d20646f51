"""Counting in this process: sliding windows, for rate limits that need no other machine.

The `limits` library counts in memory too, but starts a thread for nearly every
request to forget what has expired. Here that is done in passing.
"""

import threading
import time
from dataclasses import dataclass

from limits import RateLimitItem
from limits.util import WindowStats

#: Keys beyond which those whose windows have passed are forgotten.
_MANY = 4096

Key = tuple[str, str, str]


@dataclass(slots=True)
class Window:
    """How often something happened in a window of time, and in the one before."""

    number: int
    current: int = 0
    previous: int = 0

    def move(self, number: int) -> None:
        """Go on to the window `number`."""
        if number != self.number:
            self.previous = self.current if number == self.number + 1 else 0
            self.current, self.number = 0, number


class Counts:
    """A sliding-window counter: the current window whole, and of the one before what overlaps.

    Memory is bounded by the keys seen in two windows.
    """

    def __init__(self) -> None:
        self._windows: dict[Key, tuple[Window, int]] = {}
        self._lock = threading.Lock()
        self._limit = _MANY

    def hit(self, item: RateLimitItem, name: str, key: str) -> bool:
        """Count one, unless that were too many; tell whether it was counted."""
        with self._lock:
            window, count = self._look(item, name, key)
            if count + 1 > item.amount:
                return False
            window.current += 1
            return True

    def test(self, item: RateLimitItem, name: str, key: str) -> bool:
        """Tell whether one more were not too many."""
        with self._lock:
            return self._look(item, name, key)[1] + 1 <= item.amount

    def get_window_stats(self, item: RateLimitItem, name: str, key: str) -> WindowStats:
        """Tell when, in seconds since 1970, it makes sense to ask again, and how many are left."""
        with self._lock:
            window, count = self._look(item, name, key)
        free = _free(window, item.amount)
        resets = (window.number + free) * item.get_expiry()
        return WindowStats(reset_time=resets, remaining=max(0, item.amount - int(count)))

    def _look(self, item: RateLimitItem, name: str, key: str) -> tuple[Window, float]:
        """Give the window that runs now, and the count as of now."""
        length, at = item.get_expiry(), time.time()
        number, passed = divmod(at, length)
        found = self._windows.get((name, key, str(item)))
        if found is None:
            self._forget(at)
            found = (Window(int(number)), length)
            self._windows[name, key, str(item)] = found
        window = found[0]
        window.move(int(number))
        return window, window.current + window.previous * (1 - passed / length)

    def _forget(self, at: float) -> None:
        """Drop the keys that were not seen for two windows, once there are many."""
        if len(self._windows) < self._limit:
            return
        self._windows = {
            key: (window, length)
            for key, (window, length) in self._windows.items()
            if window.number >= int(at // length) - 1
        }
        self._limit = max(_MANY, 2 * len(self._windows))


def _free(window: Window, amount: int) -> float:
    """Tell when one more fits, in windows since `window` began."""
    left = amount - 1
    if window.current <= left:
        return _faded(window.previous, left - window.current)
    return 1 + _faded(window.current, left)


def _faded(count: int, room: int) -> float:
    """Tell when what a window counted takes no more than `room`, in windows after its end."""
    return max(0.0, 1 - room / count) if count else 0.0
