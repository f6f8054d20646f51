"""The harnesses of `fuzzing`: they hold for some bytes, and find what does not hold."""

import random
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import ParseError

import pytest

from feedback.cli import tables
from feedback.delivery.notifiers.chat import message
from feedback.web import feeds
from fuzzing import HARNESSES, harness


def tried(name: str, count: int) -> None:
    """Try a harness with no bytes, and with some, the same each time."""
    check, chance = harness(name), random.Random(name)
    check(b"")
    for _ in range(count):
        check(chance.randbytes(chance.choice((3, 40, 200, 800))))


@pytest.mark.parametrize("name", HARNESSES)
def test_what_must_hold_holds_for_some_bytes(name: str) -> None:
    tried(name, 200)


#: What could be wrong: which harness finds it, what does it, and what it does instead.
WRONGS: dict[str, tuple[str, Any, str, Callable[..., Any]]] = {
    "cells are not disarmed": ("tables", tables, "cell", lambda value: str(value or "")),
    "feeds hold anything": ("feeds", feeds, "fit", lambda text: text),
    "what readers write is alive": ("chats", message, "defused", lambda text: text),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_what_does_not_hold_is_found(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, module, attribute, instead = WRONGS[wrong]
    monkeypatch.setattr(module, attribute, instead)

    with pytest.raises((AssertionError, ParseError)):
        tried(name, 2000)
