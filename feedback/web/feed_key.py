"""The secret address of an editor's feeds: made, made anew and removed in the profile."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from feedback.accounts import acts, keys
from feedback.accounts.acts import Deed
from feedback.db import db
from feedback.web import guard, queue_feed
from feedback.web.guard import signed_in

bp = Blueprint("feed_key", __name__, url_prefix="/desk/profile/feeds")


@bp.get("")
@signed_in
def show() -> str:
    """Say whether there is a secret address, and what it is for."""
    return _page()


@bp.post("")
@signed_in
def make() -> str:
    """Make a secret address and show it, this once; one that there was opens nothing any more."""
    editor = guard.editor()
    key = keys.make_feed_key(db.session, editor)
    acts.note_of(db.session, Deed.FEED_MADE, editor, editor)
    db.session.commit()
    return _page(key)


@bp.post("/remove")
@signed_in
def remove() -> AnyResponse:
    """Remove the secret address."""
    editor = guard.editor()
    found = keys.feed_key(db.session, editor)
    if found is not None:
        db.session.delete(found)
        acts.note_of(db.session, Deed.FEED_REMOVED, editor, editor)
        db.session.commit()
        flash(_("The address opens nothing any more."))
    return redirect(url_for("feed_key.show"), 303)


def _page(key: str = "") -> str:
    editor = guard.editor()
    sites = [each.site for each in editor.memberships] if key else []
    feeds = [(site.name, queue_feed.address(key, site.id)) for site in sites]
    return render_template(
        "accounts/feeds.html", feeds=feeds, kept=keys.feed_key(db.session, editor)
    )
