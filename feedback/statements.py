"""Statements: SQLAlchemy's own, written out once, and carried out by the database's driver.

To carry out a statement that it has compiled already costs SQLAlchemy more than it costs the
database: parameters are named and put in order, an execution context and a result are made. The
intake, which floods come through, cannot pay that six times for each report. Here all of it happens
once for each kind of database; what is left is to convert values, as the columns' types say, and
to ask.
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

Converter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement in the words of one database."""

    text: str
    #: The parameters that are always the same, as the driver takes them.
    fixed: dict[str, Any]
    #: The parameters that are given and to be converted.
    given: tuple[tuple[str, Converter], ...]
    #: Put all parameters as the driver wants them.
    ordered: Callable[[dict[str, Any]], Any]
    row: Callable[[Sequence[Any]], Any]
    #: By place, the columns that are to be converted.
    converters: tuple[tuple[int, Converter], ...]

    def told(self, values: dict[str, Any]) -> Any:
        """Give what the driver is told. Raises KeyError where something is not given."""
        known = self.fixed | values
        for name, convert in self.given:
            known[name] = convert(known[name])
        return self.ordered(known)

    def read(self, raw: Sequence[Any]) -> Any:
        if self.converters:
            cells = list(raw)
            for place, convert in self.converters:
                cells[place] = convert(cells[place])
            raw = cells
        return self.row(raw)


class Statement:
    """A statement that is carried out often.

    All that is not fixed in it is a named `bindparam`; of an insert without values, `given` names
    the columns. It belongs to the connection's transaction if that has begun one; errors are
    SQLAlchemy's. That a connection is broken, the pool learns when it is given back.
    """

    def __init__(self, clause: sa.sql.expression.Executable, given: Sequence[str] = ()) -> None:
        self._clause = clause
        self._given = list(given) or None
        self._written: dict[str, _Written] = {}

    def text(self, dialect: Dialect) -> str:
        """Give the statement as the database is told it."""
        return self._in(dialect).text

    def all(self, connection: sa.Connection, **values: Any) -> list[Any]:
        """Give the rows that it finds or returns, as named tuples."""
        written = self._in(connection.dialect)
        told, failure = written.told(values), connection.dialect.loaded_dbapi.Error
        cursor = connection.connection.cursor()
        try:
            cursor.execute(written.text, told)
            rows = cursor.fetchall() if cursor.description else []
        except failure as error:
            raise sa.exc.DBAPIError.instance(
                written.text,
                told,
                error,
                failure,
                hide_parameters=True,
                dialect=connection.dialect,
            ) from error
        finally:
            cursor.close()
        return [written.read(row) for row in rows]

    def first(self, connection: sa.Connection, **values: Any) -> Any:
        """Give the first row, None where there is none."""
        rows = self.all(connection, **values)
        return rows[0] if rows else None

    def one(self, connection: sa.Connection, **values: Any) -> Any:
        """Give the only row. Raises ValueError where there is none, or more."""
        (row,) = self.all(connection, **values)
        return row

    def _in(self, dialect: Dialect) -> _Written:
        written = self._written.get(dialect.name)
        if written is None:
            written = self._written[dialect.name] = _write(self._clause, self._given, dialect)
        return written


def _write(clause: Any, given: list[str] | None, dialect: Dialect) -> _Written:
    compiled = clause.compile(dialect=dialect, column_keys=given)
    if compiled.post_compile_params:
        raise TypeError("the statement has parts that only their values can write")
    names = list(compiled.positiontup or compiled.bind_names.values())
    return _Written(
        compiled.string,
        *_parameters(compiled, names, dialect),
        _ordered(names, positional=compiled.positional),
        *_reading(clause, dialect),
    )


def _parameters(
    compiled: SQLCompiler, names: Sequence[str], dialect: Dialect
) -> tuple[dict[str, Any], tuple[tuple[str, Converter], ...]]:
    """Give the parameters that are always the same, and how those that are given are converted."""
    usual = {column.key: cast("Any", column.default).arg for column in compiled.insert_prefetch}
    fixed, given = {}, {}
    for name in names:
        bind = compiled.binds[name]
        convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if not bind.required:
            value = usual.get(bind.key, bind.value)
            fixed[name] = convert(value) if convert else value
        elif convert:
            given[name] = convert
    return fixed, tuple(given.items())


def _ordered(names: list[str], *, positional: bool) -> Callable[[dict[str, Any]], Any]:
    if not positional:
        return lambda known: {name: known[name] for name in names}
    if len(names) < 2:  # of one name, `itemgetter` gives no tuple
        return lambda known: [known[name] for name in names]
    return itemgetter(*names)


def _reading(clause: Any, dialect: Dialect) -> tuple[Any, tuple[tuple[int, Converter], ...]]:
    """Say how the rows of a statement are read."""
    columns = list(clause.exported_columns) if clause.is_select or clause.is_dml else []
    if not columns:
        return tuple, ()
    kinds = [column.type.dialect_impl(dialect) for column in columns]
    converters = [kind.result_processor(dialect, None) for kind in kinds]
    row: Any = namedtuple("Row", tuple(column.key for column in columns))  # type: ignore[misc]
    return row._make, tuple((place, each) for place, each in enumerate(converters) if each)
