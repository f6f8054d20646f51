"""How long a look takes: on an article of 200,000 characters, and on texts made to be hard."""

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bench.tables import Table
from evaluation.pages import Page
from feedback.anchoring import Position, locate
from feedback.anchoring.grouping import CONTEXT

#: The size of a very long article, and of the longest that is read, in code points.
LONG: Final = 200_000
LARGEST: Final = 2_000_000
#: Most seconds for 95 of 100 looks at the one, and for any look at the other.
BAR_LONG: Final = 0.05
BAR_LARGEST: Final = 2.0

_LOOKS: Final = 200

#: Text, quote, prefix, suffix.
Hard = tuple[str, str, str, str]


def long_article(pages: Iterable[Page], chance: random.Random) -> str:
    """Make one long article of all lines of all pages, again and again in another order."""
    lines = [line for page in pages for line in page.text.split("\n")]
    text = ""
    while len(text) < LONG:
        chance.shuffle(lines)
        text += "\n".join(lines) + "\n"
    return text[:LONG].strip()


def looks(text: str, chance: random.Random) -> list[float]:
    """Time looks for quotes that were fixed in a text, half of them after it grew above."""
    found = []
    for number in range(_LOOKS):
        start = chance.randrange(len(text) - 2000)
        exact = text[start : start + chance.choice((3, 8, 30, 120, 2000))].strip() or "x"
        start = text.find(exact, start)
        end = start + len(exact)
        now = ("News.\n" if number % 2 else "") + text[:start] + exact[::-1] + text[end:]
        position = Position(start, end, len(text))
        prefix, suffix = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
        found.append(_seconds(now, exact, prefix, suffix, position))
    return sorted(found)


def _seconds(text: str, exact: str, prefix: str, suffix: str, position: Position) -> float:
    # The processor's time, not the clock's: other programs are none of the text's doing.
    began = time.process_time()
    locate(text, exact, prefix, suffix, position)
    return time.process_time() - began


def hard(chance: random.Random) -> Iterator[tuple[str, Hard]]:
    """Yield texts of 2,000,000 characters that are made to take long."""
    size = LARGEST
    few = "".join(chance.choices("ab", k=size))
    han = "".join(chance.choices("你好我是中国", k=size))
    wild = "".join(map(chr, chance.choices(range(0x20, 0x30000), k=size)))
    near = "He saw the wrlod in the big blue see of yesterday. " * (size // 51)
    yield "one letter", ("a" * size, "a" * 999 + "b" + "a" * 1000, "a" * 64, "a" * 64)
    yield "two in turn", ("ab" * (size // 2), "ba" * 900 + "bb", "ab" * 32, "ab" * 32)
    yield "two letters", (few, few[5000:6999] + "c", few[4936:5000], few[7000:7064])
    yield "six letters", (han, han[5000:7000][::-1], han[4936:5000], han[7000:7064])
    yield "any characters", (wild, wild[5000:6999] + "c", wild[4936:5000], wild[7000:7064])
    yield "near misses", (near, "wrold", near[-64:].strip() + " He saw the ", " in the big red")
    yield "lines of a letter", ("a\n" * (size // 2), "a\na\na b" * 280, "a\n" * 32, "\na" * 32)
    yield "white space", (" " * (size - 1) + "x", "x x", " " * 64, " " * 64)
    yield "line feeds", ("x" + "\n" * (size - 1), "x\n" * 900, "\n" * 64, "\n" * 64)
    yield "marks", ("\u0301" * (size - 1) + "a", "\u0301" * 2000, "\u0301" * 64, "\u0301" * 64)


def measured(pages: Sequence[Page], seed: int) -> tuple[Table, bool]:
    """Time it all; give the table, and whether the bars are passed."""
    chance = random.Random(seed)
    times = looks(long_article(pages, chance), chance)
    p95 = times[len(times) * 95 // 100]
    slowest, name = max(
        (_seconds(*case, Position(LARGEST // 2, LARGEST // 2 + len(case[1]), LARGEST - 7)), name)
        for name, case in hard(chance)
    )
    rows = [
        _row(f"{LONG:,} characters, p50", times[len(times) // 2], None),
        _row(f"{LONG:,} characters, p95", p95, BAR_LONG),
        _row(f"{LONG:,} characters, slowest", times[-1], None),
        _row(f"{LARGEST:,} hard ones, slowest: {name}", slowest, BAR_LARGEST),
    ]
    passed = p95 <= BAR_LONG and slowest <= BAR_LARGEST
    return Table("Time of a look", ("", "ms", "bar", ""), rows), passed


def _row(name: str, seconds: float, bar: float | None) -> tuple[str, str, str, str]:
    if bar is None:
        return name, f"{seconds * 1000:.1f}", "", ""
    passed = "pass" if seconds <= bar else "MISSED"
    return name, f"{seconds * 1000:.1f}", f"≤ {bar * 1000:,.0f}", passed
