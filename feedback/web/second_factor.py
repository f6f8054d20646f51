"""The second factor: turned on and off, always with the password and a code."""

import io
from urllib.parse import urlsplit

import segno
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    session,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from feedback.accounts import acts, two_factor
from feedback.accounts.acts import Deed
from feedback.accounts.models import Editor
from feedback.accounts.two_factor import WrongCode
from feedback.config import Settings
from feedback.db import db
from feedback.web import guard, trials
from feedback.web.account_forms import ProofForm
from feedback.web.guard import signed_in

bp = Blueprint("second_factor", __name__, url_prefix="/desk/profile/two-factor")

#: Where the browser's session keeps a secret until a code proves that the telephone has it.
_SECRET = "totp"  # noqa: S105 -- a name, no secret


@bp.get("")
@signed_in
def show() -> str:
    """Show the secret to share with a telephone; what can be done, where that was done."""
    editor = guard.editor()
    if editor.totp_secret:
        return _on_page(editor)
    session.setdefault(_SECRET, two_factor.fresh_secret())
    return _off_page(editor, ProofForm(None))


@bp.get("/code.svg")
@signed_in
def picture() -> Response:
    """Draw the secret as a QR code."""
    editor, secret = guard.editor(), session.get(_SECRET)
    if not secret or editor.totp_secret:
        abort(404)
    drawn = io.BytesIO()
    code = segno.make(two_factor.address(editor, secret, _issuer()), micro=False)
    code.save(drawn, kind="svg", border=4, dark="#000", light="#fff", xmldecl=False, omitsize=True)
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


@bp.post("")
@signed_in
def turn_on() -> AnyResponse | str:
    """Turn the second factor on and show the recovery codes. Raises TooMany.

    The password proves that it is the editor, who else could be locked out by whoever
    finds the browser open; a code proves that the telephone has the secret.
    """
    form, editor, secret = ProofForm(), guard.editor(), session.get(_SECRET)
    if editor.totp_secret or not secret:
        return redirect(url_for("second_factor.show"), 303)
    if not trials.knows(editor, form.password.data or ""):
        form.password.errors = [_("This is not your password.")]
        return Response(_off_page(editor, form), 422)
    try:
        codes = two_factor.turn_on(db.session, editor, secret, form.code.data or "")
    except WrongCode:
        return Response(_off_page(editor, form, failed=True), 422)
    acts.note_of(db.session, Deed.TWO_FACTOR_ON, editor, editor)
    db.session.commit()
    session.pop(_SECRET)
    return _codes_page(codes)


@bp.post("/recovery")
@signed_in
def renew() -> AnyResponse | str:
    """Show new recovery codes to who gives password and code; the older ones are void."""
    editor = guard.editor()
    refused = _unproven(editor)
    if refused:
        return refused
    codes = two_factor.fresh_codes(db.session, editor)
    acts.note_of(db.session, Deed.RECOVERY_CODES, editor, editor)
    db.session.commit()
    return _codes_page(codes)


@bp.post("/off")
@signed_in
def turn_off() -> AnyResponse:
    """Turn the second factor off for who gives password and code."""
    editor = guard.editor()
    refused = _unproven(editor)
    if refused:
        return refused
    two_factor.turn_off(db.session, editor)
    acts.note_of(db.session, Deed.TWO_FACTOR_OFF, editor, editor)
    db.session.commit()
    flash(_("Two-factor sign-in is off."))
    return redirect(url_for("profile.show"), 303)


def _unproven(editor: Editor) -> AnyResponse | None:
    """Refuse who does not give password and code; None for who does. Raises TooMany."""
    if not editor.totp_secret:
        return redirect(url_for("second_factor.show"), 303)
    form = ProofForm()
    if (
        form.validate_on_submit()
        and trials.knows(editor, str(form.password.data))
        and trials.passes(editor, str(form.code.data))
    ):
        return None
    return Response(_on_page(editor, failed=True), 422)


def _issuer() -> str:
    """Give what the telephone's app lists the code under."""
    settings: Settings = current_app.extensions["settings"]
    return f"Feedback ({urlsplit(settings.base_url).hostname})"


def _off_page(editor: Editor, form: ProofForm, *, failed: bool = False) -> str:
    secret = session[_SECRET]
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return render_template(
        "accounts/two_factor_off.html",
        editor=editor,
        form=form,
        secret=spaced,
        failed=failed,
        required=guard.requires_second_factor(),
    )


def _on_page(editor: Editor, *, failed: bool = False) -> str:
    left = two_factor.codes_left(db.session, editor)
    form = ProofForm(None)
    required = guard.requires_second_factor()
    return render_template(
        "accounts/two_factor_on.html", form=form, left=left, failed=failed, required=required
    )


def _codes_page(codes: list[str]) -> str:
    return render_template("accounts/recovery_codes.html", codes=codes)
