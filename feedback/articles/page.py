"""A page: what an article says, and what it says of itself."""

from dataclasses import dataclass
from hashlib import sha256

from selectolax.lexbor import LexborHTMLParser

from feedback.anchoring import NormalText, normal
from feedback.articles.about import about
from feedback.articles.encoding import decode


@dataclass(frozen=True, slots=True)
class Page:
    """What was read from an article's HTML. What the page does not say is empty."""

    text: str  #: normal text, see `anchoring.normal`
    ids: tuple[tuple[int, str], ...]  #: where in `text` a link's fragment may point
    title: str
    lang: str  #: BCP 47
    author: str  #: names, separated by commas
    section: str
    canonical: str  #: as `addresses.Address.article`

    @property
    def normal(self) -> NormalText:
        """The text as `anchoring` takes it."""
        return NormalText(self.text, self.ids)

    @property
    def digest(self) -> str:
        """Tell one text from another: SHA-256 in hexadecimal."""
        return sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


def read(body: bytes, charset: str | None, address: str) -> Page:
    """Read a page that came from `address`; `charset` is what HTTP says of its encoding.

    Hostile markup may take this for ever: `reading.read_apart` sets limits.
    """
    tree = LexborHTMLParser(_defused(decode(body, charset)), scripting=True)
    said = about(tree, address)
    found = normal.read(tree)
    return Page(
        found.text, found.ids, said.title, said.lang, said.author, said.section, said.canonical
    )


def _defused(html: str) -> str:
    """Spell out the two entities that are longer than their names.

    Lexbor, as it is in selectolax 1.0.2, writes them into a buffer that has room for the names
    only: 10,000 of them in one text end the process, or worse.
    """
    return html.replace("&nGt;", "\u226b\u20d2").replace("&nLt;", "\u226a\u20d2")
