"""The check: does the embed work on this page? What `feedback doctor` says, at the desk."""

import threading

from flask import Blueprint, Response, abort, current_app, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from feedback.articles import looking
from feedback.db import db, now
from feedback.embedding import examining
from feedback.embedding.examining import Examined
from feedback.embedding.findings import Finding, Mark
from feedback.embedding.origins import Admission
from feedback.sites import Site
from feedback.web import guard
from feedback.web.forms import CheckForm
from feedback.web.guard import signed_in
from feedback.web.limits import TooMany, limits

bp = Blueprint("checks", __name__, url_prefix="/desk/sites")

#: A check may take a minute, and there are eight threads: readers come first.
_turn = threading.Lock()
#: Seconds after which it makes sense to ask again while another page is being checked.
_SOON = 5

#: What the findings of a mark are headed by; what does not work comes first.
_MARKS = {
    Mark.BAD: lazy_gettext("Does not work"),
    Mark.NOTE: lazy_gettext("Could be better"),
    Mark.GOOD: lazy_gettext("Works"),
}


@bp.get("/<int:site_id>/check")
@signed_in
def ask(site_id: int) -> str:
    """Ask which page is to be checked."""
    return _page(_own(site_id), CheckForm())


@bp.post("/<int:site_id>/check")
@signed_in
def examine(site_id: int) -> str | Response:
    """Check a page of the site. Raises TooMany."""
    site, form = _own(site_id), CheckForm()
    if not form.validate_on_submit():
        return Response(_page(site, form), 422, mimetype="text/html")
    limits().count("check", str(guard.editor().id))
    return _page(site, form, _examined(site, str(form.address.data)))


def _own(site_id: int) -> Site:
    """Give a site at which the editor decides; a viewer changes nothing on its pages (403)."""
    if not guard.role_at(site_id).decides:
        abort(403, _("As a viewer you can read the queue, not check pages."))
    return db.session.get_one(Site, site_id)


def _examined(site: Site, address: str) -> Examined:
    """Examine a page, one at a time in this process and in no transaction. Raises TooMany."""
    admission = Admission({each.origin: site.name for each in site.origins}, site.name)
    db.session.commit()
    if not _turn.acquire(blocking=False):
        raise TooMany(_SOON)
    try:
        policy = looking.policy(current_app.extensions["settings"])
        embed = current_app.extensions["embed"]
        return examining.examine(address, embed, admission, policy=policy, now=now())
    finally:
        _turn.release()


def _page(site: Site, form: CheckForm, found: Examined | None = None) -> str:
    return render_template(
        "sites/check.html", site=site, form=form, found=found, marks=_MARKS, said=_said
    )


def _said(finding: Finding) -> str:
    """Say a finding in the editor's language; it is text, though it may speak of tags."""
    return str(_(finding.message, **finding.values))
