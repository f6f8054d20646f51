"""Microsoft Teams: a workflow that "posts to a channel when a webhook request is received".

    https://….logic.azure.com/workflows/…      https://….api.powerplatform.com/…/workflows/…

What is told stands in text runs of an Adaptive Card, in which Teams reads no Markdown and, since
the card has no entities, no mention. https://adaptivecards.io/explorer/RichTextBlock.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from feedback.delivery.contract import BadTarget, Office, Parcel, Taken
from feedback.delivery.notifiers.chat.message import Item, Line, Look, Message, Run, fitted, tidy
from feedback.delivery.notifiers.chat.posting import Reply, encoded, post
from feedback.outbound import Blocked
from feedback.outbound.targets import target

#: Most bytes of a message; Teams takes 28 kB.
LARGEST = 24_000
#: Most characters of a button's label.
LABEL = 60
#: Where workflows, and the connectors before them, take messages.
HOSTS = (".logic.azure.com", ".api.powerplatform.com", ".webhook.office.com")
_OLD = ("msteams://", "workflow://", "workflows://")


@dataclass(frozen=True, slots=True)
class Teams:
    """Posts to workflows."""

    hosts: tuple[str, ...] = HOSTS

    def check(self, address: str, office: Office, /) -> str | None:
        """Give a workflow's address."""
        if address.startswith(_OLD):
            raise BadTarget("a Teams address is that of a workflow, as Teams shows it: https://…")
        try:
            host = urlsplit(address).hostname or ""
        except ValueError:
            return None
        if not address.startswith(("https://", "http://")) or not host.endswith(self.hosts):
            return None
        try:
            aim = target(address)
        except Blocked as error:
            raise BadTarget(str(error)) from None
        if aim.scheme == "http" and not office.policy.allows(aim.host, aim.port):
            raise BadTarget("a Teams address begins with https://")
        return aim.url

    def send(self, parcel: Parcel, office: Office, message: Message, /) -> Taken:
        """Post a card."""
        return _taken(post(parcel.address, encode(message), office))


def _taken(answer: Reply) -> Taken:
    if answer.taken:
        return Taken(answer.status, answer.text)
    error = answer.json.get("error")
    said = error.get("message") if isinstance(error, Mapping) else answer.text
    code = error.get("code") if isinstance(error, Mapping) else ""
    gone = answer.status in {404, 410} or code == "WorkflowTriggerIsNotEnabled"
    raise answer.refusal(f"Teams answers {answer.status}: {said}", gone=gone)


def encode(message: Message) -> dict[str, Any]:
    """Give the body of a message: one Adaptive Card."""
    return _card(fitted(message, lambda each: len(encoded(_card(each))) <= LARGEST))


def _card(message: Message) -> dict[str, Any]:
    body: list[dict[str, Any]] = [_block(message.head)]
    for item in message.items:
        lines = [_block(line) for line in item.lines]
        body += [{**each, "separator": not number} for number, each in enumerate(lines)]
        body += _actions(item)
    if message.foot:
        body.append(_block(message.foot))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "fallbackText": tidy("".join(run.text for run in message.head), 200),
        "body": body,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _block(line: Line) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [_run(run) for run in line if run.text]}


def _run(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "TextRun", "text": run.text}
    if run.look is Look.STRONG:
        found["weight"] = "Bolder"
    if run.look is Look.STRUCK:
        found["strikethrough"] = True
    if run.leads:
        found["selectAction"] = {"type": "Action.OpenUrl", "url": run.link}
    return found


def _actions(item: Item) -> list[dict[str, Any]]:
    links = [
        {"type": "Action.OpenUrl", "title": tidy(each.label, LABEL), "url": each.link}
        for each in item.buttons
        if each.link
    ]
    return [{"type": "ActionSet", "actions": links}] if links else []
