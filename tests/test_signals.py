"""A signal sets an event at whatever moment it comes."""

import signal
import subprocess
import sys
import threading

from feedback import signals


def test_a_signal_that_interrupts_the_very_wait_sets_the_event() -> None:
    event = threading.Event()
    set_event = signals.setter(event)
    before = signal.signal(signal.SIGUSR1, lambda _number, _frame: set_event())
    try:
        with event._cond:  # as `wait` holds it for a moment
            signal.raise_signal(signal.SIGUSR1)
            assert not event.is_set()

        assert event.wait(5)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_second_call_is_as_good_as_one() -> None:
    event = threading.Event()
    set_event = signals.setter(event)

    set_event()
    set_event()

    assert event.wait(5)


#: The main thread is closed to the signal, so another one takes it.
_ELSEWHERE = """
import os, signal, threading
from feedback import signals

event = threading.Event()
set_event = signals.setter(event)
signal.signal(signal.SIGUSR1, lambda _number, _frame: set_event())
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1)).start()
signals.wait(event)
print("heard")
"""


def test_a_signal_that_another_thread_takes_ends_the_wait() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ELSEWHERE], capture_output=True, text=True, timeout=20, check=True
    )

    assert done.stdout == "heard\n"
