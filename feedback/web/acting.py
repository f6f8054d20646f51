"""Acting: where a link in a letter leads that decides on a spot. It asks first, and works once.

Programs that look at the links of mail and chat open them too, so opening one decides nothing. A
link in an editor's own mail decides as that editor, who need not be signed in; one from a chat as
whoever is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from feedback.accounts.models import Editor
from feedback.config import Settings
from feedback.db import db, now
from feedback.desk import decisions, queue, reasons
from feedback.desk.cards import Card
from feedback.desk.decisions import OUTCOMES, AlreadyDecided, NotPossible, Verdict
from feedback.desk.letters import actions
from feedback.desk.letters.actions import Action
from feedback.desk.models import Kind
from feedback.reports.models import Spot
from feedback.web import guard, locales, security_log, wording
from feedback.web.forms import ActForm
from feedback.web.limits import here, limits
from feedback.web.security_log import Event

bp = Blueprint("acting", __name__, url_prefix="/act")

#: Reports whose comments are shown.
REPORTS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link would decide, as whom."""

    action: Action
    spot: Spot
    editor: Editor

    @property
    def open(self) -> bool:
        """Whether the spot is as it was when the letter was written."""
        kinds = OUTCOMES[self.action.kind]
        return self.spot.version == self.action.version and self.spot.status in kinds


@bp.before_request
def count() -> None:
    """Count what one network address does here. Raises TooMany."""
    if request.method == "POST":
        limits().count("public", here())


@bp.after_request
def secret(response: Response) -> Response:
    """Let the address get to no search engine and to no other site."""
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "same-origin"  # forms are told from forged ones by it
    return response


@bp.get("/<token>")
def ask(token: str) -> Response | str:
    """Ask whether to decide so; once it is decided, say what was."""
    asked = _asked(token)
    if isinstance(asked, Response):
        return asked
    with _spoken(asked.editor):
        return _page(asked)


@bp.post("/<token>")
def act(token: str) -> Response:
    """Decide; where somebody was faster, say what happened meanwhile (409)."""
    asked = _asked(token)
    if isinstance(asked, Response):
        return asked
    with _spoken(asked.editor):
        try:
            decisions.decide(db.session, asked.spot, asked.editor, _verdict(asked.action))
            db.session.commit()
        except AlreadyDecided:
            return _refused(asked, "", 409)
        except NotPossible as error:
            return _refused(asked, wording.refusal(error), 422)
    return redirect(url_for("acting.ask", token=token), 303)


def _asked(token: str) -> Asked | Response:
    """Give what a link asks for; the way to sign in where nobody is known by it or signed in."""
    try:
        action = actions.read(_secret(), token, now())
    except actions.Untrue:
        security_log.note(Event.LINK_REFUSED)
        abort(404)
    except actions.Expired:
        _useless(_("A link in a letter is good for seven days. Please decide at the desk."), 410)
    spot = db.session.scalar(queue.whole(action.spot_id)) or abort(404)
    editor = _editor(action)
    if editor is None and action.editor_id is None:
        return redirect(url_for("accounts.sign_in", next=request.path), 303)
    if action.editor_id is None and (way := guard.to_second_factor()):
        return way
    role = editor.role_at(spot.site_id) if editor else None
    if editor is None or role is None:
        _useless(_("Whoever it was for does not belong to this site any more."), 404)
    if not role.decides:
        abort(403, _("As a viewer you can read the queue, not decide."))
    return Asked(action, spot, editor)


def _editor(action: Action) -> Editor | None:
    """Give as whom a link decides."""
    if action.editor_id is None:
        return guard.visitor().editor
    found = db.session.get(Editor, action.editor_id)
    return found if found and found.disabled_at is None else None


def _useless(text: str, status: int) -> NoReturn:
    page = render_template("error.html", title=_("This link does not work"), text=text)
    abort(Response(page, status, mimetype="text/html"))


def _verdict(action: Action) -> Verdict:
    """Read the form. Raises NotPossible."""
    form = ActForm()
    if not form.validate_on_submit():
        raise NotPossible(_("The form is not complete: please reload the page and try again."))
    reason = form.reason.data or None
    return Verdict(action.kind, action.version, reason, form.note.data or "")


def _refused(asked: Asked, why: str, status: int) -> Response:
    db.session.rollback()
    db.session.refresh(asked.spot)
    return Response(_page(asked, why), status, mimetype="text/html")


def _page(asked: Asked, refusal: str = "") -> str:
    spot, rejects = asked.spot, asked.action.kind is Kind.REJECT
    reports = db.session.scalars(queue.reports(spot.id).limit(REPORTS)).all()
    return render_template(
        "act.html",
        asked=asked,
        card=Card.of(spot),
        comments=[report.comment for report in reports if report.comment],
        last=None if asked.open else db.session.scalar(queue.record(spot.id).limit(1)),
        reasons=reasons.of(db.session, spot.site_id) if rejects else (),
        refusal=refusal,
    )


@contextmanager
def _spoken(editor: Editor) -> Iterator[None]:
    """Speak an editor's language, if one is chosen."""
    if editor.language not in locales.LANGUAGES:
        yield
        return
    with force_locale(editor.language):
        yield


def _secret() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.secret
