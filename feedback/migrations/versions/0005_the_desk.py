"""The desk: what the queue is searched and ordered by, claims, batches, reasons, views, people."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

PRESENCE = ("unchecked", "still", "changed", "gone", "ambiguous", "unverifiable")
REASON = ("correct", "quoted", "style", "unclear", "abuse", "other")
STATUS = ("waiting", "accepted", "fixed", "rejected", "merged")
KIND = ("accept", "fix", "reject", "reopen", "merge", "split", "undo")
ROLES = sa.Enum(
    *("owner", "editor", "viewer"),
    native_enum=False,
    create_constraint=True,
    length=16,
    name="role",
)

Checks = dict[str, tuple[str, ...]]


def checks(statuses: tuple[str, ...], kinds: tuple[str, ...], **more: Any) -> dict[str, Checks]:
    """Give what each table's columns may hold."""
    return {
        "spot": {"status": statuses, "presence": PRESENCE},
        "report": {"told_status": statuses},
        "decision": {
            "kind": kinds,
            **more,
            "status_before": statuses,
            "status_after": statuses,
        },
    }


OLD = checks(STATUS, KIND, reason=REASON)
NEW = checks((*STATUS, "snoozed"), (*KIND, "snooze", "wake"))

INDEXES = (
    ("ix_spot_urgent", "spot", ["site_id", "status", "urgency", "id"]),
    ("ix_spot_moved", "spot", ["site_id", "moved_at"]),
    ("ix_decision_batch_id", "decision", ["batch_id"]),
)
#: What people and their keys gain.
PEOPLE: dict[str, tuple[tuple[str, Any], ...]] = {
    "editor": (
        ("name", sa.Text),
        ("zone", sa.Text),
        ("language", sa.Text),
        ("totp_secret", None),
        ("totp_step", BIG),
    ),
    "sign_in": (("agent", sa.Text), ("address", sa.Text), ("seen_at", TIME)),
    "token": (("name", sa.Text), ("expires_at", TIME), ("used_at", TIME)),
}


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, BIG, nullable=False, server_default="0")


def _time(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, TIME, nullable=nullable)


def _id() -> sa.Column[int]:
    return sa.Column("id", BIG, primary_key=True)


def _of(table: str, column: str, ondelete: str | None = "CASCADE", **more: Any) -> sa.Column[int]:
    """Give a column that refers to another table's rows."""
    target = sa.ForeignKey(f"{table}.id", ondelete=ondelete)
    return sa.Column(column, BIG, target, **{"nullable": False, **more})


def upgrade() -> None:
    _batches()
    with _altered("spot", OLD, NEW) as batch:
        batch.add_column(sa.Column("stale", sa.Boolean, nullable=False, server_default=sa.true()))
        batch.add_column(_text("slip"))
        batch.add_column(_count("urgency"))
        batch.add_column(_time("snoozed_until"))
        batch.add_column(_time("moved_at"))
    with _altered("report", OLD, NEW):
        pass
    with _altered("decision", OLD, NEW) as batch:
        batch.alter_column("reason", existing_type=sa.String(16), type_=sa.Text)
        for name in ("label", "sentence"):
            batch.add_column(_text(name))
        batch.add_column(_time("until"))
        batch.add_column(sa.Column("batch_id", BIG))
        batch.create_foreign_key(
            "fk_decision_batch_id", "batch", ["batch_id"], ["id"], ondelete="SET NULL"
        )
    _urgency()
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    _partial("ix_spot_stale", "id", "stale")
    _partial("ix_spot_snoozed", "snoozed_until", "snoozed_until IS NOT NULL")
    _claims_reasons_views()
    _people()


