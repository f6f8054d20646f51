"""Links from a spot to its place in the article."""

from functools import lru_cache

from feedback.anchoring import fragment
from feedback.reports.models import Spot


def to(spot: Spot) -> str:
    """Give the article's address with a text fragment that brings the quote into view.

    As the last look found it; before one did, from the quote with its context.
    """
    if spot.place:
        return f"{spot.article.address}#{spot.place}"
    return f"{spot.article.address}#{_directive(spot.prefix, spot.exact, spot.suffix)}"


@lru_cache(maxsize=1000)
def _directive(prefix: str, exact: str, suffix: str) -> str:
    """Work it out once: a queue is looked at again and again, and mostly has the same rows."""
    start = len(prefix)
    return fragment(prefix + exact + suffix, start, start + len(exact))
