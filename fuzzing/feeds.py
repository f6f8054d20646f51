"""Feeds: any texts make an Atom feed that is well-formed, and that says what they say."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from feedback.web.feeds import Entry, Feed, atom, fit
from fuzzing.drawn import Drawn

PIECES = (
    "<", ">", "&", "]]>", "<![CDATA[", "<!--", "-->", "<!DOCTYPE x>", "&amp;", "&#0;", '"', "'",
    "\r", "\r\n", "\n", "\t", "\x0b", "\x1b", "\x7f", "\x85", "\u2028", "\ufffe", "\uffff",
    "<b>", "?>", "\U0001fffe", "\U0010ffff", "xmlns=", "javascript:alert(1)", "{x}y",
)  # fmt: skip
_ATOM = "{http://www.w3.org/2005/Atom}"
_BEGUN = datetime(2026, 3, 1, tzinfo=UTC)


def check(data: bytes) -> None:
    """Write a feed and read it."""
    drawn = Drawn(data)
    entries = [_entry(drawn, number) for number in range(drawn.number(3))]
    name, link = drawn.text(PIECES), drawn.text(PIECES)
    feed = Feed(name, name, name, "en", _BEGUN, entries, {"self": link, "alternate": link})

    root = ElementTree.fromstring(atom(feed))

    assert root.tag == f"{_ATOM}feed"
    assert [_said(root, tag) for tag in ("id", "title")] == [_read(name)] * 2
    links = [each.get("href") for each in root.findall(f"{_ATOM}link")]
    assert [_read(each or "") for each in links] == [_read(link)] * 2
    found = root.findall(f"{_ATOM}entry")
    assert len(found) == len(entries)
    for element, entry in zip(found, entries, strict=True):
        said = [_said(element, tag) for tag in ("id", "title", "content")]
        assert said == [_read(each) for each in (entry.id, entry.title, entry.text)]
        assert [each.tag for each in element] == [
            _ATOM + tag for tag in ("id", "title", "published", "updated", "link", "content")
        ]
        assert not list(element[-1])


def _entry(drawn: Drawn, number: int) -> Entry:
    at = _BEGUN + timedelta(hours=number)
    texts = [drawn.text(PIECES) for _ in range(4)]
    return Entry(texts[0], texts[1], texts[2], at, at, texts[3])


def _said(element: ElementTree.Element, tag: str) -> str:
    return _read(element.findtext(_ATOM + tag) or "")


def _read(text: str) -> str:
    """Give a text as XML has it: without what it cannot hold, each line's end in one way."""
    return fit(text).replace("\r\n", "\n").replace("\r", "\n")
