"""Telegram: a bot that is in a chat.

    tgram://123456:ABC…/-1001234567890      tgram://123456:ABC…/@channel      …/-100…:TOPIC

https://core.telegram.org/bots/api
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from feedback.delivery.contract import BadTarget, NotTaken, Office, Parcel, Taken
from feedback.delivery.notifiers.chat import pressing
from feedback.delivery.notifiers.chat.message import (
    Button,
    Item,
    Line,
    Look,
    Message,
    Run,
    fitted,
    tidy,
    units,
)
from feedback.delivery.notifiers.chat.posting import Reply, post, seconds, within

#: Most characters of a message, in UTF-16; Telegram counts them without the markup, we with it.
LONGEST = 4096
#: Most spots of a message: each has a row of buttons.
ROWS = 10
#: Most characters of a button's label.
LABEL = 40
#: A button is long beyond so many characters; most that stand in one row.
SHORT, ABREAST = 20, 4
#: What a reply may call.
METHODS = frozenset({"editMessageReplyMarkup", "sendMessage"})

_ADDRESS = re.compile(
    r"(?:tgram|telegram)://(?:bot)?(\d{1,20}:[\w-]{20,100})/"
    r"(-?\d{1,20}|@\w{4,40})(?::(\d{1,18}))?/?"
)
#: What is told of a room, or of a bot, that is gone; with status 400 or 403.
_GONE = re.compile(
    r"chat not found|bot was (?:blocked|kicked)|user is deactivated|upgraded to a supergroup"
    r"|not a member|have no rights|CHAT_WRITE_FORBIDDEN|can't initiate conversation",
    re.IGNORECASE,
)
_TAGS = {Look.STRONG: "b", Look.STRUCK: "s"}


@dataclass(frozen=True, slots=True)
class Telegram:
    """Sends by a bot."""

    api: str = "https://api.telegram.org"

    def check(self, address: str, _office: Office, /) -> str | None:
        """Give a bot's token and a chat's id."""
        if not address.startswith(("tgram://", "telegram://")):
            return None
        found = _ADDRESS.fullmatch(unquote(address))
        if found is None:
            raise BadTarget(
                "a Telegram address is tgram://BOT_TOKEN/CHAT_ID; a group’s id begins with -"
            )
        token, chat, topic = found.groups()
        return f"tgram://{token}/{chat}" + (f":{topic}" if topic else "")

    def send(self, parcel: Parcel, office: Office, message: Message, /) -> Taken:
        """Send a message."""
        return self.call(parcel.address, "sendMessage", encode(message), office)

    def reply(self, parcel: Parcel, office: Office) -> Taken:
        """Change the message that has the button, or say something beside it."""
        method = str(parcel.body.get("method"))
        if method not in METHODS:
            raise NotTaken(f"no reply calls {method}", permanent=True)
        try:
            return self.call(parcel.address, method, parcel.body["body"], office)
        except NotTaken as error:
            if error.status == 400 and "not modified" in error.said:
                return Taken(error.status, error.said)  # it came before
            raise

    def connect(self, address: str, url: str, secret: str, office: Office) -> None:
        """Tell the bot where its presses go, and with which secret; nowhere without a `url`.

        Raises NotTaken.
        """
        found = _ADDRESS.fullmatch(address)
        if found is None:
            raise NotTaken("this is no Telegram address", gone=True)
        body: dict[str, Any] = {"url": url}
        if url:
            body |= {"secret_token": secret, "allowed_updates": ["callback_query"]}
        _taken(post(f"{self.api}/bot{found[1]}/setWebhook", body, office))

    def call(self, address: str, method: str, body: Mapping[str, Any], office: Office) -> Taken:
        """Call one of a bot's methods, in its chat. Raises NotTaken."""
        found = _ADDRESS.fullmatch(address)
        if found is None:
            raise NotTaken("this is no Telegram address", gone=True)
        token, chat, topic = found.groups()
        room: dict[str, Any] = {"chat_id": chat if chat.startswith("@") else int(chat)}
        if topic and method == "sendMessage":
            room["message_thread_id"] = int(topic)
        return _taken(post(f"{self.api}/bot{token}/{method}", {**room, **body}, office))


def _taken(answer: Reply) -> Taken:
    if answer.taken and answer.json.get("ok") is True:
        return Taken(answer.status, "ok")
    said = str(answer.json.get("description") or answer.text)
    gone = answer.status in {401, 403, 404, 410} or bool(
        answer.status == 400 and _GONE.search(said)
    )
    moved = within(answer.json, "parameters", "migrate_to_chat_id")
    if isinstance(moved, int):
        said = f"{said}; its id is {moved} now"
    wait = seconds(within(answer.json, "parameters", "retry_after"))
    raise answer.refusal(f"Telegram answers {answer.status}: {said}", gone=gone, retry_after=wait)


