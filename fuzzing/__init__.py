"""Fuzzing: bytes that nobody would think of, and what must hold whatever they are.

Each harness is a module with `check(data)`, which draws its inputs from the bytes and asserts. The
tests give it some bytes; `python -m fuzzing` has them found by coverage, with Atheris.
"""

from collections.abc import Callable
from importlib import import_module

#: The harnesses, by the names of their modules.
HARNESSES = ("normal", "locate", "addresses", "tables", "feeds", "mails", "chats")


def harness(name: str) -> Callable[[bytes], None]:
    """Give a harness by its name."""
    check: Callable[[bytes], None] = import_module(f"fuzzing.{name}").check
    return check
