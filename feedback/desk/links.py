"""Links from a spot to its place in the article."""

from feedback.anchoring import fragment
from feedback.reports.models import Spot


def to(spot: Spot) -> str:
    """Give the article's address with a text fragment that brings the quote into view.

    As the last look found it; before one did, from the quote with its context.
    """
    if spot.place:
        return f"{spot.article.address}#{spot.place}"
    text = spot.prefix + spot.exact + spot.suffix
    start = len(spot.prefix)
    return f"{spot.article.address}#{fragment(text, start, start + len(spot.exact))}"
