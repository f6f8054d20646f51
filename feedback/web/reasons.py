"""A site's own reasons for rejecting: what editors choose from, what readers are told."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from feedback.accounts.models import Role
from feedback.db import db
from feedback.desk import reasons
from feedback.desk.models import SiteReason
from feedback.sites import Site
from feedback.web import guard, wording
from feedback.web.forms import ReasonForm
from feedback.web.guard import signed_in

bp = Blueprint("reasons", __name__, url_prefix="/desk")

_STEPS = {"up": -1, "down": 1}


@bp.get("/sites/<int:site_id>/reasons")
@signed_in
def listed(site_id: int) -> str:
    """Show a site's reasons; its owners may change them."""
    return _page(site_id, guard.role_at(site_id), ReasonForm())


@bp.post("/sites/<int:site_id>/reasons")
@signed_in
def add(site_id: int) -> Response:
    """Add a reason, or first of all the standard ones, to be reworded."""
    role = _owning(site_id)
    form = ReasonForm()
    if form.standard.data:
        _start(site_id)
    elif not form.validate_on_submit():
        return Response(_page(site_id, role, form), 422, mimetype="text/html")
    else:
        try:
            reasons.add(db.session, site_id, str(form.label.data), str(form.sentence.data))
        except reasons.TooMany:
            text = _("There is a digit for nine reasons. Take one out first.")
            form.label.errors = [text]
            return Response(_page(site_id, role, form), 422, mimetype="text/html")
    db.session.commit()
    return redirect(url_for("reasons.listed", site_id=site_id), 303)


def _start(site_id: int) -> None:
    """Put the standard reasons into a list that has none, in the language of whoever asks."""
    if db.session.scalars(reasons.own(site_id)).first() is None:
        for reason, label in wording.REASONS.items():
            reasons.add(db.session, site_id, str(label), str(wording.SENTENCES[reason]))


@bp.post("/reasons/<int:reason_id>")
@signed_in
def change(reason_id: int) -> Response:
    """Move a reason, reword it, or offer it no more."""
    reason, role = _own(reason_id)
    form = ReasonForm()
    done = form.do.data
    if done in _STEPS:
        reasons.move(db.session, reason, _STEPS[done])
    elif done == "retire":
        reasons.retire(reason)
        flash(_("Decisions that were made with it keep it."))
    elif not form.validate_on_submit():
        return Response(_page(reason.site_id, role, form), 422, mimetype="text/html")
    else:
        reason.label, reason.sentence = str(form.label.data), str(form.sentence.data)
    db.session.commit()
    return redirect(url_for("reasons.listed", site_id=reason.site_id), 303)


def _owning(site_id: int) -> Role:
    role = guard.role_at(site_id)
    if role is not Role.OWNER:
        abort(403, _("Only the owners of a site change its reasons."))
    return role


def _own(reason_id: int) -> tuple[SiteReason, Role]:
    """Give a reason of one of the editor's sites; else nothing is there (404)."""
    sites = [membership.site_id for membership in guard.editor().memberships]
    if reason_id >= 2**63:
        abort(404)
    found = db.session.get(SiteReason, reason_id)
    if found is None or found.site_id not in sites or found.retired_at is not None:
        abort(404)
    return found, _owning(found.site_id)


def _page(site_id: int, role: Role, form: ReasonForm) -> str:
    mine = db.session.scalars(reasons.own(site_id)).all()
    return render_template(
        "sites/reasons.html",
        site=db.session.get_one(Site, site_id),
        role=role,
        mine=mine,
        full=len(mine) >= reasons.MOST,
        sentences=wording.SENTENCES,
        form=form,
    )
