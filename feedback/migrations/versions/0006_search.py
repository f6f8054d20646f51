"""Search: what spots are found by, and the full-text index over it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")

#: The first two characters of a term are its site's; words are found by their beginnings of up
#: to 12 letters as fast as whole.
INDEX = """
CREATE VIRTUAL TABLE spot_words_index USING fts5(
    words, content='spot_words', content_rowid='spot_id', tokenize='ascii',
    prefix='3 4 5 6 7 8 9 10 11 12 13 14'
)
"""
ADD = "INSERT INTO spot_words_index (rowid, words) VALUES (new.spot_id, new.words);"
REMOVE = (
    "INSERT INTO spot_words_index (spot_words_index, rowid, words)"
    " VALUES ('delete', old.spot_id, old.words);"
)
TRIGGERS = {"insert": ADD, "delete": REMOVE, "update": REMOVE + ADD}


def upgrade() -> None:
    op.create_index("ix_spot_by_article", "spot", ["site_id", "status", "article_id"])
    op.create_table(
        "spot_words",
        sa.Column("spot_id", BIG, sa.ForeignKey("spot.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("words", WORDS, nullable=False),
    )
    op.create_index("ix_spot_words_site", "spot_words", ["site_id", "spot_id"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(INDEX)
        for event, does in TRIGGERS.items():
            op.execute(
                f"CREATE TRIGGER spot_words_{event} AFTER {event} ON spot_words BEGIN {does} END"
            )
    else:
        op.create_index(
            "ix_spot_words_words",
            "spot_words",
            ["words"],
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        )
    op.execute("UPDATE spot SET stale = true WHERE NOT stale")  # the worker finds the words


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in TRIGGERS:
            op.execute(f"DROP TRIGGER spot_words_{event}")
        op.execute("DROP TABLE spot_words_index")
    op.drop_table("spot_words")
    op.drop_index("ix_spot_by_article", "spot")
