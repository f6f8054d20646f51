"""What comes in from chats: a button was pressed.

Telegram sends the secret that we gave its bot; Slack signs what it sends, by the app's secret.
Both secrets are the carrier's. What is neither is not told from a carrier that is not there.
"""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from feedback.db import db, now
from feedback.delivery.models import Carrier, Means
from feedback.delivery.notifiers.chat import slack as slack_form
from feedback.delivery.notifiers.chat import speaking
from feedback.delivery.notifiers.chat import telegram as telegram_form
from feedback.delivery.notifiers.chat.message import Button, theirs, tidy
from feedback.delivery.notifiers.chat.posting import within
from feedback.delivery.wishes import Wishes
from feedback.desk import chatting
from feedback.web import chat_links, chat_presses, security_log
from feedback.web.chat_presses import Outcome, Person
from feedback.web.forms import csrf
from feedback.web.limits import here, limits
from feedback.web.problems import problem
from feedback.web.security_log import Event

bp = Blueprint("chat_hooks", __name__, url_prefix="/hooks")
csrf.exempt(bp)

#: Largest body, in bytes: it has the whole message that has the button.
LARGEST = 192 * 1024
#: How old what Slack signed may be, in seconds.
OLD = 300
#: Longest text of an answer to a press in Telegram, in characters.
ALERT = 200


@bp.post("/telegram/<int:carrier_id>")
def telegram(carrier_id: int) -> Response:
    """Take a press from Telegram; the answer says what came of it."""
    limits().count("api", f"chat {here()}")
    db.only_reads()
    secret = _secret(carrier_id, "tgram://")
    given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
    if not secret or not _same(secret, given):
        return _unsigned()
    update = _json(_body())
    query = within(update, "callback_query")
    if not isinstance(query, dict) or not isinstance(query.get("id"), str):
        return jsonify({})  # something else that bots are told
    db.writes_too()
    carrier = db.session.get_one(Carrier, carrier_id)
    with speaking(Wishes.read(carrier.wishes).lang):
        outcome = _told_by_telegram(carrier, query)
        db.session.commit()
    text, alert = tidy(outcome.said, ALERT), bool(outcome.said) and not outcome.done
    return jsonify(
        method="answerCallbackQuery", callback_query_id=query["id"], text=text, show_alert=alert
    )


def _told_by_telegram(carrier: Carrier, query: dict[str, Any]) -> Outcome:
    user = within(query, "from", "id")
    names = [within(query, "from", part) for part in ("first_name", "last_name")]
    name = " ".join(each for each in names if isinstance(each, str))
    chat, message = within(query, "message", "chat", "id"), within(query, "message", "message_id")
    keyboard = within(query, "message", "reply_markup", "inline_keyboard")
    rows = keyboard if isinstance(keyboard, list) else []
    if not isinstance(user, int) or not isinstance(chat, int) or not isinstance(message, int):
        return Outcome(_("This button is out of date: open the spot at the desk."))
    person = Person(chatting.service("telegram", carrier.site_id), str(user), name)
    link = chat_presses.spots()
    shown = [found for row in rows if (found := telegram_form.named(row, link))]
    outcome = chat_presses.press(carrier, person, str(query.get("data")), shown)
    chat_presses.answered(
        carrier,
        outcome,
        lambda other: telegram_form.change(
            chat, message, telegram_form.rebuttoned(rows, other, link)
        ),
    )
    if outcome.stranger:
        called = theirs(name, chat_links.NAME).text
        text = _("%(name)s, say at the desk who you are. Then press again.", name=called)
        button = Button(_("Say who I am"), chat_links.address(person))
        chat_presses.reply(carrier, telegram_form.say(chat, message, text, button))
    return outcome


@bp.post("/slack/<int:carrier_id>")
def slack(carrier_id: int) -> Response:
    """Take a press from Slack; what came of it is said by a letter."""
    limits().count("api", f"chat {here()}")
    db.only_reads()
    body = _body()
    if not _signed_by_slack(_secret(carrier_id, "slack://", "http"), body):
        return _unsigned()
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    payload = _json((fields.get("payload") or [""])[0])
    url, data = within(payload, "response_url"), _value(payload)
    if not data or not isinstance(url, str):
        return Response(status=200)  # a link, or another of the app's doings
    db.writes_too()
    carrier = db.session.get_one(Carrier, carrier_id)
    with speaking(Wishes.read(carrier.wishes).lang):
        _told_by_slack(carrier, payload, url, data)
        db.session.commit()
    return Response(status=200)


def _told_by_slack(carrier: Carrier, payload: Any, url: str, data: str) -> None:
    team, user = within(payload, "team", "id"), within(payload, "user", "id")
    name = within(payload, "user", "name")
    blocks = within(payload, "message", "blocks")
    blocks = blocks if isinstance(blocks, list) else []
    service = chatting.service("slack", carrier.site_id, str(team))
    person = Person(service, str(user), str(name or user))
    shown = [found for block in blocks if (found := slack_form.named(block))]
    outcome = chat_presses.press(carrier, person, data, shown)
    chat_presses.answered(
        carrier,
        outcome,
        lambda other: slack_form.change(
            url, slack_form.rebuttoned(blocks, other), str(within(payload, "message", "text") or "")
        ),
    )
    if not outcome.done:
        button = None
        if outcome.stranger:
            button = Button(_("Say who I am"), chat_links.address(person))
        chat_presses.reply(carrier, slack_form.whisper(url, outcome.said, button))


def _value(payload: object) -> str:
    """Give what the pressed button says; empty for one that leads elsewhere."""
    actions = within(payload, "actions")
    first = actions[0] if isinstance(actions, list) and actions else None
    value = within(first, "value")
    pressed = str(within(first, "action_id")).startswith(slack_form.DECIDE)
    return value if pressed and isinstance(value, str) else ""


def _signed_by_slack(secret: str, body: bytes) -> bool:
    """Tell whether Slack signed this within five minutes.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    stamp = request.headers.get("X-Slack-Request-Timestamp", "")
    if not secret or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        return False
    if abs(now().timestamp() - int(stamp)) > OLD:
        return False
    mac = hmac.digest(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
    return _same(f"v0={mac.hex()}", request.headers.get("X-Slack-Signature", ""))


def _same(due: str, given: str) -> bool:
    return hmac.compare_digest(due.encode(), given.encode("utf-8", "surrogatepass"))


def _secret(carrier_id: int, *schemes: str) -> str:
    """Give the secret of a chat's carrier; empty where there is none."""
    carrier = db.session.get(Carrier, carrier_id) if carrier_id < 2**63 else None
    fits = carrier and carrier.means is Means.CHAT and carrier.address.startswith(schemes)
    return carrier.secret if carrier and fits else ""


def _unsigned() -> Response:
    security_log.note(Event.SIGNATURE_REFUSED)
    return problem(403, "signature", "This is not signed by the secret kept here.")


def _json(text: str | bytes) -> object:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found


def _body() -> bytes:
    request.max_content_length = LARGEST
    try:
        return request.get_data(parse_form_data=False)
    except RequestEntityTooLarge:
        raise RequestEntityTooLarge(f"At most {LARGEST} bytes are taken.") from None
