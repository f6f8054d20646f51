"""A page: what an article says, and what it says of itself."""

from dataclasses import dataclass
from hashlib import sha256

from feedback.anchoring import NormalText, normal
from feedback.articles.about import about
from feedback.articles.encoding import decode


@dataclass(frozen=True, slots=True)
class Page:
    """What was read from an article's HTML. What the page does not say is empty."""

    normal: NormalText
    title: str = ""
    lang: str = ""  #: BCP 47
    author: str = ""  #: names, separated by commas
    section: str = ""
    canonical: str = ""  #: as `addresses.Address.article`

    @property
    def text(self) -> str:
        """The normal text itself."""
        return self.normal.text

    @property
    def digest(self) -> str:
        """Tell one text from another: SHA-256 in hexadecimal."""
        return sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


def read(body: bytes, charset: str | None, address: str) -> Page:
    """Read a page that came from `address`; `charset` is what HTTP says of its encoding.

    Hostile markup may take this for ever: `reading.read_apart` sets limits.
    """
    tree = normal.parse(decode(body, charset))
    said = about(tree, address)
    return Page(normal.read(tree), said.title, said.lang, said.author, said.section, said.canonical)
