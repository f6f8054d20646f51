"""Who is asking: the network address of a request, through the proxies we trust."""

import re
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

#: What stands in a chain of proxies at most; what lies further back is not looked at.
_LONGEST_CHAIN = 16
#: An IPv4 address with a port, an IPv6 one in brackets.
_WITH_PORT = re.compile(r"([\d.]+):\d+|\[([\da-fA-F:.]+)\](?::\d+)?")


def address(environ: Mapping[str, Any], trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """Give the address of the client.

    1. The peer of the connection is it, unless it is a proxy we trust.
    2. `X-Forwarded-For` then names who asked that proxy, from the right: the
       first that is no proxy of ours is the client. What a client wrote there
       itself lies further left and is never reached.

    Some proxies say the port too, which is another one for each connection: it is left out.
    """
    peer = str(environ.get("REMOTE_ADDR", ""))
    chain = str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    hops = [hop.strip() for hop in chain if hop.strip()][-_LONGEST_CHAIN:]
    while hops and _within(peer, trusted):
        peer = _bare(hops.pop())
    return peer


def _bare(hop: str) -> str:
    """Give an address without its port and brackets."""
    found = _WITH_PORT.fullmatch(hop)
    return (found[1] or found[2]) if found else hop


def _within(text: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        found = ip_address(text)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in network for network in networks)
