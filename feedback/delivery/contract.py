"""What a notifier is: it takes one letter to one far end, and says what came of it.

A notifier knows no database. It is given a `Parcel` and an `Office`; it gives `Taken`, or raises
`NotTaken`. A letter may come to it again after it was taken: its `uid` is the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any, Protocol
from uuid import UUID

from feedback.config import Settings
from feedback.delivery.wishes import Wishes
from feedback.outbound import Policy, user_agent

#: Longest answer of a far end that is kept, in characters.
SAID = 2000


@dataclass(frozen=True, slots=True)
class Parcel:
    """A letter on its way."""

    uid: UUID
    #: A happening, or `digest`, `alarm`, `answer`, `notice`, `test`.
    kind: str
    #: When it was written.
    at: datetime
    body: Mapping[str, Any]
    address: str
    #: What it is signed with: the newest first.
    secrets: tuple[str, ...]
    wishes: Wishes
    #: The carrier's id, for links that concern it.
    carrier_id: int


@dataclass(frozen=True, slots=True)
class Office:
    """What this installation sends with."""

    policy: Policy
    base_url: str
    #: Signs links.
    secret: str
    #: `smtp://` or `smtps://`; empty where no mail is sent.
    smtp_url: str = ""
    #: An address, or a name and `<address>`; empty for one at the host of `base_url`.
    mail_from: str = ""

    @classmethod
    def of(cls, settings: Settings) -> "Office":
        """Give what the settings say."""
        agent = user_agent(version("reader-feedback"), settings.base_url)
        policy = Policy(user_agent=agent, allow=frozenset(settings.fetch_allow))
        return cls(
            policy=policy,
            base_url=settings.base_url,
            secret=settings.secret,
            smtp_url=settings.smtp_url.get_secret_value(),
            mail_from=settings.mail_from,
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """The far end has the letter."""

    status: int | None = None
    said: str = ""


class NotTaken(Exception):
    """The far end has not taken a letter; the message says why."""

    def __init__(
        self,
        said: str,
        *,
        status: int | None = None,
        permanent: bool = False,
        gone: bool = False,
        retry_after: float | None = None,
        resting: bool = True,
    ) -> None:
        super().__init__(said)
        self.said = said[:SAID]
        self.status = status
        #: Trying this letter again is of no use.
        self.permanent = permanent or gone
        #: No letter will ever be taken there: the carrier is switched off.
        self.gone = gone
        #: Seconds after which the far end wants to be asked again.
        self.retry_after = retry_after
        #: Whether the trouble is the far end's, so that its other letters wait as well.
        self.resting = resting


class BadTarget(ValueError):
    """An address that this means cannot take; the message says what to write instead."""


class Notifier(Protocol):
    """What takes letters to one kind of far end."""

    def check(self, address: str, office: Office) -> str:
        """Give the address as it is kept. Raises BadTarget."""

    def send(self, parcel: Parcel, office: Office) -> Taken:
        """Take a letter to its far end, or raise NotTaken. Nothing else is raised."""
