"""What a site owner needs: the line to paste, and what the site admits."""

from flask import Blueprint, current_app, render_template

from feedback.db import db
from feedback.sites import Site
from feedback.web import guard
from feedback.web.guard import signed_in

bp = Blueprint("sites", __name__, url_prefix="/desk/sites")


@bp.get("/<int:site_id>/setup")
@signed_in
def setup(site_id: int) -> str:
    """Show the line that the site's pages embed, and the origins it admits."""
    guard.role_at(site_id)
    site = db.session.get_one(Site, site_id)
    script = f"{current_app.extensions['settings'].base_url}/embed.js"
    return render_template("sites/setup.html", site=site, script=script)
