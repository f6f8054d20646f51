"""Tables: what is read from a CSV is what was written, and no program finds a formula in it."""

import csv
import io
import re

from feedback.cli import tables
from fuzzing.drawn import Drawn

PIECES = (
    "=", "+", "-", "@", "\t", "\r", "\n", "\r\n", ";", ",", '"', "'", '","=1+1","', "＝", "＠", "|",
    "\u200b", "\ufeff", " ", "\u00a0", "=cmd|' /C calc'!A0", "\x0b", "\x85", "\u2028", "\u2060",
)  # fmt: skip
#: What a spreadsheet reckons where it begins a cell, beyond what it skips.
_FORMULA = re.compile('[\\s"\u200b\u2060\ufeff]*[=+\\-@＝＋－＠]')


def check(data: bytes) -> None:
    """Write a table and read it, by commas and by what else programs part cells at."""
    drawn = Drawn(data)
    width = 1 + drawn.number(3)
    rows = [[_cell(drawn) for _ in range(width)] for _ in range(1 + drawn.number(3))]

    text = "".join(tables.lines(rows))

    assert text.startswith(tables.MARK)
    found = list(csv.reader(io.StringIO(text.removeprefix(tables.MARK), newline=""), strict=True))
    assert [len(row) for row in found] == [width] * len(rows)
    for row, written in zip(found, rows, strict=True):
        for cell, value in zip(row, written, strict=True):
            assert cell.replace("'", "") == (value or "").replace("'", ""), (cell, value)
            assert not _FORMULA.match(cell), cell
            assert not cell.startswith(("\t", "\r", "\n")), cell
            for part in re.split("[;\t\r\n]", cell):
                assert not _FORMULA.match(part), cell


def _cell(drawn: Drawn) -> str | None:
    if drawn.number(15) == 1:
        return None
    return "".join(drawn.text(PIECES, 12) for _ in range(1 + drawn.number(3)))