def _urgency() -> None:
    """Order what there is by its age; the worker adds the rest."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("UPDATE spot SET urgency = CAST(strftime('%s', last_at) AS INTEGER)")
    else:
        op.execute("UPDATE spot SET urgency = CAST(extract(epoch FROM last_at) AS bigint)")


def _partial(name: str, column: str, where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "spot", [column], sqlite_where=condition, postgresql_where=condition)


def _batches() -> None:
    op.create_table(
        "batch",
        _id(),
        _of("site", "site_id", index=True),
        _of("editor", "editor_id", index=True),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        _time("shown_at", nullable=False),
        _time("at", nullable=False),
        _time("ended_at"),
        _time("due_at"),
        sa.Column("total", BIG, nullable=False),
        _count("done"),
        _count("skipped"),
        _count("place"),
        _of("batch", "undoes_id", "SET NULL", nullable=True, unique=True),
    )
    op.create_index("ix_batch_due_at", "batch", ["due_at"])


def _claims_reasons_views() -> None:
    op.create_table(
        "claim",
        _of("spot", "spot_id", primary_key=True),
        _of("editor", "editor_id", index=True),
        _time("until", nullable=False),
    )
    op.create_table(
        "reason",
        _id(),
        _of("site", "site_id"),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("place", BIG, nullable=False),
        _time("retired_at"),
        sa.UniqueConstraint("site_id", "code"),
    )
    op.create_table(
        "saved_view",
        _id(),
        _of("editor", "editor_id"),
        _of("site", "site_id", index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.UniqueConstraint("editor_id", "site_id", "name"),
    )


def _people() -> None:
    for table, columns in PEOPLE.items():
        for name, kind in columns:
            text = kind is sa.Text
            column = _text(name) if text else sa.Column(name, kind or sa.Text)
            op.add_column(table, column)
    op.create_table(
        "recovery_code",
        _id(),
        _of("editor", "editor_id", index=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        _time("used_at"),
    )
    op.create_table(
        "invitation",
        _id(),
        _of("site", "site_id", index=True),
        sa.Column("role", ROLES, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("note", sa.Text, nullable=False),
        _of("editor", "by_id"),
        _time("at", nullable=False),
        _time("expires_at", nullable=False),
        _time("used_at"),
        _time("revoked_at"),
        _of("editor", "used_by_id", "SET NULL", nullable=True),
    )
    op.create_table(
        "act",
        _id(),
        _of("site", "site_id", nullable=True),
        _of("editor", "editor_id", "SET NULL", nullable=True, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        _time("at", nullable=False),
    )
    op.create_index("ix_act_site", "act", ["site_id", "id"])


@contextmanager
def _altered(table: str, before: dict[str, Checks], after: dict[str, Checks]) -> Iterator[Any]:
    """Alter a table and what its columns may hold.

    SQLite makes the table anew.
    """
    anew = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table(table, recreate="always" if anew else "never") as batch:
        yield batch
        for column, values in before[table].items():
            if values != after[table].get(column):
                batch.drop_constraint(column, type_="check")
        for column, values in after[table].items():
            if values != before[table].get(column):
                batch.create_check_constraint(column, sa.text(_held(column, values)))


def _held(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def downgrade() -> None:
    """Take all of it back. What is snoozed waits again; a site's own reasons become `other`."""
    for table in ("act", "invitation", "recovery_code", "saved_view", "reason", "claim"):
        op.drop_table(table)
    for table, columns in PEOPLE.items():
        for name, _ in columns:
            op.drop_column(table, name)
    for name in ("ix_spot_snoozed", "ix_spot_stale"):
        op.drop_index(name, "spot")
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table)
    _forget()
    with _altered("decision", NEW, OLD) as batch:
        batch.drop_constraint("fk_decision_batch_id", type_="foreignkey")
        for name in ("batch_id", "until", "label", "sentence"):
            batch.drop_column(name)
        batch.alter_column("reason", existing_type=sa.Text, type_=sa.String(16))
    with _altered("report", NEW, OLD):
        pass
    with _altered("spot", NEW, OLD) as batch:
        for name in ("stale", "slip", "urgency", "snoozed_until", "moved_at"):
            batch.drop_column(name)
    op.drop_table("batch")


def _forget() -> None:
    """Take out what the older tables cannot hold."""
    new = "kind IN ('snooze', 'wake')"
    op.execute(f"DELETE FROM decision WHERE undoes_id IN (SELECT id FROM decision WHERE {new})")
    op.execute(f"DELETE FROM decision WHERE {new}")
    held = ", ".join(repr(reason) for reason in REASON)
    op.execute(f"UPDATE decision SET reason = 'other' WHERE reason NOT IN ({held})")
    for table, column in (
        ("decision", "status_before"),
        ("decision", "status_after"),
        ("report", "told_status"),
        ("spot", "status"),
    ):
        op.execute(f"UPDATE {table} SET {column} = 'waiting' WHERE {column} = 'snoozed'")
