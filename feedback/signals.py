"""Signals: how a handler tells the program that it is to stop, and how that is heard."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final

#: Seconds after which a signal is handled at the latest.
_MOMENT: Final = 0.5


def setter(event: threading.Event) -> Callable[[], None]:
    """Give a function that sets an event and may be called by a signal handler.

    `Event.set` itself may not: it takes a lock, and where the signal interrupts an `Event.wait`
    that holds it, both would wait for ever. To put into a `SimpleQueue` is safe at any moment
    (documentation of the module `queue`); a thread that waits for it sets the event.
    """
    asked: SimpleQueue[None] = SimpleQueue()

    def set_when_asked() -> None:
        asked.get()
        event.set()

    threading.Thread(target=set_when_asked, name="signals", daemon=True).start()
    return lambda: asked.put(None)


def wait(event: threading.Event) -> None:
    """Let the main thread wait for an event that a signal's handler sets.

    It looks up now and then. Python's handlers run in the main thread, once that is awake; but a
    signal wakes nobody that reaches the process at another of its threads, or at this one in the
    moment before it falls asleep. `Event.wait` without an end would then sleep on for ever.
    """
    while not event.wait(_MOMENT):
        pass
