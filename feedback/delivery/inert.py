"""Inert: words of readers that nothing makes a link of, and that stay where they are put.

Programs for mail make links of what looks like an address, also in plain text; a reader could so
lead an editor anywhere. A zero width space (U+200B) beside each sign that holds an address together
shows nothing and keeps it from looking like one. It is put in the letter only: what was reported
stays as it is.
"""

import re
from typing import Any

#: Zero width space.
BREAK = "\u200b"

#: Signs that are in no text: controls, what turns the direction of writing around, half pairs.
_STRIPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff]"
)
#: The signs within an address, also as other scripts have them: dot, at, colon, slash.
_SIGN = r"[.@:/\\\u3002\uff0e\uff61\uff20\uff1a\uff0f]"
#: Beside them, where they are within or at the end of a text.
_JOINTS = re.compile(rf"(?<!\s)(?={_SIGN}(?!\s))|(?<={_SIGN})(?!\s)")
#: What a telephone would offer to call.
_NUMBER = re.compile(r"\d(?:[\s().+/-]{0,3}\d){5,}")


def inert(text: str) -> str:
    """Give a text as one line that stays text."""
    text = _STRIPPED.sub("", re.sub(r"\s+", " ", text))
    text = _NUMBER.sub(lambda found: BREAK.join(found[0]), text)
    return _JOINTS.sub(BREAK, text)


#: What a letter's body calls our own addresses, and the article's.
_LINKS = frozenset({"link", "desk", "receipt", "erase"})
_ADDRESS = re.compile(r"https?://[^\s<>\"\\^`{|}]+")


def body(said: Any, name: str = "", within: str = "") -> Any:
    """Give a letter's body with all its texts inert but for the addresses that are to be links.

    Those are the ones that we write, by their names, and an article's; one that is none is empty.
    """
    if isinstance(said, dict):
        return {key: body(each, key, name) for key, each in said.items()}
    if isinstance(said, list | tuple):
        return [body(each, name, within) for each in said]
    if not isinstance(said, str):
        return said
    if name in _LINKS or (name, within) == ("url", "article") or within == "actions":
        return said if said.isprintable() and _ADDRESS.fullmatch(said) else ""
    return inert(said)
