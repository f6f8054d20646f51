"""What can go wrong on the way out, named as facts."""

from enum import StrEnum
from typing import ClassVar


class Reason(StrEnum):
    """Why an address may not be fetched."""

    MALFORMED = "malformed"  #: not one address to every parser
    SCHEME = "scheme"  #: neither http nor https
    CREDENTIALS = "credentials"  #: a name or a password before the host
    PORT = "port"  #: a port that is not the web's
    PRIVATE = "private"  #: not a public machine


class OutboundError(Exception):
    """Nothing usable came back. The message names hosts only: a path may hold a secret."""

    #: True where asking again gives the same: what a carrier calls undeliverable for good.
    permanent: ClassVar[bool] = False


class Blocked(OutboundError):
    """The address may not be fetched, and nothing was sent to it."""

    permanent = True

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class TooManyRedirects(OutboundError):
    """One redirect led to another, past the limit or in a circle."""

    permanent = True


class TooLarge(OutboundError):
    """The headers or the body, as sent or once decompressed, pass their limit."""

    permanent = True


class TooSlow(OutboundError):
    """The far end was silent for too long, or the whole took too long."""


class Unreachable(OutboundError):
    """No such host, no connection to it, or none that is secure."""


class Broken(OutboundError):
    """The far end hung up, or what it sent is not HTTP."""
