"""The queue's page: what an editor asks for, row by row, with all that deciding needs."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import abort, render_template, request, url_for

from feedback.accounts.models import Membership
from feedback.db import db, now
from feedback.desk import claims, queue, reasons, views
from feedback.desk.cards import Card
from feedback.desk.models import Claim, Decision, SavedView
from feedback.desk.queue import BadCursor, BadQuery, Cursor, Page, Query
from feedback.desk.queue.choices import choices
from feedback.desk.reasons import Choice
from feedback.reports.models import Spot, Status
from feedback.web import guard, wording
from feedback.web.forms import DecisionForm

#: Rows of the queue on one page.
PAGE = 50
#: Sites of which the queue is shown on one page.
SITES = 50
#: The words that each row says.
_SPOKEN: dict[str, Mapping[Any, Any]] = {
    "DONE": wording.DONE,
    "KINDS": wording.KINDS,
    "PRESENCES": wording.PRESENCES,
    "REASONS": wording.REASONS,
    "SLIPS": wording.SLIPS,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A view that the editor keeps, and how much it finds."""

    view: SavedView
    count: str

    @property
    def id(self) -> int:
        """The view's id."""
        return self.view.id

    @property
    def name(self) -> str:
        """What the editor calls it."""
        return self.view.name

    @property
    def query(self) -> str:
        """What it asks, as it stands in the address."""
        return self.view.query


def of_site(site_id: int) -> str:
    """Show a page of a site's queue. A query or a cursor that is none is not there (404)."""
    membership = guard.membership_at(site_id)
    query = _query([membership])
    return _render(
        [membership],
        query,
        site=membership.site,
        sites={},
        to=partial(url_for, "desk.waiting", site_id=site_id),
        news_url=url_for("live.tell", site_id=site_id),
        batch_url=url_for("batches.begin", site_id=site_id),
        unshown=0,
        kept=db.session.scalars(views.of(guard.editor().id, site_id)).all(),
    )


def of_all() -> str:
    """Show a page of the queue of all the editor's sites, as `of_site` does.

    There is no deciding on many rows at once, and no saved view: both are of one site.
    """
    memberships = shown()
    return _render(
        memberships,
        _query(memberships),
        site=None,
        sites={membership.site_id: membership.site for membership in memberships},
        to=partial(url_for, "desk.all_sites"),
        news_url=url_for("live.tell_all"),
        batch_url=None,
        unshown=len(guard.editor().memberships) - len(memberships),
        kept=[],
    )


def shown() -> Sequence[Membership]:
    """Give the editor's part in the sites that a page of all sites shows."""
    return guard.editor().memberships[:SITES]


def _query(memberships: Sequence[Membership]) -> Query:
    try:
        return Query.read([each.site_id for each in memberships], request.args)
    except BadQuery:
        abort(404)


def _render(
    memberships: Sequence[Membership], query: Query, kept: Sequence[SavedView], **whose: Any
) -> str:
    """Show a page of a query; `whose` is what the page needs to know of the site or the sites."""
    shown_at = now()
    try:
        text = request.args.get("cursor")
        cursor = Cursor.read(text) if text else None
        page = queue.page(db.session, query, cursor, PAGE)
    except BadCursor:
        abort(404)
    status = query.statuses[0] if len(query.statuses) == 1 else None
    deciding = {each.site_id for each in memberships if each.role.decides}
    return render_template(
        "desk/queue.html",
        deciding=deciding,
        query=query,
        status=status,
        order=query.order,
        cards=[Card.of(spot) for spot in page.spots],
        verdicts=_verdicts(page.spots),
        claims=_claims(page.spots),
        reasons=_reasons(page.spots, deciding),
        choices=choices(db.session, query.sites),
        shown_at=shown_at,
        here=request.full_path.rstrip("?"),
        form=DecisionForm(),
        **{name: wording.spoken(words) for name, words in _SPOKEN.items()},
        **_beside(page, back=bool(cursor and cursor.before)),
        **_counted(query, status, kept),
        **whose,
    )


def _reasons(spots: Sequence[Spot], deciding: Set[int]) -> Mapping[int, Sequence[Choice]]:
    """Give the reasons of the sites of these spots where the editor decides, by the sites' ids."""
    return reasons.among(db.session, sorted(deciding & {spot.site_id for spot in spots}))


def _beside(page: Page, back: bool) -> dict[str, Any]:
    """Give the cursors of the pages before and after, and of that at which a short look goes on."""
    previous = str(page.previous) if page.previous else None
    following = str(page.following) if page.following else None
    onward = previous if back else following
    return {
        "previous": previous,
        "following": following,
        "onward": onward if len(page.spots) < PAGE else None,
        "looked": queue.LOOKED,
    }


def _counted(query: Query, status: Status | None, kept: Sequence[SavedView]) -> dict[str, Any]:
    """Count, in one statement, what has which status, what is found, and what views find."""
    tabs = _tabs(status)
    asked = [Query(query.sites, (each,)) for each in tabs]
    asked += [query, replace(query, statuses=queue.ANY)]
    asked += [_kept(view) for view in kept]
    found = queue.counts(db.session, asked)
    counts, (whole, every, *rest) = found[: len(tabs)], found[len(tabs) :]
    everywhere = query.statuses == queue.ANY
    return {
        "counts": dict(zip(tabs, map(_said, counts), strict=True)),
        "untouched": not any(number for number, _ in counts),
        "found": _said(whole),
        "everywhere": everywhere,
        "everything": _said(every) if everywhere or query.filters else None,
        "ANY": queue.ANY,
        "views": [Kept(view, _said(n)) for view, n in zip(kept, rest, strict=True)],
    }


def _said(found: tuple[int, bool]) -> str:
    """Say how many there are; with a plus where not all were looked at."""
    number, more = found
    return f"{min(number, queue.COUNTED)}+" if more else str(number)


def _kept(view: SavedView) -> Query:
    """Read a view; one that an older version kept and this one does not know is what waits."""
    try:
        return Query.written(view.site_id, view.query)
    except BadQuery:
        return Query((view.site_id,))


def _tabs(status: Status | None) -> list[Status]:
    """Give the statuses that have a tab: merged spots have one only while it is looked at.

    Their reports are on another spot, and so is the way to them.
    """
    return [each for each in Status if each is status or each is not Status.MERGED]


def _verdicts(spots: Sequence[Spot]) -> dict[int, Decision]:
    """Give the decisions that the spots' statuses come from, by the spots' ids."""
    found = db.session.scalars(queue.verdicts([spot.id for spot in spots]))
    return {decision.spot_id: decision for decision in found}


def _claims(spots: Sequence[Spot]) -> dict[int, Claim]:
    """Give who else is at these spots, by their ids."""
    found = db.session.scalars(claims.holding([spot.id for spot in spots], now()))
    mine = guard.editor().id
    return {claim.spot_id: claim for claim in found if claim.editor_id != mine}
