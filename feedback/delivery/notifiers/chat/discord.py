"""Discord: a channel's webhook.

    https://discord.com/api/webhooks/ID/TOKEN      discord://ID/TOKEN      …?thread_id=ID

https://docs.discord.com/developers/resources/webhook
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from feedback.delivery.contract import BadTarget, Office, Parcel, Taken
from feedback.delivery.notifiers.chat.message import Item, Line, Look, Message, Run, fitted, units
from feedback.delivery.notifiers.chat.posting import Reply, post, seconds

#: Most characters of a message's text, of an embed's, of all embeds', and most embeds.
CONTENT, DESCRIPTION, TOTAL, EMBEDS = 2000, 4096, 6000, 10

_OWN = re.compile(
    r"discord://(?:[^@/]*@)?(\d{5,25})/([\w-]{20,120})/?(?:\?thread(?:_id)?=(\d{5,25}))?"
)
_URL = (
    r"(?:https://(?:(?:ptb|canary)\.)?discord(?:app)?\.com|%s)/api(?:/v\d{1,2})?/webhooks/"
    r"(\d{5,25})/([\w-]{20,120})/?(?:\?thread_id=(\d{5,25}))?"
)
_HOSTS = re.compile(r"https://(?:[\w-]+\.)?discord(?:app)?\.com/|discord://")
_MARKS = {Look.STRONG: "**", Look.STRUCK: "~~"}
#: What Markdown could take for something.
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>:@&$=^])")
#: Errors that say that a webhook or its token is no more.
_GONE = frozenset({10003, 10015, 50027})


@dataclass(frozen=True, slots=True)
class Discord:
    """Posts to Discord's webhooks."""

    base: str = "https://discord.com"

    def check(self, address: str, _office: Office, /) -> str | None:
        """Give a webhook's address."""
        found = _OWN.fullmatch(address) or re.fullmatch(_URL % re.escape(self.base), address)
        if found:
            number, token, thread = found.groups()
            query = f"?thread_id={thread}" if thread else ""
            return f"{self.base}/api/webhooks/{number}/{token}{query}"
        if _HOSTS.match(address):
            raise BadTarget(
                "a Discord address is that of a webhook: https://discord.com/api/webhooks/ID/TOKEN"
            )
        return None

    def send(self, parcel: Parcel, office: Office, message: Message, /) -> Taken:
        """Post a message."""
        return _taken(post(parcel.address, encode(message), office))


def _taken(answer: Reply) -> Taken:
    if answer.taken:
        return Taken(answer.status, answer.text)
    said = str(answer.json.get("message") or answer.text)
    gone = answer.json.get("code") in _GONE or answer.status in {401, 404, 410}
    wait = seconds(answer.json.get("retry_after"))
    raise answer.refusal(f"Discord answers {answer.status}: {said}", gone=gone, retry_after=wait)


def encode(message: Message) -> dict[str, Any]:
    """Give the body of a message: nobody is mentioned by it, whatever it says."""
    message = fitted(message, _fits)
    return {
        "content": _content(message),
        "embeds": [{"description": _embed(item)} for item in message.items if item.lines],
        "allowed_mentions": {"parse": []},
    }


def _fits(message: Message) -> bool:
    sizes = [units(_embed(item)) for item in message.items]
    within = all(size <= DESCRIPTION for size in sizes) and sum(sizes) <= TOTAL
    return within and len(sizes) <= EMBEDS and units(_content(message)) <= CONTENT


def _content(message: Message) -> str:
    return "\n".join(_line(line) for line in (message.head, message.foot) if line)


def _embed(item: Item) -> str:
    lines = [_line(line) for line in item.lines]
    buttons = [_run(Run(each.label, link=each.link)) for each in item.buttons if each.link]
    return "\n".join([*lines, " · ".join(buttons)] if buttons else lines)


def _line(line: Line) -> str:
    return "".join(_run(run) for run in line)


def _run(run: Run) -> str:
    """Encode a run; marks stand beside a letter, spaces outside."""
    bare = run.text.strip()
    if not bare:
        return run.text
    mark = _MARKS.get(run.look, "")
    text = f"{mark}{escaped(bare)}{mark}"
    if run.leads:
        text = f"[{text}](<{quote(run.link, safe=_IN_A_LINK)}>)"
    before, _, after = run.text.partition(bare)
    return f"{before}{text}{after}"


#: What an address keeps; brackets would end it.
_IN_A_LINK = ":/?#@!$&*+,;=%~-._"


def escaped(text: str) -> str:
    """Escape all that Markdown could take for something."""
    return _SPECIAL.sub(r"\\\1", text)
