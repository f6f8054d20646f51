"""Presses: what a button in a chat does, once we know that its service says so.

1. The button is one of ours, and its spot belongs to the site whose carrier it came by.
2. Who pressed is an editor who may decide there; who is not known is asked to say so at the desk.
3. The decision is made as at the desk: of two at once one wins, and the other hears who did.
4. The message shows what came of its spots, in the place of their buttons. That is a letter like
   any other, written in the same transaction.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _

from feedback.accounts.models import Editor
from feedback.config import Settings
from feedback.db import db, now
from feedback.delivery import outbox
from feedback.delivery.models import Carrier
from feedback.delivery.notifiers.chat import composing, pressing
from feedback.delivery.notifiers.chat.message import Button, Press
from feedback.delivery.notifiers.chat.pressing import NoPress, Pressed
from feedback.delivery.notifiers.chat.service import REPLY
from feedback.desk import chatting, decisions, queue, reasons
from feedback.desk.decisions import AlreadyDecided, NotPossible, Verdict
from feedback.desk.models import Kind, Reason
from feedback.reports.models import Spot, Status
from feedback.web import wording

#: Most spots of a message that are looked at.
MOST = 40

Rows = Mapping[int, tuple[Button, ...]]

_KINDS = {Press.ACCEPT: Kind.ACCEPT, Press.FIX: Kind.FIX, Press.REASON: Kind.REJECT}


@dataclass(frozen=True, slots=True)
class Person:
    """Who pressed, as the service says."""

    #: As `chatting.service` gives it.
    service: str
    user: str
    name: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a press."""

    #: What who pressed is told.
    said: str
    #: Whether what was pressed for was done.
    done: bool = False
    #: Whether nobody knows who pressed.
    stranger: bool = False
    #: The spots whose buttons are others now.
    rows: Rows = field(default_factory=dict)


def press(carrier: Carrier, person: Person, data: str, shown: Iterable[int]) -> Outcome:
    """Do what a press is for; `shown` are the spots of its message. The caller commits."""
    editor = chatting.editor(db.session, person.service, person.user)
    if editor is None:
        said = _("You are not known here yet. Say at the desk who you are, then press again.")
        return Outcome(said, stranger=True)
    role = editor.role_at(carrier.site_id)
    if role is None or not role.decides:
        return Outcome(_("You may not decide at this site."))
    try:
        pressed = pressing.read(_settings().secret, data, _codes(carrier.site_id))
    except NoPress:
        return Outcome(_("This button is out of date: open the spot at the desk."))
    spot = db.session.scalar(queue.whole(pressed.spot_id).where(Spot.site_id == carrier.site_id))
    if spot is None:
        return Outcome(_("This spot is not there any more."))
    some = list(shown)[:MOST]
    decides = pressed.press in _KINDS
    return _decided(spot, editor, pressed, some) if decides else _turned(spot, pressed, some)


def _decided(spot: Spot, editor: Editor, pressed: Pressed, shown: list[int]) -> Outcome:
    """Decide on a spot. Of two at once the second hears of the first."""
    site_id = spot.site_id
    verdict = Verdict(_KINDS[pressed.press], pressed.version, pressed.reason or None)
    try:
        decisions.decide(db.session, spot, editor, verdict)
        said, done = str(wording.DONE[verdict.kind]), True
    except AlreadyDecided:
        db.session.rollback()
        said, done = _meanwhile(spot), False
    except NotPossible as error:
        said, done = wording.refusal(error), False
        db.session.rollback()
    return Outcome(said, done=done, rows=outcomes(site_id, {*shown, spot.id}))


def _turned(spot: Spot, pressed: Pressed, shown: list[int]) -> Outcome:
    """Put a spot's reasons to reject in the place of its buttons, or these back."""
    rows = outcomes(spot.site_id, {*shown, spot.id})
    if pressed.version != spot.version:
        return Outcome(_meanwhile(spot), rows=rows)
    said = _("Why is it rejected?") if pressed.press is Press.REJECT else ""
    asked = (*_asked(spot, pressed), composing.opening(f"{spots()}{spot.id}"))
    return Outcome(said, done=True, rows={spot.id: asked, **rows})


def _asked(spot: Spot, pressed: Pressed) -> tuple[Button, ...]:
    """Give the buttons that a press asks for: with reasons, or those that there were before."""
    secret = _settings().secret
    if pressed.press is Press.BACK:
        return pressing.deciding(secret, spot.id, spot.version)
    named = [
        (each.code, each.label or str(wording.REASONS[Reason(each.code)]))
        for each in reasons.of(db.session, spot.site_id)
    ]
    return pressing.rejecting(secret, spot.id, spot.version, named)


def _codes(site_id: int) -> list[str]:
    return [each.code for each in reasons.of(db.session, site_id)]


def _meanwhile(spot: Spot) -> str:
    """Say who decided what meanwhile."""
    last = db.session.scalar(queue.record(spot.id).limit(1))
    if last is None:
        return str(_("The spot has changed meanwhile. Your decision was not applied."))
    told = _(
        "%(who)s decided meanwhile: %(what)s. Your decision was not applied.",
        who=wording.who(last),
        what=wording.DONE[last.kind],
    )
    return str(told)


def outcomes(site_id: int, shown: Iterable[int]) -> Rows:
    """Give what became of those spots that wait no more, as a link to each."""
    decided = sa.select(Spot).where(
        Spot.id.in_(set(shown)), Spot.site_id == site_id, Spot.status != Status.WAITING
    )
    found: dict[int, tuple[Button, ...]] = {}
    for spot in db.session.scalars(decided):
        last = db.session.scalar(queue.record(spot.id).limit(1))
        if last is not None:
            said = f"{wording.DONE[last.kind]}: {wording.who(last)}"
            found[spot.id] = (Button(said, link=f"{spots()}{spot.id}"),)
    return found


def spots() -> str:
    """Give the address of spots' pages, up to their ids."""
    return f"{_settings().base_url}/desk/spots/"


def reply(carrier: Carrier, body: Mapping[str, Any]) -> None:
    """Write the letter that answers a press. The caller commits."""
    outbox.write(db.session, carrier, REPLY, body, at=now())


def answered(
    carrier: Carrier, outcome: Outcome, change: Callable[[Rows], Mapping[str, Any]]
) -> None:
    """Write the letter that changes the message, if anything is other now. The caller commits."""
    if outcome.rows:
        reply(carrier, change(outcome.rows))


def _settings() -> Settings:
    return current_app.extensions["settings"]  # type: ignore[no-any-return]  # ours
