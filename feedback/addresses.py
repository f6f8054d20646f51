"""Web addresses: their parts, their origin, and the one form an article is known by.

Follows the URL Standard (https://url.spec.whatwg.org/) in what it accepts and
is stricter where two parsers could disagree: a backslash, a user name, white
space or a control character makes an address unusable.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit

import idna

#: Longest address that is taken, in characters.
LONGEST = 2048

_PORTS = {"http": 80, "https": 443}
_SUSPECT = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029]")
_DOTTED = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

#: Query parameters that say how a reader came, not what is read.
TRACKING = frozenset(
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid li_fat_id igshid"
    " igsh mc_cid mc_eid mkt_tok _ga _gl _hsenc _hsmi __hstc __hssc vero_id oly_anon_id oly_enc_id"
    " rb_clickid s_cid spm wickedid cmpid ncid soc_src soc_trk xtor at_medium at_campaign".split()
)
_TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "hsa_", "itm_")


class BadAddress(ValueError):
    """An address that no reader's browser would show for an article."""


@dataclass(frozen=True, slots=True)
class Address:
    """An http(s) address in parts; `origin` and `path` are as in RFC 6454 and RFC 3986."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def origin(self) -> str:
        """Scheme, host and, unless it is the scheme's own, port."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host and, unless it is the scheme's own, port."""
        plain = self.port == _PORTS[self.scheme]
        return self.host if plain else f"{self.host}:{self.port}"

    @property
    def article(self) -> str:
        """The address an article is known by: no fragment, no tracking, one spelling."""
        query = "&".join(pair for pair in self.query.split("&") if pair and not _tracks(pair))
        return self.origin + self.path + (f"?{query}" if query else "")


def parse(text: str) -> Address:
    """Take an absolute http(s) address apart. Raises BadAddress, saying what is wrong."""
    if len(text) > LONGEST:
        raise BadAddress(f"longer than {LONGEST} characters")
    if _SUSPECT.search(text):
        raise BadAddress("has white space, a control character or a backslash")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise BadAddress("is not an address") from None
    if parts.scheme not in _PORTS:
        raise BadAddress("does not begin with http:// or https://")
    if not parts.hostname or "@" in parts.netloc:
        raise BadAddress("has no host, or a user name before it")
    return Address(
        scheme=parts.scheme,
        host=_host(parts),
        port=_PORTS[parts.scheme] if port is None else port,
        path=_spelled(parts.path) or "/",
        query=_spelled(parts.query),
    )


def origin(text: str) -> str:
    """Give the origin that `text` states, in the form browsers send it.

    Takes what a person would write (a trailing slash, capitals). Raises
    BadAddress when there is more to it than scheme, host and port.
    """
    address = parse(text.strip())
    if address.path != "/" or address.query or "#" in text or "?" in text:
        raise BadAddress("is more than an origin: write scheme, host and port only")
    return address.origin


def _host(parts: SplitResult) -> str:
    host = str(parts.hostname)
    if ":" in host:
        return f"[{host}]"
    if not _HOST.fullmatch(host):
        host = _ascii(host)
    if host.rsplit(".", 1)[-1].isdigit() and not _DOTTED.fullmatch(host):
        raise BadAddress("has a host that is no name and no dotted address")
    return host


def _ascii(host: str) -> str:
    """Give the host's ASCII form (UTS 46, as browsers do). Raises BadAddress."""
    try:
        name = idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        raise BadAddress("has a host that is not a valid name") from None
    if not _HOST.fullmatch(name):
        raise BadAddress("has a host that is not a valid name")
    return name


def _spelled(text: str) -> str:
    """Escape what must be, unescape what need not be, capitals in escapes (RFC 3986, 6.2.2)."""
    plain = _ESCAPE.sub(_unreserved, text)
    return quote(plain, safe="%/:@!$&'()*+,;=?-._~[]|")


def _unreserved(escape: re.Match[str]) -> str:
    char = unquote(escape[0], errors="replace")
    return char if char in _UNRESERVED else escape[0].upper()


def _tracks(pair: str) -> bool:
    name = pair.split("=", 1)[0].lower()
    return name in TRACKING or name.startswith(_TRACKING_PREFIXES)
