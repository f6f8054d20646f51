"""Where text stands: the normal text of an article and the ways to a spot in it.

Pure: no database, no network, no Flask.
"""

from feedback.anchoring.links import fragment, place
from feedback.anchoring.locate import Position, Presence, Sighting, locate
from feedback.anchoring.normal import NormalText, normalize

__all__ = [
    "NormalText",
    "Position",
    "Presence",
    "Sighting",
    "fragment",
    "locate",
    "normalize",
    "place",
]
