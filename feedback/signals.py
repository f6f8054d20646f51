"""Signals: how a handler tells the rest of the program that it is to stop."""

import threading
from collections.abc import Callable
from queue import SimpleQueue


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
