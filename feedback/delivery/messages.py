"""Messages: a mail as RFC 5322 has it, whatever stands in its texts.

The head is written here, line by line, of values that are made one line first. Left to the standard
library, a subject that holds an encoded line break (`=?utf-8?q?=0ABcc:...?=`) grows a header.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

#: One address, without comments or quotes; what no header and no command can be added by.
MAILBOX = re.compile(
    r"([^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f-\x9f]+)@([^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f-\x9f]+)"
)

#: Everything but headers; bodies are ASCII on the way, whatever they say.
_POLICY = SMTP.clone(cte_type="7bit", max_line_length=76)
#: Longest line of a head, and how many bytes an encoded word holds within it (RFC 2047, 2).
_LINE, _WORD = 76, 42
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ]*")


@dataclass(frozen=True, slots=True)
class Message:
    """What a mail says, and to whom."""

    #: Bare addresses, and what the sender is called.
    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    #: What it is known by, as long as it is the same mail.
    id: str
    at: datetime
    sender_name: str = ""
    #: More headers: values that are ours, one line of ASCII each.
    headers: Mapping[str, str] = field(default_factory=dict)

    def __bytes__(self) -> bytes:
        """Write it. Twice it is the same."""
        domain = self.sender.rpartition("@")[2]
        head = {
            "Date": format_datetime(self.at),
            "From": _from(self.sender_name, self.sender),
            "To": f"<{self.recipient}>",
            "Subject": said(self.subject, len("Subject: ")),
            "Message-ID": f"<{self.id}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            **self.headers,
        }
        lines = (f"{name}: {value}\r\n" for name, value in head.items())
        return "".join(lines).encode() + self._body()

    def _body(self) -> bytes:
        body = EmailMessage(_POLICY)
        body.set_content(self.text)
        body.add_alternative(self.html, subtype="html")
        body.set_boundary(f"=_{self.id}")
        return body.as_bytes()


def one_line(text: str) -> str:
    """Make a text one line: what ends a line or steers anything is a space."""
    text = text.encode("utf-8", "replace").decode()
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def said(text: str, taken: int = 0) -> str:
    """Write a text as a header's value, after so many characters of its line.

    What could be taken for an encoded word is written as one (RFC 2047).
    """
    text = one_line(text)
    if text.isascii() and "=?" not in text and taken + len(text) <= _LINE:
        return text
    return _encoded(text)


def _encoded(text: str) -> str:
    words = (f"=?utf-8?b?{b64encode(part).decode()}?=" for part in _parts(text))
    return "\r\n ".join(words)


def _parts(text: str) -> Iterator[bytes]:
    """Cut a text into parts of at most `_WORD` bytes, and no letter in two."""
    part = b""
    for char in text:
        more = char.encode()
        if len(part) + len(more) > _WORD:
            yield part
            part = b""
        part += more
    yield part


def _from(name: str, address: str) -> str:
    name = one_line(name)
    if not name:
        return f"<{address}>"
    if _NAME.fullmatch(name) and len(name) < 40:
        return f"{name} <{address}>"
    return f"{_encoded(name)}\r\n <{address}>"
