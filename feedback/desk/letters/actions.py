"""Actions: links in letters that lead to a decision. Nothing is kept of them: each proves itself.

A link names a spot as it was when the letter was written, what would be decided on it, and as whom.
Once anything was decided the spot is at another version, and the link decides nothing any more:
so it works once. It leads to a page that asks; what only looks at a letter's links decides nothing.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from feedback.desk.models import Kind
from feedback.reports.models import Spot

#: What a letter offers to decide.
OFFERED = (Kind.ACCEPT, Kind.FIX, Kind.REJECT)
#: How long a link is good.
LASTS = timedelta(days=7)

#: What keeps this signature apart from others by the same secret.
_PURPOSE = b"act:"
_PROOF = 18  # bytes


class Untrue(Exception):
    """A link is none of ours."""


class Expired(Exception):
    """A link is too old."""


@dataclass(frozen=True, slots=True)
class Action:
    """What a link would decide."""

    spot_id: int
    #: The spot's version when the letter was written.
    version: int
    kind: Kind
    #: Whose link it is; None for whoever is signed in.
    editor_id: int | None


def make(
    secret: str, spot_id: int, version: int, kind: Kind, editor_id: int | None, expires: datetime
) -> str:
    """Make a link's token: safe in an address, good until `expires`."""
    said = f"{spot_id}.{version}.{kind}.{editor_id or 0}.{int(expires.timestamp())}"
    return f"{said}.{_proof(secret, said)}"


def read(secret: str, token: str, at: datetime) -> Action:
    """Read what `make` made. Raises Untrue, Expired."""
    said, _, proof = token.rpartition(".")
    if not hmac.compare_digest(_proof(secret, said).encode(), proof.encode()):
        raise Untrue
    spot_id, version, kind, editor_id, expires = said.split(".")
    if at >= datetime.fromtimestamp(int(expires), UTC):
        raise Expired
    return Action(int(spot_id), int(version), Kind(kind), int(editor_id) or None)


def _proof(secret: str, said: str) -> str:
    mac = hmac.digest(secret.encode(), _PURPOSE + said.encode(), sha256)
    return urlsafe_b64encode(mac[:_PROOF]).decode("ascii")


def links(
    base_url: str, secret: str, spot: Spot, editor_id: int | None, at: datetime
) -> Mapping[str, str]:
    """Give the addresses that lead to each decision on a spot as it is now, by its kind."""
    until = at + LASTS
    tokens = {kind: make(secret, spot.id, spot.version, kind, editor_id, until) for kind in OFFERED}
    return {kind.value: f"{base_url}/act/{token}" for kind, token in tokens.items()}
