"""Merging and splitting: which reports are on which spot, and how that is taken back.

A merge moves a spot's reports to another spot of its article and leaves a row for each move, so
that it can be undone to the letter. The merged spot keeps its id, its record and its place: what
readers report there lands where its reports went. What an editor has parted, by a split or by
undoing a merge, the article check leaves apart.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from feedback.anchoring.grouping import Passage, narrowed
from feedback.anchoring.locate import Presence
from feedback.desk import queue
from feedback.desk.models import Decision, Kind, Move, Parting
from feedback.reports import landing
from feedback.reports.models import Report, Spot, Status


class CannotMove(Exception):
    """These reports cannot go there; the message says why, `field` what to change."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


def target(session: Session, spot: Spot, into_id: int | None) -> Spot:
    """Give the spot that `spot` can be merged into, its row locked. Raises CannotMove."""
    into = session.scalar(sa.select(Spot).where(Spot.id == into_id).with_for_update())
    if into is None or into.article_id != spot.article_id:
        raise CannotMove("A spot is merged into another one of the same article.", "into")
    if into.id == spot.id:
        raise CannotMove("A spot cannot be merged into itself.", "into")
    if into.status is Status.MERGED:
        raise CannotMove("That spot was merged itself: choose the one it went to.", "into")
    return into


def merge(session: Session, spot: Spot, decision: Decision, into: Spot) -> None:
    """Move all reports of a spot to another; what was parted from it stays so."""
    spot.merged_into_id = decision.into_id = into.id
    _move(session, decision, spot.id, into.id, _on(spot.id))
    for other in _parted(session, spot.id):
        part(session, into.id, other)
    settle(session, spot, into)


def unmerge(session: Session, spot: Spot, merged: Decision) -> None:
    """Bring the reports back that a merge has moved, and keep the two apart from now on."""
    spot.merged_into_id = None
    head = _head(session, merged.into_id)
    _return(session, merged, head.id)
    part(session, spot.id, head.id)
    settle(session, spot, head)


def chosen(session: Session, spot: Spot, report_ids: Iterable[int]) -> list[Report]:
    """Give the reports that can be split from a spot, oldest first. Raises CannotMove."""
    wanted = set(report_ids)
    found = session.scalars(_on(spot.id).where(Report.id.in_(wanted)).order_by(Report.id)).all()
    if not wanted or len(found) < len(wanted):
        raise CannotMove("Choose the reports of this spot that are about another.", "reports")
    if len(found) >= spot.readers:
        raise CannotMove("Leave at least one report where it is.", "reports")
    return list(found)


def split(session: Session, spot: Spot, decision: Decision, reports: list[Report]) -> None:
    """Move some reports of a spot to a new one, and keep the two apart from now on."""
    new = _opened(spot, reports[0])
    session.add(new)
    session.flush()  # its reports refer to it by its id
    decision.into_id = new.id
    ids = [report.id for report in reports]
    _move(session, decision, spot.id, new.id, _on(spot.id).where(Report.id.in_(ids)))
    part(session, spot.id, new.id)
    settle(session, spot, new)


def unsplit(session: Session, spot: Spot, parted: Decision) -> None:
    """Bring back the reports of a spot that was split off. Raises CannotMove."""
    new = session.get_one(Spot, parted.into_id)
    if session.scalar(queue.standing(new.id)) is not None:
        raise CannotMove(
            "The spot that was split off has been decided on: undo that first.", "kind"
        )
    session.execute(
        sa.delete(Parting).where(Parting.spot_id == spot.id, Parting.other_id == new.id)
    )
    session.execute(_brought(spot.id).where(Report.spot_id == new.id))
    new.status, new.merged_into_id, new.version = Status.MERGED, spot.id, new.version + 1
    settle(session, spot, new)


def part(session: Session, one_id: int, other_id: int) -> None:
    """Keep two spots apart from now on."""
    older, newer = sorted((one_id, other_id))
    if older != newer and session.get(Parting, (older, newer)) is None:
        session.add(Parting(spot_id=older, other_id=newer))


def partings(session: Session, spot_ids: Iterable[int]) -> set[tuple[int, int]]:
    """Give the pairs among these spots that are kept apart, the older first."""
    ids = list(spot_ids)
    pairs = sa.select(Parting.spot_id, Parting.other_id).where(
        Parting.spot_id.in_(ids), Parting.other_id.in_(ids)
    )
    return {(one, other) for one, other in session.execute(pairs)}


def _on(spot_id: int) -> sa.Select[Report]:
    return sa.select(Report).where(Report.spot_id == spot_id)


def _parted(session: Session, spot_id: int) -> list[int]:
    pairs = sa.select(Parting).where((Parting.spot_id == spot_id) | (Parting.other_id == spot_id))
    return [
        pair.other_id if pair.spot_id == spot_id else pair.spot_id
        for pair in session.scalars(pairs)
    ]


