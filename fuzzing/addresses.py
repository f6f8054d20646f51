"""Addresses: what is taken is written in one way, and means the same to whoever reads it next."""

from urllib.parse import urlsplit

from urllib3.util import parse_url

from feedback.addresses import LONGEST, BadAddress, origin, parse
from fuzzing.drawn import Drawn

PIECES = (
    "http://", "https://", "HTTPS://", "//", "/", "\\", "@", ":", "?", "#", "%", "%2e", "%2F", "..",
    "/./", "/../", "[::1]", "[", "]", "127.0.0.1", "0x7f.1", "0177", "paper.example", "münchen",
    "xn--", "xn--mnchen-3ya", ".", "..", "-", "_", ":80", ":443", ":0", ":99999", "utm_source=x",
    "&", ";", "=", "%c3%a9", "%zz", "é", "ß", "\u3002", "\uff0f", "\u200d", "\t", "\u00ad", "ⓔ",
    "[::ffff:1.2.3.4]", "%00", "%0d%0a", "+", "~", "'", '"', "<", "|", "{", "^", "`",
)  # fmt: skip


def check(data: bytes) -> None:
    """Take an address apart; write it, and take that apart."""
    drawn = Drawn(data)
    start = drawn.choice(("https://", "https://paper.example/", "http://", "", "https://a."))
    text = start + "".join(_pieces(drawn))
    try:
        address = parse(text)
    except BadAddress:
        return
    article = address.article
    again = parse(article)
    assert again.article == article, (article, again.article)
    assert (again.origin, again.path) == (address.origin, address.path)
    assert article.isascii()
    assert article.isprintable()
    assert len(article) <= LONGEST
    assert not set(article) & set(' <>"\\^`{}|#'), article
    assert origin(address.origin) == address.origin
    _is_one_host(article, address.host, address.port)


def _is_one_host(article: str, host: str, port: int) -> None:
    """See that others find the same host in what we write: the standard library and urllib3."""
    parts, theirs = urlsplit(article), parse_url(article)
    usual = {"http": 80, "https": 443}[parts.scheme]
    assert (parts.hostname or "") == host.strip("[]"), (article, parts.hostname)
    assert (theirs.host or "") == host, (article, theirs.host)
    assert (parts.port or usual) == (theirs.port or usual) == port or port == 0, article
    assert parts.username is None
    assert theirs.auth is None


def _pieces(drawn: Drawn) -> list[str]:
    found: list[str] = []
    while drawn and len(found) < 60:
        found.append(drawn.choice(PIECES) if drawn.number(2) else drawn.text(most=12))
    return found
