"""The security log: what happens at the doors, for who operates the service and their programs.

Each event has a name and fields, all of them numbers, names of ours or marks: an editor is a row's
number, a network a mark that says tomorrow something else. What readers do has no mark at all.
What somebody did to people, roles and keys is not here: the record of administration has it.
"""

import hashlib
import hmac
import logging
from enum import StrEnum

from flask import Flask, current_app, request
from limits import RateLimitItemPerMinute

from feedback.accounts.models import Editor
from feedback.config import Settings
from feedback.db import now
from feedback.web.counts import Counts
from feedback.web.limits import TooMany, here

log = logging.getLogger("feedback.security")


class Event(StrEnum):
    """What can happen at a door."""

    SIGNED_IN = "signed-in"
    CODE_ASKED = "code-asked"
    SIGNED_OUT = "signed-out"
    SIGN_IN_FAILED = "sign-in-failed"
    CODE_FAILED = "code-failed"
    PASSWORD_FAILED = "password-failed"  # noqa: S105 -- a name, no secret
    LINK_REFUSED = "link-refused"
    TOKEN_REFUSED = "token-refused"  # noqa: S105
    SIGNATURE_REFUSED = "signature-refused"
    FORM_REFUSED = "form-refused"
    NOT_ALLOWED = "not-allowed"
    LIMIT_REACHED = "limit-reached"
    MUTED = "muted"


#: What is as it should be.
_GOOD = frozenset({Event.SIGNED_IN, Event.CODE_ASKED, Event.SIGNED_OUT})
#: Limits of readers, of whom nothing is told: once a minute says as much as each time.
_READERS = frozenset({"reader", "site", "public"})
#: So many lines of one event and network a minute: nobody fills the log by trying.
_LINES = RateLimitItemPerMinute(30)
_ONCE = RateLimitItemPerMinute(1)

Fields = dict[str, str | int]


def init_app(app: Flask) -> None:
    """Count what is logged."""
    app.extensions["security_log"] = Counts()


def note(event: Event, *, editor: Editor | int | None = None, **fields: str | int) -> None:
    """Log an event of this request, with its route and the mark of its network.

    `fields` are words and numbers of ours, never what somebody sent.
    """
    number = editor.id if isinstance(editor, Editor) else editor
    who: Fields = {} if number is None else {"editor": number}
    _write(event, who | fields, _mark())


def limit(reached: TooMany) -> None:
    """Log that a limit is reached; of readers which one alone, and of which site."""
    fields: Fields = {"limit": reached.name}
    if reached.name == "site":
        fields["site"] = int(reached.key)
    if reached.name in _READERS:
        if _counts().hit(_ONCE, str(fields), ""):
            _write(Event.LIMIT_REACHED, fields, "")
    elif reached.name:
        _write(Event.LIMIT_REACHED, fields, _mark())


def _counts() -> Counts:
    return current_app.extensions["security_log"]  # type: ignore[no-any-return]  # ours


def _write(event: Event, fields: Fields, mark: str) -> None:
    kind = f"{event} {fields.get('limit', '')}"
    if not _counts().hit(_LINES, kind, mark):
        if not _counts().hit(_ONCE, kind, mark):
            return
        event, fields = Event.MUTED, {"more": event.value}
    told: Fields = {"event": event.value, **fields, **_where(mark)}
    text = " ".join(f"{name}={value}" for name, value in told.items() if name != "event")
    level = logging.INFO if event in _GOOD else logging.WARNING
    log.log(level, "%s %s", event.value, text, extra={"told": told})


def _where(mark: str) -> Fields:
    route = request.url_rule.rule if request.url_rule else ""
    named = {"network": mark, "route": route}
    return {name: text for name, text in named.items() if text}


def _mark() -> str:
    """Give what stands for the network: the same for a day, and nothing without the secret key."""
    settings: Settings = current_app.extensions["settings"]
    text = f"security log {now().date()} {here()}"
    return hmac.new(settings.secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:12]
