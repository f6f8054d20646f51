"""What a chat's service is to us: it knows its own addresses, and how its messages are put."""

from typing import Protocol

from feedback.delivery.contract import Office, Parcel, Taken
from feedback.delivery.notifiers.chat.message import Message

#: The kind of a letter that answers a press: it changes the message that has the button, or says
#: something to who pressed. Its body is as the service's own module made it.
REPLY = "reply"


class Service(Protocol):
    """One service."""

    def check(self, address: str, office: Office, /) -> str | None:
        """Give the address as it is kept, None if it is another's. Raises BadTarget."""

    def send(self, parcel: Parcel, office: Office, message: Message, /) -> Taken:
        """Put a message into a room. Raises NotTaken."""
