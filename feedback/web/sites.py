"""What a site owner needs: the line to paste, and what the site admits."""

from babel import Locale
from flask import Blueprint, current_app, render_template, request

from feedback.db import db
from feedback.embedding.embed import Embed
from feedback.sites import Site
from feedback.web import guard
from feedback.web.guard import signed_in

bp = Blueprint("sites", __name__, url_prefix="/desk/sites")


@bp.get("/<int:site_id>/setup")
@signed_in
def setup(site_id: int) -> str:
    """Show the line that the site's pages embed, and the origins it admits."""
    role = guard.role_at(site_id)
    embed: Embed = current_app.extensions["embed"]
    return render_template(
        "sites/setup.html",
        site=db.session.get_one(Site, site_id),
        role=role,
        embed=embed,
        lang=embed.match(request.args.get("lang", "")),
        languages=_languages(embed),
    )


def _languages(embed: Embed) -> list[tuple[str, str]]:
    """Give the tags of the reader's languages with their own names, in the order of the names."""
    names = [(tag, Locale.parse(tag, sep="-").get_display_name() or tag) for tag in embed.leads]
    return sorted(names, key=lambda each: each[1].casefold())
