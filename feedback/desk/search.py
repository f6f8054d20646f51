"""Search: spots found by the words of their quotes, corrections, comments and titles.

The databases' own full-text engines look, in terms that are ours (`terms`), each with a mark of its
site before it: another site's words cost nothing. SQLite keeps an FTS5 table beside `spot_words`,
by triggers; PostgreSQL keeps a GIN index of a tsvector that is written here, term by term. What is
found comes newest first, and no more of it is looked at than is asked for. SQLite's engine goes by
the spots' ids, and stops; PostgreSQL's does not, and is asked for one stretch of ids after another.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from feedback.db import Id, Model
from feedback.desk import stretches, terms
from feedback.desk.stretches import Stretch
from feedback.desk.terms import Phrase
from feedback.reports.models import Spot

#: Private characters write a site's number: two of them, from this one on, so many.
_FIRST, _BASE = 0xE000, 6399
#: Others, that are in no term, write a pair: two of them, from this one on, so many. SQLite keeps
#: the beginnings of what has three or more.
_PAIR, _PAIRS = 0xF0000, 65_534


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


def keep(connection: sa.Connection, spots: Iterable[tuple[int, int, Iterable[str]]]) -> None:
    """Keep what spots are found by, where that is new. The caller commits.

    Takes each spot's id, its site's, and its texts.
    """
    dialect = connection.dialect.name
    write = _vector if dialect == "postgresql" else _line
    rows = [
        {
            "spot_id": spot_id,
            "site_id": site_id,
            "words": write(spot_id, site_id, terms.document(texts)),
        }
        for spot_id, site_id, texts in spots
    ]
    connection.execute(_upsert(dialect), rows)


@cache
def _upsert(dialect: str) -> Any:
    new = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(SpotWords)
    return new.on_conflict_do_update(
        index_elements=["spot_id"],
        set_={"words": new.excluded.words},
        where=SpotWords.words != new.excluded.words,
    )


def _line(_spot_id: int, site_id: int, document: Sequence[str]) -> str:
    """Write terms for SQLite. Its tokenizer cuts at the spaces: no term has a mark of ASCII."""
    mark = _mark(site_id)
    written = [term if term == terms.GAP else mark + term for term in document]
    return " ".join([*written, *_pairs(mark, terms.pairs(document))])


def _vector(spot_id: int, site_id: int, document: Sequence[str]) -> str:
    """Write terms with their places as PostgreSQL writes a tsvector: no parser looks at the text.

    In quotes stand letters, digits and their marks, so there is nothing to escape.
    """
    mark, places = _mark(site_id), defaultdict[str, list[str]](list)
    for place, term in enumerate(document, 1):
        if term != terms.GAP:
            places[term].append(str(place))
    written = [f"'{mark}{term}':{','.join(at)}" for term, at in places.items()]
    return " ".join([*written, *_pairs(mark, terms.pairs(document)), *stretches.blocks(spot_id)])


def _mark(site_id: int) -> str:
    high, low = divmod(site_id, _BASE)
    return chr(_FIRST + high) + chr(_FIRST + low)


def _pairs(mark: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Write pairs of terms, each in few bytes. Two may be written alike: phrases tell for sure."""
    return [_pair(crc32(f"{mark}{one} {two}".encode())) for one, two in pairs]


def _pair(number: int) -> str:
    high, low = divmod(number, _PAIRS)
    return chr(_PAIR + high % _PAIRS) + chr(_PAIR + low)


def tidy(connection: sa.Connection, pages: int, *, begin: bool) -> bool:
    """Write about so many pages of the index anew without what is gone; True if there is more.

    SQLite's engine marks what is deleted, and keeps it until then; `begin`: all that there is by
    now. PostgreSQL's vacuum sees to its own. The caller commits.
    """
    if connection.dialect.name != "sqlite":
        return False
    count = sa.select(sa.func.total_changes())
    before = connection.execute(count).scalar_one()
    connection.execute(_MERGE, {"pages": -pages if begin else pages})
    return bool(connection.execute(count).scalar_one() - before >= _MERGED)


_MERGE = sa.text("INSERT INTO spot_words_index (spot_words_index, rank) VALUES ('merge', :pages)")
#: From so many changes on, the engine had something to do: the command itself counts as one.
_MERGED = 2


@dataclass(frozen=True, slots=True)
class Window:
    """How much of what is found is looked at: `most` spots, of ids below `bound`, newest first.

    `back`: of ids above `bound`, oldest first.
    """

    most: int
    bound: int | None = None
    back: bool = False


def top(session: Session) -> int:
    """Give a bound that is above all spots' ids."""
    return (session.scalar(sa.select(sa.func.max(SpotWords.spot_id))) or 0) + 1


