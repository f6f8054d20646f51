"""The page where a site's owners let its CMS say that an article was updated."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from feedback.accounts import acts
from feedback.accounts.acts import Deed
from feedback.config import Settings
from feedback.db import db
from feedback.delivery import signing
from feedback.sites import Site
from feedback.web import guard
from feedback.web.guard import signed_in

bp = Blueprint("site_hook", __name__, url_prefix="/desk/sites/<int:site_id>/hook")

#: What the record calls what the secret is for.
_ACT = "article-updated"
#: How a message is signed, in each of these.
_LANGUAGES = {"curl": "curl", "python": "Python", "javascript": "JavaScript", "php": "PHP"}


@bp.get("")
@signed_in
def show(site_id: int) -> str:
    """Show owners where their CMS tells of an update, and how it signs that."""
    guard.owned(site_id)
    return _page(site_id)


@bp.post("")
@signed_in
def make(site_id: int) -> str:
    """Make the secret, or another one in its place, and show it, this once."""
    guard.owned(site_id)
    site = _site(site_id)
    deed = Deed.HOOK_SECRET_CHANGED if site.hook_secret else Deed.HOOK_SECRET_MADE
    site.hook_secret = signing.make()
    acts.note(db.session, deed, _ACT, site_id, guard.editor())
    db.session.commit()
    return _page(site_id, made=site.hook_secret)


@bp.post("/remove")
@signed_in
def remove(site_id: int) -> AnyResponse:
    """Take the secret away: nothing that is signed by it is heard any more."""
    guard.owned(site_id)
    site = _site(site_id)
    if not site.hook_secret:
        abort(404)
    site.hook_secret = ""
    acts.note(db.session, Deed.HOOK_SECRET_REMOVED, _ACT, site_id, guard.editor())
    db.session.commit()
    flash(_("The secret is removed: what your CMS says is not heard any more."))
    return redirect(url_for("site_hook.show", site_id=site_id), 303)


def _site(site_id: int) -> Site:
    return db.session.get_one(Site, site_id)


def _page(site_id: int, made: str = "") -> str:
    settings: Settings = current_app.extensions["settings"]
    site = _site(site_id)
    article = (site.origins[0].origin if site.origins else "https://www.example.org") + "/article"
    address = settings.base_url + url_for("hooks.article_updated", site_id=site_id)
    named = {"address": address, "article": article}
    code = {
        words: render_template(f"sites/signing/{name}.txt", **named).strip()
        for name, words in _LANGUAGES.items()
    }
    return render_template(
        "sites/hook.html",
        site=site,
        address=address,
        code=code,
        made=made,
        watches=bool(settings.check_delays),
    )
