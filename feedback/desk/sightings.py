"""Sightings: what an article's newest revision says of its spots."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from feedback.anchoring import NormalText
from feedback.anchoring.grouping import CONTEXT, Passage, focus
from feedback.anchoring.links import place
from feedback.anchoring.locate import Position, Presence, Sighting, locate
from feedback.articles.models import Revision
from feedback.reports.models import Spot

#: A page with less than this part of the text that readers saw was not had whole: it is built by
#: scripts, or stands behind a wall.
_WHOLE = 0.5

_FOUND = frozenset({Presence.STILL, Presence.CHANGED})


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look says of a spot, ready to be kept."""

    presence: Presence
    #: What stands at its place, where that is not its quote.
    reads: str
    #: Where its place is in the text, in code points; None where it was not found.
    span: tuple[int, int] | None
    #: What changes with it: where the spot is, and what leads there.
    values: Mapping[str, Any]


def see(normal: NormalText, spots: Iterable[Spot], known_id: int | None = None) -> dict[int, Seen]:
    """Look for spots in a text, by their ids. Neither reads the database nor writes it.

    `known_id` is the revision that has this text, if one has: what was seen in it stands.
    """
    return {spot.id: _again(normal.text, spot, known_id) or _seen(normal, spot) for spot in spots}


def _again(text: str, spot: Spot, known_id: int | None) -> Seen | None:
    """Give what the last look saw in the same text; None where that was not kept."""
    if known_id is None or spot.seen_id != known_id:
        return None
    if spot.presence not in _FOUND:
        return Seen(spot.presence, spot.reads, None, {})
    there = spot.exact if spot.presence is Presence.STILL and not spot.reads else spot.reads
    if not text.startswith(spot.prefix + there + spot.suffix, spot.start - len(spot.prefix)):
        return None
    return Seen(spot.presence, spot.reads, (spot.start, spot.start + len(there)), {})


def _seen(normal: NormalText, spot: Spot) -> Seen:
    """Look for a spot. What is not beyond doubt leaves its context as it was."""
    text = normal.text
    sighting = _sighted(text, spot)
    if sighting.presence is Presence.GONE and not _verifiable(text, spot):
        return Seen(Presence.UNVERIFIABLE, "", None, {})
    reads = "" if sighting.text == spot.exact else sighting.text or ""
    if sighting.presence not in _FOUND or sighting.start is None or sighting.end is None:
        return Seen(sighting.presence, reads, None, {})
    span = (sighting.start, sighting.end)
    values: dict[str, Any] = {"place": place(normal, *span)}
    if sighting.sure:
        values |= _standing(text, spot, *span)
    return Seen(sighting.presence, reads, span, values)


def _sighted(text: str, spot: Spot) -> Sighting:
    """Look for a spot; it is still there while the words that are wrong stand in what changed."""
    passage = Passage(spot.exact, spot.prefix, spot.suffix, spot.start, spot.end, spot.length)
    whole = _located(text, passage)
    wrong = focus(passage, spot.correction)
    if whole.presence is not Presence.CHANGED or wrong is None:
        return whole
    part = _located(text, wrong)
    if part.presence is Presence.STILL and _overlap(whole, part):
        return Sighting(Presence.STILL, whole.start, whole.end, whole.text, sure=whole.sure)
    return whole


def _located(text: str, passage: Passage) -> Sighting:
    position = Position(passage.start, passage.end, passage.length)
    return locate(text, passage.exact, passage.prefix, passage.suffix, position)


def _overlap(one: Sighting, other: Sighting) -> bool:
    ends = (one.start, one.end, other.start, other.end)
    start, end, from_, to = (-1 if each is None else each for each in ends)
    return start <= from_ and to <= end


def _verifiable(text: str, spot: Spot) -> bool:
    """Tell whether this text can tell that a passage is gone: it held it, and is no mere part."""
    return spot.stood_id is not None and len(text) >= spot.length * _WHOLE


def _standing(text: str, spot: Spot, start: int, end: int) -> dict[str, Any]:
    """Give a spot's place and context as they are now, around its quote as if that stood there."""
    size = len(spot.exact)
    return {
        "start": start,
        "end": start + size,
        "length": len(text) - (end - start) + size,
        "prefix": text[max(0, start - CONTEXT) : start],
        "suffix": text[end : end + CONTEXT],
    }


def apply(spot: Spot, seen: Seen, revision: Revision) -> None:
    """Keep what a look says of a spot."""
    agrees = (spot.presence, spot.reads) == (seen.presence, seen.reads)
    spot.looks = spot.looks + 1 if agrees else 1
    spot.presence, spot.reads = seen.presence, seen.reads
    for name, value in seen.values.items():
        setattr(spot, name, value)
    spot.seen_id = revision.id
    if seen.presence is Presence.STILL:
        spot.stood_id = revision.id
