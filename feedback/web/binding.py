"""The reader's side as it is served: its modules bound into one, in as few bytes as it takes.

The sources stay what people read and what the type checker checks. What a guest
page gets is one module, so that a dialog costs two requests at once; its
comments and long names are dropped on the way out.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

#: The strings of the caption, which a page may show before anything else is loaded.
_CAPTION = ("caption", "captionTouch", "ctrl", "lang", "dir")
#: Strings that the dialog does without.
_ELSEWHERE = frozenset({"caption", "captionTouch", "website", "reasons", "corrections", "form"})

_SHEET = re.compile(r"(?<=replaceSync\(`)[^`]+")
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function|const)", re.MULTILINE)
_FUNCTION = re.compile(r"^(?:async )?function (?P<name>\w+)\(.*?^\}\n", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_EXPORTED = re.compile(r"^export (?:async )?function (\w+)", re.MULTILINE)


def bound(modules: Mapping[str, str], entry: str) -> str:
    """Bind the module called `entry` and all it imports into one that exports what `entry` does.

    `modules` are sources by name. They import names, at their head, and share
    one scope afterwards, so what they declare must differ; a test sees to it.
    """
    bodies = (_EXPORT.sub("", _IMPORT.sub("", modules[name])) for name in order(modules, entry))
    wanted = _EXPORTED.findall(modules[entry])
    body, names = used("\n".join(bodies), wanted), ", ".join(wanted)
    return small(f"export const {{ {names} }} = (() => {{\n{body}\nreturn {{ {names} }};\n}})();\n")


def order(modules: Mapping[str, str], entry: str) -> list[str]:
    """Name `entry` and all it imports, each after what it needs."""
    found: list[str] = []

    def visit(name: str) -> None:
        if name not in found:
            for needed in _IMPORT.findall(modules[name]):
                visit(needed)
            found.append(name)

    visit(entry)
    return found


def used(source: str, wanted: Sequence[str]) -> str:
    """Leave out functions that nothing names but themselves, and then those that only they named.

    A function ends where a line begins with its brace, as all of ours do.
    """
    spoken = _COMMENT.sub("", source)
    for found in _FUNCTION.finditer(source):
        name = found["name"]
        if name not in wanted and len(re.findall(rf"\b{name}\b", spoken)) < 2:
            return used(source.replace(found[0], ""), wanted)
    return source


def exported(table: Mapping[str, Any]) -> str:
    """Write what the dialog says, as a module."""
    said = {key: value for key, value in table.items() if key not in _ELSEWHERE}
    return f"export default {_json(said)}"


def wording(place: str, table: Mapping[str, Any]) -> dict[str, str]:
    """Give what stands in a place of the page's: the caption, or the note of corrections."""
    if place == "caption":
        return {key: table[key] for key in _CAPTION}
    return {**table[place], "lang": table["lang"], "dir": table["dir"]}


def filling(source: str, said: Mapping[str, str]) -> str:
    """Let a module fill its places in the page as soon as it is loaded."""
    return f"{small(_EXPORT.sub('', source))};fill({_json(said)})"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@cache
def small(source: str) -> str:
    """Drop a script's comments, white space and long local names; also those of its style sheet.

    The minifier brings a run time of its own, 9 MB that are of use once, so it has a process that
    ends. It is not to be had for every system: where it is missing, the source is served whole.
    """
    if find_spec("minify") is None:
        return source
    words = [sys.executable, "-X", "utf8", "-c", _MINIFY, _SHEET.pattern]
    done = subprocess.run(words, input=source.encode(), stdout=subprocess.PIPE, check=True)  # noqa: S603 -- ours
    return done.stdout.decode()


#: Read a script, give it small: first the sheet that a pattern finds in it, then the whole.
_MINIFY = """
import minify, re, sys
sheet = lambda found: minify.string("text/css", found[0])
print(minify.string("text/javascript", re.sub(sys.argv[1], sheet, sys.stdin.read())), end="")
"""
