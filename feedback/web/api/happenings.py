"""What is sent to webhooks: the document of events, for the programs that hear of them.

https://json-schema.org/draft/2020-12 and https://www.standardwebhooks.com
"""

from collections.abc import Mapping

from feedback.desk.bodies import Body
from feedback.desk.letters import events
from feedback.web.api import drawing, examples
from feedback.web.api.drawing import Schema

_PLACE = "#/$defs/"

#: The model of each event by its `type`; the last ones are sent to who asked for them.
MODELS: Mapping[str, type[Body]] = {
    **{kind.value: model for kind, model in events.EVENTS.items()},
    "digest": events.Digest,
    "alarm": events.Alarm,
    "test": events.Test,
}
HEADERS = {
    "webhook-id": "The same however often this event is sent: what you know it by.",
    "webhook-timestamp": "When it was sent this time, in seconds since 1970.",
    "webhook-signature": "`v1,` and Base64, one for each secret, with spaces between.",
}
ANSWERS = {
    "2XX": "Taken.",
    "410": "You want no events any more: none is sent until the webhook is switched on again.",
    "default": "Not taken: it is sent again later, after `Retry-After` where there is one.",
}


def example(name: str) -> examples.Example:
    """Give an event as it is sent."""
    return examples.EVENTS[name]


def document(base_url: str) -> Schema:
    """Give the document: one schema that every event fits; each has one of its own by its type."""
    called = {model.__name__: name for name, model in MODELS.items()}
    wanted: list[drawing.Wanted] = [(model, "serialization") for model in MODELS.values()]
    references, schemas = drawing.draw(wanted, _PLACE, called)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base_url}/api/v1/events.json",
        "title": "Events of Reader Feedback",
        "description": "What is sent to webhooks. New members may be added to any part, and new "
        "events: pass over what you do not know.",
        "oneOf": list(references.values()),
        "$defs": schemas,
    }
