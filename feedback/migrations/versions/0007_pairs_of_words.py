"""Search by pairs of words and by blocks of ids: all that spots are found by is written anew."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE spot SET stale = true WHERE NOT stale")  # the worker finds the words


def downgrade() -> None:
    """Leave what is there: what is found by more is found as well."""
