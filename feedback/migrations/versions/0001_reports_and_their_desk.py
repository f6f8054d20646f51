"""Sites, editors, articles, spots, reports and decisions."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
STATUS = ("waiting", "accepted", "fixed", "rejected")
PRESENCE = ("unchecked", "still", "changed", "gone", "ambiguous", "unverifiable")
KIND = ("accept", "fix", "reject", "reopen", "undo")
REASON = ("correct", "quoted", "style", "unclear", "abuse", "other")


def _id() -> sa.Column[int]:
    return sa.Column("id", BIG, primary_key=True)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _number(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, BIG, nullable=False) for name in names]


def _time(*names: str) -> list[sa.Column]:  # type: ignore[type-arg]  # of datetime
    return [sa.Column(name, TIME, nullable=False) for name in names]


def _one_of(name: str, values: tuple[str, ...], *, nullable: bool = False) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=16)
    return sa.Column(name, kind, nullable=nullable)


def _refers(table: str, *, cascade: bool = True, column: str = "", **more: Any) -> sa.Column[int]:
    target = sa.ForeignKey(f"{table}.id", ondelete="CASCADE" if cascade else None)
    return sa.Column(column or f"{table}_id", BIG, target, **{"nullable": False, **more})


def upgrade() -> None:
    _sites_and_editors()
    _spots()
    _reports()
    _decisions()


def _sites_and_editors() -> None:
    op.create_table(
        "site", _id(), *_text("name"), *_time("created_at"), sa.UniqueConstraint("name")
    )
    op.create_table(
        "origin",
        _id(),
        _refers("site", index=True),
        *_text("origin"),
        sa.UniqueConstraint("origin"),
    )
    op.create_table(
        "editor",
        _id(),
        *_text("email"),
        sa.Column("password", sa.Text),
        *_time("created_at"),
        sa.Column("disabled_at", TIME),
        sa.UniqueConstraint("email"),
    )
    op.create_table(
        "membership",
        _refers("editor", primary_key=True),
        _refers("site", primary_key=True, index=True),
        _one_of("role", ("owner", "editor", "viewer")),
    )
    op.create_table(
        "sign_in",
        _id(),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        _refers("editor", index=True),
        *_time("created_at"),
        sa.Column("expires_at", TIME, nullable=False, index=True),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "token",
        _id(),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        _refers("editor", index=True),
        _refers("site", index=True),
        _one_of("scope", ("read", "decide")),
        *_time("created_at"),
        sa.Column("revoked_at", TIME),
        sa.UniqueConstraint("digest"),
    )


def _spots() -> None:
    op.create_table(
        "article",
        _id(),
        _refers("site"),
        *_text("address", "title", "lang"),
        *_time("created_at"),
        sa.UniqueConstraint("site_id", "address"),
    )
    op.create_table(
        "spot",
        _id(),
        _refers("site"),
        _refers("article"),
        _one_of("status", STATUS),
        _one_of("presence", PRESENCE),
        *_text("exact", "prefix", "suffix"),
        *_number("start", "end", "length"),
        *_text("correction"),
        sa.Column("settled", sa.Boolean, nullable=False),
        *_number("readers"),
        *_time("first_at", "last_at"),
        *_number("version"),
    )
    op.create_index("ix_spot_newest", "spot", ["site_id", "status", "last_at", "id"])
    op.create_index("ix_spot_most_reported", "spot", ["site_id", "status", "readers", "id"])
    op.create_index("ix_spot_article", "spot", ["article_id", "start"])


def _reports() -> None:
    op.create_table(
        "report",
        _id(),
        sa.Column("uid", sa.Uuid, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        _refers("site", index=True),
        _refers("spot", index=True),
        *_time("at"),
        *_text("url", "lang", "exact", "prefix", "suffix"),
        *_number("start", "end", "length"),
        *_text("correction", "comment", "vote", "email"),
        *_number("told_readers"),
        _one_of("told_status", STATUS),
        sa.UniqueConstraint("uid"),
    )


def _decisions() -> None:
    op.create_table(
        "decision",
        _id(),
        _refers("spot", index=True),
        _one_of("kind", KIND),
        _one_of("reason", REASON, nullable=True),
        *_text("note"),
        *_time("at"),
        _refers("editor", cascade=False),
        _one_of("status_before", STATUS),
        _one_of("status_after", STATUS),
        *_text("correction_before"),
        sa.Column("settled_before", sa.Boolean, nullable=False),
        _refers("decision", cascade=False, column="undoes_id", nullable=True),
        sa.UniqueConstraint("undoes_id"),
    )


def downgrade() -> None:
    for table in (
        "decision",
        "report",
        "spot",
        "article",
        "token",
        "sign_in",
        "membership",
        "editor",
        "origin",
        "site",
    ):
        op.drop_table(table)
