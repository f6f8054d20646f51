"""Presses: what a button in a chat says when it is pressed, signed so that nobody makes one up.

It says what is decided, on which spot, and at which version of it: a button that was overtaken
decides nothing. Who pressed is for the chat's service to say, and for us to know.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from feedback.delivery.notifiers.chat.message import Press

#: Bytes of the signature: with all else there is room for it in the 64 that Telegram takes.
_MAC = 12
_LARGEST = 2**63


class NoPress(Exception):
    """This is no button of ours."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button decides."""

    press: Press
    spot_id: int
    version: int


def make(secret: str, press: Press, spot_id: int, version: int) -> str:
    """Give what a button says; at most 64 bytes."""
    said = f"{press}:{spot_id}:{version}"
    return f"{said}:{_mac(secret, said)}"


def read(secret: str, data: str) -> Pressed:
    """Read what a button said. Raises NoPress."""
    said, _, mac = data.rpartition(":")
    if len(data) > 64 or not data.isascii() or not hmac.compare_digest(mac, _mac(secret, said)):
        raise NoPress
    press, spot_id, version = said.split(":")
    if int(spot_id) >= _LARGEST or int(version) >= _LARGEST:
        raise NoPress
    return Pressed(Press(press), int(spot_id), int(version))


def _mac(secret: str, said: str) -> str:
    digest = hmac.new(secret.encode(), f"chat press {said}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_MAC]).decode("ascii")
