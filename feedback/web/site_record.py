"""A site's record: what was done to its people, keys and rules, and what was decided."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask_babel import lazy_gettext, to_utc

from feedback.accounts import acts, members
from feedback.accounts.acts import Deed
from feedback.accounts.models import Editor
from feedback.db import db
from feedback.desk import queue, site_record
from feedback.desk.models import Kind
from feedback.desk.site_record import Asked
from feedback.pages import Place
from feedback.sites import Site
from feedback.web import guard
from feedback.web.guard import signed_in
from feedback.web.members import MOST

bp = Blueprint("site_record", __name__, url_prefix="/desk/sites/<int:site_id>/record")

#: Acts or decisions on one page.
PAGE = 50

#: Largest id that a database takes.
_LARGEST = 2**63 - 1

DEEDS = {
    Deed.INVITED: lazy_gettext("Invited"),
    Deed.INVITATION_REVOKED: lazy_gettext("Took an invitation back"),
    Deed.JOINED: lazy_gettext("Joined"),
    Deed.ROLE_CHANGED: lazy_gettext("Changed a role"),
    Deed.REMOVED: lazy_gettext("Removed a member"),
    Deed.DISABLED: lazy_gettext("Disabled an account"),
    Deed.TOKEN_MADE: lazy_gettext("Made a token"),
    Deed.TOKEN_REVOKED: lazy_gettext("Revoked a token"),
    Deed.PASSWORD_CHANGED: lazy_gettext("Changed a password"),
    Deed.TWO_FACTOR_ON: lazy_gettext("Turned two-factor sign-in on"),
    Deed.TWO_FACTOR_OFF: lazy_gettext("Turned two-factor sign-in off"),
    Deed.RECOVERY_CODES: lazy_gettext("Made new recovery codes"),
    Deed.SIGN_INS_ENDED: lazy_gettext("Signed out other browsers"),
    Deed.ORIGIN_ADMITTED: lazy_gettext("Admitted an origin"),
    Deed.CORRECTIONS_ON: lazy_gettext("Made the corrections public"),
    Deed.CORRECTIONS_OFF: lazy_gettext("Kept the corrections back"),
    Deed.FEED_MADE: lazy_gettext("Made a secret address for feeds"),
    Deed.FEED_REMOVED: lazy_gettext("Removed a secret address for feeds"),
    Deed.CARRIER_ADDED: lazy_gettext("Let letters go somewhere"),
    Deed.CARRIER_CHANGED: lazy_gettext("Changed what a notification hears of"),
    Deed.CARRIER_OFF: lazy_gettext("Switched a notification off"),
    Deed.CARRIER_ON: lazy_gettext("Switched a notification on"),
    Deed.CARRIER_SECRET_CHANGED: lazy_gettext("Changed the secret of a webhook"),
    Deed.CARRIER_REMOVED: lazy_gettext("Lets letters go there no more"),
    Deed.LETTERS_REPLAYED: lazy_gettext("Sent letters again"),
    Deed.LETTERS_DROPPED: lazy_gettext("Dropped letters"),
    Deed.CHAT_LINKED: lazy_gettext("Said who they are in a chat"),
    Deed.CHAT_UNLINKED: lazy_gettext("Is nobody in a chat any more"),
    Deed.CHAT_BUTTONS_ON: lazy_gettext("Let buttons in a chat decide"),
    Deed.CHAT_BUTTONS_OFF: lazy_gettext("Buttons in a chat decide no more"),
    Deed.HOOK_SECRET_MADE: lazy_gettext("Let the CMS say what it updates"),
    Deed.HOOK_SECRET_CHANGED: lazy_gettext("Changed the secret of the CMS"),
    Deed.HOOK_SECRET_REMOVED: lazy_gettext("Removed the secret of the CMS"),
}


@bp.get("")
@signed_in
def administration(site_id: int) -> str:
    """Show owners what was done to a site's people, keys and rules."""
    guard.owned(site_id)
    kind, who = _chosen(Deed), number("who", 0)
    page = acts.noted(db.session, site_id, place(), PAGE, kind=kind, editor_id=who)
    return _page(
        "sites/record.html",
        site_id,
        page=page,
        people=_people(site_id, (act.editor for act in page.rows)),
        kind=kind,
        who=who,
        deeds=DEEDS,
    )


@bp.get("/decisions")
@signed_in
def decisions(site_id: int) -> str:
    """Show everyone of a site what was decided there."""
    guard.role_at(site_id)
    kind, who = _chosen(Kind), number("who", 0)
    since, until = _day("since"), _day("until")
    asked = Asked(site_id, kind, who, _begins(since), _begins(until, days=1))
    page = site_record.page(db.session, asked, place(), PAGE)
    ids = [decision.id for decision in page.rows]
    return _page(
        "sites/decisions.html",
        site_id,
        page=page,
        undone=set(db.session.scalars(queue.undone(ids))),
        people=_people(site_id, (decision.editor for decision in page.rows)),
        kind=kind,
        who=who,
        since=since,
        until=until,
    )


def _page(template: str, site_id: int, **values: Any) -> str:
    role = guard.role_at(site_id)
    kept = {n: value for n, value in request.args.items() if n not in {"before", "after"} and value}
    site = db.session.get_one(Site, site_id)
    return render_template(template, site=site, role=role, kept=kept, **values)


def _people(site_id: int, seen: Iterable[Editor | None]) -> dict[int, str]:
    """Give whom one can filter by: the site's members, and who stands on this page."""
    belong = (each.editor for each in db.session.scalars(members.of(site_id).limit(MOST)))
    return {editor.id: editor.called for editor in (*belong, *seen) if editor}


def _chosen(kind: type[Any]) -> Any:
    text = request.args.get("kind")
    try:
        return kind(text) if text else None
    except ValueError:
        abort(404)


def place() -> Place | None:
    """Read where the page begins."""
    before, after = number("before", 1), number("after", 0)
    if before is not None:
        return Place(before)
    return None if after is None else Place(after, newer=True)


def number(name: str, least: int) -> int | None:
    """Read an id of the address; what is none leads nowhere (404)."""
    text = request.args.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        abort(404)
    return int(text) if least <= int(text) <= _LARGEST else abort(404)


def _day(name: str) -> date | None:
    text = request.args.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        abort(404)


def _begins(day: date | None, days: int = 0) -> datetime | None:
    """Give the moment at which a day, or one so many days later, begins where the editor is."""
    if day is None:
        return None
    try:
        local = datetime.combine(day + timedelta(days=days), time())
        return to_utc(local).replace(tzinfo=UTC)  # type: ignore[no-any-return]  # Flask-Babel has no types
    except OverflowError:
        abort(404)
