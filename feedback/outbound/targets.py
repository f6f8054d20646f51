"""Which machine an address means, in one spelling, and whether that machine is public.

What two parsers could read differently is refused rather than repaired. The rules for hosts
are those of the WHATWG URL Standard (host parsing, "ends in a number") and UTS #46.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urljoin, urlsplit

import idna
from requests_hardened.ip_filter import InvalidIPAddress, filter_host

from feedback.outbound.errors import Blocked, Reason

DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_LENGTH = 8192  # characters; RFC 9110, section 4.1 asks for 8000 at least
MAX_HOST = 253  # characters; RFC 1035, section 2.3.4

# C0, DEL and C1 controls; the backslash, which browsers read as a slash; half characters; a space
# at either end, which some parsers drop.
_TREACHEROUS = re.compile(r"[\x00-\x1f\x7f-\x9f\\\ud800-\udfff]|\A | \Z")
_AUTHORITY = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^][:@%\s]+)(?::(?P<port>[0-9]{0,5}))?")
# RFC 3986, section 5.2.2, without its leniency for `http:path`.
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart. `host` is ASCII and lower case, an IPv6 one without brackets."""

    scheme: str
    host: str
    port: int
    url: str  #: the same put together again, without a fragment


def target(url: str, base: str = "") -> Target:
    """Take `url` apart, which may be relative to `base`, an address taken apart before.

    Raises Blocked (malformed, scheme, credentials).
    """
    parts = _split(url, base)
    if parts.scheme not in DEFAULT_PORTS:
        raise Blocked(Reason.SCHEME, "only http and https addresses are fetched")
    if "@" in parts.netloc:
        raise Blocked(Reason.CREDENTIALS, "the address holds a name or a password; leave it out")
    host, port = authority(parts.netloc)
    shown = f"[{host}]" if ":" in host else host
    if port not in (None, DEFAULT_PORTS[parts.scheme]):
        shown += f":{port}"
    whole = parts._replace(netloc=shown, path=parts.path or "/", fragment="").geturl()
    return Target(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], whole)


def authority(text: str) -> tuple[str, int | None]:
    """Give the host, in its one spelling, and the port of `host`, `host:port` or `[v6]:port`.

    Raises Blocked (malformed).
    """
    found = _AUTHORITY.fullmatch(text)
    if found is None:
        raise _malformed("it names no host")
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 0 < port < 65536:
        raise _malformed("its port is not between 1 and 65535")
    return _host(found["host"]), port


def _split(url: str, base: str) -> SplitResult:
    if len(url) > MAX_LENGTH:
        raise _malformed(f"it is longer than {MAX_LENGTH} characters")
    if _TREACHEROUS.search(url):
        raise _malformed("it holds a control character, a backslash or a space at its end")
    try:
        return urlsplit(url if _ABSOLUTE.match(url) else urljoin(base, url))
    except ValueError as error:
        raise _malformed("its host cannot be read") from error


def _host(text: str) -> str:
    if text.startswith("["):
        return _ipv6(text[1:-1])
    name = _ascii(text)
    labels = name.split(".")
    if len(name) > MAX_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise _malformed("its host is neither a name nor a number")
    return _ipv4(name) if _NUMBER.fullmatch(labels[-1]) else name


def _ascii(text: str) -> str:
    """Spell a host's name as it is looked up: UTS #46, then Punycode (RFC 5891)."""
    if len(text) > MAX_HOST:
        raise _malformed(f"its host is longer than {MAX_HOST} characters")
    if text.isascii():
        return text.lower()
    try:
        return idna.encode(text, uts46=True).decode("ascii")
    except UnicodeError as error:
        raise _malformed("its host is not a name that can be registered") from error


def _ipv4(text: str) -> str:
    """Refuse what inet_aton(3) reads as an IPv4 address and others do not: 0x7f.1, 017.0.0.1."""
    try:
        return str(IPv4Address(text))
    except ValueError as error:
        raise _malformed("its host is not four decimal numbers") from error


