"""Feeds: Atom (RFC 4287) for whoever follows something here with a program that reads feeds."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Response, request

from feedback.sites import Site

TYPE = "application/atom+xml"

_ATOM = "http://www.w3.org/2005/Atom"
#: What no XML 1.0 document holds, not even escaped (https://www.w3.org/TR/xml/#charsets).
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed; all of it is text."""

    id: str
    title: str
    #: What it is about.
    link: str
    published: datetime
    updated: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed, newest entry first."""

    id: str
    title: str
    author: str
    lang: str
    #: When something of it changed last, where it has no entry.
    begun: datetime
    entries: Sequence[Entry]
    #: Addresses by their relation: `self`, `alternate`, `next`.
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def updated(self) -> datetime:
        """When something of it changed last."""
        return max((entry.updated for entry in self.entries), default=self.begun)


def tag(base_url: str, site: Site, name: str) -> str:
    """Give an id that stays the same for ever (RFC 4151): of the site since it is here."""
    host = urlsplit(base_url).hostname or "localhost"
    return f"tag:{host},{site.created_at.date().isoformat()}:sites/{site.id}/{name}"


def atom(feed: Feed) -> bytes:
    """Write a feed."""
    root = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": feed.lang})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", moment(feed.updated))
    _add(_add(root, "author"), "name", feed.author)
    for relation, address in feed.links.items():
        kind = "text/html" if relation == "alternate" else TYPE
        _add(root, "link", rel=relation, type=kind, href=address)
    for entry in feed.entries:
        _put(root, entry)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _put(root: ET.Element, entry: Entry) -> None:
    element = _add(root, "entry")
    _add(element, "id", entry.id)
    _add(element, "title", entry.title)
    _add(element, "published", moment(entry.published))
    _add(element, "updated", moment(entry.updated))
    _add(element, "link", rel="alternate", href=entry.link)
    _add(element, "content", entry.text, type="text")


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, {name: fit(value) for name, value in attributes.items()})
    element.text = fit(text) or None
    return element


def fit(text: str) -> str:
    """Drop the control characters that no feed can hold."""
    return _UNFIT.sub("", text)


def moment(at: datetime) -> str:
    """Write a time as RFC 3339, UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def answer(body: str | bytes, kind: str, cache: str) -> Response:
    """Answer with what may be kept for a while; 304 where whoever asks has it already."""
    response = Response(body, content_type=f"{kind}; charset=utf-8")
    response.headers["Cache-Control"] = cache
    response.vary.add("Accept-Language")
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]  # the same answer
