"""Presses: what a button in a chat says when it is pressed, signed so that nobody makes one up.

It says what is decided, on which spot, and at which version of it: a button that was overtaken
decides nothing. Who pressed is for the chat's service to say, and for us to know.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import pgettext

from feedback.delivery.notifiers.chat.message import Button, Press

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
    #: The code of the reason of a rejection.
    reason: str = ""


def make(secret: str, press: Press, spot_id: int, version: int) -> str:
    """Give what a button says; at most 64 bytes."""
    return _signed(secret, f"{press}:{spot_id}:{version}")


def for_reason(secret: str, place: int, reason: str, spot_id: int, version: int) -> str:
    """Give what a button says that rejects for the reason at a place among the site's.

    The reason's code itself is signed, not said: there is no room for it.
    """
    return _signed(secret, f"{Press.REASON}{place}:{spot_id}:{version}", reason)


def read(secret: str, data: str, reasons: Sequence[str] = ()) -> Pressed:
    """Read what a button said; `reasons` are the codes of the site's, now. Raises NoPress."""
    said, _mark, _sign = data.rpartition(":")
    press, spot_id, version = _parts(said)
    reason = ""
    if press[:1] == Press.REASON:
        reason = dict(enumerate(reasons)).get(int(press[1:] or 0), "")
    if len(data) > 64 or not hmac.compare_digest(data, _signed(secret, said, reason)):
        raise NoPress
    return Pressed(Press(press[:1]), spot_id, version, reason)


def _parts(said: str) -> tuple[str, int, int]:
    """Take apart what a button said, before it is believed. Raises NoPress."""
    press, *numbers = said.split(":")
    plain = said.isascii() and len(numbers) == 2 and all(each.isdigit() for each in numbers)
    if not plain or press[:1] not in set(Press) or not (press[1:] or "0").isdigit():
        raise NoPress
    spot_id, version = map(int, numbers)
    if len(said) > 64 or max(spot_id, version) >= _LARGEST:
        raise NoPress
    return press, spot_id, version


def about(data: str) -> int:
    """Give the spot that a button is about, whether it is ours or not; 0 for none."""
    try:
        return _parts(data.rpartition(":")[0])[1]
    except NoPress:
        return 0


def _signed(secret: str, said: str, besides: str = "") -> str:
    message = f"chat press {said} {besides}".encode("utf-8", "surrogatepass")
    digest = hmac.digest(secret.encode(), message, hashlib.sha256)
    return f"{said}:{base64.urlsafe_b64encode(digest[:_MAC]).decode('ascii')}"


def deciding(secret: str, spot_id: int, version: int) -> tuple[Button, ...]:
    """Give the buttons that decide on a spot, in the language of whoever calls."""
    labels = {
        Press.ACCEPT: pgettext("button that decides", "Accept"),
        Press.FIX: pgettext("button that decides", "Fixed"),
        Press.REJECT: pgettext("button that decides", "Reject"),
    }
    return tuple(
        Button(str(label), data=make(secret, press, spot_id, version))
        for press, label in labels.items()
    )


def rejecting(
    secret: str, spot_id: int, version: int, reasons: Sequence[tuple[str, str]]
) -> tuple[Button, ...]:
    """Give the buttons that reject a spot, by the codes and names of its site's reasons."""
    named = tuple(
        Button(name, data=for_reason(secret, place, code, spot_id, version))
        for place, (code, name) in enumerate(reasons)
    )
    return (*named, Button(_("Back"), data=make(secret, Press.BACK, spot_id, version)))
