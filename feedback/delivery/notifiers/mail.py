"""Mail: a letter as text and as HTML, in its reader's language, by the templates of its kind.

Templates are given a letter's body with all its texts inert (`delivery.inert`): none of them has to
think of it. A letter that comes again is the same mail, byte for byte, under the same Message-ID.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import idna
from babel.dates import format_datetime
from flask import render_template
from flask_babel import force_locale, get_locale, lazy_pgettext

from feedback.anchoring import sentence, words
from feedback.delivery import faults, inert, smtp, stopping
from feedback.delivery.contract import BadTarget, NotTaken, Office, Parcel, Taken
from feedback.delivery.messages import MAILBOX, Message
from feedback.delivery.models import Happening

#: What a spot in a letter is headed by.
HAPPENED = {
    Happening.OPENED: lazy_pgettext("what happened to a spot", "New"),
    Happening.GREW: lazy_pgettext("what happened to a spot", "One more reader says so"),
    Happening.DECIDED: lazy_pgettext("what happened to a spot", "Decided"),
    Happening.FIXED: lazy_pgettext("what happened to a spot", "Fixed"),
    Happening.RETURNED: lazy_pgettext("what happened to a spot", "Waits again"),
}

#: Kinds of letters that are about one happening.
_SINGLE = frozenset({kind.value for kind in Happening} - {Happening.CHANGED.value})
#: Kinds that have nothing to be stopped: nobody subscribed to them.
_UNASKED = frozenset({"notice"})
#: How much of a quote a subject shows, and of a passage a letter, in characters.
_SUBJECT, _PASSAGE = 60, 600

_LOCALES = Path(__file__).parents[2] / "locale"


class Mail:
    """Takes letters to mailboxes."""

    def check(self, address: str, office: Office) -> str:
        """Give an address as it is kept: its domain as the network has it. Raises BadTarget."""
        if not office.smtp_url:
            raise BadTarget("this installation sends no mail yet: set FEEDBACK_SMTP_URL")
        return _mailbox(address.strip())

    def send(self, parcel: Parcel, office: Office) -> Taken:
        """Mail a letter, or raise NotTaken. Nothing else is raised."""
        if not office.smtp_url:
            raise NotTaken("this installation sends no mail: set FEEDBACK_SMTP_URL")
        try:
            recipient = _mailbox(parcel.address)
        except BadTarget as error:
            raise NotTaken(str(error), gone=True) from None
        sender = Sender.of(office)
        return smtp.send(
            smtp.Server.read(office.smtp_url),
            smtp.Mail(sender.address, recipient, bytes(message(parcel, office, recipient))),
            name=sender.domain,
            ca_bundle=office.policy.ca_bundle,
        )


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom mail comes from."""

    address: str
    name: str = ""

    @classmethod
    def of(cls, office: Office) -> "Sender":
        """Give who it is by the settings."""
        name, _, address = office.mail_from.rpartition("<")
        address = address.rstrip(">")
        if not address:
            host = urlsplit(office.base_url).hostname or ""
            named = host.rpartition(".")[2].isalpha()
            return cls(f"feedback@{host if named else 'localhost'}")
        try:
            return cls(_mailbox(address), name.strip())
        except BadTarget as error:
            raise NotTaken(f"FEEDBACK_MAIL_FROM: {error}") from None

    @property
    def domain(self) -> str:
        """What we call ourselves."""
        return self.address.rpartition("@")[2]


def _mailbox(address: str) -> str:
    """Give an address, its domain in ASCII. Raises BadTarget."""
    found = MAILBOX.fullmatch(address)
    if found is None or len(address.encode("utf-8", "replace")) > 254:
        raise BadTarget("this is not one mail address; write name@paper.example")
    try:
        domain = found[2] if found[2].isascii() else idna.encode(found[2], uts46=True).decode()
    except idna.IDNAError:
        raise BadTarget(f"there can be no domain {found[2]}") from None
    return f"{found[1]}@{domain}"


def message(parcel: Parcel, office: Office, recipient: str) -> Message:
    """Put a letter into words."""
    sender = Sender.of(office)
    unsubscribing = "" if parcel.kind in _UNASKED else _unsubscribing(parcel, office)
    with force_locale(_language(parcel)):
        given = {**_values(parcel), "base": office.base_url, "unsubscribing": unsubscribing}
        folder = f"email/{_template(parcel.kind)}"
        subject = " ".join(render_template(f"{folder}/subject.txt", **given).split())
        return Message(
            sender=sender.address,
            sender_name=sender.name,
            recipient=recipient,
            subject=subject.replace(inert.BREAK, ""),
            text=_spaced(render_template(f"{folder}/text.txt", **given)),
            html=render_template(f"{folder}/html.html", **given, subject=subject),
            id=parcel.uid.hex,
            at=parcel.at,
            headers=_headers(parcel, sender, unsubscribing),
        )


