"""Seals: changed, of another key, of another purpose or by a weaker hash, they are broken."""

import hashlib

import pytest
from itsdangerous import BadData, URLSafeTimedSerializer

from feedback.sealing import sealer

SEALED = sealer("hush", "invitation").dumps([7, "state"])
WEAK = URLSafeTimedSerializer("hush", salt="invitation").dumps([7, "state"])


def test_what_was_sealed_is_read_for_the_same_purpose() -> None:
    assert sealer("hush", "invitation").loads(SEALED) == [7, "state"]


@pytest.mark.parametrize(
    ("secret", "purpose", "text"),
    [
        ("hush", "report-form", SEALED),
        ("other", "invitation", SEALED),
        ("hush", "invitation", "x" + SEALED),
        ("hush", "invitation", SEALED.rpartition(".")[0]),
        ("hush", "invitation", WEAK),
    ],
    ids=["purpose", "key", "changed", "unsigned", "SHA-1"],
)
def test_a_broken_seal_is_seen(secret: str, purpose: str, text: str) -> None:
    with pytest.raises(BadData):
        sealer(secret, purpose).loads(text)


def test_a_seal_has_256_bits() -> None:
    seal = SEALED.rpartition(".")[2]

    assert len(seal) == -(-hashlib.sha256().digest_size * 4 // 3)
