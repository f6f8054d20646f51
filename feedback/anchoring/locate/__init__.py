"""Where is this quote now? Still there, changed, gone; what stands in its place."""

from feedback.anchoring.locate.finding import locate
from feedback.anchoring.locate.loose import stands
from feedback.anchoring.locate.sighting import Placed, Position, Presence, Sighting

__all__ = ["Placed", "Position", "Presence", "Sighting", "locate", "stands"]