def _spaced(text: str) -> str:
    """Leave one empty line where a template leaves several."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _unsubscribing(parcel: Parcel, office: Office) -> str:
    if parcel.kind == "answer":  # the page where a reader's address is erased takes one click, too
        return str(parcel.body["erase"])
    token = stopping.make(office.secret, parcel.carrier_id, parcel.address)
    return f"{office.base_url}/letters/stop/{token}"


def _headers(parcel: Parcel, sender: Sender, unsubscribing: str) -> Mapping[str, str]:
    """Give the headers of mail that one can leave (RFC 2369, RFC 2919, RFC 8058)."""
    if not unsubscribing:
        return {}
    return {
        "List-Id": f"<carrier-{parcel.carrier_id}.letters.{sender.domain}>",
        "List-Unsubscribe": f"<{unsubscribing}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _language(parcel: Parcel) -> str:
    """Give the reader's language if it is one of the desk's (RFC 4647, 3.4); else English."""
    left = str(parcel.body.get("lang") or parcel.wishes.lang).replace("-", "_")
    while left:
        if left.isidentifier() and (_LOCALES / left).is_dir():
            return left
        left = left.rpartition("_")[0]
    return "en"


def _template(kind: str) -> str:
    if kind in _SINGLE:
        return "digest"
    return "changed" if kind == Happening.CHANGED else kind


def _values(parcel: Parcel) -> dict[str, Any]:
    """Give what a template says: the body, made inert, with the parts that it is put from."""
    said: Any = inert.body(_gathered(parcel.body) if parcel.kind in _SINGLE else parcel.body)
    if parcel.kind == Happening.CHANGED:
        said = said["data"]
    if "why" in parcel.body:  # a notice
        said["why"] = inert.inert(faults.put(parcel.body["why"]))
    zone = ZoneInfo(parcel.wishes.zone)
    said["written"] = format_datetime(parcel.at, "medium", tzinfo=zone, locale=get_locale())
    if "spots" in said:
        said["spots"] = [_shown(each) for each in said["spots"]]
    return dict(said)


def _gathered(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put what happened to one spot as a digest of it."""
    data = event["data"]
    spot, report = data["spot"], data.get("report")
    item = {
        "happened": event["type"],
        "spot": spot,
        "comments": [report["comment"]] if report and report["comment"] else [],
        "decision": data.get("decision"),
        **_passage(spot),
    }
    return {"site": data["site"], "waiting": None, "more": 0, "spots": [item]}


def _passage(spot: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the sentence around what is wrong, and how that becomes the correction."""
    quote, about = spot["quote"], spot["about"]
    if about:
        wrong = about["text"] if about["type"] == "image" else about["url"]
        steps = [["keep", wrong]] if wrong else []
        if spot["correction"] not in {"", wrong}:
            steps = [["delete", wrong], ["insert", spot["correction"]]]
        return {"before": "", "after": "", "pieces": steps}
    before, after = sentence.around(quote["prefix"], quote["exact"], quote["suffix"])
    right = spot["correction"] or quote["exact"]
    pieces = words.difference(quote["exact"], right)
    return {
        "before": before,
        "after": after,
        "pieces": [[piece.step.value, piece.text] for piece in pieces],
    }


def _shown(item: dict[str, Any]) -> dict[str, Any]:
    """Give a spot of a letter with what it is called, and its pieces put for plain text."""
    kind = Happening(item["happened"].replace(inert.BREAK, ""))
    pieces = [(step, _cut(text, _PASSAGE)) for step, text in item["pieces"]]
    return {
        **item,
        "label": HAPPENED[kind],
        "pieces": pieces,
        "brief": _cut(item["spot"]["quote"]["exact"], _SUBJECT),
        "plain": f"{item['before']}{''.join(_plain(pieces))}{item['after']}",
    }


def _plain(pieces: list[tuple[str, str]]) -> Iterator[str]:
    """Write in brackets what is wrong, and what it becomes: `[teh → the]`."""
    if all(step == "keep" for step, _ in pieces):
        yield f"[{''.join(text for _, text in pieces)}]"
        return
    left = list(pieces)
    while left:
        step, text = left.pop(0)
        if step == "keep":
            yield text
        elif step == "delete" and left and left[0][0] == "insert":
            yield f"[{text} → {left.pop(0)[1]}]"
        else:
            yield f"[− {text}]" if step == "delete" else f"[+ {text}]"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
