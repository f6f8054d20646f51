"""Answers: a reader who left an address is told once what became of the report, and forgotten.

1. A report is due for an answer once its spot is fixed or rejected, or has been accepted for a
   week, and that cannot be undone without a word any more.
2. What is due to one address at one site becomes one letter; an address gets one a day at most.
3. The letter is written, the address is taken out of those reports and its digest is put down, in
   one transaction: of two workers at once the second finds nothing, or that digest.

A letter holds what its reader wrote and what the editors and the article say, nothing of others.
What the editors hold to be spam or abuse is not sent to an address that anybody may have given:
it is only forgotten. So is an address that was kept long enough (`FEEDBACK_KEEP_ADDRESSES`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, contains_eager

from feedback.anchoring.locate import Presence
from feedback.db import Instant
from feedback.delivery import carriers, outbox
from feedback.delivery.contract import Office
from feedback.delivery.models import Letter
from feedback.desk import queue
from feedback.desk.bodies import moment
from feedback.desk.letters import erasing
from feedback.desk.letters.erasing import ANSWER, ASKED
from feedback.desk.models import Decision, Reason
from feedback.reports import receipts
from feedback.reports.models import Answered, Report, Spot, Status

#: An address gets no second letter for so long.
REST = timedelta(days=1)
#: After how long it is told that a spot is accepted, if it still is no more than that.
ACCEPTED = timedelta(days=7)
#: A report of a spot that was fixed before waits so long: the spot may turn out not to be.
AFTER_ALL = timedelta(days=1)
#: How many reports one letter is about; the others are for the next day's.
MOST = 50
#: Longest text in a letter, in characters.
LONGEST = 300


def due(
    session: Session, first: str, last: str, office: Office, at: datetime, undo: timedelta
) -> list[str]:
    """Give the addresses after `first` up to `last` to which a letter can be written. Reads only.

    `undo`: how long a decision can be taken back without a word.
    """
    within = (ASKED, Report.email > first, Report.email <= last)
    some = sa.select(Report.email).join(Report.spot).where(*within, *_due(at - undo)).distinct()
    digests = {erasing.digest(office.secret, each): each for each in session.scalars(some)}
    lately = sa.select(Answered.digest).where(Answered.digest.in_(digests), Answered.at > at - REST)
    answered = set(session.scalars(lately))
    return [address for digest, address in digests.items() if digest not in answered]


def _due(told_by: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    moved_at = sa.func.coalesce(Spot.moved_at, Spot.last_at, type_=Instant)
    fixed = sa.or_(moved_at >= Report.at, Report.at <= told_by - AFTER_ALL)
    stands = sa.or_(
        Spot.status == Status.REJECTED,
        sa.and_(Spot.status == Status.FIXED, fixed),
        sa.and_(
            Spot.status == Status.ACCEPTED,
            moved_at <= told_by - ACCEPTED,
            Report.at <= told_by - ACCEPTED,
        ),
    )
    return moved_at <= told_by, stands


def answer(
    session: Session, address: str, office: Office, at: datetime, undo: timedelta
) -> Letter | None:
    """Write the letter that is due to an address, if there is one. The caller commits.

    None too where the address had one within a day: then nothing changes.
    """
    reports = session.scalars(_unanswered(address, at - undo)).all()
    mine = [report for report in reports if report.site_id == reports[0].site_id]
    verdicts = _verdicts(session, mine)
    told = [report for report in mine if not _abuse(verdicts.get(report.spot_id))]
    if told and not _first_today(session, erasing.digest(office.secret, address), at):
        return None
    forget(session, [report.id for report in mine])
    if not told:
        return None
    body = {
        "site": told[0].spot.site.name,
        "lang": told[-1].lang,
        "reports": [_said(each, verdicts.get(each.spot_id), office) for each in told],
        "erase": erasing.link(office.base_url, office.secret, address),
    }
    post = carriers.post_office(session, told[0].site_id, at)
    return outbox.write(session, post, ANSWER, body, at=at, address=address)


def _unanswered(address: str, told_by: datetime) -> sa.Select[Report]:
    """Select and lock the reports of an address to which an answer is due, oldest first.

    What somebody else has locked is left for another day.
    """
    whole = contains_eager(Report.spot)
    return (
        sa.select(Report)
        .join(Report.spot)
        .join(Spot.article)
        .join(Spot.site)
        .where(ASKED, Report.email == address, *_due(told_by))
        .order_by(Report.id)
        .limit(MOST)
        .options(whole.contains_eager(Spot.article), whole.contains_eager(Spot.site))
        .with_for_update(of=Report, skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _verdicts(session: Session, reports: Sequence[Report]) -> dict[int, Decision]:
    """Give what the spots' statuses come from, by the spots' ids."""
    spot_ids = sorted({report.spot_id for report in reports})
    return {each.spot_id: each for each in session.scalars(queue.verdicts(spot_ids))}


def _abuse(verdict: Decision | None) -> bool:
    return verdict is not None and verdict.reason == Reason.ABUSE


def _first_today(session: Session, digest: bytes, at: datetime) -> bool:
    """Put down that a digest's address is answered; tell whether it was not within a day."""
    values = {"digest": digest, "at": at, "lately": at - REST}
    put = session.execute(_upsert(session.get_bind().dialect.name), values)
    return put.one_or_none() is not None


