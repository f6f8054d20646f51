"""The desk's words for what the code names."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from babel import Locale
from flask import Flask
from flask_babel import get_locale, gettext, lazy_gettext, lazy_pgettext, ngettext
from markupsafe import Markup

from feedback.accounts.models import Role, Scope
from feedback.addresses import LONGEST
from feedback.anchoring import sentence
from feedback.anchoring.locate import Presence
from feedback.anchoring.slips import Slip
from feedback.anchoring.words import Piece
from feedback.articles.looking import Failure
from feedback.delivery import faults
from feedback.delivery.models import Happening, Means, State
from feedback.delivery.wishes import Rhythm
from feedback.desk.cards import pieces, surroundings
from feedback.desk.decisions import NotPossible
from feedback.desk.models import Decision, Kind, Reason
from feedback.desk.queue import Order
from feedback.desk.reasons import STANDARD
from feedback.reports.models import Kind as Mistake
from feedback.reports.models import Status

K = TypeVar("K")

#: Longest piece of a quote, in characters, that a row of the queue shows whole.
WHOLE = 240

STATUSES = {
    Status.WAITING: lazy_pgettext("status of a spot", "Waiting"),
    Status.ACCEPTED: lazy_pgettext("status of a spot", "Accepted"),
    Status.FIXED: lazy_pgettext("status of a spot", "Fixed"),
    Status.REJECTED: lazy_pgettext("status of a spot", "Rejected"),
    Status.SNOOZED: lazy_pgettext("status of a spot", "Snoozed"),
    Status.MERGED: lazy_pgettext("status of a spot", "Merged"),
}
ORDERS = {
    Order.URGENT: lazy_gettext("Most urgent"),
    Order.NEWEST: lazy_gettext("Newest"),
    Order.MOST_REPORTED: lazy_gettext("Most reported"),
    Order.ARTICLE: lazy_gettext("By article"),
}
KINDS = {
    Kind.ACCEPT: lazy_pgettext("button that decides", "Accept"),
    Kind.FIX: lazy_pgettext("button that decides", "Fixed"),
    Kind.REJECT: lazy_pgettext("button that decides", "Reject"),
    Kind.REOPEN: lazy_pgettext("button that decides", "Reopen"),
    Kind.MERGE: lazy_pgettext("button that decides", "Merge"),
    Kind.SPLIT: lazy_pgettext("button that decides", "Split"),
    Kind.SNOOZE: lazy_pgettext("button that decides", "Snooze"),
    Kind.WAKE: lazy_pgettext("button that decides", "Wake"),
    Kind.UNDO: lazy_pgettext("button that decides", "Undo"),
}
DONE = {
    Kind.ACCEPT: lazy_pgettext("what was decided on a spot", "Accepted: will be fixed"),
    Kind.FIX: lazy_pgettext("what was decided on a spot", "Marked as fixed"),
    Kind.REJECT: lazy_pgettext("what was decided on a spot", "Rejected"),
    Kind.REOPEN: lazy_pgettext("what was decided on a spot", "Back in the queue"),
    Kind.MERGE: lazy_pgettext("what was decided on a spot", "Merged into another spot"),
    Kind.SPLIT: lazy_pgettext("what was decided on a spot", "Split into two spots"),
    Kind.SNOOZE: lazy_pgettext("what was decided on a spot", "Snoozed"),
    Kind.WAKE: lazy_pgettext("what was decided on a spot", "Back after its snooze"),
    Kind.UNDO: lazy_pgettext("what was decided on a spot", "Undone"),
}
#: What a decision on another spot did to the one that is shown.
BROUGHT = {
    Kind.MERGE: lazy_gettext("Another spot was merged into this one"),
    Kind.SPLIT: lazy_gettext("Split off from another spot"),
}
REASONS = {
    Reason.CORRECT: lazy_gettext("It is correct as it is"),
    Reason.QUOTED: lazy_gettext("It is quoted word for word"),
    Reason.STYLE: lazy_gettext("It is our house style"),
    Reason.UNCLEAR: lazy_gettext("It is unclear what is wrong"),
    Reason.ABUSE: lazy_gettext("It is spam or abuse"),
    Reason.OTHER: lazy_gettext("Another reason"),
}
#: What a reader is told of a reason; of abuse nothing in particular.
_PLAINLY = lazy_gettext("The editors have read your report and decided to leave the text as it is.")
SENTENCES = {
    Reason.CORRECT: lazy_gettext("The editors checked it: it is correct as it is."),
    Reason.QUOTED: lazy_gettext("It is a quotation, and the editors keep it word for word."),
    Reason.STYLE: lazy_gettext("It is written so on purpose: that is the house style."),
    Reason.UNCLEAR: lazy_gettext(
        "The editors could not see what is wrong. If you report it again, please say it in the "
        "comment."
    ),
    Reason.ABUSE: _PLAINLY,
    Reason.OTHER: _PLAINLY,
}
REASON_CODES = frozenset(reason.value for reason in REASONS)
MISTAKES = {
    Mistake.TYPO: lazy_gettext("Spelling or grammar"),
    Mistake.FACT: lazy_gettext("Wrong fact"),
    Mistake.LINK: lazy_gettext("Broken link"),
    Mistake.OTHER: lazy_gettext("Something else"),
}
PRESENCES = {
    Presence.UNCHECKED: lazy_gettext("Not looked at yet"),
    Presence.STILL: lazy_gettext("Still in the article"),
    Presence.CHANGED: lazy_gettext("Changed in the article"),
    Presence.GONE: lazy_gettext("Gone from the article"),
    Presence.AMBIGUOUS: lazy_gettext("Several places in the article fit"),
    Presence.UNVERIFIABLE: lazy_gettext("The article cannot be checked"),
}
#: What kind of slip a correction mends.
SLIPS = {
    Slip.TRANSPOSED: lazy_pgettext("kind of mistake", "Letters swapped"),
    Slip.MISSING: lazy_pgettext("kind of mistake", "Letter missing"),
    Slip.EXTRA: lazy_pgettext("kind of mistake", "Letter too many"),
    Slip.DOUBLED: lazy_pgettext("kind of mistake", "Doubled letter"),
    Slip.WRONG_LETTER: lazy_pgettext("kind of mistake", "Wrong letter"),
    Slip.DOUBLED_WORD: lazy_pgettext("kind of mistake", "Doubled word"),
    Slip.SPACING: lazy_pgettext("kind of mistake", "Spacing"),
    Slip.PUNCTUATION: lazy_pgettext("kind of mistake", "Punctuation"),
    Slip.CAPITAL: lazy_pgettext("kind of mistake", "Capital letter"),
    Slip.DIACRITIC: lazy_pgettext("kind of mistake", "Accent"),
    Slip.NAME: lazy_pgettext("kind of mistake", "Name"),
    Slip.OTHER: lazy_pgettext("kind of mistake", "Other wording"),
}
#: What a presence means, where that is not plain. For a page that was had.
MEANINGS = {
    Presence.GONE: lazy_gettext("The passage around the quote is not in the article any more."),
    Presence.AMBIGUOUS: lazy_gettext(
        "The quote and the words around it stand in several places, and nothing tells them apart."
    ),
    Presence.UNVERIFIABLE: lazy_gettext(
        "The page was read, but the passage is not in what its server sends: scripts write it, or "
        "it stands behind a wall. What readers report is as good as ever."
    ),
}
ROLES = {
    Role.OWNER: lazy_gettext("Owner"),
    Role.EDITOR: lazy_gettext("Editor"),
    Role.VIEWER: lazy_gettext("Viewer"),
}
ROLE_MEANINGS = {
    Role.OWNER: lazy_gettext("Owners decide, and choose who belongs to the site."),
    Role.EDITOR: lazy_gettext("Editors decide."),
    Role.VIEWER: lazy_gettext("Viewers only read."),
}
SCOPES = {
    Scope.READ: lazy_gettext("Read"),
    Scope.DECIDE: lazy_gettext("Read and decide"),
}
#: What people call how letters go out.
MEANS = {
    Means.MAIL: lazy_gettext("Mail"),
    Means.WEBHOOK: lazy_gettext("Webhook"),
    Means.CHAT: lazy_gettext("Chat"),
}
#: What can be heard of.
HAPPENINGS = {
    Happening.OPENED: lazy_gettext("A reader points at a new spot"),
    Happening.GREW: lazy_gettext("One more reader reports a spot"),
    Happening.DECIDED: lazy_gettext("Somebody decides on a spot"),
    Happening.FIXED: lazy_gettext("A spot is fixed"),
    Happening.RETURNED: lazy_gettext("A spot waits again by itself"),
    Happening.CHANGED: lazy_gettext("An article has changed"),
}
RHYTHMS = {
    Rhythm.EACH: lazy_gettext("One by one"),
    Rhythm.AT_ONCE: lazy_gettext("At once"),
    Rhythm.HOURLY: lazy_gettext("Every hour, if there is something"),
    Rhythm.DAILY: lazy_gettext("Once a day, if there is something"),
}
#: What a letter is, that is told of no single happening.
LETTERS = {
    "digest": lazy_gettext("What is new"),
    "alarm": lazy_gettext("Alarm"),
    "test": lazy_gettext("Test"),
}
#: An answer to a press is for who pressed.
_LETTERS = {
    **{kind.value: words for kind, words in HAPPENINGS.items()},
    **LETTERS,
    "reply": lazy_gettext("Answer to a press"),
}
LETTER_STATES = {
    State.WAITING: lazy_pgettext("state of a letter", "Waiting"),
    State.SENT: lazy_pgettext("state of a letter", "Arrived"),
    State.DEAD: lazy_pgettext("state of a letter", "Dead"),
    State.DROPPED: lazy_pgettext("state of a letter", "Dropped"),
}
#: Why a look gave no page.
TROUBLES = {
    Failure.UNREACHABLE: lazy_gettext("its server cannot be reached"),
    Failure.TOO_SLOW: lazy_gettext("its server was too slow"),
    Failure.TOO_LARGE: lazy_gettext("the page is too large"),
    Failure.BLOCKED: lazy_gettext("its address is one that this service does not fetch"),
    Failure.ASTRAY: lazy_gettext("its address leads somewhere else, or in a circle"),
    Failure.ROBOTS: lazy_gettext("the site’s robots.txt keeps us away, or cannot be read"),
    Failure.REFUSED: lazy_gettext("its server does not let us in: perhaps one must sign in"),
    Failure.MISSING: lazy_gettext("there is no such page any more"),
    Failure.BUSY: lazy_gettext("its server is busy and asks us to come later"),
    Failure.SERVER_ERROR: lazy_gettext("its server had an error"),
    Failure.NOT_HTML: lazy_gettext("what its server sends is no web page"),
    Failure.UNREADABLE: lazy_gettext("nothing could be read from it"),
}


def init_app(app: Flask) -> None:
    """Give all pages the words for what the code names."""
    app.context_processor(_words)
    app.jinja_env.globals["page_locale"] = get_locale
    app.jinja_env.globals["page_tongue"] = lambda: _tongue(get_locale())
    app.jinja_env.globals["nforms"] = nforms
    app.jinja_env.filters["who"] = who
    app.jinja_env.filters["why"] = why
    app.jinja_env.filters["told"] = faults.put


@cache
def _tongue(locale: Locale) -> Markup:
    """Give the attributes that tell in which language a page is written, and which way."""
    attributes = Markup('lang="{}" dir="{}"')
    return attributes.format(str(locale).replace("_", "-"), locale.text_direction)


def spoken(words: Mapping[K, Any]) -> dict[K, str]:
    """Give words in the language of the request, for a page that says each of them many times."""
    return {key: str(said) for key, said in words.items()}


def _words() -> dict[str, Any]:
    return {
        "STATUSES": STATUSES,
        "ORDERS": ORDERS,
        "KINDS": KINDS,
        "DONE": DONE,
        "BROUGHT": BROUGHT,
        "REASONS": REASONS,
        "SENTENCES": SENTENCES,
        "PRESENCES": PRESENCES,
        "SLIPS": SLIPS,
        "STANDARD": STANDARD,
        "MEANINGS": MEANINGS,
        "TROUBLES": TROUBLES,
        "ROLES": ROLES,
        "ROLE_MEANINGS": ROLE_MEANINGS,
        "SCOPES": SCOPES,
        "MEANS": MEANS,
        "HAPPENINGS": HAPPENINGS,
        "RHYTHMS": RHYTHMS,
        "LETTERS": _LETTERS,
        "LETTER_STATES": LETTER_STATES,
        "pieces": pieces,
        "surroundings": surroundings,
        "MISTAKES": MISTAKES,
        "brief": brief,
        "around": sentence.around,
    }


def refusal(error: NotPossible) -> str:
    """Say why a decision was not applied, in the language of the request."""
    known: dict[Any, Any] = {**STATUSES, **KINDS}
    values = {name: str(known.get(value, value)).lower() for name, value in error.values.items()}
    return str(gettext(error.message, **values))


#: What is wrong with an address (`addresses.BadAddress`), as a sentence of its own.
ADDRESSES = {
    f"is longer than {LONGEST} characters": lazy_gettext(
        "This address is longer than %(most)s characters.", most=LONGEST
    ),
    f"is longer than {LONGEST} characters once it is escaped": lazy_gettext(
        "This address is longer than %(most)s characters once it is escaped.", most=LONGEST
    ),
    "has white space, a control character or a backslash": lazy_gettext(
        "This address has white space, a control character or a backslash."
    ),
    "is not an address": lazy_gettext("This is not an address."),
    "does not begin with http:// or https://": lazy_gettext(
        "This address does not begin with http:// or https://."
    ),
    "has no host, or a user name before it": lazy_gettext(
        "This address has no host, or a user name before it."
    ),
    "has a host that is too long": lazy_gettext("The host of this address is too long."),
    "has a host that is no address in brackets": lazy_gettext(
        "What stands in brackets in this address is no host's address."
    ),
    "has a host that is no name and no dotted address": lazy_gettext(
        "The host of this address is no name, and no address in numbers."
    ),
    "has a host that is not a valid name": lazy_gettext(
        "The host of this address is not a valid name."
    ),
}


def address(error: ValueError) -> str:
    """Say what is wrong with an address, in the language of the request."""
    return str(ADDRESSES.get(str(error), ADDRESSES["is not an address"]))


#: A number for each plural category of the desk's languages (Unicode CLDR); gettext's rules for
#: whole numbers give each its form.
CATEGORIES = {"one": 1, "few": 3, "many": 5, "other": 2}


def nforms(singular: str, plural: str) -> str:
    """Give a message's plural forms by category, as JSON, for a script that puts the number in."""
    forms = {name: ngettext(singular, plural, number) for name, number in CATEGORIES.items()}
    return json.dumps(forms, ensure_ascii=False)


def who(decision: Decision) -> str:
    """Say who decided."""
    if decision.editor is not None:
        return decision.editor.called
    if decision.kind is Kind.WAKE:
        return str(lazy_gettext("The clock"))
    return str(lazy_gettext("The article check"))


def why(decision: Decision) -> str:
    """Say why a spot was rejected, in the site's words if it has any; empty without a reason."""
    if decision.reason is None:
        return ""
    known = decision.reason in REASON_CODES
    return decision.label or (str(REASONS[Reason(decision.reason)]) if known else decision.reason)


def brief(pieces: list[Piece]) -> list[Piece]:
    """Cut what is long in its middle, so that a row of the queue stays one."""
    return [Piece(piece.step, _cut(piece.text)) for piece in pieces]


def _cut(text: str) -> str:
    if len(text) <= WHOLE:
        return text
    head, tail = text[: WHOLE // 2], text[-WHOLE // 2 :]
    return f"{head.rsplit(' ', 1)[0]} … {tail.split(' ', 1)[-1]}"