def encode(message: Message) -> dict[str, Any]:
    """Give what a message says, as HTML of Telegram's, and its buttons."""
    message = fitted(message, _fits)
    several = len(message.items) > 1
    rows: list[Any] = []
    for place, item in enumerate(message.items, 1):
        rows += _rows(item, f"{place}: " if several else "")
    return {
        "text": _text(message),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        **({"reply_markup": {"inline_keyboard": rows}} if rows else {}),
    }


def _fits(message: Message) -> bool:
    return len(message.items) <= ROWS and units(_text(message)) <= LONGEST


def _text(message: Message) -> str:
    parts = [(message.head,), *(item.lines for item in message.items), (message.foot,)]
    blocks = ["\n".join(_line(line) for line in lines if line) for lines in parts]
    return "\n\n".join(block for block in blocks if block)


def _line(line: Line) -> str:
    return "".join(_run(run) for run in line)


def _run(run: Run) -> str:
    text = html.escape(run.text)
    if tag := _TAGS.get(run.look) if run.text.strip() else None:
        text = f"<{tag}>{text}</{tag}>"
    return f'<a href="{html.escape(run.link)}">{text}</a>' if run.leads else text


def _rows(item: Item, number: str) -> list[list[dict[str, str]]]:
    """Give a spot's buttons, in one row, or one below the other where they are long.

    In a digest the first names the spot by its number.
    """
    buttons: list[dict[str, str]] = []
    for place, button in enumerate(each for each in item.buttons if each.data or public(each.link)):
        label = tidy(f"{'' if place else number}{button.label}", LABEL)
        does = {"callback_data": button.data} if button.data else {"url": button.link}
        buttons.append({"text": label, **does})
    if any(len(each["text"]) > SHORT for each in buttons) or len(buttons) > ABREAST:
        return [[each] for each in buttons]
    return [buttons] if buttons else []


def public(link: str) -> bool:
    """Tell whether Telegram takes a button that leads there: it refuses the whole message else."""
    host = urlsplit(link).hostname or ""
    return "." in host and not host.replace(".", "").isdigit()


def rebuttoned(keyboard: list[Any], rows: Mapping[int, tuple[Button, ...]], link: str) -> list[Any]:
    """Give a message's rows of buttons, as Telegram sent them back, with others for some spots.

    `link` is the address of spots' pages, up to their ids: by it a row is known for a spot's.
    """
    found: list[Any] = []
    last = 0
    for row in keyboard:
        spot_id = named(row, link)
        if spot_id not in rows:
            found.append(row)
        elif spot_id != last:
            found += _rows(Item((), rows[spot_id], spot_id), _number(row))
        last = spot_id
    return found


def _number(row: Any) -> str:
    found = re.match(r"\d{1,2}: ", str(within(row[0], "text"))) if row else None
    return found[0] if found else ""


def named(row: Any, link: str) -> int:
    """Give the spot that a row of buttons is about; 0 for none."""
    for button in row if isinstance(row, list) else ():
        if spot_id := pressing.about(str(within(button, "callback_data"))):
            return spot_id
        url = str(within(button, "url"))
        number = url.removeprefix(link)
        if url.startswith(link) and number.isascii() and number.isdigit() and len(number) < 19:
            return int(number)
    return 0


def change(chat: Any, message: Any, keyboard: list[Any]) -> dict[str, Any]:
    """Give the body of the reply that changes the buttons of a message."""
    markup = {"inline_keyboard": keyboard}
    body = {"chat_id": chat, "message_id": message, "reply_markup": markup}
    return {"method": "editMessageReplyMarkup", "body": body}


def say(chat: Any, message: Any, text: str, button: Button) -> dict[str, Any]:
    """Give the body of the reply that says something below a message, with a link."""
    keyboard = {"inline_keyboard": [[{"text": tidy(button.label, LABEL), "url": button.link}]]}
    body = {"chat_id": chat, "text": tidy(text, LONGEST), "reply_markup": keyboard}
    below = {"reply_parameters": {"message_id": message, "allow_sending_without_reply": True}}
    preview = {"link_preview_options": {"is_disabled": True}}
    return {"method": "sendMessage", "body": {**body, **below, **preview}}
