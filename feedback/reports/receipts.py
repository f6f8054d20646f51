"""The receipt's address: nothing of it is stored, it carries its own proof."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from uuid import UUID


def address(base_url: str, secret: str, uid: UUID) -> str:
    """Give the address at which a report's reader sees what became of it."""
    return f"{base_url}/receipts/{uid.hex}.{_proof(secret, uid)}"


def read(secret: str, receipt: str) -> UUID | None:
    """Give the id of the report whose receipt this is: the address's last part. None if forged."""
    text, _dot, proof = receipt.partition(".")
    try:
        uid = UUID(hex=text)
    except ValueError:
        return None
    fits = hmac.compare_digest(_proof(secret, uid).encode(), proof.encode("utf-8", "replace"))
    return uid if fits else None


def _proof(secret: str, uid: UUID) -> str:
    mac = hmac.digest(secret.encode(), b"receipt:" + uid.bytes, sha256)
    return urlsafe_b64encode(mac[:15]).decode()
