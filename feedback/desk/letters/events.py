"""Events as programs hear of them, by webhooks: a model for each, and so their JSON schemas.

The names of Standard Webhooks: an event's `type`, when it happened, and its `data`. What they are
about is put as the API puts it, as it is when the event is told.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from feedback import sites
from feedback.delivery.models import Happening
from feedback.desk.bodies import Article, Body, Decision, Moment, Report, Spot


class Site(Body):
    """A publication."""

    id: int
    name: str

    @classmethod
    def of(cls, site: sites.Site) -> "Site":
        """Give a site."""
        return cls(id=site.id, name=site.name)


class Reported(Body):
    """A reader's report, and the spot that it is on."""

    site: Site
    spot: Spot
    report: Report


class Concluded(Body):
    """A decision, and the spot that it is on."""

    site: Site
    spot: Spot
    decision: Decision


class Edited(Body):
    """An article whose text is not what it was."""

    site: Site
    article: Article


class Tried(Body):
    """Nothing happened: somebody tries whether events arrive."""

    site: Site
    by: str = Field(description="Who does.")


class Event(Body):
    """Something that happened."""

    timestamp: Moment = Field(description="When it happened.")


class Opened(Event):
    """A reader points at a place that nobody pointed at before."""

    type: Literal[Happening.OPENED]
    data: Reported


class Grew(Event):
    """One more reader points at a spot. Of several at once the newest is told."""

    type: Literal[Happening.GREW]
    data: Reported


class Decided(Event):
    """Somebody decided on a spot, or took a decision back that was told before."""

    type: Literal[Happening.DECIDED]
    data: Concluded


class Fixed(Event):
    """A spot is fixed: an editor says so, or the article does. Told besides `spot.decided`."""

    type: Literal[Happening.FIXED]
    data: Concluded


class Returned(Event):
    """A spot waits again by itself: its words are back in the article, or its time is over.

    Told besides `spot.decided`.
    """

    type: Literal[Happening.RETURNED]
    data: Concluded


class Changed(Event):
    """A look at an article found another text than the one before."""

    type: Literal[Happening.CHANGED]
    data: Edited


class Test(Event):
    """Somebody at the desk tries whether events arrive. It is sent whatever a webhook hears of."""

    type: Literal["test"]
    data: Tried


#: The model of each event.
EVENTS: Mapping[Happening, type[Event]] = {
    Happening.OPENED: Opened,
    Happening.GREW: Grew,
    Happening.DECIDED: Decided,
    Happening.FIXED: Fixed,
    Happening.RETURNED: Returned,
    Happening.CHANGED: Changed,
}
