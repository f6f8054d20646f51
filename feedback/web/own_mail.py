"""An editor's own mail: what comes of each site, and when."""

from dataclasses import replace

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from feedback.accounts import acts
from feedback.accounts.acts import Deed
from feedback.db import db, now
from feedback.delivery import carriers as delivery
from feedback.delivery import history
from feedback.delivery.contract import BadTarget
from feedback.delivery.models import Means
from feedback.delivery.notifiers import NotInstalled
from feedback.delivery.wishes import Rhythm, Wishes, sections
from feedback.desk.letters import subscriptions
from feedback.sites import Site
from feedback.web import carriers, guard
from feedback.web.carrier_forms import GATHERED, OwnForm
from feedback.web.guard import signed_in

bp = Blueprint("own_mail", __name__, url_prefix="/desk/profile/mail")

#: Most sites that are listed.
MOST = 100


@bp.get("")
@signed_in
def show() -> str:
    """Show what mail the editor has of each site."""
    return _page()


@bp.post("/<int:site_id>")
@signed_in
def keep(site_id: int) -> AnyResponse:
    """Let the editor have mail about a site, other mail, or none."""
    guard.role_at(site_id)
    form = OwnForm()
    why = _kept(site_id, form) if form.validate_on_submit() else _("This cannot be chosen.")
    if why:
        return Response(_page({site_id: why}), 422)
    flash(_("It is kept."))
    return redirect(url_for("own_mail.show"), 303)


def _kept(site_id: int, form: OwnForm) -> str:
    """Keep what was chosen; give why not, if it cannot be."""
    editor, site = guard.editor(), db.session.get_one(Site, site_id)
    held = subscriptions.of(db.session, editor).get(site_id)
    subject = f"{Means.MAIL.value} · {editor.email}"
    if not form.rhythm.data:
        if subscriptions.end(db.session, editor.id, site_id):
            acts.note(db.session, Deed.CARRIER_REMOVED, subject, site_id, editor)
            db.session.commit()
        return ""
    wishes = _wishes(form, Wishes.read(held.wishes) if held else delivery.usual(Means.MAIL))
    try:
        subscriptions.keep(db.session, editor, site, wishes, carriers.office(), now())
    except (BadTarget, NotInstalled) as error:
        return carriers.told(error)
    deed = Deed.CARRIER_CHANGED if held else Deed.CARRIER_ADDED
    acts.note(db.session, deed, subject, site_id, editor)
    db.session.commit()
    return ""


def _wishes(form: OwnForm, held: Wishes) -> Wishes:
    return replace(
        held,
        rhythm=Rhythm(str(form.rhythm.data)),
        hour=int(form.hour.data) if form.hour.data else held.hour,
        sections=tuple(sections(form.sections.data or "")),
        **carriers.here(),
    )


def _page(wrong: dict[int, str] | None = None) -> str:
    own = subscriptions.of(db.session, guard.editor())
    return render_template(
        "accounts/mail.html",
        email=guard.editor().email,
        memberships=guard.editor().memberships[:MOST],
        own=own,
        wishes={site_id: Wishes.read(carrier.wishes) for site_id, carrier in own.items()},
        usual=Wishes(),
        wrong=wrong or {},
        rhythms=GATHERED,
        mails=bool(carriers.office().smtp_url),
        masked=history.masked,
        zone=carriers.here()["zone"],
    )
