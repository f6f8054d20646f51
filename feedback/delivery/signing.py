"""Signing: who sent a message, and that nobody changed it; both ways.

Follows the Standard Webhooks specification, scheme `v1`:
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

#: What every secret begins with, so that a leaked one is recognised.
PREFIX = "whsec_"
#: By how much two clocks may differ, the way included.
TOLERANCE = timedelta(minutes=5)

#: Random bytes of a secret; the specification asks for 24 to 64.
_BYTES = 24
_VERSION = "v1,"


class NotSigned(Exception):
    """A message is not signed as it must be; the message says what is missing."""


def make() -> str:
    """Make a secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode("ascii")


def sign(keys: Sequence[str], uid: str, at: datetime, body: bytes) -> dict[str, str]:
    """Give the headers of a message: a signature by each secret. Raises ValueError for none.

    `uid` is the same however often the message is sent, `at` is when it is sent this time.
    """
    if not keys:
        raise ValueError("there is no secret to sign with")
    stamp = str(int(at.timestamp()))
    signatures = [_VERSION + _signature(key, uid, stamp, body) for key in keys]
    return {
        "webhook-id": uid,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signatures),
    }


def check(key: str, headers: Mapping[str, str], body: bytes, at: datetime) -> None:
    """Go on if a message is signed by this secret and not older than is borne. Raises NotSigned.

    `headers` are by their names in lower case.
    """
    uid, stamp, given = (
        headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")
    )
    if not (uid and stamp and given):
        raise NotSigned("Send the headers webhook-id, webhook-timestamp and webhook-signature.")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        raise NotSigned("webhook-timestamp is the time in seconds since 1970, in digits.")
    if abs(at.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise NotSigned("webhook-timestamp is more than five minutes from the time here.")
    due = _raw(_VERSION + _signature(key, uid, stamp, body))
    if not any(hmac.compare_digest(due, _raw(each)) for each in given.split(" ")):
        raise NotSigned("webhook-signature is not that of this message by the secret kept here.")


def _signature(key: str, uid: str, stamp: str, body: bytes) -> str:
    message = _raw(f"{uid}.{stamp}.") + body
    digest = hmac.new(_bytes(key), message, hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


def _raw(text: str) -> bytes:
    """Give a header's bytes, whatever was put there."""
    return text.encode("utf-8", "surrogatepass")


def _bytes(key: str) -> bytes:
    try:
        found = base64.b64decode(key.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        found = b""
    if not found:
        raise ValueError("the secret is not whsec_ and Base64")
    return found
