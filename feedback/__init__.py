"""Typo reports from readers, in the editors' queue.

`create_app` comes from `feedback.app` once it is asked for: the process that reads a page starts
for each page and has no use for Flask.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedback.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("feedback.app"), name)
