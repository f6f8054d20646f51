"""Search: spots found by the words of their quotes, corrections, comments and titles.

The databases' own full-text engines look, in terms that are ours (`terms`), each with a mark of its
site before it: another site's words cost nothing. SQLite keeps an FTS5 table beside `spot_words`,
by triggers; PostgreSQL keeps a GIN index of a tsvector that is written here, term by term. What is
found comes newest first, and no more of it is looked at than is asked for.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from feedback.db import Id, Model
from feedback.desk import terms
from feedback.desk.terms import Phrase
from feedback.reports.models import Spot

#: Private characters write a site's number: two of them, from this one on, so many.
_FIRST, _BASE = 0xE000, 6399


class SpotWords(Model):
    """What a spot is found by."""

    __tablename__ = "spot_words"
    __table_args__ = (
        sa.Index("ix_spot_words_site", "site_id", "spot_id"),
        sa.Index(
            "ix_spot_words_words",
            "words",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
            info={"only": "postgresql"},
        ),
    )

    spot_id: Mapped[int] = mapped_column(
        sa.ForeignKey("spot.id", ondelete="CASCADE"), primary_key=True
    )
    site_id: Mapped[int]
    #: Its terms in their order; PostgreSQL has each with its places.
    words: Mapped[str] = mapped_column(sa.Text().with_variant(postgresql.TSVECTOR, "postgresql"))


#: The table of SQLite's engine. No model says it: it is a part of SQLite.
_INDEX = sa.table(
    "spot_words_index", sa.column("rowid", Id), sa.column("spot_words_index", sa.Text)
)


def keep(session: Session, spot_id: int, site_id: int, texts: Iterable[str]) -> None:
    """Keep what a spot is found by, if that is new. The caller commits."""
    dialect = session.get_bind().dialect.name
    document = terms.document(texts)
    write = _vector if dialect == "postgresql" else _line
    values = {"spot_id": spot_id, "site_id": site_id, "words": write(site_id, document)}
    new = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(SpotWords)
    statement = new.values(values).on_conflict_do_update(
        index_elements=["spot_id"],
        set_={"words": new.excluded.words},
        where=SpotWords.words != new.excluded.words,
    )
    session.execute(statement, execution_options={"synchronize_session": False})


def _line(site_id: int, document: Sequence[str]) -> str:
    """Write terms for SQLite. Its tokenizer cuts at the spaces: no term has a mark of ASCII."""
    mark = _mark(site_id)
    return " ".join(term if term == terms.GAP else mark + term for term in document)


def _vector(site_id: int, document: Sequence[str]) -> str:
    """Write terms with their places as PostgreSQL writes a tsvector: no parser looks at the text.

    In quotes stand letters, digits and their marks, so there is nothing to escape.
    """
    mark, places = _mark(site_id), defaultdict[str, list[str]](list)
    for place, term in enumerate(document, 1):
        if term != terms.GAP:
            places[term].append(str(place))
    return " ".join(f"'{mark}{term}':{','.join(at)}" for term, at in places.items())


def _mark(site_id: int) -> str:
    high, low = divmod(site_id, _BASE)
    return chr(_FIRST + high) + chr(_FIRST + low)


@dataclass(frozen=True, slots=True)
class Window:
    """How much of what is found is looked at: `most` spots, of ids below `bound`, newest first.

    `back`: of ids above `bound`, oldest first.
    """

    most: int
    bound: int | None = None
    back: bool = False


def among(site_id: int, wanted: Sequence[Phrase]) -> sa.ColumnElement[bool]:
    """Tell whether a spot is among what is found at a site. What asks for nothing finds nothing."""
    if not wanted:
        return sa.false()
    fts, gin = _found(site_id, wanted)
    return _Either(Spot.id.in_(fts), Spot.id.in_(gin))


def found(site_id: int, wanted: Sequence[Phrase], window: Window) -> sa.Select[Any]:
    """Select the ids of the spots that are found at a site, as far as they are looked at."""
    if not wanted:
        return sa.select(SpotWords.spot_id.label("id")).where(sa.false())
    fts, gin = _found(site_id, wanted)
    parts = _narrowed(fts, _INDEX.c.rowid, window), _narrowed(gin, SpotWords.spot_id, window)
    either = _Either(*(part.scalar_subquery() for part in parts))
    return sa.select(either.table_valued(sa.column("id", Id)).c.id)


def _found(site_id: int, wanted: Sequence[Phrase]) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Select the ids of the spots that are found, as SQLite is asked and as PostgreSQL is."""
    line = sa.literal(_match(site_id, wanted), sa.Text)
    fts = sa.select(_INDEX.c.rowid.label("id")).where(
        _INDEX.c.spot_words_index.op("MATCH")(line),
    )
    # Written into the statement: a plan made for any words would be a bad one for common words.
    query = sa.literal(_tsquery(site_id, wanted), sa.Text, literal_execute=True)
    gin = sa.select(SpotWords.spot_id.label("id")).where(
        SpotWords.site_id == site_id,
        SpotWords.words.op("@@")(sa.cast(query, postgresql.TSQUERY)),
    )
    return fts, gin


def _match(site_id: int, wanted: Sequence[Phrase]) -> str:
    """Write what is wanted as FTS5 reads it."""
    mark = _mark(site_id)
    return " AND ".join(
        f'"{" ".join(mark + term for term in phrase.terms)}"{" *" * phrase.prefix}'
        for phrase in wanted
    )


def _tsquery(site_id: int, wanted: Sequence[Phrase]) -> str:
    """Write what is wanted as PostgreSQL writes a tsquery."""
    mark = _mark(site_id)
    return " & ".join(
        "({}{})".format(
            " <-> ".join(f"'{mark}{term}'" for term in phrase.terms), ":*" * phrase.prefix
        )
        for phrase in wanted
    )


def _narrowed(found: sa.Select[Any], ids: Any, window: Window) -> sa.Select[Any]:
    if window.bound is not None:
        found = found.where(ids > window.bound if window.back else ids < window.bound)
    return found.order_by(ids if window.back else ids.desc()).limit(window.most)


class _Either(FunctionElement[bool]):
    """What SQLite is told in one way and PostgreSQL in another."""

    inherit_cache = True
    type = sa.Boolean()


@compiles(_Either, "sqlite")
def _for_sqlite(element: _Either, compiler: SQLCompiler, **options: Any) -> str:
    fts, _ = element.clauses
    return compiler.process(fts, **options)


@compiles(_Either)
def _for_postgresql(element: _Either, compiler: SQLCompiler, **options: Any) -> str:
    _, gin = element.clauses
    return compiler.process(gin, **options)
