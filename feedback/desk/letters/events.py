"""Events as programs hear of them, by webhooks: a model for each, and so their JSON schemas.

The names of Standard Webhooks: an event's `type`, when it happened, and its `data`. What they are
about is put as the API puts it, as it is when the event is told.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from feedback import sites
from feedback.anchoring.words import Step
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


class Place(Site):
    """A publication, and its queue at the desk."""

    link: str


class Told(Body):
    """A spot in a digest."""

    happened: Happening = Field(description="What happened to it; of several things the first.")
    spot: Spot
    before: str = Field(description="What stands before its words in their sentence.")
    after: str = Field(description="What stands after them.")
    pieces: list[tuple[Step, str]] = Field(
        description="Its words and their correction: what is kept, taken out, put in."
    )
    comments: list[str] = Field(description="The newest three, each cut.")
    decision: Decision | None = Field(description="The last one; null while it waits.")
    desk: str = Field(description="Its page at the desk.")


class Gathered(Body):
    """What happened since the last digest."""

    site: Place
    waiting: int = Field(description="How many spots wait; 1001 stands for more than 1000.")
    more: int = Field(description="How many spots it does not show.")
    spots: list[Told] = Field(description="At most 20, newest first.")


class Digest(Event):
    """What happened, gathered: to a webhook that does not hear of each event by itself."""

    type: Literal["digest"]
    data: Gathered


class Headline(Body):
    """An article's title and address."""

    title: str
    url: str


class Heap(Body):
    """What piled up."""

    site: Place
    about: Literal["queue", "article"]
    count: int = Field(description="How many new spots wait, or how many reports the article got.")
    hours: int = Field(description="Within how many hours.")
    article: Headline | None = Field(description="The article, if it is about one.")
    link: str = Field(description="To be seen at the desk.")


class Alarm(Event):
    """New spots pile up, or an article gets many reports: to a webhook that wants to know."""

    type: Literal["alarm"]
    data: Heap


#: The model of each event.
EVENTS: Mapping[Happening, type[Event]] = {
    Happening.OPENED: Opened,
    Happening.GREW: Grew,
    Happening.DECIDED: Decided,
    Happening.FIXED: Fixed,
    Happening.RETURNED: Returned,
    Happening.CHANGED: Changed,
}
