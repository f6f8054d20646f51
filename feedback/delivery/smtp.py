"""SMTP (RFC 5321): one mail to one recipient, and what a server's answers mean for its letter.

What is about the recipient holds up nobody else; what is about the server lets all mail rest.

| answer | the letter |
|---|---|
| 4xx, a hang-up, silence, no certificate to trust, no sign-in | is tried again |
| 5xx to the recipient, such as no such mailbox | dies, and its carrier is switched off |
| 5xx to the sender or the text | dies |
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Timer
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from feedback.delivery.contract import SAID, NotTaken, Taken

#: Longest silence, and longest time for everything once there is a connection, in seconds.
SILENCE = 20.0
TOTAL = 60.0
_TOO_SLOW = "the mail server was too slow"
#: How long a good-bye may take: the mail is taken by then.
_GOODBYE = 2.0

_PORTS = {"smtp": 587, "smtps": 465}
#: The server wants another sign-in: nothing is wrong with the letter (RFC 4954, 6).
_SIGN_IN = frozenset({530, 534, 535, 538})
_CLOSING = 421
_FULL = 552
_FAILED = 554
#: The enhanced status of a refusal (RFC 3463).
_ENHANCED = re.compile(r"[45]\.(\d{1,3})\.(\d{1,3})\b")

Tls = Literal["off", "offered", "required"]


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server, as `FEEDBACK_SMTP_URL` names it."""

    host: str
    port: int
    #: Encrypted from the first byte; else by STARTTLS, as `tls` says.
    implicit: bool
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def read(cls, url: str) -> "Server":
        """Read an address that the settings took.

        STARTTLS is used where it is offered; with a password it must be.
        """
        parts = urlsplit(url)
        user = unquote(parts.username or "")
        asked = parse_qs(parts.query).get("tls", [""])[0]
        tls: Tls = "required" if user else "offered"
        if asked in {"off", "offered", "required"}:
            tls = asked  # type: ignore[assignment]  # one of them
        return cls(
            host=parts.hostname or "",
            port=parts.port or _PORTS[parts.scheme],
            implicit=parts.scheme == "smtps",
            tls=tls,
            user=user,
            password=unquote(parts.password or ""),
        )


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it goes out."""

    sender: str
    recipient: str
    #: ASCII, with CRLF; but for an address in the head that has other letters.
    data: bytes

    @property
    def international(self) -> bool:
        """Whether an address has letters that only some servers take (RFC 6531)."""
        return not (self.sender + self.recipient).isascii()


def send(server: Server, mail: Mail, *, name: str, ca_bundle: str | None = None) -> Taken:
    """Give a mail to a server, or raise NotTaken. Nothing else is raised.

    `name`: what we call ourselves. `ca_bundle`: a PEM file to trust instead of the system's
    authorities.
    """
    with _plainly():
        return _converse(server, mail, name, ssl.create_default_context(cafile=ca_bundle))


def knock(server: Server, *, name: str, ca_bundle: str | None = None) -> bool:
    """Connect and sign in as `send` does, and send nothing; tell whether it was encrypted.

    Raises NotTaken, and nothing else.
    """
    with _plainly():
        context = ssl.create_default_context(cafile=ca_bundle)
        with _entered(server, name, context) as client:
            return isinstance(client.sock, ssl.SSLSocket)


@contextmanager
def _plainly() -> Iterator[None]:
    """Say whatever is wrong as NotTaken."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, _text(error.smtp_error)) from None
    except smtplib.SMTPServerDisconnected as error:
        slow = "timed out" in str(error)
        raise NotTaken(_TOO_SLOW if slow else "the mail server hung up") from None
    except ssl.SSLCertVerificationError as error:
        text = f"the mail server's certificate is not trusted: {error.verify_message}"
        raise NotTaken(text) from None
    except TimeoutError:
        raise NotTaken(_TOO_SLOW) from None
    except (smtplib.SMTPException, ValueError) as error:
        raise NotTaken(f"the mail server cannot be used: {error}") from None
    except OSError as error:
        raise NotTaken(f"the mail server cannot be reached: {error.strerror or error}") from None


def _converse(server: Server, mail: Mail, name: str, context: ssl.SSLContext) -> Taken:
    with _entered(server, name, context) as client:
        _hand_over(client.mail(mail.sender, _options(client, mail)))
        _hand_over(client.rcpt(mail.recipient), recipient=True)
        return Taken(*_hand_over(client.data(mail.data)))


