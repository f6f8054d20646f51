"""Letters for chats, and services on loopback that take them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from feedback.delivery.contract import NotTaken, Office, Parcel, Taken
from feedback.delivery.notifiers.chat import Chat
from feedback.delivery.notifiers.chat.discord import Discord
from feedback.delivery.notifiers.chat.matrix import Matrix
from feedback.delivery.notifiers.chat.others import Others
from feedback.delivery.notifiers.chat.slack import Slack
from feedback.delivery.notifiers.chat.teams import Teams
from feedback.delivery.notifiers.chat.telegram import Telegram
from feedback.delivery.wishes import Wishes
from feedback.outbound import Policy
from tests.far_end import Behaviour, FarEnd, a_far_end

UID = UUID("0b7c5d8e-57a4-4f0e-9f50-8d2c1f6f3a11")
BASE = "https://feedback.example"
TOKEN = "t" * 40
#: Where a letter goes in each service; `{at}` is the far end, `{pair}` its host and port.
ADDRESSES = {
    "slack": "{at}/slack/services/T0000/B0000/" + "s" * 24,
    "slack bot": "slack://xoxb-1234567890-abc/C0123",
    "telegram": f"tgram://123456:{TOKEN}/-1001",
    "discord": f"{{at}}/discord/api/webhooks/1234567/{TOKEN}",
    "matrix": f"matrix://{TOKEN}@{{pair}}/!room:example.org",
    "teams": "{at}/workflows/1/triggers/manual/paths/invoke?sig=x",
}
#: What each answers when it takes a letter.
TAKEN = {
    "slack": b"ok",
    "slack bot": b'{"ok": true}',
    "telegram": b'{"ok": true, "result": {}}',
    "discord": b"",
    "matrix": b'{"event_id": "$1"}',
    "teams": b"1",
}


def a_chat(end: FarEnd | None = None) -> Chat:
    """The notifier, with all services at a far end."""
    if end is None:
        return Chat()
    at = end.url.rstrip("/")
    return Chat(
        (
            Slack(hooks=f"{at}/slack", api=f"{at}/api"),
            Telegram(at),
            Discord(f"{at}/discord"),
            Matrix(),
            Teams(("127.0.0.1",)),
            Others(),
        )
    )


def an_office(*pairs: str) -> Office:
    return Office(Policy(allow=frozenset(pairs)), BASE, "secret")


def a_spot_body(exact: str = "wrold", **more: Any) -> dict[str, Any]:
    return {
        "id": 12,
        "site": "Paper",
        "status": "waiting",
        "version": 3,
        "readers": 2,
        "link": "https://paper.example/captain#:~:text=wrold",
        "about": None,
        "correction": "world",
        "article": {"url": "https://paper.example/captain", "title": "The end of the wrold"},
        "quote": {"exact": exact, "prefix": "The ", "suffix": " is round."},
        **more,
    }


def a_digest(*spots: dict[str, Any], more: int = 0, **each: Any) -> dict[str, Any]:
    told = {"happened": "spot.opened", "comments": [], "actions": {}} | each
    return {
        "site": {"id": 1, "name": "Paper", "link": f"{BASE}/desk/sites/1/"},
        "waiting": len(spots) + more,
        "more": more,
        "spots": [{"spot": spot, **told} for spot in spots],
    }


def an_event(kind: str, **data: Any) -> dict[str, Any]:
    site = {"id": 1, "name": "Paper"}
    return {"type": kind, "timestamp": "2026-11-24T00:00:00Z", "data": {"site": site, **data}}


def a_parcel(
    body: dict[str, Any] | None = None,
    kind: str = "digest",
    address: str = "",
    *secrets: str,
    lang: str = "en",
) -> Parcel:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    said = a_digest(a_spot_body()) if body is None else body
    return Parcel(UID, kind, at, said, address, secrets, Wishes(lang=lang), 1)


def an_address(service: str, end: FarEnd) -> str:
    return ADDRESSES[service].format(at=end.url.rstrip("/"), pair=end.pair)


def sent(
    service: str, behaviour: Behaviour, parcel: Parcel | None = None
) -> tuple[FarEnd, Taken | NotTaken]:
    """Send a letter to a service that behaves so; give what came in, and what came of it."""
    with a_far_end(behaviour) as end:
        given = parcel or a_parcel()
        there = Parcel(
            given.uid,
            given.kind,
            given.at,
            given.body,
            an_address(service, end),
            given.secrets,
            given.wishes,
            given.carrier_id,
        )
        try:
            return end, a_chat(end).send(there, an_office(end.pair))
        except NotTaken as error:
            return end, error
