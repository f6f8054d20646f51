"""The desk's words for what the code names."""

from typing import Any

from flask import Flask
from flask_babel import get_locale, lazy_gettext

from feedback.anchoring import sentence
from feedback.anchoring.locate import Presence
from feedback.anchoring.words import Piece
from feedback.desk.cards import pieces
from feedback.desk.models import Kind, Reason
from feedback.desk.queue import Order
from feedback.reports.models import Status

#: Longest piece of a quote, in characters, that a row of the queue shows whole.
WHOLE = 240

STATUSES = {
    Status.WAITING: lazy_gettext("Waiting"),
    Status.ACCEPTED: lazy_gettext("Accepted"),
    Status.FIXED: lazy_gettext("Fixed"),
    Status.REJECTED: lazy_gettext("Rejected"),
    Status.MERGED: lazy_gettext("Merged"),
}
ORDERS = {
    Order.NEWEST: lazy_gettext("Newest"),
    Order.MOST_REPORTED: lazy_gettext("Most reported"),
}
KINDS = {
    Kind.ACCEPT: lazy_gettext("Accept"),
    Kind.FIX: lazy_gettext("Fixed"),
    Kind.REJECT: lazy_gettext("Reject"),
    Kind.REOPEN: lazy_gettext("Reopen"),
    Kind.MERGE: lazy_gettext("Merge"),
    Kind.SPLIT: lazy_gettext("Split"),
    Kind.UNDO: lazy_gettext("Undo"),
}
DONE = {
    Kind.ACCEPT: lazy_gettext("Accepted: will be fixed"),
    Kind.FIX: lazy_gettext("Marked as fixed"),
    Kind.REJECT: lazy_gettext("Rejected"),
    Kind.REOPEN: lazy_gettext("Back in the queue"),
    Kind.MERGE: lazy_gettext("Merged into another spot"),
    Kind.SPLIT: lazy_gettext("Split into two spots"),
    Kind.UNDO: lazy_gettext("Undone"),
}
REASONS = {
    Reason.CORRECT: lazy_gettext("It is correct as it is"),
    Reason.QUOTED: lazy_gettext("It is quoted word for word"),
    Reason.STYLE: lazy_gettext("It is our house style"),
    Reason.UNCLEAR: lazy_gettext("It is unclear what is wrong"),
    Reason.ABUSE: lazy_gettext("It is spam or abuse"),
    Reason.OTHER: lazy_gettext("Another reason"),
}
PRESENCES = {
    Presence.UNCHECKED: lazy_gettext("Not looked at yet"),
    Presence.STILL: lazy_gettext("Still in the article"),
    Presence.CHANGED: lazy_gettext("Changed in the article"),
    Presence.GONE: lazy_gettext("Gone from the article"),
    Presence.AMBIGUOUS: lazy_gettext("Several places in the article fit"),
    Presence.UNVERIFIABLE: lazy_gettext("The article cannot be read"),
}


def init_app(app: Flask) -> None:
    """Give all pages the words for what the code names."""
    app.context_processor(_words)
    app.jinja_env.globals["page_locale"] = get_locale


def _words() -> dict[str, Any]:
    return {
        "STATUSES": STATUSES,
        "ORDERS": ORDERS,
        "KINDS": KINDS,
        "DONE": DONE,
        "REASONS": REASONS,
        "PRESENCES": PRESENCES,
        "pieces": pieces,
        "brief": brief,
        "around": sentence.around,
    }


def brief(pieces: list[Piece]) -> list[Piece]:
    """Cut what is long in its middle, so that a row of the queue stays one."""
    return [Piece(piece.step, _cut(piece.text)) for piece in pieces]


def _cut(text: str) -> str:
    if len(text) <= WHOLE:
        return text
    head, tail = text[: WHOLE // 2], text[-WHOLE // 2 :]
    return f"{head.rsplit(' ', 1)[0]} … {tail.split(' ', 1)[-1]}"
