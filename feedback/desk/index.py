"""The index: what a spot is ordered and found by, kept up to date behind its back.

Whatever changes a spot's readers, its correction or its words calls it stale, which costs nothing.
The worker then works out the rest, some spots at a time.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from feedback.anchoring.slips import SURE, Slip, slip
from feedback.desk import search
from feedback.reports.models import About, Report, Spot

#: What a doubling of readers is worth, in seconds of age, and how many doublings count.
DOUBLING, DOUBLINGS = 12 * 3600, 6
#: What it is worth that the correction is nearly always right.
SURENESS = 6 * 3600
#: By the words of how many of its newest reports a spot is found.
HEARD = 50


def urgency(readers: int, last_at: datetime, slip: str) -> int:
    """Give what the queue is ordered by: when a spot was reported last, in seconds since 1970.

    Each doubling of its readers makes it 12 hours younger, and a sure slip 6.
    """
    doublings = min(max(readers, 1).bit_length() - 1, DOUBLINGS)
    return int(last_at.timestamp()) + DOUBLING * doublings + SURENESS * (slip in SURE)


def refresh(session: Session, limit: int) -> int:
    """Bring up to `limit` stale spots up to date; tell how many. The caller commits.

    1. Stale spots are locked. What somebody else has locked is left to them, or to the next time.
    2. What they are ordered by is worked out, and what they are found by, from their reports.
    3. They are stale no more. A report that comes meanwhile waits at step 1's lock, and then
       calls its spot stale again.
    """
    found = session.scalars(_stale().limit(limit)).all()
    for spot in found:
        told = _slip(spot)
        values = {"slip": told, "urgency": urgency(spot.readers, spot.last_at, told)}
        session.execute(
            sa.update(Spot).where(Spot.id == spot.id).values(values | {"stale": False}),
            execution_options={"synchronize_session": False},
        )
        search.keep(session, spot.id, spot.site_id, _texts(session, spot))
        session.expire(spot, ["slip", "urgency", "stale"])
    return len(found)


def _stale() -> sa.Select[Spot]:
    """Select stale spots with their articles, oldest first, and lock them."""
    return (
        sa.select(Spot)
        .join(Spot.article)
        .where(sa.text("spot.stale"))  # as the partial index says it
        .order_by(Spot.id)
        .options(contains_eager(Spot.article))
        .with_for_update(skip_locked=True, of=Spot)
        .execution_options(populate_existing=True)
    )


def _slip(spot: Spot) -> Slip | str:
    """Tell what kind of slip a spot is. An address has no letters that slip."""
    if spot.about == About.LINK:
        return ""
    return slip(spot.faulty, spot.correction) or ""


def _texts(session: Session, spot: Spot) -> list[str]:
    """Give what a spot is found by."""
    newest = sa.select(Report.correction, Report.comment).where(Report.spot_id == spot.id)
    said = session.execute(newest.order_by(Report.id.desc()).limit(HEARD))
    own = [spot.exact, spot.about_text, spot.correction, spot.article.title]
    return own + [text for row in said for text in row]
