"""Seals: what a browser carries for us and brings back, signed so that nobody can change it."""

import hashlib

from itsdangerous import URLSafeTimedSerializer


def sealer(secret: str, purpose: str) -> URLSafeTimedSerializer:
    """Give what signs by HMAC-SHA256, with the time, and reads that again.

    What was signed for one purpose is nothing for another. `loads` raises BadData.
    """
    return URLSafeTimedSerializer(
        secret, salt=purpose, signer_kwargs={"digest_method": hashlib.sha256}
    )
