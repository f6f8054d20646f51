"""Matrix: a room, by the access token of an account that is in it.

    matrixs://ACCESS_TOKEN@matrix.example.org/!room:example.org      matrix://… without TLS

https://spec.matrix.org/latest/client-server-api/#sending-events-to-a-room
"""

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from feedback.delivery.contract import BadTarget, NotTaken, Office, Parcel, Taken
from feedback.delivery.notifiers.chat.message import Item, Line, Look, Message, Run, fitted, tidy
from feedback.delivery.notifiers.chat.posting import Reply, encoded, post, seconds
from feedback.outbound import Blocked
from feedback.outbound.targets import Target, target

#: Most bytes of a message: an event may have 65,536 with all that is around it.
LARGEST = 40_000

_ADDRESS = re.compile(
    r"matrix(s?)://(?:[^:@/]*:)?([\w.~+=-]{8,1000})@([^/@?#]+)/([!#][^/?]{1,255})/?"
)
_TAGS = {Look.STRONG: "strong", Look.STRUCK: "del"}
_GONE = frozenset({"M_UNKNOWN_TOKEN", "M_FORBIDDEN", "M_NOT_FOUND", "M_USER_DEACTIVATED"})


@dataclass(frozen=True, slots=True)
class Matrix:
    """Sends to a room by its homeserver."""

    def check(self, address: str, office: Office, /) -> str | None:
        """Give a homeserver with a token and a room. Without TLS only where the owner allows."""
        if not address.startswith(("matrix://", "matrixs://")):
            return None
        found = _ADDRESS.fullmatch(address)
        if found is None:
            raise BadTarget(
                "a Matrix address is matrixs://ACCESS_TOKEN@HOMESERVER/!ROOM:SERVER, "
                "or with #ALIAS:SERVER"
            )
        try:
            aim = _server(found)
            office.policy.check_port(aim.host, aim.port)
            if ":" in aim.host or aim.host.rpartition(".")[2].isdigit():
                office.policy.check_address(aim.host, aim.port, aim.host)
        except Blocked as error:
            raise BadTarget(str(error)) from None
        if aim.scheme == "http" and not office.policy.allows(aim.host, aim.port):
            raise BadTarget("write matrixs://: without TLS whoever listens has the access token")
        return address.rstrip("/")

    def send(self, parcel: Parcel, office: Office, message: Message, /) -> Taken:
        """Send a message; by the letter's id a homeserver knows one that comes again."""
        found = _ADDRESS.fullmatch(parcel.address)
        if found is None:
            raise NotTaken("this is no Matrix address", gone=True)
        base = f"{_server(found).url.rstrip('/')}/_matrix/client/v3"
        headers = {"Authorization": f"Bearer {found[2]}"}
        room = unquote(found[4])
        if room.startswith("#"):
            joined = post(f"{base}/join/{quote(room, safe='')}", {}, office, headers=headers)
            room = str(_taken(joined).json.get("room_id"))
        path = f"{quote(room, safe='')}/send/m.room.message/{parcel.uid.hex}"
        answer = post(
            f"{base}/rooms/{path}", encode(message), office, headers=headers, method="PUT"
        )
        return Taken(_taken(answer).status, answer.text)


def _server(found: re.Match[str]) -> Target:
    """Give the homeserver. Raises Blocked."""
    return target(f"http{found[1]}://{found[3]}/")


def _taken(answer: Reply) -> Reply:
    """Give an answer that is a success. Raises NotTaken."""
    if answer.taken:
        return answer
    code = str(answer.json.get("errcode") or "")
    said = f"Matrix answers {answer.status}: {code} {answer.json.get('error') or answer.text}"
    wait = seconds(answer.json.get("retry_after_ms"))
    raise answer.refusal(
        said,
        gone=answer.status != 429 and (code in _GONE or answer.status in {404, 410}),
        retry_after=None if wait is None else wait / 1000,
    )


def encode(message: Message) -> dict[str, Any]:
    """Give a message's content: plain, and as HTML; nobody is mentioned by it."""
    return _content(fitted(message, lambda each: len(encoded(_content(each))) <= LARGEST))


def _content(message: Message) -> dict[str, Any]:
    return {
        "msgtype": "m.notice",
        "body": plain(message),
        "format": "org.matrix.custom.html",
        "formatted_body": _html(message),
        "m.mentions": {},
    }


def plain(message: Message) -> str:
    """Give a message as plain text: what is struck out stands in brackets."""
    parts = [(message.head,), *(_lines(item) for item in message.items), (message.foot,)]
    blocks = ["\n".join("".join(map(_bare, line)) for line in lines if line) for lines in parts]
    return "\n\n".join(block for block in blocks if block)


def _lines(item: Item) -> tuple[Line, ...]:
    links = tuple((Run(f"{each.label}: {each.link}"),) for each in item.buttons if each.link)
    return (*item.lines, *links)


def _bare(run: Run) -> str:
    if run.look is Look.STRUCK and run.text.strip():
        return f"[{run.text}]"
    return run.text


def _html(message: Message) -> str:
    parts = [(message.head,), *(item.lines for item in message.items), (message.foot,)]
    buttons = [(), *(item.buttons for item in message.items), ()]
    blocks = []
    for lines, links in zip(parts, buttons, strict=True):
        runs = [_run(Run(tidy(each.label, 40), link=each.link)) for each in links if each.link]
        told = ["".join(_run(run) for run in line) for line in lines if line]
        blocks.append("<br>".join([*told, " · ".join(runs)] if runs else told))
    return "".join(f"<p>{block}</p>" for block in blocks if block)


def _run(run: Run) -> str:
    text = html.escape(run.text)
    if tag := _TAGS.get(run.look) if run.text.strip() else None:
        text = f"<{tag}>{text}</{tag}>"
    return f'<a href="{html.escape(run.link)}">{text}</a>' if run.leads else text