@contextmanager
def _entered(server: Server, name: str, context: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    """Connect, encrypted where it should be, and sign in."""
    with _connected(server, name, context) as client:
        _secure(client, server, context)
        if server.user:
            client.login(server.user, server.password)
        yield client


@contextmanager
def _connected(server: Server, name: str, context: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    """Connect, and hang up at the end; what takes too long as a whole is cut off."""
    client = (
        smtplib.SMTP_SSL(context=context, timeout=SILENCE, local_hostname=name)
        if server.implicit
        else smtplib.SMTP(timeout=SILENCE, local_hostname=name)
    )
    client._host = server.host  # type: ignore[attr-defined]  # noqa: SLF001 -- what TLS checks
    late = _Late(client)
    try:
        _hand_over(client.connect(server.host, server.port), greeting=True)
        client.ehlo_or_helo_if_needed()
        yield client
        late.stop()
        with suppress(OSError, smtplib.SMTPException):
            client.sock.settimeout(_GOODBYE)  # type: ignore[union-attr]  # it is connected
            client.quit()
    except (OSError, smtplib.SMTPException):
        if late.came:
            raise TimeoutError from None
        raise
    finally:
        late.stop()
        client.close()


class _Late:
    """Cuts a connection off that takes too long: a server that drips is never silent."""

    def __init__(self, client: smtplib.SMTP) -> None:
        self.came = False
        self._client = client
        self._timer = Timer(TOTAL, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _cut(self) -> None:
        self.came = True
        sock = self._client.sock
        if sock is not None:
            with suppress(OSError):
                # Of the socket beneath TLS, which another thread is using.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def stop(self) -> None:
        self._timer.cancel()


def _secure(client: smtplib.SMTP, server: Server, context: ssl.SSLContext) -> None:
    if server.implicit or server.tls == "off":
        return
    if client.has_extn("starttls"):
        client.starttls(context=context)
        client.ehlo()
    elif server.tls == "required":
        raise NotTaken(
            "the mail server offers no encryption (STARTTLS); use its smtps:// port, or add "
            "?tls=off to FEEDBACK_SMTP_URL if nobody else can listen"
        )


def _options(client: smtplib.SMTP, mail: Mail) -> list[str]:
    """Give what MAIL says besides the sender. Raises NotTaken."""
    options = [f"size={len(mail.data)}"] if client.has_extn("size") else []
    if not mail.international:
        return options
    if not client.has_extn("smtputf8"):
        text = "the mail server takes no address with letters beyond ASCII (SMTPUTF8)"
        raise NotTaken(text, permanent=True)
    return [*options, "SMTPUTF8", "BODY=8BITMIME"]


def _hand_over(
    answer: tuple[int, bytes], *, greeting: bool = False, recipient: bool = False
) -> tuple[int, str]:
    """Go on after a good answer. Raises NotTaken."""
    code, said = answer[0], _text(answer[1])
    if 200 <= code < 300:
        return code, said
    if greeting and code >= 500:
        raise NotTaken(said or "the mail server sends us away", status=code)
    raise _refusal(code, said, recipient=recipient)


def _refusal(code: int, said: str, *, recipient: bool = False) -> NotTaken:
    """Say what an answer means that is no success."""
    said = said or f"the mail server answers {code}"
    if not 500 <= code < 600 or code in _SIGN_IN:
        status = code if code > 0 else None
        return NotTaken(said, status=status, resting=not recipient or code == _CLOSING)
    if not recipient:
        return NotTaken(said, status=code, permanent=True)
    enhanced = _ENHANCED.match(said)
    kind = (int(enhanced[1]), int(enhanced[2])) if enhanced else None
    if code == _FULL or kind == (2, 2):  # RFC 5321, 4.5.3.1.10: as if it were 452
        return NotTaken(said, status=code, resting=False)
    return NotTaken(said, status=code, permanent=True, gone=_no_such(code, kind))


def _no_such(code: int, kind: tuple[int, int] | None) -> bool:
    """Tell whether a mailbox is not there, or what was sent is only not wanted."""
    if kind is None:
        return code != _FAILED
    return kind[0] == 1 or kind in {(2, 0), (2, 1)}


def _text(said: bytes | str) -> str:
    """Give an answer as a line of text that every database takes."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    shown = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(shown.split())[:SAID]
