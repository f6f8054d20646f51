"""Kinds and subjects: what readers say a mistake is, and the image or link it is about."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SUBJECT = ("about", "about_text", "about_url")
COLUMNS = {"spot": SUBJECT, "report": ("kind", *SUBJECT)}


def upgrade() -> None:
    for table, names in COLUMNS.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Take the columns out; a spot about an image or a link is one about its quote again."""
    for table, names in COLUMNS.items():
        for name in names:
            op.drop_column(table, name)
