"""The normal text of an article: one text, here and in the reader's browser.

`static/js/reader/anchoring.js` walks the same tree by the same rules, and `tests/corpus/` holds
both to them. They know tags and attributes only, since the server sees no style sheet:

1. Text nodes are read in the order of the tree. A subtree is left out when its tag is in `SKIPPED`
   (never shown, replaced by a widget, or said twice, like the readings of ruby), or when it has the
   attribute `hidden`, whatever its value. `<html>` and `<body>` count as shown: a page that hides
   all of itself does so until its script runs. What a reader can open stays in, opened or not:
   `<details>`, `<dialog>`. Shadow trees are left out, their hosts' children stay.
2. A line feed stands at both edges of a tag in `BLOCKS` (which holds `<br>`) and for each line feed
   inside a tag in `PREFORMATTED`. `<wbr>` and all other tags leave no trace.
3. The code points in `DROPPED` vanish: soft hyphens, zero-width spaces, byte-order marks, bidi
   controls. The joiners U+200C and U+200D stay, for they spell words and emoji.
4. Any run of `SPACES` is one space, or one line feed if the run holds one by rule 2; preformatted
   text keeps its lines, not its columns. No white space opens or closes the text.

Nothing else changes: neither case nor Unicode normal form. Offsets count code points.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

#: Tags whose text is no part of the article.
SKIPPED: Final = frozenset(
    "head title script style noscript template iframe object noembed noframes "  # never shown
    "textarea select datalist progress meter audio video canvas "  # widgets instead of their text
    "rt rp rtc desc metadata annotation annotation-xml "  # said twice
    "reader-feedback".split()  # our own dialog
)

#: Tags whose text keeps its line feeds.
PREFORMATTED: Final = frozenset(("pre", "listing", "xmp", "plaintext"))

#: Tags that begin and end a line: what HTML's rendering section displays as blocks, table rows and
#: cells (MathML's too) and SVG's `<text>`.
BLOCKS: Final = PREFORMATTED | frozenset(
    [
        "html",
        "body",
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dialog",
        "div",
        "figure",
        "figcaption",
        "footer",
        "form",
        "header",
        "hgroup",
        "hr",
        "main",
        "nav",
        "p",
        "search",
        "section",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "details",
        "summary",
        "fieldset",
        "legend",
        "optgroup",
        "option",
        "dir",
        "dd",
        "dl",
        "dt",
        "menu",
        "ol",
        "ul",
        "li",
        "table",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "br",
        "mtr",
        "mtd",
        "text",
    ]
)

#: White space: exactly the code points of `str.isspace`, which is what `str.split` splits at.
SPACES: Final = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)

#: Code points that leave no trace.
DROPPED: Final = (
    "\xad\u200b\u2060\ufeff"
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # bidi controls
)

_DROP: Final = re.compile(f"[{DROPPED}]+")  # 20 times as fast as str.translate

#: Where the WHATWG's Encoding Standard gives a label a wider table than Python does.
_WIDER: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
_CODECS: Final = re.compile(
    r"utf-8|cp(125\d|866|874|932|949)|iso8859-\d+|koi8-[ru]|mac-(roman|cyrillic)"
    r"|gb18030|big5hkscs|euc_jp|iso2022_jp"
)
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COMMENT: Final = re.compile(rb"<!--.*?-->", re.DOTALL)
_META: Final = re.compile(rb"<meta\s[^>]*?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)


@dataclass(frozen=True)
class NormalText:
    """The normal text of one article."""

    #: Lines of words: a single space between words, a single line feed between lines.
    text: str

    @property
    def blocks(self) -> tuple[tuple[int, int], ...]:
        """Give where each line of the text starts and ends, in code points, line feeds excluded."""
        return tuple(match.span() for match in re.finditer(r"[^\n]+", self.text))


def normalize(html: str | bytes) -> NormalText:
    """Read the normal text out of a page's HTML; bytes are decoded as `decode` says.

    The tree is the one the HTML Standard builds where scripting is on, as it is for whoever sends
    a report: otherwise a `<noscript>` would spill its content into its surroundings.
    """
    page = html if isinstance(html, str) else decode(html)
    tree = LexborHTMLParser(page, scripting=True)
    return NormalText(_collapse("".join(_pieces(tree.root)))) if tree.root else NormalText("")


def decode(page: bytes, charset: str | None = None) -> str:
    """Decode a page: by its byte-order mark, by `charset` (from HTTP), by its `<meta>`, by a guess.

    The guess is UTF-8 where the bytes allow it, else windows-1252. A label is taken as the WHATWG's
    Encoding Standard takes it, one it does not know is passed over, and bytes that the encoding
    does not know become U+FFFD. No byte is refused.
    """
    for mark, codec in _BOMS:
        if page.startswith(mark):
            return page[len(mark) :].decode(codec, "replace")
    declared = _codec(charset) or _codec(_declared(page))
    return page.decode(declared, "replace") if declared else _guess(page)


def _declared(page: bytes) -> str | None:
    """Give the label in the first 1,024 bytes, where the HTML Standard wants it."""
    meta = _META.search(_COMMENT.sub(b"", page[:1024]))
    return meta[1].decode("ascii", "ignore") if meta else None


def _codec(label: str | None) -> str | None:
    """Give Python's name for an encoding that a browser knows too, else None."""
    try:
        name = codecs.lookup((label or "").strip()).name
    except (LookupError, ValueError):  # ValueError: a NUL in the label
        return None
    name = _WIDER.get(name, name)
    return name if _CODECS.fullmatch(name) else None


def _guess(page: bytes) -> str:
    try:
        return page.decode("utf-8")
    except UnicodeDecodeError:
        return page.decode("cp1252", "replace")


def _pieces(root: LexborNode) -> Iterator[str]:
    """Yield the text under `root` with a line feed only where rule 2 puts one.

    Open elements wait on a stack of our own: pages nest deeper than Python's.
    """
    stack = [(root.iter(include_text=True), "\n", False)]
    while stack:
        children, edge, pre = stack[-1]
        for node in children:
            tag = node.tag or ""
            if tag == "-text":
                text = node.text_content or ""
                yield text if pre else text.replace("\n", " ")
            elif node.is_element_node and not _skips(node, tag):
                inner = "\n" if tag in BLOCKS else ""
                yield inner
                stack.append((node.iter(include_text=True), inner, pre or tag in PREFORMATTED))
                break
        else:
            yield edge
            stack.pop()


def _skips(node: LexborNode, tag: str) -> bool:
    return tag in SKIPPED or ("hidden" in node.attrs and tag not in ("html", "body"))


def _collapse(raw: str) -> str:
    """Drop what vanishes and put white space in order: rules 3 and 4."""
    lines = _DROP.sub("", raw).split("\n")
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))
