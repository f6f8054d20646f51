"""Webhooks: a letter is posted as JSON to a program, by the Standard Webhooks specification.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

A status of 2xx means taken, whatever comes after it. 410 means that no letter will ever be taken
there. Everything else is tried again: a redirect as well, which nobody follows, since a letter is
signed for one address.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from feedback.db import now
from feedback.delivery import signing
from feedback.delivery.contract import SAID, BadTarget, NotTaken, Office, Parcel, Taken
from feedback.outbound import Answer, Blocked, OutboundError, Policy, fetch
from feedback.outbound.targets import Target, target

#: Longest time for one try, in seconds.
PATIENCE = 15.0
#: How much of an answer is read, in bytes: what is kept of it are at most so many characters.
_READ = 4 * SAID
#: Most secrets that a letter is signed with.
_SECRETS = 2
#: How much of a redirect's address is told, in characters.
_PLACE = 300
#: Statuses that are about this letter, not about the far end.
_PARTICULAR = frozenset({400, 405, 409, 411, 413, 414, 415, 422})


class Webhook:
    """Posts letters to programs."""

    def check(self, address: str, office: Office) -> str:
        """Give the address as it is kept: https, and no machine beside ours. Raises BadTarget."""
        try:
            aim = target(address.strip())
            _check(aim, office.policy)
        except Blocked as error:
            raise BadTarget(str(error)) from None
        return aim.url

    def send(self, parcel: Parcel, office: Office) -> Taken:
        """Post a letter to its address, or raise NotTaken. Nothing else is raised."""
        try:
            _check(target(parcel.address), office.policy)
            answer = fetch(
                parcel.address,
                policy=replace(office.policy, total=PATIENCE, max_body=_READ, cuts=True),
                method="POST",
                **_request(parcel),
            )
        except (Blocked, BadTarget) as error:
            raise NotTaken(str(error), gone=True) from error
        except OutboundError as error:
            raise NotTaken(str(error), permanent=error.permanent) from error
        if 200 <= answer.status < 300:
            return Taken(answer.status, _text(answer.body))
        raise _refusal(answer)


def _check(aim: Target, policy: Policy) -> None:
    """Raise Blocked or BadTarget unless letters may go there, as far as the address tells."""
    if aim.scheme != "https" and not policy.allows(aim.host, aim.port):
        pair = f"[{aim.host}]:{aim.port}" if ":" in aim.host else f"{aim.host}:{aim.port}"
        raise BadTarget(
            "a webhook's address begins with https://; if this one is within your own network, "
            f"add {pair} to FEEDBACK_FETCH_ALLOW"
        )
    policy.check_port(aim.host, aim.port)
    if ":" in aim.host or aim.host.rpartition(".")[2].isdigit():
        policy.check_address(aim.host, aim.port, aim.host)


def _request(parcel: Parcel) -> dict[str, Any]:
    """Give body and headers, signed as of now. Raises NotTaken where it cannot be signed."""
    body, secrets = payload(parcel), parcel.secrets[:_SECRETS]
    try:
        signed = signing.sign(secrets, f"msg_{parcel.uid.hex}", now(), body)
    except ValueError as error:
        raise NotTaken(f"{error}; make a new secret for this webhook") from None
    return {"headers": {"Content-Type": "application/json", **signed}, "body": body}


def payload(parcel: Parcel) -> bytes:
    """Give the body: what an event says as it stands, anything else under its kind."""
    said = parcel.body
    if "type" not in said:
        at = parcel.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        said = {"type": parcel.kind, "timestamp": at, "data": said}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _refusal(answer: Answer) -> NotTaken:
    """Say what an answer means that is no success."""
    status = answer.status
    if 300 <= status < 400:
        return NotTaken(_elsewhere(answer), status=status)
    if status == HTTPStatus.GONE:
        said = f"the far end answers 410 Gone: it wants no letters any more\n{_text(answer.body)}"
        return NotTaken(said.strip(), status=status, gone=True)
    return NotTaken(
        _text(answer.body) or f"the far end answers {status} {_phrase(status)}".strip(),
        status=status,
        retry_after=_wait(answer.headers.get("retry-after", "")),
        resting=status not in _PARTICULAR,
    )


def _elsewhere(answer: Answer) -> str:
    place = answer.headers.get("location", "").encode("latin-1", "replace")
    there = f" to {_text(place)[:_PLACE]}" if place else ""
    return (
        f"the address redirects{there}; no redirect is followed: put the new address in its place"
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _wait(text: str) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds, or a date; None for what is neither."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (_aware(at) - now()).total_seconds())


def _aware(at: datetime) -> datetime:
    """Take a date without a zone for UTC, as HTTP's are."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _text(body: bytes) -> str:
    """Give an answer as text that every database takes."""
    text = body.decode("utf-8", "replace")
    shown = (char if char.isprintable() or char == "\n" else " " for char in text)
    return "".join(shown).strip()[:SAID]
