"""A site's members: who has which role, and the links by which others join."""

from typing import Any

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
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from feedback.accounts import invitations, members
from feedback.accounts.members import LastOwner
from feedback.accounts.models import Membership, Role
from feedback.config import Settings
from feedback.db import db
from feedback.desk.letters import subscriptions
from feedback.sites import Site
from feedback.web import guard
from feedback.web.account_forms import InvitationForm, RoleForm
from feedback.web.guard import signed_in

bp = Blueprint("members", __name__, url_prefix="/desk/sites/<int:site_id>/members")

#: Most members, and most invitations, that are listed.
MOST = 500


@bp.get("")
@signed_in
def show(site_id: int) -> str:
    """Show a site's members and the invitations that work."""
    guard.owned(site_id)
    return _page(site_id)


@bp.post("")
@signed_in
def invite(site_id: int) -> AnyResponse | str:
    """Make an invitation and show its link, this once."""
    guard.owned(site_id)
    form = InvitationForm()
    if not form.validate_on_submit():
        return Response(_page(site_id, form=form), 422)
    role, note = Role(str(form.role.data)), form.note.data or ""
    key = invitations.make(db.session, site_id, role, note, guard.editor())
    db.session.commit()
    settings: Settings = current_app.extensions["settings"]
    link = settings.base_url + url_for("joining.ask", key=key)
    return _page(site_id, made=link, made_note=note, made_role=role)


@bp.post("/invitations/<int:invitation_id>/revoke")
@signed_in
def revoke(site_id: int, invitation_id: int) -> AnyResponse:
    """Make an invitation open nothing."""
    guard.owned(site_id)
    if invitation_id >= 2**63 or not invitations.revoke(
        db.session, site_id, invitation_id, guard.editor()
    ):
        abort(404)
    db.session.commit()
    flash(_("The link opens nothing any more."))
    return _back(site_id)


@bp.post("/<int:editor_id>/role")
@signed_in
def change(site_id: int, editor_id: int) -> AnyResponse:
    """Give a member another role; the last owner stays one."""
    membership, form = _member(site_id, editor_id), RoleForm()
    if not form.validate_on_submit():
        abort(404)
    try:
        members.change(db.session, membership, Role(str(form.role.data)), guard.editor())
    except LastOwner:
        return _refused(site_id)
    db.session.commit()
    flash(_("The role is changed."))
    return _onward(site_id, membership, stays=membership.role is Role.OWNER)


@bp.post("/<int:editor_id>/remove")
@signed_in
def remove(site_id: int, editor_id: int) -> AnyResponse:
    """Take a member from the site; the last owner stays."""
    membership = _member(site_id, editor_id)
    try:
        members.remove(db.session, membership, guard.editor())
        subscriptions.end(db.session, editor_id, site_id)
    except LastOwner:
        return _refused(site_id)
    db.session.commit()
    flash(_("%(who)s does not belong to the site any more.", who=membership.editor.called))
    return _onward(site_id, membership, stays=False)


def _member(site_id: int, editor_id: int) -> Membership:
    guard.owned(site_id)
    found = members.member(db.session, site_id, editor_id) if editor_id < 2**63 else None
    return found or abort(404)


def _onward(site_id: int, changed: Membership, *, stays: bool) -> AnyResponse:
    """Go back to the members, or home for who has just ceased to be an owner."""
    if changed.editor_id == guard.editor().id and not stays:
        return redirect(url_for("desk.home"), 303)
    return _back(site_id)


def _back(site_id: int) -> AnyResponse:
    return redirect(url_for("members.show", site_id=site_id), 303)


def _refused(site_id: int) -> Response:
    db.session.rollback()
    why = _("Nobody else owns the site. Make somebody else an owner first.")
    return Response(_page(site_id, why=why), 409)


def _page(site_id: int, form: InvitationForm | None = None, **more: Any) -> str:
    return render_template(
        "sites/members.html",
        site=db.session.get_one(Site, site_id),
        members=db.session.scalars(members.of(site_id).limit(MOST)).all(),
        invitations=db.session.scalars(invitations.open_ones(site_id).limit(MOST)).all(),
        form=form or InvitationForm(None, role=Role.EDITOR.value),
        roles=list(Role),
        myself=guard.editor().id,
        **more,
    )
