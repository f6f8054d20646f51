"""What was corrected, for everybody: a page, feeds, a badge, and what the note in an article says.

Only of sites whose owners want it; of others nothing is there. No cookie is read, so every answer
is alike for everybody and may be kept for some minutes.
"""

import json
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from feedback import addresses
from feedback.anchoring.words import Piece
from feedback.articles.models import Article
from feedback.config import Settings
from feedback.db import db
from feedback.desk import corrections
from feedback.desk.corrections import BadPlace, Correction, Page, Place
from feedback.reports.models import Spot
from feedback.sites import Site
from feedback.web import feeds
from feedback.web.badge import drawn
from feedback.web.feeds import Entry, Feed, fit
from feedback.web.limits import here, limits
from feedback.web.receipts import told_by
from feedback.web.wording import brief

bp = Blueprint("corrections", __name__, url_prefix="/corrections")

#: Corrections on one page.
PAGE = 50
#: Longest quote in the title of a feed's entry, in characters.
TITLE = 60
#: How long anybody may keep an answer.
CACHE = "public, max-age=300"
BADGE_CACHE = "public, max-age=3600"


@bp.before_request
def bound() -> None:
    """Count who asks."""
    limits().count("public", here())


@bp.get("/<int:site_id>")
def show(site_id: int) -> Response:
    """Show what was corrected at a site, or in one article of it, newest first."""
    site, article = _telling(site_id), _article(site_id)
    found = _page(site, article)
    body = render_template(
        "corrections.html",
        site=site,
        article=article,
        page=found,
        linked=_linked_data(found.corrections),
        first=request.args.get("before") is None,
        path=_path,
        canonical=_address("show", site, article),
        passage=_passage,
        day=format_date,
    )
    return feeds.answer(body, "text/html", CACHE)


@bp.get("/<int:site_id>.atom")
def atom(site_id: int) -> Response:
    """Give the newest corrections as Atom (RFC 4287)."""
    site, article = _telling(site_id), _article(site_id)
    found = _page(site, article)
    links = {"self": _address("atom", site, article), "alternate": _address("show", site, article)}
    if found.older:
        links["next"] = _address("atom", site, article, found.older)
    feed = Feed(
        feeds.tag(_base(), site, f"corrections/{article.id}" if article else "corrections"),
        _title(site, article),
        site.name,
        _lang(),
        site.created_at,
        [_entry(site, each) for each in found.corrections],
        links,
    )
    return feeds.answer(feeds.atom(feed), feeds.TYPE, CACHE)


@bp.get("/<int:site_id>.json")
def json_feed(site_id: int) -> Response:
    """Give the newest corrections as a JSON Feed (https://jsonfeed.org/version/1.1)."""
    site, article = _telling(site_id), _article(site_id)
    found = _page(site, article)
    body: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(site, article),
        "home_page_url": _address("show", site, article),
        "feed_url": _address("json_feed", site, article),
        "language": _lang(),
        "authors": [{"name": fit(site.name)}],
        "items": [_item(site, each) for each in found.corrections],
    }
    if found.older:
        body["next_url"] = _address("json_feed", site, article, found.older)
    return feeds.answer(json.dumps(body, ensure_ascii=False), "application/feed+json", CACHE)


@bp.get("/<int:site_id>/badge.svg")
def badge(site_id: int) -> Response:
    """Draw how many misspellings were fixed this month."""
    site, until = _telling(site_id), told_by()
    since = until.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    number, more = corrections.counted(db.session, site.id, since, until)
    picture, policy = drawn(number, more=more, lang=request.args.get("lang", ""))
    answer = feeds.answer(picture, "image/svg+xml", BADGE_CACHE)
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _telling(site_id: int) -> Site:
    """Give a site that tells what it corrects; no other is there (404)."""
    site = db.session.get(Site, site_id) if site_id < 2**63 else None
    return site if site and site.corrections else abort(404)


def _article(site_id: int) -> Article | None:
    """Give the article that is asked for, None for all; what is none of the site's is not there."""
    text = request.args.get("article")
    if text is None:
        return None
    try:
        address = addresses.parse(text).article
    except addresses.BadAddress:
        abort(404)
    return corrections.article(db.session, site_id, address) or abort(404)


def _page(site: Site, article: Article | None) -> Page:
    text = request.args.get("before")
    try:
        place = Place.read(text) if text else None
    except BadPlace:
        abort(404)
    article_id = article.id if article else None
    return corrections.page(db.session, site.id, told_by(), place, PAGE, article_id=article_id)


def _base() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.base_url


def _path(
    view: str, site: Site, article: Article | None = None, before: Place | None = None
) -> str:
    """Give the address of one of these views, for pages of ours."""
    asked, since = article.address if article else None, str(before) if before else None
    return url_for(f"corrections.{view}", site_id=site.id, article=asked, before=since)


def _address(
    view: str, site: Site, article: Article | None = None, before: Place | None = None
) -> str:
    """Give the whole address of one of these views."""
    return _base() + _path(view, site, article, before)


def _passage(correction: Correction) -> list[Piece]:
    return brief(correction.pieces)


def _title(site: Site, article: Article | None) -> str:
    name = fit(site.name)
    if article is None:
        return str(_("Corrections: %(site)s", site=name))
    called = fit(article.title or article.address)
    return str(_("Corrections: %(article)s, %(site)s", article=called, site=name))


def _lang() -> str:
    return str(get_locale()).replace("_", "-")


def said(correction: Correction, most: int = 10_000) -> str:
    """Say a correction in a sentence; of what is longer than `most` characters, the beginning."""
    texts = {"said": _cut(fit(correction.said), most), "says": _cut(fit(correction.says), most)}
    if not correction.says:
        return str(_("“%(said)s” was taken out.", **texts))
    return str(_("“%(said)s” was corrected to “%(says)s”.", **texts))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most].rstrip()}…"


def _entry(site: Site, each: Correction) -> Entry:
    title = each.article.title or each.article.address
    name = f"corrections/{each.article.id}/{each.id}"
    return Entry(
        id=feeds.tag(_base(), site, name),
        title=said(each, TITLE),
        link=each.link,
        published=each.at,
        updated=_updated(each.spot, each.at),
        text=f"{said(each)}\n{title}\n{each.article.address}",
    )


def _updated(spot: Spot, at: datetime) -> datetime:
    return spot.moved_at or at


def _item(site: Site, each: Correction) -> dict[str, Any]:
    entry = _entry(site, each)
    return {
        "id": entry.id,
        "url": entry.link,
        "title": entry.title,
        "content_text": fit(entry.text),
        "date_published": feeds.moment(entry.published),
        "date_modified": feeds.moment(entry.updated),
        "_correction": {
            "said": fit(each.said),
            "says": fit(each.says),
            "article": {"url": each.article.address, "title": fit(each.article.title)},
        },
    }


def _linked_data(found: list[Correction]) -> dict[str, Any]:
    """Say corrections as schema.org does (https://schema.org/CorrectionComment), by article."""
    articles: dict[int, dict[str, Any]] = {}
    for each in found:
        told = {
            "@type": "CorrectionComment",
            "text": said(each),
            "datePublished": feeds.moment(each.at),
            "inLanguage": _lang(),
        }
        articles.setdefault(each.article.id, _work(each.article))["correction"].append(told)
    return {"@context": "https://schema.org", "@graph": list(articles.values())}


def _work(article: Article) -> dict[str, Any]:
    work: dict[str, Any] = {"@type": "Article", "url": article.address}
    if article.title:
        work["headline"] = fit(article.title)
    if article.lang:
        work["inLanguage"] = article.lang
    return work | {"correction": []}
