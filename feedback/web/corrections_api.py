"""What the note at an article's end says: `GET /api/v1/corrections`, for the pages of a site.

Open as the reports API is: it knows no cookie, and answers admitted origins only.
"""

from flask import Blueprint, Response, current_app, g, request, url_for

from feedback import addresses, sites
from feedback.addresses import Address, BadAddress
from feedback.articles.models import Article
from feedback.config import Settings
from feedback.db import db
from feedback.desk import bodies, corrections
from feedback.reports.schema import Invalid
from feedback.sites import Door, Site
from feedback.web.limits import here, limits
from feedback.web.problems import problem
from feedback.web.receipts import told_by

bp = Blueprint("corrections_api", __name__, url_prefix="/api/v1")

#: Corrections in a note; the page has the others.
MOST = 20
CACHE = "public, max-age=300"


@bp.get("/corrections")
def told() -> Response:
    """Tell what was corrected in an article."""
    limits().count("public", here())
    page = _page()
    door = _door(page)
    if door is None or not sites.admits(db.session.connection(), door.site_id, page.origin):
        detail = "No site here admits the origin of this page, or the address is not that site's."
        return problem(403, "not-admitted", detail)
    site = db.session.get_one(Site, door.site_id)
    if not site.corrections:
        detail = "This site keeps its corrections to itself. An owner can change that at the desk."
        return problem(404, "not-found", detail)
    address = _canonical(site.id) or page
    found = corrections.article(db.session, site.id, address.article)
    answer = Response(_body(site, found).model_dump_json(), mimetype="application/json")
    answer.headers["Cache-Control"] = CACHE
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]  # the same answer


@bp.after_request
def share(response: Response) -> Response:
    """Let a page read the answer if its origin is admitted, whatever the answer is."""
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.vary.add("Origin")
    if request.headers.get("Origin") and (door := g.get("door")) is not None:
        response.headers["Access-Control-Allow-Origin"] = door.origin
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    return response


def _page() -> Address:
    try:
        return addresses.parse(request.args.get("url", ""))
    except BadAddress as error:
        raise Invalid("url", str(error)) from None


def _door(page: Address) -> Door | None:
    """Find who may ask: the page's origin, as browsers state it where it is not ours."""
    stated = request.headers.get("Origin")
    g.door = sites.door(db.session.connection(), page.origin if stated is None else stated)
    return g.door  # type: ignore[no-any-return]  # set above


def _canonical(site_id: int) -> Address | None:
    """Give what the page calls its canonical address, if that is one of the site's own."""
    try:
        address = addresses.parse(request.args.get("canonical", ""))
    except BadAddress:
        return None
    own = sites.admits(db.session.connection(), site_id, address.origin)
    return address if own else None


def _body(site: Site, article: Article | None) -> bodies.Corrections:
    settings: Settings = current_app.extensions["settings"]
    asked = article.address if article else None
    link = settings.base_url + url_for("corrections.show", site_id=site.id, article=asked)
    if article is None:
        return bodies.Corrections(lang="", corrections=[], more=False, link=link)
    page = corrections.page(db.session, site.id, told_by(), None, MOST, article_id=article.id)
    said = [
        bodies.Correction(said=each.said, says=each.says, at=each.at) for each in page.corrections
    ]
    return bodies.Corrections(
        lang=article.lang, corrections=said, more=page.older is not None, link=link
    )
