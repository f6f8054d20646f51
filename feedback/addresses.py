"""Web addresses: their parts, their origin, and the one form an article is known by.

Follows the URL Standard (https://url.spec.whatwg.org/) in what it accepts and
is stricter where two parsers could disagree: a backslash, a user name, white
space or a control character makes an address unusable.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, unquote, urlsplit

import idna

#: Longest address that is taken, in characters.
LONGEST = 2048

_PORTS = {"http": 80, "https": 443}
_SUSPECT = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff]")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
#: Longest host name, in characters (RFC 1035, 2.3.4).
_LONGEST_HOST = 253
#: What makes browsers read a host as an IPv4 address: a last part that is a number.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_BRACKETED = re.compile(r"\[[^\[\]]*\](:[0-9]*)?")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_STRAY = re.compile("%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

#: Query parameters that say how a reader came, not what is read.
TRACKING = frozenset(
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid li_fat_id igshid"
    " igsh mc_cid mc_eid mkt_tok _ga _gl _hsenc _hsmi __hstc __hssc vero_id oly_anon_id oly_enc_id"
    " rb_clickid s_cid spm wickedid cmpid ncid soc_src soc_trk xtor at_medium at_campaign".split()
)
_WRITE = "write scheme, host and port only, as in https://paper.example"
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


@lru_cache(256)  # a report names its article's address three times, and so do all of an article
def parse(text: str) -> Address:
    """Take an absolute http(s) address apart. Raises BadAddress, saying what is wrong."""
    if len(text) > LONGEST:
        raise BadAddress(f"is longer than {LONGEST} characters")
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
    address = Address(
        scheme=parts.scheme,
        host=_host(parts),
        port=_PORTS[parts.scheme] if port is None else port,
        path=_undotted(_spelled(parts.path)),
        query=_spelled(parts.query),
    )
    if len(address.article) > LONGEST:
        raise BadAddress(f"is longer than {LONGEST} characters once it is escaped")
    return address


def origin(text: str) -> str:
    """Give the origin that `text` states, in the form browsers send it.

    Takes what a person would write (a trailing slash, capitals). Raises
    BadAddress, naming `text`, when there is more to it than scheme, host and port.
    """
    try:
        address = parse(text.strip())
    except BadAddress as error:
        raise BadAddress(f"{text!r} {error}; {_WRITE}") from None
    if address.path != "/" or "#" in text or "?" in text:
        raise BadAddress(f"{text!r} is more than an origin; {_WRITE}")
    return address.origin


def _host(parts: SplitResult) -> str:
    """Give the host as browsers spell it. Raises BadAddress."""
    host = str(parts.hostname)
    if _BRACKETED.fullmatch(parts.netloc):
        return f"[{_ipv6(host)}]"
    if not _HOST.fullmatch(host):
        host = _ascii(host)
    if len(host) > _LONGEST_HOST:
        raise BadAddress("has a host that is too long")
    return _ipv4(host) if _NUMBER.fullmatch(host.rsplit(".", 1)[-1]) else host


def _ipv6(host: str) -> str:
    try:
        found = IPv6Address(host)
    except ValueError:
        found = None
    if found is None or found.scope_id:
        raise BadAddress("has a host that is no address in brackets")
    return _hexadecimal(found)


def _hexadecimal(found: IPv6Address) -> str:
    """Spell an address without dots: browsers write ::ffff:1.2.3.4 as ::ffff:102:304."""
    mapped = found.ipv4_mapped
    if mapped is None:
        return found.compressed
    return f"::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}"


def _ipv4(host: str) -> str:
    try:
        return str(IPv4Address(host))
    except ValueError:
        raise BadAddress("has a host that is no name and no dotted address") from None


def _ascii(host: str) -> str:
    """Give the host's ASCII form (UTS 46, as browsers do). Raises BadAddress."""
    try:
        name = idna.encode(host, uts46=True).decode()
    except UnicodeError:  # what idna raises are kinds of it
        raise BadAddress("has a host that is not a valid name") from None
    if not _HOST.fullmatch(name):
        raise BadAddress("has a host that is not a valid name")
    return name


def _undotted(path: str) -> str:
    """Take `.` and `..` out of a path (RFC 3986, 5.2.4); an empty one is `/`."""
    segments = path.split("/")[1:] or [""]
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _spelled(text: str) -> str:
    """Escape what must be, unescape what need not be, capitals in escapes (RFC 3986, 6.2.2)."""
    whole = _STRAY.sub("%25", text)
    return quote(_ESCAPE.sub(_unreserved, whole), safe="%/:@!$&'()*+,;=?-._~")


def _unreserved(escape: re.Match[str]) -> str:
    char = unquote(escape[0], errors="replace")
    return char if char in _UNRESERVED else escape[0].upper()


def _tracks(pair: str) -> bool:
    name = pair.split("=", 1)[0].lower()
    return name in TRACKING or name.startswith(_TRACKING_PREFIXES)
