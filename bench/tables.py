"""Tables of figures, as text for a terminal and as Markdown for docs."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """Figures under a title; the first column names what was measured."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def text(table: Table) -> str:
    """Write a table in aligned columns."""
    lines = [list(table.head), *map(list, table.rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * width for width in widths]
    body = [_aligned(line, widths) for line in (lines[0], rule, *lines[1:])] if lines[0] else []
    return "\n".join([table.title, *body, *filter(None, [table.note])])


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(line, widths, strict=True)
    cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return "  ".join(cells).rstrip()


def markdown(table: Table) -> str:
    """Write a table as GitHub's Markdown."""
    parts = [f"### {table.title}"]
    if table.head:
        rule = ["---", *["---:"] * (len(table.head) - 1)]
        parts.append(
            "\n".join("| " + " | ".join(row) + " |" for row in (table.head, rule, *table.rows))
        )
    return "\n\n".join([*parts, *filter(None, [table.note])])
