"""Stopping: the link in each mail by which whoever gets it gets no more. Nothing is kept of it."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

#: What keeps this signature apart from others by the same secret.
_PURPOSE = "stop:"
_PROOF = 18  # bytes


class Untrue(Exception):
    """A link is none of ours."""


def make(secret: str, carrier_id: int, address: str) -> str:
    """Make the token that stops the mail of a carrier to this address."""
    return f"{carrier_id}.{_proof(secret, carrier_id, address)}"


def carrier_id(token: str) -> int:
    """Give the carrier that a token speaks of, true or not. Raises Untrue."""
    number = token.partition(".")[0]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Untrue
    return int(number)


def check(secret: str, token: str, address: str) -> None:
    """Go on if a token is for the carrier that it names, which has this address. Raises Untrue."""
    if not hmac.compare_digest(make(secret, carrier_id(token), address).encode(), token.encode()):
        raise Untrue


def _proof(secret: str, carrier_id: int, address: str) -> str:
    said = f"{_PURPOSE}{carrier_id}:{address}"
    return urlsafe_b64encode(hmac.digest(secret.encode(), said.encode(), sha256)[:_PROOF]).decode()
