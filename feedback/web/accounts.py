"""Signing in and out, and choosing a password."""

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from feedback.accounts import acts, people, two_factor
from feedback.accounts.acts import Deed
from feedback.accounts.models import Editor
from feedback.config import Settings
from feedback.db import db
from feedback.web import account_forms, guard, security_log, trials
from feedback.web.account_forms import CodeForm
from feedback.web.forms import PasswordForm, SignInForm
from feedback.web.guard import signed_in
from feedback.web.limits import here, limits
from feedback.web.security_log import Event

bp = Blueprint("accounts", __name__)


@bp.get("/sign-in")
def sign_in() -> AnyResponse | str:
    """Ask who it is."""
    if guard.visitor().is_authenticated:
        return redirect(url_for("desk.home"), 303)
    form = SignInForm(next=request.args.get("next"))
    return render_template("accounts/sign_in.html", form=form)


@bp.post("/sign-in")
def enter() -> AnyResponse:
    """Let an editor in. Failures are counted for the network address.

    Checking a password takes long on purpose, so nothing is locked meanwhile.
    """
    form = SignInForm()
    if not form.validate_on_submit():
        return _again(form)
    account = str(form.email.data).strip().lower()
    limits().check("sign-in", here())
    db.only_reads()
    editor = people.recognise(db.session, account, str(form.password.data))
    if editor is None:
        tried = people.number(db.session, account)
        security_log.note(Event.SIGN_IN_FAILED, editor=tried, by="password")
        limits().count("sign-in", here())
        return _again(form)
    target = guard.inside(form.next.data, url_for("desk.home"))
    if editor.totp_secret:
        guard.half_enter(editor)
        security_log.note(Event.CODE_ASKED, editor=editor, by="password")
        return redirect(url_for("accounts.code", next=target), 303)
    db.writes_too()
    guard.enter(editor)
    db.session.commit()
    security_log.note(Event.SIGNED_IN, editor=editor, by="password")
    return redirect(target, 303)


@bp.get("/sign-in/code")
def code() -> AnyResponse | str:
    """Ask who gave the password for the second factor's code."""
    if guard.half_entered() is None:
        return redirect(url_for("accounts.sign_in", next=request.args.get("next")), 303)
    return render_template("accounts/code.html", form=CodeForm(next=request.args.get("next")))


@bp.post("/sign-in/code")
def enter_with_code() -> AnyResponse:
    """Let an editor in whose code is right. Failures are counted as those of passwords are.

    They are counted for the account too: who knows the password cannot go on from elsewhere.
    """
    form, editor = CodeForm(), guard.half_entered()
    if editor is None:
        return redirect(url_for("accounts.sign_in", next=form.next.data), 303)
    if not trials.passes(editor, form.code.data or ""):
        page = render_template("accounts/code.html", form=form, failed=True)
        return Response(page, 422)
    guard.enter(editor)
    db.session.commit()
    recovery = two_factor.looks_like_recovery(form.code.data or "")
    security_log.note(Event.SIGNED_IN, editor=editor, by="recovery-code" if recovery else "code")
    return redirect(guard.inside(form.next.data, url_for("desk.home")), 303)


@bp.post("/sign-out")
@signed_in
def leave() -> AnyResponse:
    """Sign the editor out, here and for every copy of the cookie."""
    guard.leave()
    db.session.commit()
    security_log.note(Event.SIGNED_OUT, editor=guard.editor())
    return redirect(url_for("accounts.sign_in"), 303)


@bp.get("/welcome/<invitation>")
def welcome(invitation: str) -> str:
    """Ask an invited editor for a password."""
    editor = _invited(invitation)
    return render_template("accounts/welcome.html", form=PasswordForm(), editor=editor)


@bp.post("/welcome/<invitation>")
def choose(invitation: str) -> AnyResponse:
    """Keep the password and let the editor in; where there is a second factor, ask for its code."""
    editor = _invited(invitation)
    form = PasswordForm()
    if not form.validate_on_submit() or not account_forms.chooses(editor, form.password):
        page = render_template("accounts/welcome.html", form=form, editor=editor)
        return Response(page, 422)
    acts.note_of(db.session, Deed.PASSWORD_CHANGED, editor, editor)
    if editor.totp_secret:
        guard.half_enter(editor)
    else:
        guard.enter(editor)
    db.session.commit()
    event = Event.CODE_ASKED if editor.totp_secret else Event.SIGNED_IN
    security_log.note(event, editor=editor, by="link")
    flash(_("Your password is set."))
    return redirect(url_for("accounts.code" if editor.totp_secret else "desk.home"), 303)


def _settings() -> Settings:
    return current_app.extensions["settings"]  # type: ignore[no-any-return]  # ours


def _again(form: SignInForm) -> Response:
    page = render_template("accounts/sign_in.html", form=form, failed=form.is_submitted())
    return Response(page, 422)


def _invited(invitation: str) -> Editor:
    try:
        return people.invited(db.session, _settings().secret, invitation)
    except people.Expired:
        security_log.note(Event.LINK_REFUSED)
        text = _("It was used, it is too old, or it was cut off. Ask for another one.")
        page = render_template("error.html", title=_("This link does not work"), text=text)
        abort(Response(page, 404))
