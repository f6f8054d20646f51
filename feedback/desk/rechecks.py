"""Rechecks: what follows for an article's spots from a look at it.

1. `conclude` keeps what the page says, and what that says of each spot.
2. Spots that turn out to be one are merged.
3. A spot that waits or is accepted, and was found changed in two looks, is fixed.
4. A fixed one whose quote is back in two looks is reopened.

Steps 2 to 4 are decisions like any editor's, by nobody: they stand in the record and can be
undone. What an editor has undone is not concluded again from the same words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.anchoring.grouping import together
from feedback.anchoring.locate import Presence
from feedback.articles import revisions, schedule
from feedback.articles.looking import Failed, Failure, Read, Unchanged
from feedback.articles.models import Article, Revision
from feedback.articles.schedule import Claim
from feedback.db import now
from feedback.delivery import events
from feedback.delivery.models import Happening
from feedback.desk import merging, sightings
from feedback.desk.decisions import AWAY, Verdict, decide
from feedback.desk.models import Decision, Kind
from feedback.desk.sightings import Seen
from feedback.reports.models import Spot, Status

#: How many of an article's spots are looked for: those that were last reported.
MOST = 500
#: How many looks in a row must agree before anything is concluded from them.
LOOKS = 2
#: After so many failed looks in a row nothing is known of a spot any more.
FAILURES = 3

OPEN = frozenset({Status.WAITING, Status.ACCEPTED, Status.SNOOZED})


@dataclass(frozen=True, slots=True)
class Concluded:
    """What came of a look, in numbers of spots."""

    still: int = 0
    changed: int = 0
    gone: int = 0
    unsure: int = 0
    fixed: int = 0
    reopened: int = 0
    merged: int = 0


def watched(article_id: int) -> sa.Select[Spot]:
    """Select the spots that a look at an article is about, as they are in the database.

    Its text says nothing of images and of where links lead.
    """
    return (
        sa.select(Spot)
        .where(Spot.article_id == article_id, Spot.about == "")
        .order_by(Spot.last_at.desc())
        .limit(MOST)
        .execution_options(populate_existing=True)
    )


def conclude(
    session: Session,
    claim: Claim,
    read: Read | Unchanged,
    seen: dict[int, Seen],
    at: datetime,
    delays: Sequence[float],
) -> Concluded:
    """Keep what a look found and draw the conclusions. The caller commits.

    `seen` is what `sightings.see` says of the spots on the page that was read; spots that are not
    in it arrived meanwhile and wait for the next look.
    """
    article = schedule.lock(session, claim.article_id)
    revision = _revision(session, article, read, at)
    if _edited(session, revision, at):
        about = events.About(article.site_id, article.id)
        events.happened(session, Happening.CHANGED, about, at)
    spots = list(session.scalars(watched(article.id)))
    news = _applied(spots, seen, revision)
    _describe(session, article, read, at)
    session.flush()  # decisions load their spots anew
    merged = _merge(session, spots, seen)
    fixed = _close(session, spots)
    reopened = _reopen(session, spots)
    article.step = 0 if news else article.step + 1
    if isinstance(read, Read):
        _thin(session, article.id, at)
    session.flush()
    schedule.finish(session, claim, _next(article, spots, at, delays))
    return _counted(spots, fixed, reopened, merged)


def fail(
    session: Session, claim: Claim, failed: Failed, at: datetime, delays: Sequence[float]
) -> None:
    """Keep that a look gave no page. The caller commits.

    What earlier looks have said stands for a while: a server may stumble.
    """
    article = schedule.lock(session, claim.article_id)
    article.trouble, article.failures = failed.kind.value, article.failures + 1
    article.step += 1
    spots = list(session.scalars(watched(article.id)))
    for spot in spots:
        _lose(spot, article, failed)
    session.flush()
    due_at = _next(article, spots, at, delays)
    if due_at is not None and failed.retry_after is not None:
        due_at = max(due_at, at + timedelta(seconds=failed.retry_after))
    schedule.finish(session, claim, due_at)


def _revision(session: Session, article: Article, read: Read | Unchanged, at: datetime) -> Revision:
    if isinstance(read, Read):
        return revisions.keep(session, article.id, read.page, at)
    revision = session.scalars(revisions.newest(article.id)).one()
    revision.last_at = at
    return revision


def _edited(session: Session, revision: Revision, at: datetime) -> bool:
    """Tell whether a look found another text than the one before it."""
    if revision.first_at != at:
        return False
    earlier = sa.select(Revision.id).where(
        Revision.article_id == revision.article_id, Revision.id < revision.id
    )
    return session.scalar(earlier.limit(1)) is not None


def _applied(spots: list[Spot], seen: dict[int, Seen], revision: Revision) -> bool:
    """Keep what the look says of each spot; tell whether that is news of any."""
    news = False
    for spot in spots:
        if spot.id in seen:
            sightings.apply(spot, seen[spot.id], revision)
            news = news or spot.looks == 1
    return news


def _describe(session: Session, article: Article, read: Read | Unchanged, at: datetime) -> None:
    """Keep what the page says of itself, and what it is known by."""
    article.read_at, article.trouble, article.failures = at, "", 0
    known = read.known
    article.etag, article.last_modified = known.etag, known.last_modified
    article.digest = known.digest
    if isinstance(read, Read):
        page = read.page
        if page.title not in {"", article.title}:  # its spots are found by it
            article.title = page.title
            theirs = sa.update(Spot).where(Spot.article_id == article.id).values(stale=True)
            session.execute(theirs, execution_options={"synchronize_session": False})
        article.lang = page.lang or article.lang
        article.author, article.section = page.author, page.section
        article.canonical = page.canonical


def _merge(session: Session, spots: list[Spot], seen: dict[int, Seen]) -> int:
    """Merge open spots whose quotes stand at one place into what was accepted or came first."""
    open_ = [
        (spot, span)
        for spot in sorted(spots, key=lambda spot: (spot.status is not Status.ACCEPTED, spot.id))
        if spot.status in OPEN and spot.presence is Presence.STILL
        if spot.id in seen and (span := seen[spot.id].span) is not None
    ]
    parted = merging.partings(session, [spot.id for spot, _ in open_])
    merged = 0
    for group in together([span for _, span in open_]):
        into, *others = [open_[n][0] for n in group]
        for spot in others:
            if (min(into.id, spot.id), max(into.id, spot.id)) not in parted:
                decide(session, spot, None, Verdict(Kind.MERGE, spot.version, into=into.id))
                merged += 1
    return merged


def _close(session: Session, spots: list[Spot]) -> int:
    """Call those spots fixed that were found changed often enough."""
    fixed = 0
    for spot in spots:
        sure = spot.presence is Presence.CHANGED and spot.looks >= LOOKS
        if spot.status in OPEN and sure and not _elsewhere(spot, spots):
            fixed += _conclude(session, spot, Kind.FIX)
    return fixed


def _elsewhere(spot: Spot, spots: list[Spot]) -> bool:
    """Tell whether a spot that was merged into this one still stands, at a place of its own."""
    return any(
        other.merged_into_id == spot.id and other.presence is Presence.STILL for other in spots
    )


def _reopen(session: Session, spots: list[Spot]) -> int:
    """Reopen those fixed spots whose quotes were away and are back."""
    reopened = 0
    for spot in spots:
        if spot.status is not Status.FIXED:
            continue
        if spot.left_at is None and spot.presence in AWAY:
            spot.left_at = now()
        back = spot.presence is Presence.STILL and spot.looks >= LOOKS
        if back and spot.left_at is not None:
            reopened += _conclude(session, spot, Kind.REOPEN)
    return reopened


def _conclude(session: Session, spot: Spot, kind: Kind) -> bool:
    """Decide as the article check, unless an editor has taken back just that."""
    if session.scalar(sa.select(_overruled(spot, kind).exists())):
        return False
    session.flush()  # the decision is one UPDATE
    decide(session, spot, None, Verdict(kind, spot.version, became=spot.reads))
    return True


def _overruled(spot: Spot, kind: Kind) -> sa.Select[int]:
    undone = sa.select(Decision.undoes_id).where(
        Decision.spot_id == spot.id, Decision.undoes_id.is_not(None)
    )
    return sa.select(Decision.id).where(
        Decision.spot_id == spot.id,
        Decision.editor_id.is_(None),
        Decision.kind == kind,
        Decision.became == spot.reads,
        Decision.id.in_(undone),
    )


def _lose(spot: Spot, article: Article, failed: Failed) -> None:
    """Say of a spot what is known while the article cannot be had."""
    missing = failed.kind is Failure.MISSING and article.read_at is not None
    if missing and article.failures >= LOOKS:
        presence = Presence.GONE
    elif article.failures >= FAILURES or spot.presence is Presence.UNCHECKED:
        presence = Presence.UNVERIFIABLE
    else:
        return
    spot.looks = spot.looks + 1 if spot.presence is presence else 1
    spot.presence, spot.seen_id = presence, None


def _next(
    article: Article, spots: list[Spot], at: datetime, delays: Sequence[float]
) -> datetime | None:
    """Give when to look again: never, once nothing is open and the looks have become rare."""
    idle = not any(spot.status in OPEN for spot in spots)
    if idle and article.step >= len(delays):
        return None
    return at + schedule.after(delays, article.step)


def _thin(session: Session, article_id: int, at: datetime) -> None:
    """Delete old revisions, except those in which an open or fixed spot's quote stood last."""
    needed = sa.select(Spot.stood_id).where(
        Spot.article_id == article_id, Spot.stood_id.is_not(None)
    )
    too_many = revisions.thinned(article_id, at).where(Revision.id.not_in(needed))
    for revision in session.scalars(too_many):
        session.delete(revision)


def _counted(spots: list[Spot], fixed: int, reopened: int, merged: int) -> Concluded:
    says = [spot.presence for spot in spots if spot.status is not Status.MERGED]
    return Concluded(
        still=says.count(Presence.STILL),
        changed=says.count(Presence.CHANGED),
        gone=says.count(Presence.GONE),
        unsure=says.count(Presence.AMBIGUOUS) + says.count(Presence.UNVERIFIABLE),
        fixed=fixed,
        reopened=reopened,
        merged=merged,
    )