@cache
def _upsert(dialect: str) -> Any:
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(Answered)
    return insert.on_conflict_do_update(
        index_elements=["digest"],
        set_={"at": insert.excluded.at},
        where=Answered.at <= sa.bindparam("lately", type_=Instant),
    ).returning(Answered.digest)


def _said(report: Report, verdict: Decision | None, office: Office) -> dict[str, Any]:
    """Give what a reader wrote, and what became of it."""
    spot, article = report.spot, report.spot.article
    # Until a look has read it, a title is what some reader's browser said.
    title = article.title if article.read_at else ""
    mended = spot.status is Status.FIXED and spot.presence is Presence.CHANGED
    return {
        "exact": _cut(report.faulty or report.exact),
        "correction": _cut(report.correction),
        "article": {"title": _cut(title), "url": article.address},
        "status": spot.status.value,
        "at": moment(verdict.at) if verdict else None,
        "reads": _cut(spot.reads) if mended else "",
        "reason": (verdict.reason or "") if verdict else "",
        "sentence": verdict.sentence if verdict else "",
        "receipt": receipts.address(office.base_url, office.secret, report.uid),
    }


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def old(first: str, last: str, before: datetime) -> sa.Select[int]:
    """Select the reports from `before` whose addresses come after `first` up to `last`."""
    within = (ASKED, Report.email > first, Report.email <= last)
    return sa.select(Report.id).where(*within, Report.at <= before)


def forget(session: Session, report_ids: Sequence[int]) -> None:
    """Take the addresses out of reports. The caller commits."""
    session.execute(
        sa.update(Report).where(Report.id.in_(report_ids)).values(email=""),
        execution_options={"synchronize_session": False},
    )


def forget_due(session: Session, told_by: datetime) -> int:
    """Take the addresses out of all reports to which an answer is due; tell how many.

    `told_by`: until when a decision could be taken back without a word. The caller commits.
    """
    decided = sa.select(Spot.id).where(Spot.id == Report.spot_id, *_due(told_by))
    theirs = sa.update(Report).where(ASKED, decided.exists()).values(email="")
    done: Any = session.execute(theirs, execution_options={"synchronize_session": False})
    return int(done.rowcount)


def forget_answered(session: Session, at: datetime) -> None:
    """Delete the digests of addresses that may be written to again. The caller commits."""
    session.execute(sa.delete(Answered).where(Answered.at <= at - REST))
