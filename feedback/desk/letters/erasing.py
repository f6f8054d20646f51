"""Erasing: a reader's address is taken out of all that holds it.

An address is known by its digest here and in links, so that no link, log or table says whose it
is. Which addresses have a digest is found out by making that of each: there is no way back.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.delivery import outbox
from feedback.delivery.models import Carrier, Letter, Means
from feedback.reports.models import Report

#: The kind of a letter to a reader.
ANSWER = "answer"

#: Bytes of a digest, and of the signature that follows it in a link.
_SIZE, _SIGNED = 32, 16
#: How many addresses are read at once.
_SOME = 1000

#: Reports whose readers left an address: written so that `ix_report_asked` serves it.
ASKED = Report.email != sa.literal_column("''")


@dataclass(frozen=True, slots=True)
class Erased:
    """From how many reports an address was taken, and how many letters to it will not go."""

    reports: int
    letters: int


def digest(secret: str, address: str) -> bytes:
    """Give what an address is known by, however its letters' cases are written."""
    known = address.casefold().encode("utf-8", "surrogatepass")
    return hmac.digest(secret.encode(), b"reader:" + known, sha256)


def link(base_url: str, secret: str, address: str) -> str:
    """Give the address of the page that erases a reader's address."""
    return f"{base_url}/erase/{token(secret, address)}"


def token(secret: str, address: str) -> str:
    """Give the last part of that link: the digest, signed."""
    whole = digest(secret, address)
    return urlsafe_b64encode(whole + _signature(secret, whole)).decode()


def read(secret: str, text: str) -> bytes | None:
    """Give the digest that a link is about; None where the link is forged."""
    try:
        signed = urlsafe_b64decode(text.encode("ascii"))
    except ValueError:
        return None
    whole, signature = signed[:_SIZE], signed[_SIZE:]
    return whole if hmac.compare_digest(_signature(secret, whole), signature) else None


def _signature(secret: str, whole: bytes) -> bytes:
    return hmac.digest(secret.encode(), b"erase:" + whole, sha256)[:_SIGNED]


def held(session: Session, secret: str, wanted: bytes) -> set[str]:
    """Give the addresses of that digest, as reports and waiting letters write them.

    Reads only, all addresses that are kept: best outside of a transaction that writes.
    """
    kept = (*_asked(session), *session.scalars(_waiting().with_only_columns(Letter.address)))
    return {each for each in kept if hmac.compare_digest(digest(secret, each), wanted)}


def _asked(session: Session) -> Iterator[str]:
    """Give each address that is on a report."""
    last = ""
    while some := session.scalars(between(last).limit(_SOME)).all():
        yield from some
        last = some[-1]


def between(after: str) -> sa.Select[str]:
    """Select the addresses on reports that come after one, in the database's order."""
    return sa.select(Report.email).where(ASKED, Report.email > after).distinct().order_by("email")


def erase(session: Session, addresses: set[str], at: datetime) -> Erased:
    """Take addresses out of reports and of letters that wait. The caller commits.

    1. Reports first: who makes letters of them has them locked, and is waited for.
    2. Then the letters, behind their carrier's lock: what is being carried may still arrive, but
       is not tried again.
    """
    if not addresses:
        return Erased(0, 0)
    theirs = sa.update(Report).where(ASKED, Report.email.in_(addresses)).values(email="")
    reports: Any = session.execute(theirs, execution_options={"synchronize_session": False})
    found = _waiting().where(Letter.address.in_(addresses))
    posts = found.with_only_columns(Letter.carrier_id).distinct()
    lock = sa.select(Carrier.id).where(Carrier.id.in_(posts)).order_by(Carrier.id)
    session.execute(lock.with_for_update())
    letters = session.scalars(found.execution_options(populate_existing=True)).all()
    for letter in letters:
        outbox.drop(letter, at)
    session.flush()
    return Erased(reports.rowcount, len(letters))


def _waiting() -> sa.Select[Letter]:
    """Select the letters to readers that are not settled yet."""
    return (
        sa.select(Letter)
        .join(Letter.carrier)
        .where(Carrier.means == Means.POST, Letter.due_at.is_not(None), Letter.kind == ANSWER)
    )
