"""Joining: who opens an invitation joins a site, with an account or by making one."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from feedback.accounts import invitations, passwords, people
from feedback.accounts.models import Editor, Invitation
from feedback.accounts.passwords import Guessable
from feedback.accounts.people import Expired, Known, NotAnEmail
from feedback.db import db
from feedback.web import account_forms, guard, security_log
from feedback.web.account_forms import JoinForm
from feedback.web.limits import here, limits
from feedback.web.security_log import Event

bp = Blueprint("joining", __name__, url_prefix="/join")


@bp.get("/<key>")
def ask(key: str) -> str:
    """Say what the invitation is for, and ask who joins."""
    return _page(_found(key), JoinForm(None))


@bp.post("/<key>")
def join(key: str) -> AnyResponse:
    """Let an editor who is signed in join, or make an account that does."""
    invitation, form = _found(key), JoinForm()
    editor = guard.visitor().editor
    if editor is None:
        editor = _made(form, invitation.site.name)
        if editor is None:
            return Response(_page(invitation, form), 422)
        _accept(invitation, editor)
        guard.enter(editor)
        db.session.commit()
        security_log.note(Event.SIGNED_IN, editor=editor, by="invitation")
    else:
        _accept(invitation, editor)
        db.session.commit()
    flash(_("Welcome to %(site)s.", site=invitation.site.name))
    return redirect(url_for("desk.waiting", site_id=invitation.site_id), 303)


def _made(form: JoinForm, site: str) -> Editor | None:
    """Make the account that the form asks for; None where it says why not. Raises TooMany."""
    limits().check("sign-in", here())
    if not form.validate_on_submit():
        return None
    db.session.commit()  # nothing is locked while the password is hashed
    try:
        return people.join(db.session, str(form.email.data), str(form.password.data), site)
    except Guessable:
        form.password.errors = [account_forms.guessable()]
    except NotAnEmail:
        form.email.errors = [_("This is not an e-mail address.")]
    except Known:
        limits().count("sign-in", here())  # or one could try who has an account
        db.session.rollback()
        form.email.errors = [_("There is an account with this address: sign in first.")]
    return None


def _accept(invitation: Invitation, editor: Editor) -> None:
    try:
        invitations.accept(db.session, invitation, editor)
    except invitations.Member:
        abort(redirect(url_for("desk.waiting", site_id=invitation.site_id), 303))
    except Expired:
        _useless()


def _found(key: str) -> Invitation:
    try:
        return invitations.found(db.session, key)
    except Expired:
        return _useless()


def _useless() -> Invitation:
    security_log.note(Event.LINK_REFUSED)
    text = _("It was used, it is too old, or it was taken back. Ask for another one.")
    page = render_template("error.html", title=_("This invitation does not work"), text=text)
    abort(Response(page, 404))


def _page(invitation: Invitation, form: JoinForm) -> str:
    editor = guard.visitor().editor
    return render_template(
        "accounts/join.html",
        invitation=invitation,
        form=form,
        editor=editor,
        held=editor.role_at(invitation.site_id) if editor else None,
        here=request.path,
        shortest=passwords.SHORTEST,
    )
