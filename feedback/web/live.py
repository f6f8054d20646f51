"""Live: what others do meanwhile, and who is at which spot. Asked for by the desk's scripts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request
from flask_babel import gettext as _

from feedback.db import db, now
from feedback.desk import claims, news
from feedback.desk.models import Decision
from feedback.reports.models import Spot
from feedback.web import guard, queue_page, wording
from feedback.web.desk import own
from feedback.web.guard import signed_in

bp = Blueprint("live", __name__, url_prefix="/desk")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: A page that is older hears nothing: it is to be loaded anew.
_OLDEST = timedelta(hours=12)


def microseconds(at: datetime) -> int:
    """Write a time as whole microseconds since 1970, as pages carry it."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(text: str) -> datetime:
    """Read what `microseconds` wrote. Raises ValueError."""
    try:
        return _EPOCH + timedelta(microseconds=int(text))
    except OverflowError:
        raise ValueError("no time of ours") from None


@bp.get("/sites/<int:site_id>/news")
@signed_in
def tell(site_id: int) -> Response:
    """Tell what happened at a site since a page was made."""
    guard.role_at(site_id)
    return _told([site_id])


@bp.get("/all/news")
@signed_in
def tell_all() -> Response:
    """Tell what happened at the editor's sites since a page of all of them was made."""
    return _told([membership.site_id for membership in queue_page.shown()])


def _told(site_ids: Sequence[int]) -> Response:
    """Tell what happened at some sites.

    Where nothing did, the page asks from the same time on: so it also hears of what was decided
    before its question and committed after. An answer without a body would end the connection.
    """
    at = now()
    try:
        since = max(moment(request.args.get("since", "")), at - _OLDEST)
    except ValueError:
        abort(404)
    found = news.since(db.session, site_ids, guard.editor().id, since, at)
    return jsonify(
        at=microseconds(at if found else since),
        opened=found.opened,
        spots=[_moved(spot, decision) for spot, decision in found.moved],
        claims={str(claim.spot_id): claim.editor.called for claim in found.claims},
    )


def _moved(spot: Spot, decision: Decision | None) -> dict[str, Any]:
    said = ""
    if decision is not None:
        said = f"{wording.who(decision)}: {wording.DONE[decision.kind]}"
    return {
        "id": spot.id,
        "version": spot.version,
        "status": spot.status.value,
        "readers": spot.readers,
        "said": said,
    }


@bp.post("/spots/<int:spot_id>/claim")
@signed_in
def claim(spot_id: int) -> Response:
    """Tell others that the editor is at a spot; tell the editor who is there already."""
    found, role = own(spot_id)
    if not role.decides:
        abort(403, _("As a viewer you can read the queue, not decide."))
    held = claims.take(db.session, found.id, guard.editor(), now())
    db.session.commit()
    return jsonify(by=held.editor.called if held else None)
