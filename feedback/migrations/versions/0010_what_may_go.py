"""What may go: a spot or a decision that another names can be deleted in whatever order.

Where a site is removed its spots and decisions go one after another. PostgreSQL refused to delete a
spot that a decision on a later one still named.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAMING = (
    ("spot", "merged_into_id", "spot"),
    ("decision", "into_id", "spot"),
    ("decision", "undoes_id", "decision"),
)


def upgrade() -> None:
    renew("SET NULL")


def downgrade() -> None:
    renew(None)


def renew(ondelete: str | None) -> None:
    """Say anew what becomes of the columns that name other rows once those are deleted."""
    for table, column, named in NAMING:
        name = f"fk_{table}_{column}"
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(name, type_="foreignkey")
            batch.create_foreign_key(name, named, [column], ["id"], ondelete=ondelete)
