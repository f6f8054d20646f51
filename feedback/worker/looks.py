"""Looking at articles: which is next, what its page says, and what follows for its spots.

Each look is three short transactions, and none is open while a page is fetched or searched:

1. An article that is due and its host are claimed. A host that is busy postpones the article.
2. What is known of the page is loaded; then the page is fetched, read, and searched for spots.
3. What was found is kept, and the conclusions are drawn.

A worker that dies on the way leaves a claim that ends by itself (`schedule.LEASE`).
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from feedback import addresses, sites
from feedback.articles import hosts, looking, revisions, robots, schedule
from feedback.articles.hosts import Visit
from feedback.articles.looking import Failed, Failure, Known, Look, Read, Unchanged
from feedback.articles.models import Article
from feedback.articles.schedule import Claim
from feedback.config import DELAYS, Settings
from feedback.db import db, now
from feedback.desk import figures, rechecks, sightings
from feedback.desk.rechecks import Concluded
from feedback.outbound import Policy

log = logging.getLogger("feedback.looks")

#: How many of the articles that are due are considered at a time.
_SOME = 20


@dataclass(frozen=True, slots=True)
class Turn:
    """An article and its host, both ours for one look."""

    claim: Claim
    visit: Visit


@dataclass(frozen=True, slots=True)
class Looked:
    """A look that was made: what was found, and what followed where the page could be had."""

    address: str
    found: Look
    concluded: Concluded | None = None


def look_at_next() -> bool:
    """Look at the article that is due first, if any is; tell whether there may be more."""
    turn = _next() if _settings().check_delays else None
    if turn is None:
        return False
    look(turn)
    return True


def _settings() -> Settings:
    return current_app.extensions["settings"]  # type: ignore[no-any-return]  # ours


def _delays() -> list[float]:
    """Give when to look again; where looks are switched off somebody has asked for this one."""
    return _settings().check_delays or list(DELAYS)


def policy() -> Policy:
    """Give the limits under which pages are fetched."""
    return looking.policy(_settings())


def _next() -> Turn | None:
    """Claim the next article that is due and whose host is free."""
    with db.reading.connect() as connection:
        if connection.execute(schedule.due(now()).limit(1)).first() is None:
            return None
    at = now()
    try:
        for article in db.session.scalars(schedule.free(at).limit(_SOME)).all():
            turn = take(article, at)
            if isinstance(turn, Turn):
                return turn
    finally:
        db.session.commit()
    return None


def take(article: Article, at: datetime) -> Turn | datetime | None:
    """Claim an article and its host; give when the host is free if that is later.

    The caller commits. None where another worker has the article.
    """
    claim = schedule.claim(db.session, article, at)
    if claim is None:
        return None
    origin = addresses.parse(article.address).origin
    pause = timedelta(seconds=_settings().fetch_pause)
    visit = hosts.claim(db.session, origin, at, pause)
    if isinstance(visit, Visit):
        return Turn(claim, visit)
    schedule.postpone(db.session, claim, visit)
    return visit


def look(turn: Turn) -> Looked | None:
    """Look at an article; None where its host's robots.txt came first: it is still to be done."""
    if turn.visit.robots is None:
        return _ask(turn)
    known, lang = _known(turn.claim)
    found = looking.look(
        turn.claim.address,
        policy=policy(),
        known=known,
        robots=turn.visit.robots,
        lang=lang,
        now=now(),
    )
    found = _at_home(turn.claim, found)
    if isinstance(found, Failed):
        return _failed(turn, found)
    return Looked(turn.claim.address, found, conclude(turn.claim, found))


def _ask(turn: Turn) -> Looked | None:
    """Read the host's robots.txt; the article is next, after a pause."""
    answer = robots.fetch_robots(turn.visit.origin, policy=policy(), now=now())
    if answer.robots is None:
        return _failed(turn, Failed(answer.kind, answer.detail, answer.retry_after))
    at = now()
    # Articles are locked before hosts, here as in `take`.
    schedule.postpone(db.session, turn.claim, at + timedelta(seconds=_settings().fetch_pause))
    hosts.learn(db.session, turn.visit.origin, answer, at)
    db.session.commit()
    return None


def _known(claim: Claim) -> tuple[Known | None, str]:
    """Give what the page was known by when it was read last, if what it said then is kept.

    And its language, for a server that has it in several.
    """
    db.only_reads()
    article = db.session.get_one(Article, claim.article_id, populate_existing=True)
    kept = db.session.scalar(revisions.newest(claim.article_id))
    db.writes_too()
    known = Known(article.etag, article.last_modified, article.digest)
    return known if kept else None, article.lang


def _at_home(claim: Claim, found: Look) -> Look:
    """Take a page for the article's only if it is the site's."""
    if isinstance(found, Failed):
        return found
    origin = addresses.parse(found.address).origin
    with db.reading.connect() as connection:
        if sites.admits(connection, claim.site_id, origin):
            return found
    return Failed(Failure.ASTRAY, f"it leads to {origin}, which is not one of the site's")


def _failed(turn: Turn, failed: Failed) -> Looked:
    at = now()
    rechecks.fail(db.session, turn.claim, failed, at, _delays())
    if failed.retry_after is not None:
        hosts.rest(db.session, turn.visit.origin, at + timedelta(seconds=failed.retry_after))
    _count(turn.claim, failed)
    db.session.commit()
    log.info("%s: %s, %s", turn.claim.address, failed.kind, failed.detail)
    return Looked(turn.claim.address, failed)


def conclude(claim: Claim, found: Read | Unchanged) -> Concluded:
    """Search a page that was read for the article's spots, and draw the conclusions."""
    seen = _seen(claim, found)
    concluded = rechecks.conclude(db.session, claim, found, seen, now(), _delays())
    _count(claim, found)
    db.session.commit()
    log.info("%s: %s", claim.address, concluded)
    return concluded


def _count(claim: Claim, found: Look) -> None:
    """Count a look that ends now, for whoever watches the service."""
    at = now()
    took = at - (claim.until - schedule.LEASE)
    figures.count_look(db.session, found, max(0.0, took.total_seconds()), at)


def _seen(claim: Claim, found: Read | Unchanged) -> dict[int, sightings.Seen]:
    """Search the page for the article's spots, in no transaction."""
    db.only_reads()
    spots = db.session.scalars(rechecks.watched(claim.article_id)).all()
    revision = db.session.scalar(revisions.newest(claim.article_id))
    db.writes_too()
    if isinstance(found, Read):
        same = revision is not None and revision.digest == found.page.digest
        known_id = revision.id if revision and same else None
        return sightings.see(found.page.normal, spots, known_id)
    assert revision is not None  # noqa: S101 -- only then was the page known
    return sightings.see(revisions.unpack(revision.packed), spots, revision.id)
