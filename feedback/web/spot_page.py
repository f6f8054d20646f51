"""A spot's page: all that readers, editors and the article itself say of it."""

from collections.abc import Sequence
from typing import Any

from flask import current_app, render_template

from feedback.accounts.models import Role
from feedback.db import db, now
from feedback.desk import passages, queue, reasons, record
from feedback.desk.cards import Card
from feedback.desk.watching import Watch
from feedback.reports.models import Spot
from feedback.web.forms import DecisionForm

#: Reports of a spot, and other spots of its article, on its page.
REPORTS, OTHERS = 50, 20


def render(found: Spot, role: Role, refusal: str = "") -> str:
    """Show a spot; `refusal` says why a decision on it was not applied."""
    beside = db.session.scalars(queue.beside(found).limit(OTHERS + 1)).all()
    return render_template(
        "desk/spot.html",
        site=found.site,
        role=role,
        card=Card.of(found),
        others=[Card.of(other) for other in beside[:OTHERS]],
        more=len(beside) > OTHERS,
        reports=db.session.scalars(queue.reports(found.id).limit(REPORTS)).all(),
        record=record.of(db.session, found),
        refusal=refusal,
        reasons=reasons.of(db.session, found.site_id),
        form=DecisionForm(),
        **_article(found),
    )


def _article(found: Spot) -> dict[str, Any]:
    """Give what the page says of the article."""
    return {
        "head": _head(found),
        "watch": Watch.of(found.article, delays(), now()),
        "passages": passages.of(found),
    }


def delays() -> Sequence[float]:
    """Give the settings' delays between looks; none where there are no looks."""
    return current_app.extensions["settings"].check_delays  # type: ignore[no-any-return]  # ours


def _head(spot: Spot) -> Spot | None:
    """Give the spot that has a merged one's reports now; None where it was not merged."""
    head = None
    into = spot.merged_into_id
    while into is not None:
        head = db.session.get_one(Spot, into)
        into = head.merged_into_id
    return head
