"""Notations: how the values of settings are written, for those that have a way of their own."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from limits import parse_many
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

#: What switches a rate limit off, and looks at articles.
OFF = "off"


def _listed(value: object) -> object:
    """Split a comma-separated text; leave a list as it is."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _network(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"{value!r} is no address; write 10.0.0.1, 10.0.0.0/8 or ::1") from None


def _pair(value: str) -> str:
    if not _PAIR.fullmatch(value):
        raise ValueError(f"{value!r} is not host:port, as in intranet.example:8080 or [fd00::1]:80")
    return value


def _notation(value: str) -> str:
    """Check a rate limit's notation; an empty text is `off`."""
    value = value.strip() or OFF
    if value == OFF:
        return value
    try:
        parse_many(value)
    except ValueError:
        raise ValueError(
            f"{value!r} is no limit; write `30 per minute; 300 per hour`, or `off`"
        ) from None
    return value


def _delays(value: object) -> object:
    """Split a list of seconds; `off` and nothing are an empty one."""
    return [] if value in (OFF, "") else _listed(value)


def _days(value: object) -> object:
    """Read a number of days; `off` is none."""
    return 0 if value == OFF else value


def _for_ever_or_a_while(value: int) -> int:
    """Refuse days in which letters are on their way, and their links are good."""
    if 0 < value < _WHILE:
        raise ValueError(f"{value} is too short: links in mail are good for a week; at least 8")
    return value


_WHILE = 8


def _smtp(value: SecretStr) -> SecretStr:
    """Take a mail server's address; `delivery.smtp` reads it."""
    if value.get_secret_value() and not _SMTP.fullmatch(value.get_secret_value()):
        raise ValueError(
            "use smtp://user:password@host:587 or smtps://user:password@host:465, signs in user "
            "and password as %40 and the like; add ?tls=off where nothing is encrypted"
        )
    return value


def _sender(value: str) -> str:
    if value and not _SENDER.fullmatch(value):
        raise ValueError(
            f"{value!r} is nobody; write feedback@paper.example, or "
            "The Paper <feedback@paper.example>"
        )
    return value


_SMTP = re.compile(
    r"smtps?://([^\s:/@?#]*(:[^\s:/@?#]*)?@)?(\[[0-9A-Fa-f:.]+\]|[^\s:/@?#\[\]]+)(:[0-9]{1,5})?/?"
    r"(\?tls=(off|offered|required))?"
)
_MAILBOX = r"[^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f]+@[^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f]+"
_SENDER = re.compile(rf"{_MAILBOX}|[^<>\x00-\x1f\x7f]* <{_MAILBOX}>")
_PAIR = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+):[0-9]{1,5}")

Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Networks = Annotated[list[Network], NoDecode, BeforeValidator(_listed)]
Pair = Annotated[str, AfterValidator(_pair)]
Pairs = Annotated[list[Pair], NoDecode, BeforeValidator(_listed)]
RateLimit = Annotated[str, BeforeValidator(_notation)]
Delay = Annotated[float, Field(gt=0, le=366 * 86_400)]
Days = Annotated[int, BeforeValidator(_days), AfterValidator(_for_ever_or_a_while)]
Delays = Annotated[list[Delay], NoDecode, BeforeValidator(_delays)]
Retries = Annotated[list[Delay], NoDecode, BeforeValidator(_listed), Field(min_length=1)]
SmtpUrl = Annotated[SecretStr, AfterValidator(_smtp)]
Sender = Annotated[str, AfterValidator(_sender)]
