"""Chats: whatever letters quote, nobody is mentioned, nothing is a link, and all of it fits."""

import json
from html import unescape
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from feedback.delivery.notifiers.chat import composing, discord, matrix, slack, teams, telegram
from feedback.delivery.notifiers.chat.message import units
from fuzzing.drawn import Drawn
from fuzzing.letters import app, drawing, parcel
from tests import letters, outlets

_KINDS = sorted(letters.BODIES.keys() - {"answer"})
_ENCODERS = {
    "slack": slack.encode,
    "telegram": telegram.encode,
    "discord": discord.encode,
    "matrix": matrix.encode,
    "teams": teams.encode,
}


def check(data: bytes) -> None:
    """Put a letter into a message of each chat and read it as the chat does."""
    drawn = Drawn(data)
    presses = bool(drawn.number(1))
    kind = drawn.choice(_KINDS)
    with app().app_context():
        message = composing.compose(
            parcel(kind, drawing(drawn)), letters.an_office(), presses=presses
        )
        said = {name: encode(message) for name, encode in _ENCODERS.items()}

    for name, body in said.items():
        faults = outlets.chat_faults(body)
        assert faults == [], (name, faults)
        json.dumps(body, ensure_ascii=False).encode()
    _slack(said["slack"])
    _html(said["telegram"]["text"])
    assert units(unescape(said["telegram"]["text"])) <= telegram.LONGEST
    _html(said["matrix"]["formatted_body"])
    assert said["discord"]["allowed_mentions"] == {"parse": []}
    assert units(said["discord"]["content"]) <= discord.CONTENT
    assert len(said["discord"]["embeds"]) <= discord.EMBEDS


def _slack(body: dict[str, Any]) -> None:
    """See that what Slack reads as mrkdwn has no mark, and that there are not too many blocks."""
    assert not set(body["text"]) & set("<>*_~`|"), body["text"]
    assert len(body["text"]) <= slack.SHORT
    assert len(body["blocks"]) <= slack.BLOCKS


def _html(text: str) -> None:
    """See that HTML has no elements but ours, each of which leads home."""
    tree = LexborHTMLParser(f"<body>{text}")
    for node in tree.css("body *"):
        assert node.tag in {"a", "b", "s", "i", "p", "br", "strong", "del", "ol", "ul", "li"}, text
        assert set(node.attributes) <= {"href"}, text
