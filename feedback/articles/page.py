"""A page: what an article says, and what it says of itself."""

from dataclasses import dataclass
from hashlib import sha256


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
    def digest(self) -> str:
        """Tell one text from another: SHA-256 in hexadecimal."""
        return sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


def read(body: bytes, charset: str | None, address: str) -> Page:
    """Read a page that came from `address`; `charset` is what HTTP says of its encoding.

    Hostile markup may take this for ever: `reading.read_apart` sets limits.
    """
    raise NotImplementedError
