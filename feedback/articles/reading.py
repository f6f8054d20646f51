"""Reading a page in a process of its own, which may be slow, swell or crash."""

from dataclasses import dataclass

from feedback.articles.page import Page


class Unreadable(Exception):
    """Nothing could be read from a page: the message says what went wrong."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one page may cost."""

    seconds: float = 10.0  #: of the clock, the start of the process included
    memory: int = 512 * 1024 * 1024  #: bytes of address space, where the system can tell


def read_apart(
    body: bytes, charset: str | None, address: str, limits: Limits | None = None
) -> Page:
    """Read a page as `page.read` does, within limits. Raises Unreadable."""
    raise NotImplementedError
