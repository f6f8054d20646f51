"""The index: what a spot is ordered and found by, kept up to date behind its back.

Whatever changes a spot's readers, its correction or its words calls it stale, which costs nothing.
The worker then works out the rest, some spots at a time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.anchoring.slips import SURE, Slip, slip
from feedback.articles.models import Article
from feedback.desk import search
from feedback.reports.models import About, Report, Spot, faulty

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

    It speaks Core, for all spots at once: while reports flood in, this runs beside the intake.
    """
    connection = session.connection()
    found: Sequence[Any] = connection.execute(_STALE, {"limit": limit}).all()
    if not found:
        return 0
    said = _said(connection, found)
    connection.execute(_UPDATE, [_ordered(row) for row in found])
    own = ((row.exact, row.about_text, row.correction, row.title) for row in found)
    texts = ([*mine, *said[row.id]] for mine, row in zip(own, found, strict=True))
    search.keep(
        connection, [(row.id, row.site_id, each) for row, each in zip(found, texts, strict=True)]
    )
    return len(found)


_STALE = (
    sa.select(
        *(Spot.id, Spot.site_id, Spot.exact, Spot.about, Spot.about_text, Spot.about_url),
        *(Spot.correction, Spot.readers, Spot.last_at, Article.title),
    )
    .join(Article, Article.id == Spot.article_id)
    .where(sa.text("spot.stale"))  # as the partial index says it
    .order_by(Spot.id)
    .limit(sa.bindparam("limit"))
    .with_for_update(skip_locked=True, of=Spot)
)

_UPDATE = (
    sa.update(Spot)
    .where(Spot.id == sa.bindparam("spot"))
    .values(slip=sa.bindparam("told"), urgency=sa.bindparam("counted"), stale=False)
)


def _ordered(row: Any) -> dict[str, Any]:
    """Give what a spot is ordered by."""
    told = _slip(row)
    return {"spot": row.id, "told": told, "counted": urgency(row.readers, row.last_at, told)}


def _slip(row: Any) -> Slip | str:
    """Tell what kind of slip a spot is. An address has no letters that slip."""
    if row.about == About.LINK:
        return ""
    wrong = faulty(row.exact, row.about, row.about_text, row.about_url)
    return slip(wrong, row.correction) or ""


def _said(connection: sa.Connection, spots: Sequence[Any]) -> dict[int, list[str]]:
    """Give what the newest of the spots' reports say, by the spots' ids."""
    found: dict[int, list[str]] = {row.id: [] for row in spots}
    few = [row.id for row in spots if row.readers <= HEARD]
    for spot_id, *texts in connection.execute(_REPORTS, {"spots": few}) if few else ():
        if len(found[spot_id]) < 2 * HEARD:
            found[spot_id] += texts
    for spot_id in found.keys() - set(few):
        some = connection.execute(_REPORTS.limit(HEARD), {"spots": [spot_id]})
        found[spot_id] = [text for row in some for text in row[1:]]
    return found


_REPORTS = (
    sa.select(Report.spot_id, Report.correction, Report.comment)
    .where(Report.spot_id.in_(sa.bindparam("spots", expanding=True)))
    .order_by(Report.id.desc())
)
