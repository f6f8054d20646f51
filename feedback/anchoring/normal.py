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
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

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

#: Tags that the attribute `hidden` does not hide.
_SHOWN: Final = frozenset(("html", "body"))

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

#: Stand in the raw text where a named element begins, at a seam, and where words are left unsaid.
#: No parser gives a lone surrogate as text.
_NAMED: Final = "\ud800"
_SEAM: Final = "\ud801"
_UNSAID: Final = "\ud802"
_MARK: Final = re.compile(f"([{_NAMED}-{_UNSAID}])")
_MARKS: Final = re.compile(rf"[{_NAMED}-{_UNSAID}][{_NAMED}-{_UNSAID}\s]+")

#: Tags in a line whose edges are seams: a browser looks for words in them or beside them.
_SEAMED: Final = frozenset(("button", "svg", "math", "mi", "mo", "mn", "ms", "mtext", "input"))
#: What stands for tags that are skipped though a browser shows them.
_SHOWN_ELSEWHERE: Final = {
    "textarea": _SEAM,
    "canvas": _SEAM,
    "select": _UNSAID,
    "rt": _UNSAID,
    "rtc": _UNSAID,
}
#: A space that style sheets do not collapse, beside another; and spaces in preformatted text.
_WIDE: Final = re.compile(
    "[{0}](?:(?=\\s)|(?<=\\s[{0}]))".format(re.sub(r"[ \t\n\r\f]", "", SPACES))
)
_COLUMNS: Final = re.compile(r"[^\S\n]{2,}|\t")

#: Tags without a box of their own to scroll to, and `<input>`, whose ids are mostly hidden fields'.
_BOXLESS: Final = frozenset(
    "html body area base col colgroup input link map meta param source track".split()
)
#: What a fragment may name: HTML wants an id without white space; longer ones are made by machines.
_NAME: Final = re.compile(r"\S{1,100}")

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
#: Labels of that standard that Python knows by no name.
_LABELS: Final = {
    "iso-8859-8-i": "iso8859-8",
    "x-sjis": "cp932",
    "x-euc-jp": "euc_jp",
    "x-gbk": "gb18030",
    "x-x-big5": "big5hkscs",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "x-mac-cyrillic": "mac-cyrillic",
    "dos-874": "cp874",
    "windows-874": "cp874",
    "windows-31j": "cp932",
    "windows-949": "cp949",
    "koi8": "koi8-r",
    "koi8-ru": "koi8-u",
}
#: Each codec drops the mark that names it.
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_COMMENT: Final = re.compile(rb"<!--.*?-->", re.DOTALL)
_META: Final = re.compile(rb"<meta\s[^>]*?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML: Final = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']\s*([\w.:-]+)")


@dataclass(frozen=True)
class NormalText:
    """The normal text of one article."""

    #: Lines of words: a single space between words, a single line feed between lines.
    text: str
    #: Where elements begin that a URL's fragment can name, ascending, with their names. An element
    #: begins at the first code point in it or after it; one after all text, at the text's length.
    ids: tuple[tuple[int, str], ...] = ()
    #: Where a browser that looks for words has more than one space between them: fields, pictures
    #: and formulas, and spaces that are kept. Offsets of what follows, ascending.
    seams: tuple[int, ...] = ()
    #: Where it has words that the normal text leaves out, such as the readings of ruby. Ascending.
    unsaid: tuple[int, ...] = ()

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "NormalText":
        """Make it of its fields by name, as JSON gives them back."""
        ids = tuple((int(at), str(name)) for at, name in fields["ids"])
        return cls(fields["text"], ids, tuple(fields["seams"]), tuple(fields["unsaid"]))

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
    return read(parse(page))


def parse(html: str) -> LexborHTMLParser:
    """Build the tree of a page, as the HTML Standard does where scripting is on.

    The two entities that are longer than their names are spelt out before: Lexbor, as it is in
    selectolax 1.0.2, writes them into a buffer that has room for the names only, and 10,000 of
    them in one text end the process, or worse.
    """
    html = html.replace("&nGt;", "\u226b\u20d2").replace("&nLt;", "\u226a\u20d2")
    return LexborHTMLParser(html, scripting=True)


def read(tree: LexborHTMLParser) -> NormalText:
    """Read the normal text out of a tree that `parse` has built.

    The tree is left as it was. Takes time in proportion to the tree's size, however deep it is.
    """
    if tree.root is None:
        return NormalText("")
    walk = _Walk(tree.root)
    words, *marked = _MARK.split(_collapse("".join(walk.pieces())))
    pieces = marked[1::2]
    text = "".join((words, *pieces)).rstrip()  # marks after the last word held a space
    starts = (min(at, len(text)) for at in accumulate(map(len, pieces[:-1]), initial=len(words)))
    marks: dict[str, list[int]] = {_NAMED: [], _SEAM: [], _UNSAID: []}
    for kind, at in zip(marked[::2], starts, strict=False):
        marks[kind].append(at)
    ids = zip(marks[_NAMED], walk.names, strict=True)
    return NormalText(text, tuple(ids), tuple(marks[_SEAM]), tuple(marks[_UNSAID]))


