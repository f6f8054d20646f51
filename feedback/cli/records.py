"""What the log tells, and what it never does: nothing of what readers wrote, nor who they are.

Messages name rows and routes, and errors are told by their kind, their place in the code and the
first line of what they say, without what that quotes: a database quotes the row it refuses, and
Python the text it cannot read.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

#: What stands between quotation marks; what there is the name of a table or a rule.
_QUOTED = re.compile(r"""'[^']*'?|"[^"]*"?""")
_NAME = re.compile(r'"[a-z_.]+"')
#: How much an error may say, in characters.
_LONGEST = 200


class Discreet(logging.Formatter):
    """Writes events without the data that errors carry with them."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the text, whatever another handler has made of the error."""
        kept, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = kept

    def formatException(self, ei: Any) -> str:  # noqa: N802 -- logging names it
        """Tell an error and those it came from, the first one first."""
        return "\n".join(_told(ei[1]))


class Json(Discreet):
    """Writes each event as an object on a line of its own, for programs that read logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        at = datetime.fromtimestamp(record.created, UTC)
        told = {
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= getattr(record, "told", {})  # an event of the security log, field by field
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told)


def as_json() -> None:
    """Write all further events as JSON."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(Json())


def _told(error: BaseException, known: frozenset[int] = frozenset()) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in known:
        yield from _told(before, known | {id(error)})
        yield "which led to"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip("\n")
    kind = type(error)
    yield f"{kind.__module__}.{kind.__qualname__}: {quotable(error)}"


def quotable(error: BaseException) -> str:
    """Give the first line of what an error says, without what it quotes."""
    said = (str(error).splitlines() or [""])[0]
    return _QUOTED.sub(lambda part: part[0] if _NAME.fullmatch(part[0]) else "…", said)[:_LONGEST]
