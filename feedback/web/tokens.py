"""A site's tokens: made by editors in their own name, seen and revoked by owners too."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from feedback.accounts import acts, keys
from feedback.accounts.acts import Deed
from feedback.accounts.models import Role, Scope, Token
from feedback.db import db, now
from feedback.sites import Site
from feedback.web import guard
from feedback.web.account_forms import DAYS, TokenForm
from feedback.web.guard import signed_in

bp = Blueprint("tokens", __name__, url_prefix="/desk/sites/<int:site_id>/tokens")

#: Most tokens that are listed.
MOST = 500


@bp.get("")
@signed_in
def show(site_id: int) -> str:
    """Show the editor's tokens of a site; to an owner, all of the site's."""
    return _page(site_id, guard.role_at(site_id))


@bp.post("")
@signed_in
def make(site_id: int) -> AnyResponse | str:
    """Make a token and show it, this once. A viewer's may only read."""
    role, editor, form = guard.role_at(site_id), guard.editor(), TokenForm()
    if not form.validate_on_submit():
        return Response(_page(site_id, role, form), 422)
    scope = Scope(str(form.scope.data))
    if scope is Scope.DECIDE and not role.decides:
        abort(403, _("As a viewer you can read the queue, not decide."))
    site = db.session.get_one(Site, site_id)
    name, days = str(form.name.data), int(str(form.days.data)) or None
    key = keys.make_token(db.session, editor, site, scope, name=name, days=days)
    acts.note(db.session, Deed.TOKEN_MADE, f"{name} · {scope.value}", site_id, editor)
    db.session.commit()
    return _page(site_id, role, made=key, made_name=name)


@bp.post("/<int:token_id>/revoke")
@signed_in
def revoke(site_id: int, token_id: int) -> AnyResponse:
    """Make a token open nothing any more."""
    role = guard.role_at(site_id)
    theirs = _theirs(site_id, role).where(Token.id == token_id)
    token = db.session.scalar(theirs) if token_id < 2**63 else None
    if token is None:
        abort(404)
    token.revoked_at = now()
    subject = f"{token.name or token.editor.email} · {token.scope.value}"
    acts.note(db.session, Deed.TOKEN_REVOKED, subject, site_id, guard.editor())
    db.session.commit()
    flash(_("The token opens nothing any more."))
    return redirect(url_for("tokens.show", site_id=site_id), 303)


def _theirs(site_id: int, role: Role) -> sa.Select[Token]:
    """Select the tokens that the signed-in editor may see and revoke."""
    tokens = keys.tokens(site_id)
    return tokens if role is Role.OWNER else tokens.where(Token.editor_id == guard.editor().id)


def _page(site_id: int, role: Role, form: TokenForm | None = None, **more: Any) -> str:
    return render_template(
        "sites/tokens.html",
        site=db.session.get_one(Site, site_id),
        role=role,
        tokens=db.session.scalars(_theirs(site_id, role).limit(MOST)).all(),
        form=form or TokenForm(None),
        scopes=list(Scope) if role.decides else [Scope.READ],
        days=DAYS,
        **more,
    )
