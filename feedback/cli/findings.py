"""Findings: what the doctor says, a line each."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """What a finding means."""

    GOOD = "ok  "
    NOTE = "note"
    BAD = "BAD "


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and what to do about it."""

    mark: Mark
    text: str
