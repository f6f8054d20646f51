"""The demo: a newspaper with one article, an editor, and a queue to try."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from flask import Flask

from feedback import addresses, sites
from feedback.accounts import people
from feedback.accounts.models import Role
from feedback.anchoring import normalize
from feedback.anchoring.grouping import CONTEXT
from feedback.config import Settings
from feedback.db import db
from feedback.demo import paper
from feedback.demo.paper import PATH
from feedback.reports import intake
from feedback.reports.schema import Position, Quote, Submission
from feedback.sites import Door, Site

SITE = "The Harbour Letter"
EDITOR = "editor@example.org"
#: Seconds between looks at the demo's article: who tries it does not wait long.
DELAYS = [5.0]


@dataclass(frozen=True, slots=True)
class Said:
    """What one reader of the demo says: words of the article, a correction, a comment."""

    exact: str
    #: The words before, where `exact` alone stands in several places.
    after: str = ""
    correction: str = ""
    comment: str = ""


READERS = (
    Said("recieved", correction="received"),
    Said("should of been", correction="should have been", comment="My teacher weeps."),
    Said("the the", correction="the", comment="Set twice, like in the list below. On purpose?"),
    Said("recieved", correction="received", comment="i before e except after c"),
    Said("embarassed", correction="embarrassed"),
    Said("should of been", correction="should have been"),
    Said("desir’d", correction="desired", comment="Missing letter?"),
    Said("recieved the first copy", correction="received the first copy"),
    Said("1791", comment="The sermons came out in 1792, I think. Could you check?"),
)


@dataclass(frozen=True, slots=True)
class Access:
    """How to try the demo."""

    article: str
    mend: str
    desk: str
    email: str
    password: str


def prepare(app: Flask) -> Access:
    """Make the demo's site, editor and queue, or find them; give the editor a fresh password."""
    settings: Settings = app.extensions["settings"]
    known = db.session.scalar(sa.select(Site.id).where(Site.name == SITE))
    site = sites.add(db.session, SITE, [addresses.parse(settings.base_url).origin])
    site.corrections |= known is None  # later it is as its owner has it
    db.session.flush()  # the editor's role needs the site's id
    editor = people.add(db.session, EDITOR, site, Role.OWNER)
    password = secrets.token_urlsafe(9)
    people.choose_password(db.session, editor, password)
    db.session.commit()
    _report(app, settings.base_url + PATH, Door(site.id, addresses.parse(settings.base_url).origin))
    article = settings.base_url + PATH
    return Access(article, f"{article}/mend", f"{settings.base_url}/desk/", EDITOR, password)


def _report(app: Flask, url: str, door: Door) -> None:
    """Send what the readers say, through the intake; once, however often this is run."""
    with app.test_request_context(PATH):
        text = normalize(paper.page(set())).text
    for number, said in enumerate(READERS):
        submission = _submission(text, url, number, said)
        # A conflict: an earlier version of the demo has said it of an earlier text.
        with suppress(intake.Conflict), db.writing() as connection:
            intake.receive(connection, intake.admit(connection, door, submission))


def _submission(text: str, url: str, number: int, said: Said) -> Submission:
    start = text.index(said.after + said.exact) + len(said.after)
    end = start + len(said.exact)
    return Submission(
        id=uuid5(NAMESPACE_URL, f"{url}#{number}"),
        url=url,
        title="The slip of paper that says sorry",
        lang="en",
        quote=Quote(
            exact=said.exact,
            prefix=text[max(0, start - CONTEXT) : start],
            suffix=text[end : end + CONTEXT],
        ),
        position=Position(start=start, end=end, length=len(text)),
        correction=said.correction,
        comment=said.comment,
    )


def init_app(app: Flask) -> None:
    """Serve the demo's newspaper."""
    app.register_blueprint(paper.bp)


def settings(given: Settings) -> Settings:
    """Give the settings of a demo: its own article may be fetched, and is looked at often."""
    address = addresses.parse(given.base_url)
    more: dict[str, object] = {"fetch_allow": [*given.fetch_allow, _pair(address.origin)]}
    if "check_delays" not in given.model_fields_set:
        more["check_delays"] = DELAYS
    return given.model_copy(update=more)


def _pair(origin: str) -> str:
    """Give an origin's host and port."""
    default = {"http": 80, "https": 443}
    parts = urlsplit(origin)
    return parts.netloc if parts.port else f"{parts.netloc}:{default[parts.scheme]}"
