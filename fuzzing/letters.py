"""Letters in which what others say is drawn, and the application that puts them into words."""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask

from feedback import create_app
from feedback.config import load
from feedback.delivery.contract import Parcel
from fuzzing.drawn import Drawn
from tests import letters

#: What readers, pages and colleagues say, by its name in a letter's body.
_OUTSIDE = frozenset(
    "exact prefix suffix correction comment comments title author section lang reads note by label"
    " sentence name why before after pieces".split()
)
PIECES = (
    "@everyone", "@here", "@room", "<!channel>", "<@U123>", "<https://evil.example|x>", "*b*",
    "_i_", "~s~", "`c`", "```", "**", "||", "[x](https://evil.example)", "https://evil.example/x",
    "evil.example", "www.evil.example", "me@evil.example", "mailto:me@evil.example", ":smile:",
    "#tag", "/me", "$x", "<b>", "</b>", "<script>", "&lt;", "&", '"', "'", "<", ">", "%s", "\\",
    "\r\nBcc: a@evil.example\r\n\r\n", "\n.\n", "=?utf-8?q?x=0ABcc:a@evil.example?=", " ", "\t",
    "{{ 111*111111 }}", "\u202e", "\u2066", "\u2069", "\u200b", "\u2060", "\x1b[31m", "\x07",
    "\x85", "\u2028", "\ufeff", "\ufffe", "\u3002", "\uff0e", "\uff20", "+49 30 1234567",
    "w" * 300, "👩\u200d👧" * 30, "e" + "\u0301" * 60, "x\n" * 40,
)  # fmt: skip


@cache
def app() -> Flask:
    """Make the application, in a folder of its own; its database is not asked."""
    home = Path(tempfile.mkdtemp(prefix="fuzzing"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return create_app(load(home=home, base_url=letters.BASE))


def parcel(kind: str, say: Callable[[str], str]) -> Parcel:
    """Make a letter of a kind; `say` gives what is said instead of a text from outside."""
    return letters.a_parcel(kind, _told(letters.BODIES[kind], "", say))


def drawing(drawn: Drawn) -> Callable[[str], str]:
    """Draw some of the texts, and leave the others."""
    return lambda text: drawn.text(PIECES, 60) if drawn.number(2) else text


def _told(said: Any, name: str, say: Callable[[str], str]) -> Any:
    if isinstance(said, Mapping):
        return {key: _told(each, key, say) for key, each in said.items()}
    if isinstance(said, list) and name == "pieces":
        return [[step, say(text)] for step, text in said]
    if isinstance(said, list):
        return [_told(each, name, say) for each in said]
    return say(said) if isinstance(said, str) and name in _OUTSIDE else said
