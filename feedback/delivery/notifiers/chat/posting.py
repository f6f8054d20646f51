"""Posting: one request to a chat's service, by the one way out, and what its answer means."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from feedback.delivery.contract import SAID, NotTaken, Office
from feedback.outbound import Blocked, OutboundError, fetch

#: Longest time for one request, in seconds.
PATIENCE = 15.0
#: How much of an answer is read, in bytes.
_READ = 65_536

#: What no letter will ever be taken at: the room or its key is gone.
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
#: Statuses that are about this letter, not about the far end.
_PARTICULAR = frozenset({400, 405, 409, 411, 413, 414, 415, 422})


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered."""

    status: int
    text: str
    retry_after: float | None
    #: The answer as JSON, empty where it is no object.
    json: Mapping[str, Any]

    @property
    def taken(self) -> bool:
        """Whether it is a success, as HTTP has it."""
        return 200 <= self.status < 300

    def refusal(
        self, said: str = "", *, gone: bool | None = None, retry_after: float | None = None
    ) -> NotTaken:
        """Say what it means that is no success; `gone` for what the status does not tell."""
        status = self.status
        words = said or self.text or f"the service answers {status}"
        return NotTaken(
            words,
            status=status,
            gone=status in GONE if gone is None else gone,
            retry_after=self.retry_after if retry_after is None else retry_after,
            resting=status not in _PARTICULAR,
        )


def post(
    url: str,
    body: Mapping[str, Any],
    office: Office,
    *,
    headers: Mapping[str, str] | None = None,
    method: str = "POST",
) -> Reply:
    """Send JSON and give the answer, whatever it is. Raises NotTaken where there is none."""
    try:
        answer = fetch(
            url,
            policy=replace(office.policy, total=PATIENCE, max_body=_READ, cuts=True),
            method=method,
            headers={"Content-Type": "application/json; charset=utf-8", **(headers or {})},
            body=encoded(body),
        )
    except Blocked as error:
        raise NotTaken(str(error), gone=True) from error
    except OutboundError as error:
        raise NotTaken(str(error), permanent=error.permanent) from error
    text = shown(answer.body)
    wait = seconds(answer.headers.get("retry-after"))
    return Reply(answer.status, text, wait, _object(answer.body))


def encoded(body: Mapping[str, Any]) -> bytes:
    """Give JSON as it is sent."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def seconds(told: object) -> float | None:
    """Read for how long a service wants to be left alone; None for what is no such time."""
    try:
        found = float(told)  # type: ignore[arg-type]  # whatever it sent
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) and found >= 0 else None


def shown(body: bytes) -> str:
    """Give an answer as text that every database takes."""
    text = body.decode("utf-8", "replace")
    kept = (char if char.isprintable() or char == "\n" else " " for char in text)
    return "".join(kept).strip()[:SAID]


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def within(found: object, *names: str) -> object:
    """Follow names into JSON that somebody else sent; None where it has no such thing."""
    for name in names:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found