def _ipv6(text: str) -> str:
    try:
        return str(IPv6Address(text))
    except ValueError as error:
        raise _malformed("its host is not an IPv6 address") from error


def _malformed(why: str) -> Blocked:
    return Blocked(Reason.MALFORMED, f"this is no address that can be fetched: {why}")


# The IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), without what they call
# globally reachable; the multicast spaces; the retired ways to carry IPv4 inside IPv6, which
# would let any IPv4 address in by another name; and one public address that is not public.
_SPECIAL: dict[IPv4Network | IPv6Network, str] = {
    ip_network(network): kind
    for network, kind in {
        "0.0.0.0/8": "this network (RFC 791)",
        "10.0.0.0/8": "a private address (RFC 1918)",
        "100.64.0.0/10": "a carrier's shared address (RFC 6598)",
        "127.0.0.0/8": "this machine (RFC 1122)",
        "168.63.129.16/32": "Azure's host, which only virtual machines see",
        "169.254.0.0/16": "a link-local address (RFC 3927)",
        "172.16.0.0/12": "a private address (RFC 1918)",
        "192.0.0.0/24": "an IETF protocol's address (RFC 6890)",
        "192.0.2.0/24": "a documentation address (RFC 5737)",
        "192.88.99.0/24": "a 6to4 relay (RFC 7526)",
        "192.168.0.0/16": "a private address (RFC 1918)",
        "198.18.0.0/15": "a benchmark's address (RFC 2544)",
        "198.51.100.0/24": "a documentation address (RFC 5737)",
        "203.0.113.0/24": "a documentation address (RFC 5737)",
        "224.0.0.0/4": "a multicast address (RFC 5771)",
        "240.0.0.0/4": "a reserved address (RFC 1112)",
        "::/128": "no address (RFC 4291)",
        "::1/128": "this machine (RFC 4291)",
        "::/96": "an IPv4-compatible address (RFC 4291)",
        "::ffff:0:0/96": "an IPv4-mapped address (RFC 4291)",
        "::ffff:0:0:0/96": "an IPv4-translated address (RFC 2765)",
        "64:ff9b::/96": "a NAT64 address (RFC 6052)",
        "64:ff9b:1::/48": "a local NAT64 address (RFC 8215)",
        "100::/64": "a discarded address (RFC 6666)",
        "2001::/32": "a Teredo address (RFC 4380)",
        "2001::/23": "an IETF protocol's address (RFC 2928)",
        "2001:db8::/32": "a documentation address (RFC 3849)",
        "2002::/16": "a 6to4 address (RFC 3056)",
        "3fff::/20": "a documentation address (RFC 9637)",
        "5f00::/16": "a segment identifier (RFC 9602)",
        "fc00::/7": "a private address (RFC 4193)",
        "fe80::/10": "a link-local address (RFC 4291)",
        "fec0::/10": "a site-local address (RFC 3879)",
        "ff00::/8": "a multicast address (RFC 4291)",
    }.items()
}
# All that IANA has allotted for machines that the whole network reaches (RFC 4291, section 2.4).
_GLOBAL_UNICAST = IPv6Network("2000::/3")


def standing(address: str) -> str | None:
    """Say what keeps `address`, an IPv4 or IPv6 address, from being public; None if nothing."""
    ip = ip_address(address)
    for network, kind in _SPECIAL.items():
        if ip.version == network.version and ip in network:
            return kind
    if isinstance(ip, IPv6Address) and ip not in _GLOBAL_UNICAST:
        return "outside the public IPv6 space (RFC 4291)"
    return _second_opinion(str(ip))


def _second_opinion(address: str) -> str | None:
    """Ask requests-hardened too: its list grows with its releases."""
    try:
        filter_host(address, 0, allow_loopback=False)
    except InvalidIPAddress:
        return "a special address"
    return None
