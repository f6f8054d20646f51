"""Letters as the desk writes them, for the tests of what puts them for a far end."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from feedback.delivery.contract import Office, Parcel
from feedback.delivery.wishes import Wishes
from feedback.outbound import Policy

BASE = "https://feedback.example"
UID = UUID("8a3b4d0e-0000-4000-8000-000000000001")
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SITE = {"id": 1, "name": "Paper", "link": f"{BASE}/desk/sites/1/"}
ARTICLE = {
    "url": "https://paper.example/news/captain",
    "title": "The end of the world",
    "author": "A. Writer",
    "section": "News",
    "lang": "en",
}


def an_office(**more: Any) -> Office:
    """An office that sends mail."""
    given: dict[str, Any] = {
        "policy": Policy(),
        "base_url": BASE,
        "secret": "hush",
        "smtp_url": "smtp://mail.example",
        "mail_from": "The Paper <feedback@paper.example>",
    }
    return Office(**(given | more))


def a_parcel(kind: str = "digest", body: Any = None, **more: Any) -> Parcel:
    given: dict[str, Any] = {
        "uid": UID,
        "kind": kind,
        "at": AT,
        "body": BODIES[kind] if body is None else body,
        "address": "ed@paper.example",
        "secrets": (),
        "wishes": Wishes(),
        "carrier_id": 3,
    }
    return Parcel(**(given | more))


def a_told_spot(number: int = 7, **more: Any) -> dict[str, Any]:
    """A spot as programs hear of it."""
    spot: dict[str, Any] = {
        "id": number,
        "site": "Paper",
        "status": "waiting",
        "presence": "still",
        "reads": None,
        "looked_at": None,
        "snoozed_until": None,
        "merged_into": None,
        "article": ARTICLE,
        "quote": {
            "exact": "wrold",
            "prefix": "The ",
            "suffix": " is round, said the captain, and the sea is flat.",
        },
        "correction": "world",
        "slip": "",
        "about": None,
        "readers": 3,
        "first_at": "2026-03-02T08:00:00.000000Z",
        "last_at": "2026-03-02T09:00:00.000000Z",
        "version": 1,
        "link": "https://paper.example/news/captain#:~:text=The-,wrold,-is%20round",
    }
    return spot | more


def a_told(number: int = 7, **more: Any) -> dict[str, Any]:
    """A spot of a digest; `more` goes to the spot where it has such."""
    item: dict[str, Any] = {
        "happened": "spot.opened",
        "before": "The ",
        "after": " is round, said the captain, and the sea is flat.",
        "pieces": [["delete", "wrold"], ["insert", "world"]],
        "comments": ["It is round indeed."],
        "decision": None,
        "desk": f"{BASE}/desk/spots/{number}",
        "actions": {
            kind: f"{BASE}/act/7.1.{kind}.1.1772700.proof" for kind in ("accept", "fix", "reject")
        },
    }
    mine = {name: value for name, value in more.items() if name in item}
    theirs = {name: value for name, value in more.items() if name not in item}
    return item | mine | {"spot": a_told_spot(number, **theirs)}


def a_digest(*spots: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"site": SITE, "waiting": 14, "more": 0, "spots": list(spots) or [a_told()]} | more


def a_decision(kind: str = "reject", reason: str | None = "quoted") -> dict[str, Any]:
    return {
        "kind": kind,
        "reason": reason,
        "label": "",
        "note": "",
        "by": "ed@paper.example",
        "became": "",
        "into": None,
        "until": None,
        "at": "2026-03-02T09:10:00.000000Z",
    }


def an_event(kind: str, **more: Any) -> dict[str, Any]:
    """What programs hear of one happening."""
    data = {"site": {"id": 1, "name": "Paper"}} | more
    return {"type": kind, "timestamp": "2026-03-02T09:10:00.000000Z", "data": data}


REPORT = {
    "id": str(UID),
    "quote": {"exact": "wrold", "prefix": "", "suffix": ""},
    "correction": "world",
    "comment": "It is round indeed.",
    "kind": "typo",
    "about": None,
    "at": "2026-03-02T09:10:00.000000Z",
}
ANSWERED = {
    "exact": "wrold",
    "correction": "world",
    "article": {"title": "The end of the world", "url": ARTICLE["url"]},
    "status": "fixed",
    "at": "2026-03-02T09:10:00.000000Z",
    "reads": "world",
    "reason": "",
    "sentence": "",
    "receipt": f"{BASE}/receipts/abc.def",
}
#: A body of each kind.
BODIES: dict[str, Any] = {
    "digest": a_digest(),
    "alarm": {
        "site": SITE,
        "about": "article",
        "count": 12,
        "hours": 1,
        "article": {"title": "The end of the world", "url": ARTICLE["url"]},
        "link": f"{BASE}/desk/spots/7",
    },
    "answer": {
        "site": "Paper",
        "lang": "en-GB",
        "reports": [ANSWERED, ANSWERED | {"status": "rejected", "reason": "quoted"}],
        "erase": f"{BASE}/erase/abc.def",
    },
    "notice": {
        "site": {"id": 1, "name": "Paper"},
        "carrier": {"name": "https://hooks.example/in", "means": "webhook"},
        "what": "off",
        "why": "the far end answers 410 Gone",
        "link": f"{BASE}/desk/sites/1/carriers/3",
    },
    "test": {"site": {"id": 1, "name": "Paper"}, "by": "ed@paper.example"},
    "spot.opened": an_event("spot.opened", spot=a_told_spot(), report=REPORT),
    "spot.grew": an_event("spot.grew", spot=a_told_spot(), report=REPORT),
    "spot.decided": an_event("spot.decided", spot=a_told_spot(), decision=a_decision()),
    "spot.fixed": an_event(
        "spot.fixed", spot=a_told_spot(status="fixed"), decision=a_decision("fix", None)
    ),
    "spot.returned": an_event(
        "spot.returned", spot=a_told_spot(), decision=a_decision("reopen", None)
    ),
    "article.changed": an_event("article.changed", article=ARTICLE),
}