def among(site_id: int, wanted: Sequence[Phrase]) -> sa.ColumnElement[bool]:
    """Tell whether a spot is among what is found at a site. What asks for nothing finds nothing."""
    if not wanted:
        return sa.false()
    gin = _in_gin(site_id, wanted, Stretch())
    return _Either(Spot.id.in_(_in_fts(site_id, wanted)), Spot.id.in_(gin))


def found(site_id: int, wanted: Sequence[Phrase], window: Window) -> sa.Select[Any]:
    """Select the ids of the spots that are found at a site, as far as they are looked at."""
    if not wanted:
        return sa.select(SpotWords.spot_id.label("id")).where(sa.false())
    fts = _narrowed(_in_fts(site_id, wanted), _INDEX.c.rowid, window)
    gin = _in_turn(site_id, wanted, window)
    either = _Either(fts.scalar_subquery(), gin.scalar_subquery())
    return sa.select(either.table_valued(sa.column("id", Id)).c.id)


def _in_fts(site_id: int, wanted: Sequence[Phrase]) -> sa.Select[Any]:
    """Select the ids of the spots that are found, as SQLite is asked."""
    line = sa.literal(_match(site_id, wanted), sa.Text)
    return sa.select(_INDEX.c.rowid.label("id")).where(_INDEX.c.spot_words_index.op("MATCH")(line))


def _match(site_id: int, wanted: Sequence[Phrase]) -> str:
    """Write what is wanted as FTS5 reads it."""
    mark = _mark(site_id)
    whole = [
        f'"{" ".join(mark + term for term in phrase.terms)}"{" *" * phrase.prefix}'
        for phrase in wanted
    ]
    return " AND ".join([*whole, *(f'"{pair}"' for pair in _wanted_pairs(mark, wanted))])


def _in_turn(site_id: int, wanted: Sequence[Phrase], window: Window) -> sa.Select[Any]:
    """Select ids as PostgreSQL is asked: of one stretch after another, until there are enough.

    It carries out the parts of a union in their order, and none that a limit leaves no room for.
    """
    cut = stretches.up if window.back else stretches.down
    parts = [Stretch()] if window.bound is None else cut(window.bound)
    selects = [
        _narrowed(_in_gin(site_id, wanted, part), SpotWords.spot_id, window, sort=not part.blocks)
        for part in parts
    ]
    if len(selects) == 1:
        return selects[0]
    union = sa.union_all(*(sa.select(part.subquery().c.id) for part in selects)).subquery()
    return sa.select(union.c.id).limit(window.most)


def _in_gin(site_id: int, wanted: Sequence[Phrase], part: Stretch) -> sa.Select[Any]:
    """Select the ids of the spots that are found in a stretch, as PostgreSQL is asked."""
    # Of a beginning the index gathers all that has it before it looks at blocks: where that is
    # much, going through the stretch is cheaper, and the database may choose to.
    near = () if any(phrase.prefix for phrase in wanted) else part.blocks
    # Written into the statement: a plan made for any words would be a bad one for common words.
    line = _tsquery(site_id, wanted, near)
    query = sa.literal(line, sa.Text, literal_execute=True)
    gin = sa.select(SpotWords.spot_id.label("id")).where(
        SpotWords.site_id == site_id,
        SpotWords.words.op("@@")(sa.cast(query, postgresql.TSQUERY)),
    )
    if part.low is not None:
        gin = gin.where(SpotWords.spot_id >= part.low)
    return gin if part.high is None else gin.where(SpotWords.spot_id < part.high)


def _tsquery(site_id: int, wanted: Sequence[Phrase], blocks: Sequence[str]) -> str:
    """Write what is wanted, in any of some blocks, as PostgreSQL writes a tsquery."""
    mark = _mark(site_id)
    whole = [
        "({}{})".format(
            " <-> ".join(f"'{mark}{term}'" for term in phrase.terms), ":*" * phrase.prefix
        )
        for phrase in wanted
    ]
    near = [f"({' | '.join(blocks)})"] if blocks else []
    return " & ".join([*near, *_wanted_pairs(mark, wanted), *whole])


def _wanted_pairs(mark: str, wanted: Sequence[Phrase]) -> list[str]:
    return _pairs(mark, dict.fromkeys(pair for phrase in wanted for pair in phrase.pairs))


def _narrowed(
    found: sa.Select[Any], ids: Any, window: Window, *, sort: bool = False
) -> sa.Select[Any]:
    """Select as much of what is found as the window has room for.

    `sort`: after all of it is found. PostgreSQL guesses how rare a word is, and among millions of
    spots it would sooner go through all of them in the order of an index than find five and sort.
    """
    if window.bound is not None:
        found = found.where(ids > window.bound if window.back else ids < window.bound)
    by = ids + 0 if sort else ids  # no index has that
    return found.order_by(by if window.back else by.desc()).limit(window.most)


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
