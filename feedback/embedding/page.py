"""A page as it came: from where, under which headers, with what markup."""

from dataclasses import dataclass

from feedback import addresses
from feedback.embedding.markup import Markup
from feedback.outbound import Answer

#: How many policies are looked at: nobody has more who means well.
_POLICIES = 50


@dataclass(frozen=True, slots=True)
class Stated:
    """A Content-Security-Policy, and where it stands."""

    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page that a site's owner asks about."""

    url: str
    policies: tuple[Stated, ...]
    #: Whether it takes from other origins only what says it may be taken.
    isolated: bool
    markup: Markup

    @classmethod
    def of(cls, answer: Answer, markup: Markup) -> "Page":
        """Make it of what a server answered and what was read from that."""
        header = answer.headers.get("content-security-policy", "")
        stated = [Stated(text, "header") for text in header.split(",")]  # of several headers too
        stated += [Stated(text, "<meta>") for text in markup.policies]
        embedder = answer.headers.get("cross-origin-embedder-policy", "")
        isolated = embedder.partition(";")[0].strip().lower() == "require-corp"
        policies = tuple(policy for policy in stated if policy.text.strip())
        return cls(answer.url, policies[:_POLICIES], isolated, markup)

    @property
    def origin(self) -> str:
        """The origin that a browser sends for this page."""
        return addresses.parse(self.url).origin