def decode(page: bytes, charset: str | None = None) -> str:
    """Decode a page as it is `declared`, else by a guess: UTF-8 where that fits, or windows-1252.

    Bytes that the encoding does not know become U+FFFD. No byte is refused.
    """
    codec = declared(page, charset)
    return page.decode(codec, "replace") if codec else _guess(page)


def declared(page: bytes, charset: str | None = None) -> str | None:
    """Give Python's name of the encoding that a page declares; None where it declares none.

    By its byte-order mark, which the codec drops; by `charset` (from HTTP); by its `<meta>`; by its
    XML declaration. A label is taken as the WHATWG's Encoding Standard takes it, and one that
    it does not know is passed over.
    """
    for mark, codec in _BOMS:
        if page.startswith(mark):
            return codec
    return _codec(charset) or _codec(_meta(page)) or _codec(_xml(page))


def _meta(page: bytes) -> str | None:
    """Give the label in the first 1,024 bytes, where the HTML Standard wants it."""
    meta = _META.search(_COMMENT.sub(b"", page[:1024]))
    return meta[1].decode("ascii", "ignore") if meta else None


def _xml(page: bytes) -> str | None:
    """Give the label of the XML declaration, which stands before all else."""
    xml = _XML.match(page[:1024])
    return xml[1].decode("ascii", "ignore") if xml else None


def _codec(label: str | None) -> str | None:
    """Give Python's name for an encoding that a browser knows too, else None."""
    label = (label or "").strip().lower()
    try:
        name = _LABELS.get(label) or codecs.lookup(label).name
    except (LookupError, ValueError):  # ValueError: a NUL in the label
        return None
    name = _WIDER.get(name, name)
    return name if _CODECS.fullmatch(name) else None


def _guess(page: bytes) -> str:
    try:
        return page.decode("utf-8")
    except UnicodeDecodeError:
        return page.decode("cp1252", "replace")


def _named(root: LexborNode) -> dict[int, list[str]]:
    """Give the names that a fragment finds elements by, by the elements' addresses in memory.

    As HTML's "find a potential indicated element": the first in the tree with the id, hidden or
    not, else the first `<a>` with the name. A name whose element has no box leads nowhere.
    """
    first: dict[str, LexborNode] = {}
    for attribute, selector in (("id", "[id]"), ("name", "a[name]")):
        for node in root.css(selector):
            first.setdefault(node.attrs[attribute] or "", node)
    named = defaultdict(list)
    for name, node in first.items():
        if node.tag not in _BOXLESS and _NAME.fullmatch(name):
            named[node.mem_id].append(name)
    return named


class _Walk:
    """A walk over a tree. To ask each element for its attributes costs more than all else."""

    def __init__(self, root: LexborNode) -> None:
        self.root = root
        self.hidden = {node.mem_id for node in root.css("[hidden]") if node.tag not in _SHOWN}
        self.named = _named(root)
        self.names: list[str] = []

    def pieces(self) -> Iterator[str]:
        """Yield the text with a line feed only where rule 2 puts one, and a mark for each name.

        `self.names` grows by the names that the marks stand for. Ids in `<svg>` name parts of
        pictures, often undrawn, and are passed over. Open elements wait on a stack of our own:
        pages nest deeper than Python's.
        """
        stack = [(self.root.iter(include_text=True), "\n", False, self.named)]
        while stack:
            children, edge, pre, named = stack[-1]
            for node in children:
                tag = node.tag or ""
                if tag == "-text":
                    text = node.text_content or ""
                    yield _COLUMNS.sub(_SEAM + " ", text) if pre else text.replace("\n", " ")
                elif not node.is_element_node:
                    continue
                elif self.skips(node, tag):
                    yield _SHOWN_ELSEWHERE.get(tag, "")
                else:
                    if names := named.get(node.mem_id):
                        self.names += names
                        yield _NAMED * len(names)
                    inner = "\n" if tag in BLOCKS else _SEAM if tag in _SEAMED else ""
                    yield inner
                    pre = pre or tag in PREFORMATTED
                    named = {} if tag == "svg" else named
                    stack.append((node.iter(include_text=True), inner, pre, named))
                    break
            else:
                yield edge
                stack.pop()

    def skips(self, node: LexborNode, tag: str) -> bool:
        return tag in SKIPPED or node.mem_id in self.hidden


def _collapse(raw: str) -> str:
    """Drop what vanishes and put white space in order: rules 3 and 4; marks stick to the right."""
    stuck = _MARKS.sub(_onward, _WIDE.sub(rf"{_SEAM}\g<0>", _DROP.sub("", raw)))
    return "\n".join(filter(None, (" ".join(line.split()) for line in stuck.split("\n"))))


def _onward(marks: re.Match[str]) -> str:
    return _MARK.sub("", marks[0]) + "".join(_MARK.findall(marks[0]))
