"""Other chats, by the addresses that Apprise gives them.

https://appriseit.com/services/

Apprise goes out by its own HTTP, which knows none of our limits: no private address is refused
there, no answer is too large. So only such services are here whose host is fixed in Apprise's own
code, whatever the address says. What goes to a host that the address names (`json://`, `xml://`,
`form://`, `mmost://`, `ntfy://`, `gotify://`), to this machine (`file://`, `syslog://`, `dbus://`,
`gnome://`, `windows://`, `macosx://`), or by mail or a program (`mailto://`, `exec`), is not: nor
are its modules loaded. Such a far end is served by a webhook.

Nothing can be escaped for all of them: where a service reads formatting, there are look-alikes.
"""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from feedback.delivery.contract import BadTarget, NotTaken, Office, Parcel, Taken
from feedback.delivery.notifiers.chat.message import Line, Look, Message, Run, alike, fitted

#: How to get Apprise.
REMEDY = "install it: pip install 'reader-feedback[chat]'"
#: Most characters of a message; of what a service takes besides, Apprise knows.
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Kind:
    """A service of Apprise's: its module and class, and whether it reads formatting."""

    module: str
    name: str
    formats: bool = False


#: By the scheme of the address.
TABLE: Mapping[str, Kind] = {
    "dingtalk": Kind("dingtalk", "NotifyDingTalk", formats=True),
    "feishu": Kind("feishu", "NotifyFeishu", formats=True),
    "flock": Kind("flock", "NotifyFlock", formats=True),
    "gchat": Kind("google_chat", "NotifyGoogleChat", formats=True),
    "guilded": Kind("guilded", "NotifyGuilded", formats=True),
    "lark": Kind("lark", "NotifyLark", formats=True),
    "line": Kind("line", "NotifyLine"),
    "pagerduty": Kind("pagerduty", "NotifyPagerDuty"),
    "pbul": Kind("pushbullet", "NotifyPushBullet"),
    "pover": Kind("pushover", "NotifyPushover"),
    "prowl": Kind("prowl", "NotifyProwl"),
    "revolt": Kind("revolt", "NotifyRevolt", formats=True),
    "signl4": Kind("signl4", "NotifySIGNL4"),
    "webex": Kind("webexteams", "NotifyWebexTeams", formats=True),
    "wecombot": Kind("wecombot", "NotifyWeComBot", formats=True),
    "wxteams": Kind("webexteams", "NotifyWebexTeams", formats=True),
}


@dataclass(frozen=True, slots=True)
class Others:
    """Sends by Apprise."""

    def check(self, address: str, _office: Office, /) -> str | None:
        """Give an address of a service that is in the table."""
        scheme, mark, _ = address.partition("://")
        if not mark or scheme in {"http", "https"}:
            return None
        if scheme.lower() not in TABLE:
            raise BadTarget(
                f"{scheme}:// is none of the chats that are served; there are slack, tgram, "
                f"discord, matrixs, a Teams workflow, and {', '.join(TABLE)}"
            )
        _made(address)
        return address

    def send(self, parcel: Parcel, _office: Office, message: Message, /) -> Taken:
        """Send a message; Apprise says no more than whether it was taken."""
        try:
            service = _made(parcel.address)
        except BadTarget as error:
            raise NotTaken(str(error), permanent=True) from error
        formats = TABLE[parcel.address.partition("://")[0].lower()].formats
        with _heard() as said:
            taken = bool(service.notify(body=text(message, formats=formats)))
        if not taken:
            raise NotTaken("; ".join(said) or "the service did not take it; Apprise says no more")
        return Taken(None, "Apprise says that it was taken")


def _made(address: str) -> Any:
    """Give what sends to an address, as plain text. Raises BadTarget."""
    kind = TABLE[address.partition("://")[0].lower()]
    try:
        service: Any = getattr(import_module(f"apprise.plugins.{kind.module}"), kind.name)
    except ModuleNotFoundError as error:
        raise BadTarget(f"this chat needs Apprise, which is not there; {REMEDY}") from error
    parts = service.parse_url(address)
    if not parts:
        raise BadTarget("Apprise cannot read this address; see https://appriseit.com/services/")
    try:
        return service(**{**parts, "format": "text", "overflow": "truncate"})
    except TypeError as error:
        raise BadTarget(f"Apprise does not take this address: {error}") from error


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Collect what Apprise warns of in this thread: it says nowhere else why it failed."""
    said: list[str] = []
    here = threading.get_ident()

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == here:
                said.append(record.getMessage())

    ear, log = Ear(logging.WARNING), logging.getLogger("apprise")
    log.addHandler(ear)
    try:
        yield said
    finally:
        log.removeHandler(ear)


def text(message: Message, *, formats: bool = False) -> str:
    """Give a message as plain text, for a service that `formats` with look-alikes."""
    message = fitted(message, lambda each: len(_text(each, formats=formats)) <= LONGEST)
    return _text(message, formats=formats)


def _text(message: Message, *, formats: bool) -> str:
    lines: list[str] = [_line(message.head, formats=formats)]
    for item in message.items:
        lines += ["", *(_line(line, formats=formats) for line in item.lines)]
        lines += [f"{each.label}: {each.link}" for each in item.buttons if each.link][-1:]
    if message.foot:
        lines += ["", _line(message.foot, formats=formats), message.link]
    return "\n".join(lines).strip()


def _line(line: Line, *, formats: bool) -> str:
    return "".join(_run(run, formats=formats) for run in line)


def _run(run: Run, *, formats: bool) -> str:
    shown = alike(run.text) if formats else run.text
    return f"[{shown}]" if run.look is Look.STRUCK and run.text.strip() else shown
