"""Looking at an article: one polite fetch, and what came of it. No database."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Final

from feedback import addresses
from feedback.articles.failures import Failed, Failure, failed_by, failed_with
from feedback.articles.page import Page
from feedback.articles.reading import Unreadable, read_apart
from feedback.articles.robots import Robots
from feedback.config import Settings
from feedback.outbound import Answer, OutboundError, Policy, fetch, user_agent

__all__ = ["Failed", "Failure", "Known", "Look", "Read", "Unchanged", "look", "policy"]

#: The kinds of content that hold an article, and how they are asked for.
HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
ACCEPT: Final = "text/html, application/xhtml+xml;q=0.9"
_CHARSET: Final = re.compile(r";\s*charset\s*=\s*[\"']?([^\s\"';]+)", re.IGNORECASE)
#: What can be sent back as it came.
_VALIDATOR: Final = re.compile(r"[\x20-\x7e]{1,200}")
_LANG: Final = re.compile(r"[A-Za-z0-9-]{1,35}")


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept from one look for the next, so that the same page need not come again."""

    etag: str = ""  #: the header as it came, quotation marks and all
    last_modified: str = ""  #: the header as it came
    digest: str = ""  #: of the bytes and the encoding that came with them


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The page is as it was: 304, or the same bytes."""

    address: str  #: that answered at last
    known: Known  #: to be kept instead


@dataclass(frozen=True, slots=True)
class Read:
    """The page was read. Its text may still be as it was: see `Page.digest`."""

    page: Page
    #: That answered at last, as `addresses.Address.article`: it may be another page, or another
    #: origin's.
    address: str
    known: Known  #: to be kept


Look = Unchanged | Read | Failed


def policy(settings: Settings) -> Policy:
    """Give the limits under which pages are fetched, and the name by which we ask."""
    agent = user_agent(version("reader-feedback"), settings.base_url)
    return Policy(user_agent=agent, allow=frozenset(settings.fetch_allow))


def look(
    address: str,
    *,
    policy: Policy,
    known: Known | None = None,
    robots: Robots | None = None,
    lang: str = "",
    now: datetime,
) -> Look:
    """Fetch the page at `address` and read it.

    1. With `robots` of its origin nothing is fetched that they disallow.
    2. What is `known` is told to the server, which may answer that nothing has changed.
    3. A page that has is read in a process of its own.

    `lang` is the article's, for a server that serves several; `now` is for a Retry-After that names
    a moment.
    """
    known = known or Known()
    if robots and not robots.allows(address):
        return _unwanted()
    try:
        answer = fetch(address, policy=policy, headers=_headers(known, lang))
        final = addresses.parse(answer.url)
    except OutboundError as error:
        return failed_by(error)
    except addresses.BadAddress as error:
        return Failed(Failure.ASTRAY, f"it leads to an address that {error}")
    if robots and final.origin == addresses.parse(address).origin and not robots.allows(answer.url):
        return _unwanted()
    if answer.status == 304 and (known.etag or known.last_modified):
        return Unchanged(final.article, _still_known(answer, known))
    return failed_with(answer, now) or _told(answer, known, final.article)


def _unwanted() -> Failed:
    return Failed(Failure.ROBOTS, "its robots.txt asks us not to read it")


def _headers(known: Known, lang: str) -> dict[str, str]:
    given = {
        "Accept": ACCEPT,
        "Accept-Language": f"{lang}, *;q=0.5" if _LANG.fullmatch(lang) else "",
        "If-None-Match": known.etag,
        "If-Modified-Since": known.last_modified,
    }
    return {name: text for name, text in given.items() if text}


def _still_known(answer: Answer, known: Known) -> Known:
    """Take over what a 304 says anew (RFC 9110, section 15.4.5)."""
    return replace(
        known,
        etag=_validator(answer, "etag") or known.etag,
        last_modified=_validator(answer, "last-modified") or known.last_modified,
    )


def _told(answer: Answer, known: Known, address: str) -> Look:
    kind, charset = content_type(answer)
    if kind not in HTML:
        return Failed(Failure.NOT_HTML, f"it is {kind[:100]}")
    digest = sha256(f"{charset}\n".encode() + answer.body).hexdigest()
    now_known = Known(_validator(answer, "etag"), _validator(answer, "last-modified"), digest)
    if digest == known.digest:
        return Unchanged(address, now_known)
    try:
        page = read_apart(answer.body, charset, address)
    except Unreadable as error:
        return Failed(Failure.UNREADABLE, str(error))
    if not page.text:
        return Failed(Failure.UNREADABLE, "it has no text, at least before its scripts have run")
    return Read(page, address, now_known)


def _validator(answer: Answer, name: str) -> str:
    said = answer.headers.get(name, "").strip()
    return said if _VALIDATOR.fullmatch(said) else ""


def content_type(answer: Answer) -> tuple[str, str | None]:
    """Give the kind and the encoding that the header states; without one, browsers see HTML.

    Of several headers the last counts (https://fetch.spec.whatwg.org/#concept-header-extract-mime-type).
    """
    stated = answer.headers.get("content-type", "").rpartition(",")[2]
    kind = stated.partition(";")[0].strip().lower()
    charset = _CHARSET.search(stated)
    return kind or "text/html", charset[1] if charset else None
