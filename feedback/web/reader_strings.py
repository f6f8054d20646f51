"""What the reader's side says, in every language: `static/js/reader/strings/xx.json`.

One table serves the dialog, as a module, and the pages for readers without scripts.
"""

import json
from functools import cache
from typing import Any, Final

from feedback.shipped import shipped

#: What readers get whose language has no table.
ENGLISH: Final = "en"

#: Tags whose language has a table under another name: macrolanguages, old codes, regions by script.
_KNOWN_AS = {
    "no": "nb",
    "nn": "nb",
    "iw": "he",
    "zh": "zh-hans",
    "zh-tw": "zh-hant",
    "zh-hk": "zh-hant",
    "zh-mo": "zh-hant",
}


@cache
def tables() -> dict[str, dict[str, Any]]:
    """Read the strings of all languages, by their tag."""
    folder = shipped("static") / "js" / "reader" / "strings"
    return {path.stem: json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))}


def match(tag: str) -> str:
    """Give the language that suits `tag` best, by BCP 47's lookup (RFC 4647, 3.4).

    `tag` is what a page says of itself, in any case, `_` for `-` allowed: `en_US`, `pt-br`.
    """
    tags = {name.lower(): name for name in tables()}
    left = tag.strip().lower().replace("_", "-")
    while left:
        found = _KNOWN_AS.get(left, left)
        if found in tags:
            return tags[found]
        left = left.rpartition("-")[0]
    return ENGLISH


def strings(tag: str) -> dict[str, Any]:
    """Give the strings in the language that suits `tag` best."""
    return tables()[match(tag)]
