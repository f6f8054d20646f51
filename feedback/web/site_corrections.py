"""Whether a site tells everybody what it corrects: for its owners, with the lines to paste."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from feedback.accounts import acts
from feedback.accounts.acts import Deed
from feedback.config import Settings
from feedback.db import db
from feedback.sites import Site
from feedback.web import guard
from feedback.web.guard import signed_in

bp = Blueprint("site_corrections", __name__, url_prefix="/desk/sites/<int:site_id>/corrections")


@bp.get("")
@signed_in
def show(site_id: int) -> str:
    """Show an owner whether the corrections are public, and what can be done with them."""
    guard.owned(site_id)
    settings: Settings = current_app.extensions["settings"]
    return render_template(
        "sites/corrections.html",
        site=db.session.get_one(Site, site_id),
        base=settings.base_url,
    )


@bp.post("")
@signed_in
def keep(site_id: int) -> AnyResponse:
    """Make the corrections public, or keep them back."""
    guard.owned(site_id)
    site, wanted = db.session.get_one(Site, site_id), bool(request.form.get("corrections"))
    if site.corrections != wanted:
        site.corrections = wanted
        deed = Deed.CORRECTIONS_ON if wanted else Deed.CORRECTIONS_OFF
        acts.note(db.session, deed, site.name, site_id, guard.editor())
        db.session.commit()
    flash(_("The corrections are public.") if wanted else _("The corrections are kept back."))
    return redirect(url_for("site_corrections.show", site_id=site_id), 303)
