"""Normal text: any page is lines of words, and its text read again is the same text."""

import html

from feedback.anchoring import normalize
from feedback.anchoring.normal import DROPPED, decode, parse, read
from fuzzing.drawn import Drawn

#: What pages are made of.
PIECES = (
    "<p>", "</p>", "<div>", "</div>", "<b>", "</b>", "<br>", "<hr>", "<pre>", "</pre>", "<i id=x>",
    "<a name=y>", "<script>", "</script>", "<style>", "<noscript>", "<template>", "<table>", "<tr>",
    "<td>", "<select>", "<option>", "<textarea>", "<ruby>", "<rt>", "<rp>", "<svg>", "<title>",
    "<math>", "<p hidden>", "<iframe>", "<object>", "<img alt=z>", "<button>", "<!--", "-->",
    "<![CDATA[", "]]>", "<plaintext>", "<body id=b>", "<frameset>", "&nbsp;", "&shy;", "&#8203;",
    "&nGt;", "&#x110000;", "&#0;", "&amp", "\u00ad", "\u200b", "\ufeff", "\u202e", "\u200d",
    "\r\n", "\n", "\t", "\u00a0", "\u3000", "\x0c", "\x1c", "\x85", "\u2028", "a", " b ", "é", "👩",
)  # fmt: skip


def check(data: bytes) -> None:
    """Read the bytes as a page, and as the pieces of one."""
    drawn = Drawn(data)
    if drawn.number(1):
        page = "".join(_pieces(drawn))
    else:
        raw = drawn.rest()
        page = decode(raw)
        assert normalize(raw) == normalize(page)
    tree = parse(page)
    normal = read(tree)
    assert read(tree) == normal, "the tree is not left as it was"
    text = normal.text
    assert all(line and line == " ".join(line.split()) for line in text.split("\n") if text)
    assert not set(text) & set(DROPPED)
    for places in (normal.seams, normal.unsaid, [at for at, _ in normal.ids]):
        assert list(places) == sorted(places)
        assert all(0 <= at <= len(text) for at in places)
    assert [text[start:end] for start, end in normal.blocks] == text.split("\n") * bool(text)
    assert normalize(f"<pre>\n{html.escape(text)}</pre>").text == text


def _pieces(drawn: Drawn) -> list[str]:
    found: list[str] = []
    while drawn and len(found) < 200:
        found.append(drawn.choice(PIECES) if drawn.number(3) else drawn.text(most=15))
    return found
