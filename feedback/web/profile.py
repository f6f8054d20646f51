"""The profile: what an editor is called and speaks, the password, and where one is signed in."""

from babel import Locale
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    url_for,
)
from flask_babel import get_locale, refresh
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from feedback.accounts import acts, keys, two_factor
from feedback.accounts.acts import Deed
from feedback.config import Settings
from feedback.db import db
from feedback.desk import chatting
from feedback.desk.letters import subscriptions
from feedback.web import account_forms, browsers, chat_links, guard, locales, trials
from feedback.web.account_forms import ChangePasswordForm, ProfileForm
from feedback.web.guard import signed_in

bp = Blueprint("profile", __name__, url_prefix="/desk/profile")

#: Most sign-ins that are listed.
MOST = 100


@bp.get("")
@signed_in
def show() -> str:
    """Show who one is, and where one is signed in."""
    return _page()


@bp.post("")
@signed_in
def keep() -> AnyResponse:
    """Keep name, time zone and language."""
    form, editor = ProfileForm(), guard.editor()
    if not form.validate_on_submit():
        return Response(_page(form), 422)
    editor.name, editor.zone = form.name.data or "", str(form.zone.data)
    editor.language = str(form.language.data)
    subscriptions.speak(db.session, editor)
    db.session.commit()
    refresh()
    flash(_("Your profile is saved."))
    return redirect(url_for("profile.show"), 303)


@bp.post("/password")
@signed_in
def change_password() -> AnyResponse:
    """Set a new password for who knows the old one; every other sign-in ends."""
    form, editor = ChangePasswordForm(), guard.editor()
    if not form.validate_on_submit():
        return Response(_page(password_form=form), 422)
    if not trials.knows(editor, str(form.old.data)):
        form.old.errors = [_("This is not your password.")]
        return Response(_page(password_form=form), 422)
    if not account_forms.chooses(editor, form.password):
        return Response(_page(password_form=form), 422)
    acts.note_of(db.session, Deed.PASSWORD_CHANGED, editor, editor)
    guard.enter(editor)
    db.session.commit()
    flash(_("Your password is changed. You are signed out everywhere else."))
    return redirect(url_for("profile.show"), 303)


@bp.post("/sign-ins/<int:sign_in_id>/end")
@signed_in
def end(sign_in_id: int) -> AnyResponse:
    """End one of the editor's own sign-ins."""
    editor = guard.editor()
    if sign_in_id >= 2**63 or not keys.end(db.session, editor, sign_in_id):
        abort(404)
    return _ended(_("That browser is signed out."))


@bp.post("/sign-ins/end-others")
@signed_in
def end_others() -> AnyResponse:
    """End all of the editor's sign-ins but this one."""
    if not keys.end_others(db.session, guard.editor(), guard.visitor().key):
        return redirect(url_for("profile.show"), 303)
    return _ended(_("You are signed out everywhere else."))


def _ended(said: str) -> AnyResponse:
    acts.note_of(db.session, Deed.SIGN_INS_ENDED, guard.editor(), guard.editor())
    db.session.commit()
    flash(said)
    return redirect(url_for("profile.show"), 303)


def _page(form: ProfileForm | None = None, password_form: ChangePasswordForm | None = None) -> str:
    editor = guard.editor()
    settings: Settings = current_app.extensions["settings"]
    return render_template(
        "accounts/profile.html",
        editor=editor,
        form=form or ProfileForm(None, obj=editor),
        password_form=password_form or ChangePasswordForm(None),
        zones=_zones(),
        languages=[(tag, locales.named(tag)) for tag in locales.LANGUAGES],
        sign_ins=db.session.scalars(keys.sign_ins(editor, settings.idle).limit(MOST)).all(),
        here=guard.visitor().at,
        browser=browsers.named,
        chats=db.session.scalars(chatting.of(editor).limit(MOST)).all(),
        chat=chat_links.named,
        codes=two_factor.codes_left(db.session, editor) if editor.totp_secret else 0,
    )


def _zones() -> dict[str, list[tuple[str, str]]]:
    """Give the time zones by region, the regions in the page's language where it has a word."""
    return {_region(name): zones for name, zones in account_forms.zones().items()}


def _region(name: str) -> str:
    """Say a region: CLDR has the continents by their UN M.49 numbers."""
    number = {
        "Africa": "002",
        "America": "019",
        "Asia": "142",
        "Europe": "150",
        "Australia": "AU",
        "Antarctica": "AQ",
    }.get(name, "")
    locale: Locale | None = get_locale()
    return str(locale.territories.get(number, name)) if locale else name
