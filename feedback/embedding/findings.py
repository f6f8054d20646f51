"""Findings: what an examination says, each with its remedy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Mark(StrEnum):
    """What a finding means."""

    GOOD = "ok"
    NOTE = "note"
    BAD = "BAD"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and what to do about it."""

    mark: Mark
    #: In English, with `%(name)s` for each value: so it can be looked up in another language.
    message: str
    values: Mapping[str, str] = field(default_factory=dict)
    #: What to add or change, exactly; the message leads up to it.
    line: str = ""

    @property
    def text(self) -> str:
        """The message with its values."""
        return self.message % self.values if self.values else self.message


def good(message: str, **values: str) -> Finding:
    """Say what is well."""
    return Finding(Mark.GOOD, message, values)


def note(message: str, line: str = "", **values: str) -> Finding:
    """Say what works and could be better."""
    return Finding(Mark.NOTE, message, values, line)


def bad(message: str, line: str = "", **values: str) -> Finding:
    """Say what keeps readers from reporting."""
    return Finding(Mark.BAD, message, values, line)
