"""Letters: what happened and is to be told, who takes it where, and what came of it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
HAPPENING = (
    *("spot.opened", "spot.grew", "spot.decided", "spot.fixed", "spot.returned"),
    "article.changed",
)
MEANS = ("mail", "webhook", "chat", "post")
STATE = ("waiting", "sent", "dead", "dropped")


def key() -> Any:
    return sa.Column("id", BIG, primary_key=True)


def owned(table: str, name: str = "", **more: Any) -> Any:
    """A column that goes with the row that it names."""
    link = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    more.setdefault("nullable", False)
    return sa.Column(name or f"{table}_id", BIG, link, **more)


def text(name: str, **more: Any) -> Any:
    return sa.Column(name, sa.Text, nullable=False, **more)


def time(name: str, *, nullable: bool = False, **more: Any) -> Any:
    return sa.Column(name, TIME, nullable=nullable, **more)


def one_of(name: str, values: tuple[str, ...]) -> Any:
    kind = sa.Enum(*values, native_enum=False, create_constraint=True, length=16, name=name)
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    delivery()
    letters()
    desk()
    op.add_column("site", sa.Column("corrections", sa.Boolean, nullable=False, server_default="0"))
    op.add_column("site", text("hook_secret", server_default=""))
    op.add_column("spot", time("noticed_at", nullable=True))
    asked = sa.text("email != ''")
    op.create_index(
        "ix_report_asked", "report", ["email"], sqlite_where=asked, postgresql_where=asked
    )
    op.create_table(
        "answered", sa.Column("digest", sa.LargeBinary, primary_key=True), time("at", index=True)
    )
    op.create_table(
        "feed_key",
        owned("editor", primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        time("created_at"),
    )


def delivery() -> None:
    op.create_table(
        "event",
        key(),
        owned("site", index=True),
        one_of("kind", HAPPENING),
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("spot_id", BIG),
        sa.Column("report_id", BIG),
        sa.Column("decision_id", BIG),
        time("at"),
        time("due_at", index=True),
    )
    op.create_table(
        "carrier",
        key(),
        owned("site", index=True),
        one_of("means", MEANS),
        *(text(name) for name in ("name", "address", "wishes", "secret", "old_secret")),
        time("old_until", nullable=True),
        time("created_at"),
        time("off_at", nullable=True),
        text("off_why"),
        time("due_at", nullable=True, index=True),
        time("rest_until", nullable=True),
        time("gather_at", nullable=True, index=True),
        time("sent_at", nullable=True),
    )


def letters() -> None:
    op.create_table(
        "letter",
        key(),
        sa.Column("uid", sa.Uuid, nullable=False, unique=True),
        owned("carrier"),
        *(text(name) for name in ("kind", "thread", "address", "body")),
        time("at"),
        one_of("state", STATE),
        time("due_at", nullable=True),
        time("leased_until", nullable=True),
        sa.Column("tries", BIG, nullable=False),
        time("settled_at", nullable=True, index=True),
    )
    waiting = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_letter_waiting",
        "letter",
        ["carrier_id", "due_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_letter_carrier", "letter", ["carrier_id", "id"])
    dead = sa.text("state = 'dead'")
    op.create_index(
        "ix_letter_dead",
        "letter",
        ["carrier_id", "id"],
        sqlite_where=dead,
        postgresql_where=dead,
    )
    op.create_table(
        "attempt",
        key(),
        owned("letter", index=True),
        time("at"),
        sa.Column("took", BIG, nullable=False),
        sa.Column("arrived", sa.Boolean, nullable=False),
        sa.Column("status", BIG),
        text("said"),
    )


def desk() -> None:
    op.create_table(
        "gathered",
        key(),
        owned("carrier"),
        one_of("kind", HAPPENING),
        owned("spot", index=True),
        time("at"),
    )
    op.create_index("ix_gathered_carrier", "gathered", ["carrier_id", "id"])
    op.create_table("subscription", owned("carrier", primary_key=True), owned("editor", index=True))
    op.create_table(
        "chat_user",
        key(),
        *(text(name) for name in ("service", "user", "name")),
        owned("editor", index=True),
        time("at"),
        sa.UniqueConstraint("service", "user"),
    )
    op.create_table(
        "alarm",
        owned("carrier", primary_key=True),
        sa.Column("about", BIG, primary_key=True, autoincrement=False),
        time("at"),
    )


def downgrade() -> None:
    """Take the tables out: what was not told yet never is."""
    for table in ("alarm", "chat_user", "subscription", "gathered", "attempt", "letter"):
        op.drop_table(table)
    for table in ("carrier", "event", "feed_key", "answered"):
        op.drop_table(table)
    op.drop_index("ix_report_asked", "report")
    op.drop_column("spot", "noticed_at")
    op.drop_column("site", "hook_secret")
    op.drop_column("site", "corrections")
