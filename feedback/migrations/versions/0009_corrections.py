"""Corrections: what was fixed in a site's words, and in an article's, newest first."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEXES = {"ix_spot_told": "site_id", "ix_spot_told_of": "article_id"}


def upgrade() -> None:
    told = sa.text("status = 'fixed' AND about = ''")
    for name, whose in INDEXES.items():
        columns = [whose, "moved_at", "id"]
        op.create_index(name, "spot", columns, sqlite_where=told, postgresql_where=told)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "spot")
