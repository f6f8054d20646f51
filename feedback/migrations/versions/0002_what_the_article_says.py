"""What the article says: revisions, looks, merged spots, decisions by the article check."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

PRESENCE = ("unchecked", "still", "changed", "gone", "ambiguous", "unverifiable")
REASON = ("correct", "quoted", "style", "unclear", "abuse", "other")
STATUS = ("waiting", "accepted", "fixed", "rejected")
KIND = ("accept", "fix", "reject", "reopen", "undo")

Checks = dict[str, tuple[str, ...]]


def checks(statuses: tuple[str, ...], kinds: tuple[str, ...]) -> dict[str, Checks]:
    """Give what each table's columns may hold."""
    return {
        "spot": {"status": statuses, "presence": PRESENCE},
        "report": {"told_status": statuses},
        "decision": {
            "kind": kinds,
            "reason": REASON,
            "status_before": statuses,
            "status_after": statuses,
        },
    }


OLD = checks(STATUS, KIND)
NEW = checks((*STATUS, "merged"), (*KIND, "merge", "split"))

#: What articles gain.
ARTICLE = (
    "author section canonical due_at step looked_at read_at trouble failures"
    " etag last_modified digest"
)
#: What spots refer to: column, table, what becomes of it when that goes.
SPOT_REFERS = (
    ("seen_id", "revision", "SET NULL"),
    ("stood_id", "revision", "SET NULL"),
    ("merged_into_id", "spot", None),
)
INDEXES = (
    ("ix_spot_merged", "spot", "merged_into_id"),
    ("ix_spot_seen_id", "spot", "seen_id"),
    ("ix_spot_stood_id", "spot", "stood_id"),
    ("ix_decision_into_id", "decision", "into_id"),
)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False, server_default="") for name in names]


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, BIG, nullable=False, server_default="0")


def _times(*names: str) -> list[sa.Column]:  # type: ignore[type-arg]  # of datetime
    return [sa.Column(name, TIME) for name in names]


def _refers(table: str, column: str, ondelete: str | None, **more: Any) -> sa.Column[int]:
    target = sa.ForeignKey(f"{table}.id", ondelete=ondelete)
    return sa.Column(column, BIG, target, **{"nullable": False, **more})


def upgrade() -> None:
    _articles()
    _revisions()
    with _altered("spot", OLD, NEW) as batch:
        _add(batch, _count("looks"), *_text("reads", "place"), *_times("left_at"))
        for column, table, ondelete in SPOT_REFERS:
            _refer(batch, "spot", column, table, ondelete)
    with _altered("report", OLD, NEW):
        pass
    with _altered("decision", OLD, NEW) as batch:
        batch.alter_column("editor_id", existing_type=BIG, nullable=True)
        _add(batch, *_text("became"))
        _refer(batch, "decision", "into_id", "spot", None)
    for name, table, column in INDEXES:
        op.create_index(name, table, [column])
    _moves()


def _articles() -> None:
    for column in (
        *_text("author", "section", "canonical"),
        *_times("due_at"),
        _count("step"),
        *_times("looked_at", "read_at"),
        *_text("trouble"),
        _count("failures"),
        *_text("etag", "last_modified", "digest"),
    ):
        op.add_column("article", column)
    op.create_index("ix_article_due_at", "article", ["due_at"])
    op.execute("UPDATE article SET due_at = created_at")
    op.create_table(
        "host",
        sa.Column("origin", sa.Text, primary_key=True),
        sa.Column("free_at", TIME, nullable=False),
        sa.Column("robots", sa.Text),
        sa.Column("robots_at", TIME),
    )


def _revisions() -> None:
    op.create_table(
        "revision",
        sa.Column("id", BIG, primary_key=True),
        _refers("article", "article_id", "CASCADE"),
        sa.Column("first_at", TIME, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("length", BIG, nullable=False),
        sa.Column("packed", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_revision_article", "revision", ["article_id", "id"])


def _moves() -> None:
    op.create_table(
        "move",
        _refers("decision", "decision_id", "CASCADE", primary_key=True),
        _refers("report", "report_id", "CASCADE", primary_key=True, index=True),
        _refers("spot", "from_id", "CASCADE", index=True),
        _refers("spot", "to_id", "CASCADE", index=True),
    )
    op.create_table(
        "parting",
        _refers("spot", "spot_id", "CASCADE", primary_key=True),
        _refers("spot", "other_id", "CASCADE", primary_key=True, index=True),
    )


def _add(batch: Any, *columns: sa.Column[Any]) -> None:
    for column in columns:
        batch.add_column(column)


def _refer(batch: Any, table: str, column: str, target: str, ondelete: str | None) -> None:
    batch.add_column(sa.Column(column, BIG))
    batch.create_foreign_key(f"fk_{table}_{column}", target, [column], ["id"], ondelete=ondelete)


@contextmanager
def _altered(table: str, before: dict[str, Checks], after: dict[str, Checks]) -> Iterator[Any]:
    """Alter a table and what its columns may hold.

    SQLite makes the table anew, and loses all its checks on the way: they are put back.
    """
    anew = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table(table, recreate="always" if anew else "never") as batch:
        yield batch
        for column, values in after[table].items():
            if not anew and values == before[table][column]:
                continue
            if not anew:
                batch.drop_constraint(column, type_="check")
            held = ", ".join(f"'{value}'" for value in values)
            batch.create_check_constraint(column, sa.text(f"{column} IN ({held})"))


def downgrade() -> None:
    """Take all of it back. What is merged waits again; the article check's decisions go."""
    op.drop_table("parting")
    op.drop_table("move")
    for name, table, _ in INDEXES:
        op.drop_index(name, table)
    _forget()
    with _altered("decision", NEW, OLD) as batch:
        batch.alter_column("editor_id", existing_type=BIG, nullable=False)
        batch.drop_constraint("fk_decision_into_id", type_="foreignkey")
        _drop(batch, "into_id became")
    with _altered("report", NEW, OLD):
        pass
    with _altered("spot", NEW, OLD) as batch:
        for column, _, _ in SPOT_REFERS:
            batch.drop_constraint(f"fk_spot_{column}", type_="foreignkey")
        _drop(batch, "seen_id stood_id merged_into_id looks reads place left_at")
    op.drop_table("revision")
    op.drop_table("host")
    op.drop_index("ix_article_due_at", "article")
    for column in ARTICLE.split():
        op.drop_column("article", column)


def _forget() -> None:
    """Take out what the older tables cannot hold."""
    new = "kind IN ('merge', 'split') OR editor_id IS NULL"
    op.execute(f"DELETE FROM decision WHERE undoes_id IN (SELECT id FROM decision WHERE {new})")
    op.execute(f"DELETE FROM decision WHERE {new}")
    for table, column in (
        ("decision", "status_before"),
        ("decision", "status_after"),
        ("report", "told_status"),
        ("spot", "status"),
    ):
        op.execute(f"UPDATE {table} SET {column} = 'waiting' WHERE {column} = 'merged'")


def _drop(batch: Any, columns: str) -> None:
    for column in columns.split():
        batch.drop_column(column)
