"""Slack: an incoming webhook, or a bot's token with a channel.

    https://hooks.slack.com/services/T…/B…/…      slack://T…/B…/…      slack://xoxb-…/C…

What is told stands in rich text, whose elements say what is a link and what is bold: nothing in
the text itself is read as formatting, a mention or an emoji. Only the short text of notifications
is mrkdwn. https://docs.slack.dev/reference/block-kit
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feedback.delivery.contract import BadTarget, NotTaken, Office, Parcel, Taken
from feedback.delivery.notifiers.chat.message import (
    JOINER,
    Button,
    Item,
    Line,
    Look,
    Message,
    Run,
    alike,
    fitted,
    tidy,
)
from feedback.delivery.notifiers.chat.posting import GONE, Reply, encoded, post, within

#: Most blocks of a message, and most characters of its short text and of a button's label.
BLOCKS, SHORT, LABEL = 50, 1000, 75
#: Most bytes of a message: Slack has a limit that it does not tell.
LARGEST = 16_000

#: What the id of a button that decides begins with.
DECIDE = "decide"

_EMOJI = re.compile(rf":(?=[^\s{JOINER}])")
_WEBHOOK = re.compile(r"/services/[A-Z0-9]{5,20}/[A-Z0-9]{5,20}/[A-Za-z0-9]{10,40}")
_PARTS = re.compile(r"slack://(?:[^@/]*@)?([A-Z0-9]+)/([A-Z0-9]+)/([A-Za-z0-9]+)/?")
_BOT = re.compile(r"slack://(xoxb-[A-Za-z0-9-]{10,200})/(#?[\w.-]{1,80})/?")
_GONE = frozenset(
    "account_inactive action_prohibited channel_is_archived channel_not_found invalid_auth"
    " invalid_token is_archived no_active_hooks no_service no_service_id no_team not_authed"
    " not_in_channel posting_to_general_channel_denied team_disabled token_expired token_revoked"
    " user_not_found".split()
)


@dataclass(frozen=True, slots=True)
class Slack:
    """Posts to Slack."""

    hooks: str = "https://hooks.slack.com"
    api: str = "https://slack.com/api"

    def check(self, address: str, _office: Office, /) -> str | None:
        """Give a webhook's or a bot's address; what Slack calls a trigger takes no messages."""
        if parts := _PARTS.fullmatch(address):
            return f"{self.hooks}/services/{'/'.join(parts.groups())}"
        if _BOT.fullmatch(address):
            return address.rstrip("/")
        if address.startswith((f"{self.hooks}/", "slack://")):
            if _WEBHOOK.fullmatch(address.removeprefix(self.hooks)):
                return address
            raise BadTarget(
                "a Slack address is that of an incoming webhook, "
                "https://hooks.slack.com/services/T…/B…/…, or slack://xoxb-TOKEN/CHANNEL"
            )
        return None

    def send(self, parcel: Parcel, office: Office, message: Message, /) -> Taken:
        """Post a message."""
        body = encode(message)
        if bot := _BOT.fullmatch(parcel.address):
            headers = {"Authorization": f"Bearer {bot[1]}"}
            body = {"channel": bot[2], **body}
            return _taken(post(f"{self.api}/chat.postMessage", body, office, headers=headers))
        return _taken(post(parcel.address, body, office))

    def reply(self, parcel: Parcel, office: Office) -> Taken:
        """Post to the address that a press came with, which is good for half an hour."""
        url = str(parcel.body.get("url"))
        if not self.answers(url):
            raise NotTaken("this is no address of Slack", permanent=True)
        answer = post(url, parcel.body["body"], office)
        if answer.taken:
            return Taken(answer.status, answer.text)
        raise NotTaken(
            answer.text or "the press is too old to be answered",
            status=answer.status,
            permanent=400 <= answer.status < 500 and answer.status != 429,
            retry_after=answer.retry_after,
            resting=False,
        )

    def answers(self, url: str) -> bool:
        """Tell whether a press may be answered at an address."""
        return url.startswith((f"{self.hooks}/actions/", f"{self.hooks}/app/"))


def _taken(answer: Reply) -> Taken:
    """Say what an answer means: the API says 200 to all, the webhooks say why in plain text."""
    said = str(answer.json.get("error", "")) if answer.json else answer.text.strip()
    if answer.taken and answer.json.get("ok", True) is True:
        return Taken(answer.status, answer.text if not answer.json else "ok")
    gone = said in _GONE or answer.status in GONE
    raise answer.refusal(f"Slack answers {answer.status}: {said}", gone=gone)


def encode(message: Message) -> dict[str, Any]:
    """Give the body of a message."""
    message = fitted(message, _fits)
    return {
        "text": short(message),
        "blocks": _blocks(message),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _fits(message: Message) -> bool:
    blocks = _blocks(message)
    return len(blocks) <= BLOCKS and len(encoded({"": blocks})) <= LARGEST


def _blocks(message: Message) -> list[dict[str, Any]]:
    blocks = [_rich((message.head,))]
    for item in message.items:
        if item.lines:
            blocks.append(_rich(item.lines))
        if item.buttons:
            blocks.append(_actions(item))
    if message.foot:
        blocks.append(_rich((message.foot,)))
    return blocks


def _rich(lines: tuple[Line, ...]) -> dict[str, Any]:
    elements: list[dict[str, Any]] = []
    for line in lines:
        if elements:
            elements.append({"type": "text", "text": "\n"})
        elements += [_element(run) for run in line if run.text]
    section = {"type": "rich_text_section", "elements": elements or [{"type": "text", "text": " "}]}
    return {"type": "rich_text", "elements": [section]}


_STYLES = {Look.STRONG: {"bold": True}, Look.STRUCK: {"strike": True}}


def _element(run: Run) -> dict[str, Any]:
    style = {"style": _STYLES[run.look]} if run.look in _STYLES else {}
    if run.leads:
        return {"type": "link", "url": run.link, "text": run.text, **style}
    return {"type": "text", "text": run.text, **style}


def _actions(item: Item) -> dict[str, Any]:
    named = {"block_id": f"spot-{item.spot_id}"} if item.spot_id else {}
    elements = [_button(each, number) for number, each in enumerate(item.buttons)]
    return {"type": "actions", **named, "elements": elements}


def _button(button: Button, number: int) -> dict[str, Any]:
    """Give a button; within one block each has an id of its own."""
    does = {"value": button.data} if button.data else {"url": button.link}
    label = {"type": "plain_text", "text": tidy(button.label, LABEL), "emoji": False}
    name = f"{DECIDE if button.data else 'open'}-{number}"
    return {"type": "button", "text": label, "action_id": name, **does}


def mrkdwn(text: str) -> str:
    """Encode a text where Slack reads formatting.

    The three characters that it wants escaped are; for those that format, which cannot be, there
    are look-alikes, and a joiner parts what would name an emoji.
    """
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _EMOJI.sub(f":{JOINER}", alike(escaped))


def short(message: Message) -> str:
    """Give the short text of notifications."""
    lines = [message.head, *(item.lines[0] for item in message.items[:1] if item.lines)]
    texts = ["".join(run.text for run in line) for line in lines]
    return mrkdwn(tidy(" ".join(texts), SHORT // 5))


def rebuttoned(blocks: list[Any], rows: Mapping[int, tuple[Button, ...]]) -> list[Any]:
    """Give a message's blocks, as Slack sent them back, with other buttons for some spots."""
    return [_rebuttoned(block, rows) for block in blocks]


def _rebuttoned(block: Any, rows: Mapping[int, tuple[Button, ...]]) -> Any:
    spot_id = named(block)
    return _actions(Item((), rows[spot_id], spot_id)) if spot_id in rows else block


def named(block: Any) -> int:
    """Give the spot that a block's buttons are about; 0 for none."""
    name = str(within(block, "block_id"))
    number = name.removeprefix("spot-")
    spots = name.startswith("spot-") and number.isascii() and number.isdigit()
    return int(number) if spots and len(number) < 19 else 0


def change(url: str, blocks: list[Any], text: str) -> dict[str, Any]:
    """Give the body of the reply that changes the message that was pressed.

    Its short text is as Slack sent it back: encoded.
    """
    return {"url": url, "body": {"replace_original": True, "text": text, "blocks": blocks}}


def whisper(url: str, text: str, button: Button | None = None) -> dict[str, Any]:
    """Give the body of the reply that only who pressed sees."""
    blocks = [_rich(((Run(text),),))]
    if button:
        blocks.append(_actions(Item((), (button,))))
    body = {"response_type": "ephemeral", "replace_original": False, "text": mrkdwn(text)}
    return {"url": url, "body": {**body, "blocks": blocks}}
