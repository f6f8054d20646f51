"""A message as all chats have it, before any of them encodes it: lines of runs, and buttons.

What readers wrote is marked as theirs. Each chat escapes every run in its own way; from theirs is
taken besides what clients make links of by themselves: addresses, names, tags, commands.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

#: Stands unseen where it parts what a client would make one thing of (U+2060, word joiner).
JOINER = "\u2060"
#: Longest address that a link has, in characters: a longer one is left out.
_LONGEST_LINK = 1000

#: Controls, and what turns the direction of all that follows.
_UNRULY = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
#: What an address, a name, a tag or a command cannot be without; the next run may go on with it.
_HINGE = re.compile(r"([@#$/:.\u3002\uff0e\uff20\uff0f])(?!\s)")


class Look(StrEnum):
    """How a run stands out."""

    PLAIN = "plain"
    STRONG = "strong"
    STRUCK = "struck"


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one look."""

    text: str
    look: Look = Look.PLAIN
    #: Where it leads; empty for nowhere.
    link: str = ""

    @property
    def leads(self) -> bool:
        """Whether it is a link that can be shown."""
        return bool(
            self.text.strip()
            and len(self.link) <= _LONGEST_LINK
            and re.fullmatch(r"https?://[^\s\"'<>|\\^`{}\x00-\x20]+", self.link)
        )


Line = tuple[Run, ...]


class Press(StrEnum):
    """What a button is for, by its letter."""

    ACCEPT = "a"
    FIX = "f"
    #: Asks for the reason, and goes back to what can be decided.
    REJECT = "r"
    BACK = "b"
    #: Rejects for a reason, by its place among the site's.
    REASON = "x"


@dataclass(frozen=True, slots=True)
class Button:
    """A button: it leads to a page, or says what was pressed."""

    label: str
    link: str = ""
    #: What comes back when it is pressed; empty for a link.
    data: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is told, with what can be done about it."""

    lines: tuple[Line, ...]
    buttons: tuple[Button, ...] = ()
    #: The spot that it is about; 0 where it is about none.
    spot_id: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """What is told."""

    head: Line
    items: tuple[Item, ...] = ()
    #: How many more there are, told or not.
    more: int = 0
    #: Where the rest is.
    link: str = ""
    #: Says `more`, for a number.
    rest: Callable[[int], str] = str

    @property
    def foot(self) -> Line:
        """What the last line says: how many more there are."""
        return (Run(f"…, {self.rest(self.more)}", link=self.link),) if self.more else ()


def tidy(text: str, most: int) -> str:
    """Give a text on one line, cut to `most` characters, without what commands a terminal."""
    line = " ".join(_UNRULY.sub(" ", text).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def spaced(text: str, most: int) -> str:
    """Give a text as `tidy` does, with a space at either end where it had one."""
    line = tidy(text, most)
    before = " " if text[:1].isspace() else ""
    after = " " if line and text[-1:].isspace() else ""
    return f"{before}{line}{after}"


def defused(text: str) -> str:
    """Give a text of which no client makes links, mentions, tags or commands."""
    return _HINGE.sub(rf"\1{JOINER}", text)


def theirs(text: str, most: int, look: Look = Look.PLAIN, link: str = "") -> Run:
    """Give a run of what somebody outside wrote."""
    return Run(defused(spaced(text, most)), look, link)


#: Marks that a chat might take for formatting, and what looks like them.
_ALIKE = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ", "<": "‹", ">": "›", "|": "∣"})


def alike(text: str) -> str:
    """Give a text with look-alikes for all that a chat might take for formatting.

    For where nothing can be escaped.
    """
    return text.translate(_ALIKE)


def fitted(message: Message, fits: Callable[[Message], bool]) -> Message:
    """Give as much of a message as fits: with fewer items, then without their details."""
    return next((each for each in _shorter(message) if fits(each)), replace(message, items=()))


def _shorter(message: Message) -> Iterator[Message]:
    total = message.more + len(message.items)
    for count in range(len(message.items), 0, -1):
        yield replace(message, items=message.items[:count], more=total - count)
    for first in message.items[:1]:
        yield replace(message, items=(replace(first, lines=first.lines[:1]),), more=total - 1)
    yield replace(message, items=(), more=total)


def units(text: str) -> int:
    """Count a text as the services do that count UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
