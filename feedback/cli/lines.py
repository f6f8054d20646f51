"""Log lines: each event begins one, and nothing that comes from outside begins another."""

import logging
import time

from feedback.cli.records import Discreet


class Lines(Discreet):
    """Writes an event as a line; what else belongs to it, as a traceback does, is set in.

    Paths, far ends and the messages of errors hold what strangers wrote. What is not printable of
    it is written as an escape, so that nobody writes events of their own or turns a terminal's
    colours. Times are UTC, whatever the machine's zone is.
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Give the line, and those that are set in below it."""
        return "\n  ".join(map(_shown, super().format(record).splitlines()))


def _shown(line: str) -> str:
    """Give a line with what is not printable as an escape."""
    if line.isprintable():
        return line
    return "".join(
        char if char.isprintable() or char == "\t" else ascii(char)[1:-1] for char in line
    )
