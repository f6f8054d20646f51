"""A signal sets an event at whatever moment it comes."""

import signal
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
