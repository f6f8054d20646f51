"""A letter at the desk: what it says, what came of each try, and what is to become of it."""

import json
from typing import Any

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from feedback.accounts.acts import Deed
from feedback.db import db, now
from feedback.delivery import history, outbox
from feedback.delivery.models import Happening, Letter
from feedback.web import carriers, guard, wording
from feedback.web.guard import signed_in

bp = Blueprint("letters", __name__, url_prefix="/desk/sites/<int:site_id>/letters")

#: Letters whose bodies are shown; others are for one person's eyes.
OPEN = frozenset({*(kind.value for kind in Happening), *wording.LETTERS})
#: Most attempts that are shown, the last ones.
MOST = 100
#: What is not shown of a body: links that decide for who has them.
_HIDDEN = "actions"


@bp.get("/<int:letter_id>")
@signed_in
def show(site_id: int, letter_id: int) -> str:
    """Show owners a letter with its attempts."""
    letter = _letter(site_id, letter_id)
    return render_template(
        "sites/letter.html",
        site=letter.carrier.site,
        letter=letter,
        carrier=letter.carrier,
        attempts=letter.attempts[-MOST:],
        body=_readable(letter) if letter.kind in OPEN else "",
        masked=history.masked,
        now=now(),
    )


@bp.post("/<int:letter_id>/replay")
@signed_in
def replay(site_id: int, letter_id: int) -> Response:
    """Carry a letter once more, under the same id."""
    letter = _letter(site_id, letter_id)
    try:
        outbox.replay(db.session, letter, now())
    except outbox.CannotReplay:
        flash(_("This letter is still on its way."))
        return carriers.back(letter.carrier)
    carriers.note(Deed.LETTERS_REPLAYED, letter.carrier, _named(letter))
    db.session.commit()
    flash(_("The letter goes again."))
    return carriers.back(letter.carrier)


@bp.post("/<int:letter_id>/drop")
@signed_in
def drop(site_id: int, letter_id: int) -> Response:
    """Let a letter that waits or is dead go nowhere any more."""
    letter = _letter(site_id, letter_id)
    held = letter.state
    outbox.drop(letter, now())
    if letter.state is held:
        flash(_("This letter is settled already."))
        return carriers.back(letter.carrier)
    carriers.note(Deed.LETTERS_DROPPED, letter.carrier, _named(letter))
    db.session.commit()
    flash(_("The letter is dropped."))
    return carriers.back(letter.carrier)


def _letter(site_id: int, letter_id: int) -> Letter:
    guard.owned(site_id)
    found = history.letter(db.session, site_id, letter_id) if letter_id < 2**63 else None
    if found is not None and request.method == "POST":
        db.session.refresh(found.carrier, with_for_update=True)  # as who carries its letters does
        db.session.refresh(found)
    return found or abort(404)


def _named(letter: Letter) -> str:
    return f"{letter.kind} {letter.id}"


def _readable(letter: Letter) -> str:
    """Give a body as people read it, without what decides."""
    return json.dumps(_without(json.loads(letter.body)), ensure_ascii=False, indent=2)


def _without(said: Any) -> Any:
    if isinstance(said, list):
        return [_without(each) for each in said]
    if isinstance(said, dict):
        return {
            key: "…" if key == _HIDDEN and value else _without(value) for key, value in said.items()
        }
    return said
