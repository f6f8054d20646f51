"""Faults: why an address cannot be or a letter was not taken, in the language of who reads it.

Where it goes wrong it is said in English, with what is particular put in: that is kept, logged and
said on the command line. Here each such sentence is known by its shape and said again, in the
language of the page or the mail. What a far end says itself stays as it is.
"""

import re
from collections.abc import Iterator

from flask_babel import gettext


class Sentence:
    """A sentence of ours, with a place, `%(name)s`, for each of its values."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._shape = re.compile("".join(_shape(text)))

    def values(self, said: str) -> dict[str, str] | None:
        """Give the values that it was said with; None where this is another sentence."""
        found = self._shape.fullmatch(said)
        return found.groupdict() if found else None


def _shape(text: str) -> Iterator[str]:
    for index, part in enumerate(re.split(r"%\((\w+)\)s", text)):
        yield f"(?P<{part}>.*?)" if index % 2 else re.escape(part)


#: What goes wrong; of two that fit, the first.
SENTENCES = (
    # Mail
    Sentence("this installation sends no mail yet: set FEEDBACK_SMTP_URL"),
    Sentence("this installation sends no mail: set FEEDBACK_SMTP_URL"),
    Sentence("this is not one mail address; write name@paper.example"),
    Sentence("there can be no domain %(domain)s"),
    Sentence("the mail server was too slow"),
    Sentence("the mail server hung up"),
    Sentence("the mail server sends us away"),
    Sentence("the mail server's certificate is not trusted: %(detail)s"),
    Sentence("the mail server cannot be used: %(detail)s"),
    Sentence("the mail server cannot be reached: %(detail)s"),
    Sentence(
        "the mail server offers no encryption (STARTTLS); use its smtps:// port, or add ?tls=off "
        "to FEEDBACK_SMTP_URL if nobody else can listen"
    ),
    Sentence("the mail server takes no address with letters beyond ASCII (SMTPUTF8)"),
    Sentence("Whoever gets this mail has stopped it."),
    # Webhooks
    Sentence(
        "a webhook's address begins with https://; if this one is within your own network, "
        "add %(pair)s to FEEDBACK_FETCH_ALLOW"
    ),
    Sentence("there is no secret to sign with; make a new secret for this webhook"),
    Sentence("the secret is not whsec_ and Base64; make a new secret for this webhook"),
    Sentence("the far end answers 410 Gone: it wants no letters any more"),
    Sentence("the far end answers %(status)s"),
    Sentence(
        "the address redirects to %(place)s; no redirect is followed: put the new address in its "
        "place"
    ),
    Sentence("the address redirects; no redirect is followed: put the new address in its place"),
    # Chats
    Sentence(
        "this is no address of a chat that is served; for a program of your own add a webhook"
    ),
    Sentence(
        "%(scheme)s:// is none of the chats that are served; there are slack, tgram, discord, "
        "matrixs, a Teams workflow, and %(others)s"
    ),
    Sentence(
        "a Slack address is that of an incoming webhook, "
        "https://hooks.slack.com/services/T…/B…/…, or slack://xoxb-TOKEN/CHANNEL"
    ),
    Sentence("a Telegram address is tgram://BOT_TOKEN/CHAT_ID; a group’s id begins with -"),
    Sentence("a Discord address is that of a webhook: https://discord.com/api/webhooks/ID/TOKEN"),
    Sentence(
        "a Matrix address is matrixs://ACCESS_TOKEN@HOMESERVER/!ROOM:SERVER, or with #ALIAS:SERVER"
    ),
    Sentence("write matrixs://: without TLS whoever listens has the access token"),
    Sentence("a Teams address is that of a workflow, as Teams shows it: https://…"),
    Sentence("a Teams address begins with https://"),
    Sentence("this is no Telegram address"),
    Sentence("this is no Matrix address"),
    Sentence("this is no address of Slack"),
    Sentence("the service answers %(status)s"),
    Sentence("the press is too old to be answered"),
    Sentence(
        "this chat needs Apprise, which is not there; install it: pip install "
        "'reader-feedback[chat]'"
    ),
    Sentence("Apprise cannot read this address; see https://appriseit.com/services/"),
    Sentence("Apprise does not take this address: %(detail)s"),
    Sentence("Apprise says that it was taken"),
    Sentence("the service did not take it; Apprise says no more"),
    # All of them
    Sentence("it could not be put for its far end; see the log"),
    Sentence("letters by %(means)s need the module %(module)s"),
    Sentence("This is a copy, restored to see whether that works."),
    # Addresses
    Sentence("only http and https addresses are fetched"),
    Sentence("the address holds a name or a password; leave it out"),
    Sentence("this is no address that can be fetched: %(why)s"),
    Sentence("it names no host"),
    Sentence("its port is not between 1 and 65535"),
    Sentence("it is longer than %(most)s characters"),
    Sentence("it holds a control character, a backslash or a space at its end"),
    Sentence("its host cannot be read"),
    Sentence("its host is neither a name nor a number"),
    Sentence("its host is longer than %(most)s characters"),
    Sentence("its host is not a name that can be registered"),
    Sentence("its host is not four decimal numbers"),
    Sentence("its host is not an IPv6 address"),
    Sentence(
        "port %(port)s of %(host)s is not fetched; if it should be, add %(pair)s to "
        "FEEDBACK_FETCH_ALLOW"
    ),
    Sentence(
        "%(host)s is %(kind)s and only public ones are fetched; if it should be, add %(pair)s to "
        "FEEDBACK_FETCH_ALLOW"
    ),
    # The network
    Sentence("there is no host named %(host)s, as far as the DNS tells"),
    Sentence("looking up %(host)s took too long"),
    Sentence("%(host)s took no connection in time"),
    Sentence("%(host)s takes no connection (%(detail)s)"),
    Sentence("no secure connection to %(host)s: %(detail)s"),
    Sentence("%(host)s was silent for too long"),
    Sentence("the whole took longer than %(seconds)s s"),
    Sentence("%(host)s hung up or sent no valid HTTP (%(detail)s)"),
    Sentence("the body is larger than %(most)s bytes"),
    Sentence("the far end sent more than is taken"),
    Sentence("the far end sent a body compressed more than once"),
)


def put(said: str) -> str:
    """Say again, in the language of the reader, what was said where it went wrong.

    Only a first line is ours: below it stands what the far end says.
    """
    first, line_break, rest = said.partition("\n")
    for sentence in SENTENCES:
        values = sentence.values(first)
        if values is not None:
            own = {name: put(value) if name == "why" else value for name, value in values.items()}
            return str(gettext(sentence.text, **own)) + line_break + rest
    return said
