"""Kinds of values: how a backup's file writes them, the same for every database.

The file says each column's kind, so that it can be read without the models of its day.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from feedback.db import Id, Instant

#: What values of a kind are in a database. What a model's column may hold comes before what is more
#: general.
TYPES: Mapping[str, Any] = {
    "instant": Instant,
    "uuid": sa.Uuid,
    "boolean": sa.Boolean,
    "bytes": sa.LargeBinary,
    "real": sa.Float,
    "integer": sa.Integer,
    "text": sa.String,
}
#: How a column is spoken to that holds more than its kind says.
_WIDE: Mapping[str, Any] = {"integer": Id, "real": sa.Double(), "text": sa.Text()}
#: What JSON has no way to write is a text in it; this reads such a text.
_READ: Mapping[str, Callable[[str], Any]] = {
    "instant": datetime.fromisoformat,
    "uuid": UUID,
    "bytes": b64decode,
}


def kind(column: sa.Column[Any]) -> str:
    """Give the kind of a model's column."""
    return next(name for name, type_ in TYPES.items() if isinstance(column.type, type_))


def table(name: str, columns: Mapping[str, str]) -> sa.TableClause:
    """Give a table to speak of in SQL, by its columns' names and kinds."""
    types = {each: _WIDE.get(kind) or TYPES[kind]() for each, kind in columns.items()}
    return sa.table(name, *(sa.column(each, type_) for each, type_ in types.items()))


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode()
    return str(value)


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_written)


def line(row: dict[str, Any]) -> bytes:
    """Write a row as a line of JSON."""
    return (_encoder.encode(row) + "\n").encode()


def rows(lines: Iterable[bytes], columns: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Read rows from lines of JSON, by their columns' kinds."""
    special = {name: _READ[kind] for name, kind in columns.items() if kind in _READ}
    for each in lines:
        row: dict[str, Any] = json.loads(each)
        for name, read in special.items():
            if row[name] is not None:
                row[name] = read(row[name])
        yield row
