"""Links between people in chats and editors: asked for by a press, confirmed at the desk."""

from datetime import timedelta

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from feedback.accounts import acts
from feedback.accounts.acts import Deed
from feedback.config import Settings
from feedback.db import db, now
from feedback.delivery.notifiers.chat.message import tidy
from feedback.desk import chatting
from feedback.sealing import sealer
from feedback.web import guard
from feedback.web.chat_presses import Person
from feedback.web.guard import signed_in

bp = Blueprint("chat_links", __name__, url_prefix="/desk/chat")

#: How long a link is good.
LASTS = timedelta(hours=1)
#: Longest name that is shown, in characters.
NAME = 60

SERVICES = {"slack": "Slack", "telegram": "Telegram"}


def address(person: Person) -> str:
    """Give where somebody who pressed a button says who that is."""
    said = [person.service, person.user, tidy(person.name, NAME)]
    settings: Settings = current_app.extensions["settings"]
    return f"{settings.base_url}/desk/chat/{_signer().dumps(said)}"


@bp.get("/<token>")
@signed_in
def ask(token: str) -> str:
    """Ask the editor whether this is who they are there."""
    person = _read(token)
    return render_template("accounts/chat.html", person=person, service=named(person.service))


@bp.post("/<token>")
@signed_in
def link(token: str) -> Response:
    """Let the editor be that person."""
    person, editor = _read(token), guard.editor()
    chatting.link(db.session, person.service, person.user, person.name, editor, now())
    acts.note_of(db.session, Deed.CHAT_LINKED, editor, editor)
    db.session.commit()
    said = _("What you press in %(service)s is your decision now.", service=named(person.service))
    flash(said)
    return redirect(url_for("profile.show"), 303)


@bp.post("/<int:number>/remove")
@signed_in
def remove(number: int) -> Response:
    """Let the editor be nobody there any more."""
    if number >= 2**63 or not chatting.unlink(db.session, guard.editor(), number):
        abort(404)
    acts.note_of(db.session, Deed.CHAT_UNLINKED, guard.editor(), guard.editor())
    db.session.commit()
    flash(_("Buttons pressed there decide nothing in your name any more."))
    return redirect(url_for("profile.show"), 303)


def named(service: str) -> str:
    """Give what people call a service."""
    return SERVICES.get(service.partition(":")[0], service)


def _read(token: str) -> Person:
    """Read a link, of a site that the editor belongs to; else nothing is there (404)."""
    try:
        service, user, name = _signer().loads(token, max_age=LASTS.seconds)
    except (BadData, ValueError):
        text = _("It is too old, or not whole. Press a button in the chat for another one.")
        page = render_template("error.html", title=_("This link does not work"), text=text)
        abort(Response(page, 404, mimetype="text/html"))
    guard.role_at(int(service.rpartition(":")[2]))
    return Person(service, user, name)


def _signer() -> URLSafeTimedSerializer:
    settings: Settings = current_app.extensions["settings"]
    return sealer(settings.secret, "chat user")
