"""How far out we go, how long we wait, how much we take."""

from dataclasses import dataclass, field
from pathlib import Path

from feedback.outbound.errors import Blocked, Reason
from feedback.outbound.targets import authority, standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The limits of a fetch; times in seconds, sizes in bytes.

    Raises ValueError for a pair in `allow` that is not host:port, or no file `ca_bundle`.
    """

    user_agent: str = "reader-feedback"
    connect: float = 5.0  #: for an address to take the connection, and again for TLS
    read: float = 10.0  #: the longest silence
    total: float = 20.0  #: for everything: look-ups, redirects, the last byte
    max_head: int = 65_536  #: the status line and the headers of one answer
    max_body: int = 5_242_880  #: the body once decompressed
    #: whether a body that is larger, slower or broken is cut there, instead of refused
    cuts: bool = False
    max_redirects: int = 5
    ports: frozenset[int] = frozenset({80, 443})
    #: host:port pairs that may be fetched though private, as in FEEDBACK_FETCH_ALLOW
    allow: frozenset[str] = frozenset()
    ca_bundle: str | None = None  #: a PEM file to trust instead of the public authorities
    _allowed: frozenset[tuple[str, int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_allowed", frozenset(_pair(text) for text in self.allow))
        if self.ca_bundle is not None and not Path(self.ca_bundle).exists():
            raise ValueError(f"there is no file {self.ca_bundle!r} with certificates to trust")

    def allows(self, host: str, port: int) -> bool:
        """Tell whether the owner named this pair."""
        return (host, port) in self._allowed

    def check_port(self, host: str, port: int) -> None:
        """Raise Blocked (port) unless `port` is the web's or the owner named the pair."""
        if port not in self.ports and not self.allows(host, port):
            raise Blocked(
                Reason.PORT,
                f"port {port} of {host} is not fetched; {_remedy(host, port)}",
            )

    def check_address(self, host: str, port: int, address: str) -> None:
        """Raise Blocked (private) unless `address` is public or the owner named the pair."""
        if not self.allows(host, port) and (kind := standing(address)):
            raise Blocked(
                Reason.PRIVATE,
                f"{host} is {kind} and only public ones are fetched; {_remedy(host, port)}",
            )


def user_agent(version: str, base_url: str) -> str:
    """Say who we are and where to ask about us (RFC 9110, section 10.1.5)."""
    return f"reader-feedback/{version} (+{base_url})"


def _pair(text: str) -> tuple[str, int]:
    try:
        host, port = authority(text.strip())
    except Blocked:
        port = None
    if port is None:
        raise ValueError(f"{text!r} is not host:port, as in intranet.example:8080 or [fd00::1]:80")
    return host, port


def _remedy(host: str, port: int) -> str:
    pair = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"if it should be, add {pair} to FEEDBACK_FETCH_ALLOW"
