"""JSON-LD: what a page tells search engines of its article (https://schema.org/Article).

Anyone may write anything there. What is broken, endless or deep is passed over.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from feedback import addresses

#: How much is read of one page: scripts, characters in all of them, things that they describe.
_SCRIPTS, _LENGTH, _THINGS = 40, 1_000_000, 5_000
#: How many names an article may have, and how deep they are looked for.
_NAMES, _DEPTH = 20, 4

_ARTICLE: Final = re.compile(r"(?:https?://schema\.org/|schema:)?\w*(?:Article|Posting|Report)")
_WRAPPING: Final = re.compile(
    r"^\s*(?:<!--|(?://|/\*)?\s*<!\[CDATA\[(?:\s*\*/)?)"
    r"|(?:-->|(?://|/\*)?\]\]>(?:\*/)?|;)\s*$"
)

Thing = dict[str, object]


@dataclass(frozen=True, slots=True)
class Story:
    """What a page's JSON-LD says of its article; empty where it says nothing."""

    title: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    lang: str = ""


def story(tree: LexborHTMLParser, address: str) -> Story:
    """Read of the article of a page that came from `address`: the one with it, else the first.

    Things may stand in a list, in `@graph`, and speak of each other by `@id`.
    """
    things = list(islice(_things(tree), _THINGS))
    articles = [thing for thing in things if _is_article(thing)]
    if not articles:
        return Story()
    here = _spelled(address)
    own = next((thing for thing in articles if here in map(_spelled, _places(thing))), articles[0])
    known = {str(thing["@id"]): thing for thing in things if "@id" in thing and len(thing) > 1}
    authors = _names(own.get("author") or own.get("creator"), known)
    return Story(
        title=next(_names(own.get("headline") or own.get("name"), known), ""),
        authors=tuple(dict.fromkeys(authors)),
        section=next(_names(own.get("articleSection"), known), ""),
        lang=next(_codes(own.get("inLanguage")), ""),
    )


def load(text: str) -> object:
    """Read JSON that people wrote by hand; None where it cannot be read."""
    try:
        return json.loads(_WRAPPING.sub("", text), strict=False)  # line feeds in strings are common
    except (ValueError, RecursionError):
        return None


def _things(tree: LexborHTMLParser) -> Iterator[Thing]:
    """Give what the page describes, in order; what describes a part of that is in it."""
    left = _LENGTH
    for script in tree.css('script[type*="application/ld+json" i]')[:_SCRIPTS]:
        text = script.text()
        left -= len(text)
        if left < 0:
            return
        yield from _listed(load(text))


def _listed(value: object) -> Iterator[Thing]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += reversed(one)
        elif isinstance(one, dict):
            yield one
            waiting += [one[key] for key in ("mainEntity", "@graph") if key in one]


def _is_article(thing: Thing) -> bool:
    kinds = thing.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and _ARTICLE.fullmatch(kind) for kind in kinds)


def _places(thing: Thing) -> Iterator[str]:
    for key in ("url", "mainEntityOfPage", "@id"):
        value = thing.get(key)
        value = value.get("@id") if isinstance(value, dict) else value
        if isinstance(value, str):
            yield value


def _spelled(address: str) -> str:
    """Give the one form of an address; what is none stays as it is."""
    try:
        return addresses.parse(address).article
    except addresses.BadAddress:
        return address


def _names(value: object, known: dict[str, Thing]) -> Iterator[str]:
    return islice(_all_names(value, known, _DEPTH), _NAMES)


def _all_names(value: object, known: dict[str, Thing], depth: int) -> Iterator[str]:
    """Read texts out of a text, a thing with a name, a reference to one, or a list of these."""
    if isinstance(value, str):
        yield unescape(value)  # many a program escapes for HTML, which a script does not undo
    elif isinstance(value, list) and depth:
        for one in value:
            yield from _all_names(one, known, depth - 1)
    elif isinstance(value, dict) and depth:
        whole = value if "name" in value else known.get(str(value.get("@id")), value)
        yield from _all_names(whole.get("name") or whole.get("@value"), known, depth - 1)


def _codes(value: object) -> Iterator[str]:
    """Read codes of languages: `en`, or a schema.org/Language that has one."""
    for one in value if isinstance(value, list) else [value]:
        code = (one.get("alternateName") or one.get("name")) if isinstance(one, dict) else one
        if isinstance(code, str):
            yield code
