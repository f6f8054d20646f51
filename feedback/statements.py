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
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

Converter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Given:
    """A parameter as the driver takes it: by its name, of what is given, or always the same."""

    name: str
    #: The name under which its value is given; None where it is always the same.
    key: str | None
    value: Any
    convert: Converter | None

    def of(self, values: dict[str, Any]) -> Any:
        """Give what the driver is told. Raises KeyError where it is not given."""
        if self.key is None:
            return self.value
        value = values[self.key]
        return self.convert(value) if self.convert else value


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement in the words of one database."""

    text: str
    givens: tuple[_Given, ...]
    positional: bool
    row: Callable[[Sequence[Any]], Any]
    #: By place, the columns that are to be converted.
    converters: tuple[tuple[int, Converter], ...]

    def told(self, values: dict[str, Any]) -> Any:
        if self.positional:
            return [given.of(values) for given in self.givens]
        return {given.name: given.of(values) for given in self.givens}

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
    names = compiled.positiontup if compiled.positional else list(compiled.bind_names.values())
    return _Written(
        compiled.string,
        _givens(compiled, names or [], dialect),
        compiled.positional,
        *_reading(clause, dialect),
    )


def _givens(compiled: SQLCompiler, names: Sequence[str], dialect: Dialect) -> tuple[_Given, ...]:
    usual = {column.key: cast("Any", column.default).arg for column in compiled.insert_prefetch}
    found = []
    for name in names:
        bind = compiled.binds[name]
        convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if bind.required:
            found.append(_Given(name, bind.key, None, convert))
        else:
            value = usual.get(bind.key, bind.value)
            found.append(_Given(name, None, convert(value) if convert else value, None))
    return tuple(found)


def _reading(clause: Any, dialect: Dialect) -> tuple[Any, tuple[tuple[int, Converter], ...]]:
    """Say how the rows of a statement are read."""
    columns = list(clause.exported_columns) if clause.is_select or clause.is_dml else []
    if not columns:
        return tuple, ()
    kinds = [column.type.dialect_impl(dialect) for column in columns]
    converters = [kind.result_processor(dialect, None) for kind in kinds]
    row: Any = namedtuple("Row", tuple(column.key for column in columns))  # type: ignore[misc]
    return row._make, tuple((place, each) for place, each in enumerate(converters) if each)
