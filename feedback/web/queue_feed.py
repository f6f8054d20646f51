"""The feed of a queue: Atom at a secret address, for an editor's program that reads feeds.

The address is all there is to show, so it opens this and nothing else, and only what its editor
may see at the moment.
"""

from dataclasses import replace

from flask import Blueprint, Response, abort, current_app, request, url_for
from flask_babel import force_locale, get_locale, ngettext
from flask_babel import gettext as _

from feedback.accounts import keys
from feedback.accounts.models import Editor
from feedback.config import Settings
from feedback.db import db
from feedback.desk import queue
from feedback.desk.cards import Card
from feedback.desk.queue import BadQuery, Order, Query
from feedback.reports.models import Spot
from feedback.sites import Site
from feedback.web import catalogs, feeds, locales, security_log
from feedback.web.feeds import Entry, Feed, fit
from feedback.web.limits import here, limits
from feedback.web.security_log import Event
from feedback.web.wording import STATUSES, brief

bp = Blueprint("queue_feed", __name__, url_prefix="/feeds")

#: Entries of a feed.
MOST = 50
CACHE = "private, max-age=60"
#: Longest quote in an entry's title, in characters.
_TITLE = 60


@bp.before_request
def bound() -> None:
    """Count who asks."""
    limits().count("public", here())


@bp.after_request
def secret(response: Response) -> Response:
    """Let the address get to no search engine and to no site that an entry links to."""
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/<key>/sites/<int:site_id>.atom")
def atom(key: str, site_id: int) -> Response:
    """Give what a query finds in a site's queue, as on the desk; newest first unless it says."""
    editor = keys.follower(db.session, key)
    if editor is None or editor.role_at(site_id) is None:
        security_log.note(Event.LINK_REFUSED, editor=editor)
        abort(404)
    try:
        query = Query.read(site_id, request.args)
    except BadQuery:
        abort(404)
    shown = query if "order" in request.args else replace(query, order=Order.NEWEST)
    spots = queue.page(db.session, shown, None, MOST).spots
    with force_locale(_language(editor)):
        body = feeds.atom(_feed(db.session.get_one(Site, site_id), query, spots))
    answer = feeds.answer(body, feeds.TYPE, CACHE)
    answer.headers.remove("Vary")  # it speaks its editor's language
    return answer


def address(key: str, site_id: int) -> str:
    """Give the whole address of a site's feed."""
    return _base() + url_for("queue_feed.atom", key=key, site_id=site_id)


def _language(editor: Editor) -> str:
    return editor.language if editor.language in locales.LANGUAGES else catalogs.ORIGINAL


def _base() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.base_url


def _feed(site: Site, query: Query, spots: list[Spot]) -> Feed:
    base, asked = _base(), query.address()
    desk = base + url_for("desk.waiting", site_id=site.id)
    statuses = ", ".join(str(STATUSES[status]) for status in query.statuses)
    return Feed(
        id=feeds.tag(base, site, f"queue?{asked}"),
        title=f"{fit(site.name)}: {statuses}",
        author=site.name,
        lang=str(get_locale()).replace("_", "-"),
        begun=site.created_at,
        entries=[_entry(site, spot) for spot in spots],
        links={
            "self": base + request.full_path.rstrip("?"),
            "alternate": f"{desk}?{asked}" if asked else desk,
        },
    )


def _entry(site: Site, spot: Spot) -> Entry:
    base = _base()
    return Entry(
        id=feeds.tag(base, site, f"spots/{spot.id}"),
        title=_title(spot),
        link=base + url_for("desk.spot", spot_id=spot.id),
        published=spot.first_at,
        updated=max(spot.last_at, spot.moved_at or spot.last_at),
        text="\n".join(_lines(spot)),
    )


def _title(spot: Spot) -> str:
    wrong, right = (_cut(text) for text in (spot.faulty, spot.correction))
    named = f"{wrong} → {right}" if right else wrong
    return f"{named} · {spot.article.title or spot.article.address}"


def _cut(text: str) -> str:
    return text if len(text) <= _TITLE else f"{text[:_TITLE].rstrip()}…"


def _lines(spot: Spot) -> list[str]:
    """Say a spot in lines of plain text."""
    card = Card.of(spot)
    whole = "".join(piece.text for piece in brief(card.pieces) if piece.step != "insert")
    lines = [f"{card.before}{whole}{card.after}".replace("\n", " ")]
    if spot.correction:
        lines.append(_("Correction: %(text)s", text=_shown(spot.correction)))
    readers = ngettext("%(num)s reader said so", "%(num)s readers said so", spot.readers)
    status = str(STATUSES[spot.status])
    return [*lines, f"{status} · {readers}", spot.article.title, spot.article.address]


def _shown(text: str) -> str:
    return text.replace("\n", " ")
