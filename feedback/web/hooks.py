"""What comes in from a site's CMS: an article was updated, so it is looked at now.

Signed as Standard Webhooks are, by a secret that an owner of the site makes at the desk. To be told
the same twice does no harm, so nothing is kept of what was told.
"""

from typing import Annotated

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, request
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import RequestEntityTooLarge

from feedback import addresses, sites
from feedback.articles.models import Article
from feedback.config import Settings
from feedback.db import db, now
from feedback.delivery import signing
from feedback.delivery.signing import NotSigned
from feedback.desk import watching
from feedback.reports.schema import Invalid
from feedback.sites import Site
from feedback.web import security_log
from feedback.web.api import asks
from feedback.web.forms import csrf
from feedback.web.limits import here, limits
from feedback.web.problems import problem
from feedback.web.security_log import Event

bp = Blueprint("hooks", __name__, url_prefix="/hooks/sites/<int:site_id>")
csrf.exempt(bp)

#: Largest body, in bytes.
LARGEST = 8 * 1024

#: What nobody knows: a site without a secret is not told from one whose secret is another.
_NOBODYS = signing.make()


class Updated(BaseModel):
    """What a CMS tells; whatever else it says is passed over."""

    model_config = ConfigDict(strict=True, frozen=True)

    url: Annotated[str, Field(max_length=addresses.LONGEST)]


@bp.post("/article-updated")
def article_updated(site_id: int) -> Response:
    """Have an article looked at now; 202, whether there is anything to look for or not."""
    limits().count("api", f"hook {here()}")
    db.only_reads()
    try:
        signing.check(_secret(site_id), _headers(), _body(), now())
    except NotSigned as error:
        security_log.note(Event.SIGNATURE_REFUSED, site=min(site_id, 2**63))  # it may be any length
        return problem(403, "signature", str(error))
    settings: Settings = current_app.extensions["settings"]
    if not settings.check_delays:
        return problem(409, "no-looks", "This service does not look at articles.")
    article_id = db.session.scalar(_article(site_id, asks.body(Updated).url))
    if article_id is not None:
        db.writes_too()
        watching.look_now(db.session, article_id, settings.check_delays, now())
        db.session.commit()
    return Response(status=202)


def _secret(site_id: int) -> str:
    """Give the secret of a site; one that nobody has where there is none."""
    found = sa.select(Site.hook_secret).where(Site.id == site_id)
    return (db.session.scalar(found) if site_id < 2**63 else None) or _NOBODYS


def _headers() -> dict[str, str]:
    return {name.lower(): text for name, text in request.headers.items()}


def _body() -> bytes:
    request.max_content_length = LARGEST
    try:
        return request.get_data()
    except RequestEntityTooLarge:
        raise RequestEntityTooLarge(f"At most {LARGEST} bytes are taken.") from None


def _article(site_id: int, url: str) -> sa.Select[int]:
    """Select the id of a site's article by its address. Raises Invalid."""
    try:
        address = addresses.parse(url)
    except addresses.BadAddress as error:
        raise Invalid("url", f"It {error}.") from None
    if not sites.admits(db.session.connection(), site_id, address.origin):
        raise Invalid("url", f"The site does not admit {address.origin}.")
    return sa.select(Article.id).where(
        Article.site_id == site_id, Article.address == address.article
    )
