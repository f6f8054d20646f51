"""Figures: what whoever runs the service watches, kept where every process can read it.

Two kinds are kept, both in one small table:

- what is counted as it happens, in the transaction in which it happens: looks;
- totals over large tables, which take long to work out and so are worked out now and then.

Whoever asks for them reads a few dozen rows, however many spots there are. No figure names a site,
an editor or an address.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.articles.looking import Failed, Look, Read
from feedback.articles.models import Article, Revision
from feedback.db import Model
from feedback.delivery.models import Carrier, Letter
from feedback.desk.models import Decision
from feedback.reports.models import Spot

#: How many looks there were, by `outcome` and, of failed ones, `failure`.
LOOKS = "looks"
#: How many looks took at most `le` seconds and more than the bound before it; `sum` of them all.
LOOK_SECONDS = "look_seconds"
#: Upper bounds of the times that looks take, in seconds.
BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, float("inf"))

#: When the totals are worked out next, and how many seconds it took last time.
TURN = "totals"
#: How many articles that are due, and letters that wait, are counted at the most.
MOST = 10_000
#: Totals are worked out once a minute,
_EVERY = timedelta(minutes=1)
#: and where that takes long less often: this part of the time is spent on it.
_SHARE = 0.02
#: After so long totals that were begun and not ended are begun anew: their worker is gone.
_LEASE = timedelta(minutes=30)

#: What a figure is told apart by, beside its name.
Labels = Mapping[str, str]


class Figure(Model):
    """One number of those that are kept."""

    __tablename__ = "figure"

    name: Mapped[str] = mapped_column(primary_key=True)
    #: As JSON with sorted keys.
    labels: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float] = mapped_column(sa.Double)
    #: When it was counted last.
    at: Mapped[datetime]


def totals() -> dict[str, sa.Select[Any]]:
    """Select each of the totals: labels under their names, and `value`. Each reads a whole table.

    What has no row is not there: a status that no spot has, for one.
    """
    by = sa.case((Decision.editor_id.is_(None), "article check"), else_="editor").label("by")
    value = sa.func.count().label("value")
    return {
        "spots": sa.select(Spot.status, Spot.presence, value).group_by(Spot.status, Spot.presence),
        "decisions": sa.select(Decision.kind, by, value).group_by(Decision.kind, by),
        "articles": sa.select(Article.trouble, value).group_by(Article.trouble),
        "revisions": sa.select(value).select_from(Revision),
        "letters": sa.select(Letter.state, value).group_by(Letter.state),
    }


def kept() -> sa.Select[str, str, float, datetime]:
    """Select all figures that are kept: name, labels, value, at."""
    return sa.select(Figure.name, Figure.labels, Figure.value, Figure.at)


def labels(row: Any) -> dict[str, str]:
    """Give what a figure that is kept is told apart by."""
    return json.loads(row.labels)  # type: ignore[no-any-return]  # _spelled wrote them


def backlog() -> sa.Select[int, datetime | None]:
    """Select how many articles are `due` by the parameter `at`, and `since` when the first is."""
    due = (
        sa.select(Article.due_at)
        .where(Article.due_at <= sa.bindparam("at"))
        .order_by(Article.due_at)
        .limit(MOST)
        .subquery()
    )
    return sa.select(sa.func.count().label("due"), sa.func.min(due.c.due_at).label("since"))


def outbox() -> sa.Select[int, datetime | None]:
    """Select how many letters wait for a carrier that is on, and since when the oldest does."""
    waiting = (
        sa.select(Letter.at)
        .join(Letter.carrier)
        .where(Letter.due_at.is_not(None), Carrier.off_at.is_(None))
        .limit(MOST)
        .subquery()
    )
    return sa.select(sa.func.count().label("waiting"), sa.func.min(waiting.c.at).label("since"))


def size(dialect: str) -> sa.TextClause:
    """Give the statement that tells the database's size in bytes."""
    return sa.text(_SIZE[dialect])


_SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    "postgresql": "SELECT pg_database_size(current_database())",
}


def count_look(session: Session, found: Look, seconds: float, at: datetime) -> None:
    """Count a look that took so many seconds.

    The caller commits, and soon: until then no other look of this kind is counted.
    """
    le = next(bound for bound in BOUNDS if seconds <= bound)
    rows = [
        (LOOKS, _outcome(found), 1.0),
        (LOOK_SECONDS, {"le": f"{le:g}"}, 1.0),
        (LOOK_SECONDS, {"le": "sum"}, seconds),
    ]
    _add(session, rows, at)


def _outcome(found: Look) -> Labels:
    if isinstance(found, Failed):
        return {"outcome": "failed", "failure": found.kind.value}
    return {"outcome": "read" if isinstance(found, Read) else "unchanged", "failure": ""}


def _add(session: Session, rows: list[tuple[str, Labels, float]], at: datetime) -> None:
    """Add to counters. In one order always, so that no two wait for each other."""
    spelled = sorted((name, _spelled(labels), value) for name, labels, value in rows)
    statement = _counting(session.get_bind().dialect.name)
    for name, labels, value in spelled:
        session.execute(statement, {"name": name, "labels": labels, "value": value, "at": at})


@cache
def _counting(dialect: str) -> Any:
    """Insert a figure, or add to it."""
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(Figure)
    return insert.on_conflict_do_update(
        index_elements=["name", "labels"],
        set_={"value": Figure.value + insert.excluded.value, "at": insert.excluded.at},
    )


def _spelled(labels: Labels) -> str:
    return json.dumps(dict(labels), sort_keys=True)


def claim(session: Session, at: datetime) -> bool:
    """Take the turn to work out the totals, if they are due and nobody else has it.

    The caller commits. One UPDATE takes it: of two workers at once, one gets it.
    """
    session.execute(_first(session.get_bind().dialect.name), {"at": at})
    mine = session.execute(
        sa.update(Figure)
        .where(Figure.name == TURN, Figure.at <= at)
        .values(at=at + _LEASE)
        .returning(Figure.name)
        .execution_options(synchronize_session=False)
    )
    return mine.one_or_none() is not None


@cache
def _first(dialect: str) -> Any:
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(Figure)
    values = insert.values(name=TURN, labels="{}", value=0.0, at=sa.bindparam("at"))
    return values.on_conflict_do_nothing()


def add_up(connection: sa.Connection) -> dict[str, list[tuple[Labels, float]]]:
    """Work out the totals, in a transaction that only reads. It may take minutes."""
    found: dict[str, list[tuple[Labels, float]]] = {}
    for name, select in totals().items():
        rows = connection.execute(select).mappings().all()
        found[name] = [
            ({key: str(text) for key, text in row.items() if key != "value"}, float(row["value"]))
            for row in rows
        ]
    return found


def keep(
    session: Session, found: dict[str, list[tuple[Labels, float]]], took: float, at: datetime
) -> None:
    """Keep totals that took so many seconds, instead of those before. The caller commits."""
    session.execute(sa.delete(Figure).where(Figure.name.in_(found)))
    for name, rows in found.items():
        for labels, value in rows:
            session.add(Figure(name=name, labels=_spelled(labels), value=value, at=at))
    rest = max(_EVERY, timedelta(seconds=took / _SHARE))
    session.execute(sa.update(Figure).where(Figure.name == TURN).values(value=took, at=at + rest))
