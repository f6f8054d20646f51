"""From a quote and its context to its place in an article as it is now."""

from feedback.anchoring.locate.sighting import Placed, Presence, Sighting, placed


def locate(
    text: str, exact: str, prefix: str = "", suffix: str = "", position: Placed = None
) -> Sighting:
    """Find where a quote stands now in `text`, the normal text of an article."""
    if not any(map(str.isalnum, text)):
        return Sighting(Presence.UNVERIFIABLE)
    place = placed(position, len(exact))
    near = place.start if place else 0
    for needle in (prefix + exact + suffix, exact):
        hits = [n for n in range(len(text)) if text.startswith(needle, n)]
        if hits:
            skip = len(prefix) if needle != exact else 0
            start = min(hits, key=lambda n: abs(n + skip - near)) + skip
            return Sighting(Presence.STILL, start, start + len(exact), exact)
    return Sighting(Presence.GONE)
