"""A page that can be edited, with marks that go with the selection wherever the edits take it.

A page is kept as a list of tags and texts. The marks are two characters that no page has; they
stand in the texts like letters, so the normal text of an edited page says itself where the
selection is now.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from feedback.anchoring.normal import BLOCKS, DROPPED, SKIPPED, decode, normalize

#: Before and after the selection.
OPEN, CLOSE = "\ue000", "\ue001"

_TAG: Final = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)((?:\s+[^\s=>]+(?:=\"[^\"]*\")?)*)\s*/?>")
_COMMENT: Final = re.compile(r"<!--.*?-->|<!doctype[^>]*>", re.DOTALL | re.IGNORECASE)
_UNSEEN: Final = re.compile(rf"[\s{DROPPED}]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A tag as it is written, or a text as it is read."""

    text: str
    #: The tag's name; None for a text.
    tag: str | None = None

    @property
    def is_block(self) -> bool:
        """Tell whether it is a tag at which a line of the normal text ends."""
        return self.tag is not None and self.tag in BLOCKS

    @property
    def html(self) -> str:
        """The piece as a page's source has it."""
        return self.text if self.tag else html.escape(self.text, quote=False)


class Part(NamedTuple):
    """A part of the selection: `start` to `end` of the text that is piece number `piece`."""

    piece: int
    start: int
    end: int


@dataclass(frozen=True)
class Page:
    """An article, in pieces."""

    name: str
    pieces: tuple[Piece, ...]

    @property
    def html(self) -> str:
        """The page's source."""
        return "".join(piece.html for piece in self.pieces)

    @property
    def text(self) -> str:
        """The page's normal text, marks included."""
        return normalize(self.html).text

    def edited(self, pieces: list[Piece]) -> "Page":
        """Give the page with other pieces."""
        return replace(self, pieces=tuple(pieces))

    def with_text(self, piece: int, text: str) -> "Page":
        """Give the page with another text in place of a piece."""
        return self.edited([*self.pieces[:piece], Piece(text), *self.pieces[piece + 1 :]])

    def inside(self) -> list[Part]:
        """Give the texts between the marks."""
        found, within = [], False
        for number, piece in enumerate(self.pieces):
            if piece.tag:
                continue
            opened, closed = piece.text.find(OPEN), piece.text.find(CLOSE)
            within |= opened >= 0
            start, end = opened + 1, closed if closed >= 0 else len(piece.text)
            if within and piece.text[start:end].strip():
                found.append(Part(number, start, end))
            within &= closed < 0
        return found

    def marked(self, start: int, end: int) -> "Page":
        """Put the marks around `text[start:end]`."""
        text = self.text
        seen = len(_UNSEEN.sub("", text[:start])), len(_UNSEEN.sub("", text[:end]))
        pieces, count = [], 0
        for piece in self.pieces:
            if piece.tag:
                pieces.append(piece)
                continue
            size = len(_UNSEEN.sub("", piece.text))
            marks = [
                (OPEN, seen[0] - count, seen[0] - count < size),
                (CLOSE, seen[1] - count, seen[1] - count <= size),
            ]
            written = piece.text
            for mark, at, here in reversed(marks):
                if here and at >= (mark is CLOSE):
                    written = _inserted(written, mark, at)
            pieces.append(Piece(written))
            count += size
        return self.edited(pieces)

    def blocks(self) -> list[range]:
        """Give the runs of pieces that make one line of the normal text each."""
        found, start = [], 0
        for number, piece in enumerate([*self.pieces, Piece("<p>", "p")]):
            if piece.is_block:
                if any(_UNSEEN.sub("", text) for text in self._texts(range(start, number))):
                    found.append(range(start, number))
                start = number + 1
        return found

    def own(self) -> list[range]:
        """Give the blocks that the selection is in."""
        blocks, inside, found = self.blocks(), False, []
        for block in blocks:
            text = "".join(self._texts(block))
            inside |= OPEN in text
            if inside:
                found.append(block)
            inside &= CLOSE not in text
        return found

    def _texts(self, block: range) -> Iterator[str]:
        for number in block:
            if not self.pieces[number].tag:
                yield self.pieces[number].text


def _inserted(text: str, mark: str, at: int) -> str:
    """Put a mark before the visible character number `at`, or after the one before it."""
    if mark is CLOSE:
        seen = [n for n, character in enumerate(text) if not _UNSEEN.match(character)]
        place = seen[at - 1] + 1
    else:
        place = [n for n, character in enumerate(text) if not _UNSEEN.match(character)][at]
    return text[:place] + mark + text[place:]


def page(name: str, source: str | bytes) -> Page:
    """Read a page. What is no part of the normal text is left out, and so are attributes."""
    written = source if isinstance(source, str) else _decoded(source)
    written = written.replace(OPEN, "").replace(CLOSE, "")
    tree = LexborHTMLParser(written, scripting=True)
    for unseen in tree.css(",".join([*SKIPPED - {"head", "annotation-xml"}, "body [hidden]"])):
        unseen.decompose()
    body = tree.body
    return Page(name, tuple(_pieces(body.html or "")) if body else ())


def _decoded(source: bytes) -> str:
    """Decode a page; what a browser saved is UTF-8, whatever its `<meta>` says."""
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError:
        return decode(source)


def _pieces(source: str) -> Iterator[Piece]:
    source, at = _COMMENT.sub("", source), 0
    for tag in _TAG.finditer(source):
        if tag.start() > at:
            yield Piece(html.unescape(source[at : tag.start()]))
        yield Piece(f"<{tag[1]}{tag[2]}>", tag[2].lower())
        at = tag.end()
    if at < len(source):
        yield Piece(html.unescape(source[at:]))


def pages(folder: Path) -> list[Page]:
    """Read all pages of a folder whose normal text has a few hundred characters at least."""
    found = (page(path.stem, path.read_bytes()) for path in sorted(folder.glob("*.htm*")))
    return [each for each in found if len(each.text) >= 300]


@dataclass(frozen=True, slots=True)
class Marked:
    """A normal text without its marks, and where they stood; no place where they are gone."""

    text: str
    start: int | None = None
    end: int | None = None


def read(page: Page) -> Marked:
    """Read an edited page's normal text.

    The marks are taken out of the page first, for white space on both sides of them is one.
    """
    marked = page.text
    text = normalize(page.html.replace(OPEN, "").replace(CLOSE, "")).text
    opened, closed = marked.find(OPEN), marked.find(CLOSE)
    if opened < 0 or closed < opened:
        return Marked(text)
    places = [n for n, character in enumerate(text) if not _UNSEEN.match(character)]
    before = len(_UNSEEN.sub("", marked[:opened]))
    within = len(_UNSEEN.sub("", marked[opened + 1 : closed]))
    start = [*places, len(text)][before]
    return Marked(text, start, places[before + within - 1] + 1 if within else start)
