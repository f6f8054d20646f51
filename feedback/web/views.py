"""Saved views: queries of the queue that an editor keeps."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from feedback.db import db
from feedback.desk import views
from feedback.desk.models import SavedView
from feedback.desk.queue import BadQuery, Query
from feedback.web import guard
from feedback.web.forms import ViewForm
from feedback.web.guard import signed_in

bp = Blueprint("views", __name__, url_prefix="/desk")


@bp.post("/sites/<int:site_id>/views")
@signed_in
def save(site_id: int) -> Response:
    """Keep a query under a name; one of that name is put in its place."""
    guard.role_at(site_id)
    form = ViewForm()
    try:
        query = Query.written(site_id, form.query.data or "")
    except BadQuery:
        abort(404)
    back = redirect(f"{url_for('desk.waiting', site_id=site_id)}?{query.address()}", 303)
    if not form.validate_on_submit():
        flash(_("A view needs a name of at most 40 characters."))
        return back
    try:
        views.keep(db.session, guard.editor(), query, str(form.name.data).strip())
    except views.TooMany:
        flash(_("There is room for %(most)s views. Remove one first.", most=views.MOST))
        return back
    db.session.commit()
    return back


@bp.post("/views/<int:view_id>/remove")
@signed_in
def remove(view_id: int) -> Response:
    """Remove one of the editor's own views."""
    found = db.session.get(SavedView, view_id) if view_id < 2**63 else None
    if found is None or found.editor_id != guard.editor().id:
        abort(404)
    db.session.delete(found)
    db.session.commit()
    return redirect(url_for("desk.waiting", site_id=found.site_id), 303)