def _head(session: Session, spot_id: int | None) -> Spot:
    """Follow a merged spot to where its reports are."""
    spot = session.get_one(Spot, spot_id)
    while spot.merged_into_id is not None:
        spot = session.get_one(Spot, spot.merged_into_id)
    return spot


def _move(
    session: Session, decision: Decision, from_id: int, to_id: int, reports: sa.Select[Report]
) -> None:
    session.flush()  # a move refers to its decision by its id
    ends = (sa.literal(decision.id), Report.id, sa.literal(from_id), sa.literal(to_id))
    moves = reports.with_only_columns(*ends)
    columns = ["decision_id", "report_id", "from_id", "to_id"]
    session.execute(sa.insert(Move).from_select(columns, moves))
    session.execute(_brought(to_id).where(Report.id.in_(_moved(decision))))


def _moved(decision: Decision) -> sa.Select[int]:
    return sa.select(Move.report_id).where(Move.decision_id == decision.id)


def _brought(spot_id: int) -> sa.Update:
    return sa.update(Report).values(spot_id=spot_id).execution_options(synchronize_session=False)


def _return(session: Session, merged: Decision, head_id: int) -> None:
    """Take back those moves whose reports have gone nowhere since but along with all others.

    A merge that took them along has them no more: its own undo leaves them where they are.
    """
    split = (
        sa.select(_Later.report_id)
        .join(Decision, Decision.id == _Later.decision_id)
        .where(_Later.report_id == Report.id, _Later.decision_id > merged.id)
        .where(Decision.kind == Kind.SPLIT, _stands(_Later.decision_id))
    )
    back = (Report.spot_id == head_id, Report.id.in_(_moved(merged)), ~split.exists())
    session.execute(
        sa.delete(Move)
        .where(Move.report_id.in_(sa.select(Report.id).where(*back)))
        .where(Move.decision_id > merged.id, _stands(Move.decision_id))
        .execution_options(synchronize_session=False)
    )
    session.execute(_brought(merged.spot_id).where(*back))


_Later, _Undo = aliased(Move), aliased(Decision)


def _stands(decision_id: Any) -> sa.ColumnElement[bool]:
    """Tell the decisions that were not taken back."""
    return ~sa.select(_Undo.id).where(_Undo.undoes_id == decision_id).exists()


def _opened(spot: Spot, report: Report) -> Spot:
    """Make the spot that a report points at by itself."""
    passage = Passage(
        report.exact, report.prefix, report.suffix, report.start, report.end, report.length
    )
    correction = "" if report.correction == report.faulty else report.correction
    if not report.about:
        passage, correction = narrowed(passage, correction)
    return Spot(
        site_id=spot.site_id,
        article_id=spot.article_id,
        status=Status.WAITING,
        presence=Presence.UNVERIFIABLE if report.about else Presence.UNCHECKED,
        about=report.about,
        about_text=report.about_text,
        about_url=report.about_url,
        exact=passage.exact,
        prefix=passage.prefix,
        suffix=passage.suffix,
        start=passage.start,
        end=passage.end,
        length=passage.length,
        correction=correction,
        settled=False,
        readers=1,
        first_at=report.at,
        last_at=report.at,
        urgency=int(report.at.timestamp()),
        version=1,
    )


def settle(session: Session, *spots: Spot) -> None:
    """Count what is on each spot now, and hear its readers anew.

    A spot whose reports have gone keeps what they said. In plain SQL: what the session knows of a
    spot may be older than the lock on its article.
    """
    session.flush()
    for spot in spots:
        counted = sa.select(sa.func.count(), sa.func.min(Report.at), sa.func.max(Report.at))
        readers, first_at, last_at = session.execute(counted.where(Report.spot_id == spot.id)).one()
        values: dict[str, object] = {"readers": readers, "stale": True}
        if readers:
            unsaid = sa.case((Spot.settled, Spot.correction), else_="")
            values |= {"first_at": first_at, "last_at": last_at, "correction": unsaid}
        session.execute(
            sa.update(Spot)
            .where(Spot.id == spot.id)
            .values(values)
            .execution_options(synchronize_session=False)
        )
        _hear(session, spot)
        session.flush()
        landing.tally(session.connection(), spot.id)
        session.refresh(spot)


def _hear(session: Session, spot: Spot) -> None:
    """Work out anew what the newest reports say that the spot's very words should read."""
    newest = _on(spot.id).order_by(Report.id.desc()).limit(landing.VOTERS)
    for report in session.scalars(newest.execution_options(populate_existing=True)):
        report.vote = landing.vote(report.faulty, report.correction, spot.faulty)
