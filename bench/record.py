"""The page that keeps the figures: docs/benchmarks.md, between two marks, part by part."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from bench import tables
from bench.tables import Table

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: written by `make bench` -->", "<!-- end of figures -->"

Found = Mapping[str, Iterable[Table]]


class Unmarked(Exception):
    """The page has no place for a part; the message says which."""


def keep(facts: Mapping[str, str], found: Found, page: Path = PAGE) -> None:
    """Write the figures of a whole run in place of all that are on `page`."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    listed = "\n".join(f"- {name}: {value}" for name, value in facts.items())
    parts = [_part(name, measured) for name, measured in found.items()]
    figures = "\n\n".join([listed, *parts])
    page.write_text(f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}")


def renew(facts: Mapping[str, str], found: Found, page: Path = PAGE) -> None:
    """Write the figures of some parts in place of those on `page`, and what they are measured on.

    Raises Unmarked if one has no place there: then a whole run is due.
    """
    text = page.read_text()
    when = "Measured by itself. " + "; ".join(f"{name}: {value}" for name, value in facts.items())
    for name, measured in found.items():
        before, mark, rest = text.partition(_mark(name))
        if not mark:
            raise Unmarked(f"{page.name} has no figures of {name} yet: make bench")
        after = rest[rest.index("\n\n<!-- ") :]
        text = before + _part(name, measured, f"{when}.") + after
    page.write_text(text)


def _part(name: str, measured: Iterable[Table], *notes: str) -> str:
    return "\n\n".join([_mark(name), *notes, *map(tables.markdown, measured)])


def _mark(name: str) -> str:
    return f"<!-- part: {name} -->"
