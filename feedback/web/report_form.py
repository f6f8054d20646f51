"""The form for readers without scripts: `GET` and `POST /report`.

It leads to the same queue as the dialog, by the same intake. It needs no cookie and reads none,
so its pages are alike for everybody.
"""

import logging
from dataclasses import dataclass, fields, replace
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response as AnyResponse

from feedback import addresses, sites
from feedback.articles import revisions
from feedback.articles.models import Article
from feedback.db import db, now
from feedback.reports import intake, schema, typed
from feedback.reports.intake import Admitted, Conflict, Refused
from feedback.reports.models import Report
from feedback.reports.schema import Submission
from feedback.sealing import sealer
from feedback.web import receipts, reports_api, security_log, wording
from feedback.web.forms import csrf
from feedback.web.limits import TooMany, here, limits
from feedback.web.reader_strings import ENGLISH, match, strings

log = logging.getLogger("feedback.web")

bp = Blueprint("report_form", __name__)
# The token of the other forms is kept in a session, that is in a cookie, and keeps others from
# using an editor's. Here is nothing of the kind to use: who sends the form is nobody in particular.
csrf.exempt(bp)

#: For how many seconds a form is open at least, if people fill it in, and at the most.
_SHORTEST, _LONGEST = 2, 86_400
#: Seconds after which it makes sense to send it again when the database was busy.
_SOON = 5

#: The form's names for the fields of a report.
_FIELDS = {"url": "address", "quote": "words", "correction": "correction", "comment": "comment"}


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form's fields hold."""

    address: str = ""
    words: str = ""
    correction: str = ""
    comment: str = ""


class Unfit(Exception):
    """A form that is not taken as it is; the message tells its reader why.

    `fresh` where its stamp is of no use any more.
    """

    def __init__(self, status: int, why: str, *, fresh: bool = False) -> None:
        super().__init__(why)
        self.status = status
        self.fresh = fresh


class Again(Exception):
    """The form is to be shown again, with what was typed and why.

    `faults` are sentences by the names of fields, "" for the form as a whole. `fresh` where this
    form's stamp is of no use any more, `seconds` where it makes sense to wait.
    """

    def __init__(
        self,
        status: int,
        why: str,
        faults: dict[str, str] | None = None,
        *,
        fresh: bool = False,
        seconds: int = 0,
    ) -> None:
        super().__init__(why)
        self.status = status
        self.faults = faults or {}
        self.fresh = fresh
        self.seconds = seconds


@bp.get("/report")
def ask() -> str:
    """Show the form, with the address of the article that the reader comes from."""
    return _page(Typed(address=_article()), _stamp())


@bp.post("/report")
def send() -> AnyResponse:
    """Take a report, and lead to its receipt; else show the form again."""
    form = request.form
    said = Typed(*(_plain(form.get(each.name, "")) for each in fields(Typed)))
    try:
        uid = _taken(said)
    except Again as again:
        return _again(said, again)
    receipt = receipts.address(current_app.extensions["settings"], uid).rpartition("/")[2]
    return redirect(url_for("receipts.show", receipt=receipt), 303)


@bp.after_request
def secret(response: Response) -> Response:
    """Let search engines pass by, and tell no other site where its reader comes from.

    With `no-referrer` the form would be sent from `null`, as anybody's can be.
    """
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _plain(text: str) -> str:
    """Write lines as everybody else does, and drop what no database takes."""
    return text.replace("\r\n", "\n").replace("\0", "").strip()


# What is shown


def _page(said: Typed, stamp: str, again: Again | None = None) -> str:
    tag = _language()
    return render_template(
        "report.html",
        said=strings(tag),
        tag=tag,
        typed=said,
        stamp=stamp,
        why=str(again) if again else "",
        faults=again.faults if again else {},
        longest={"words": schema.LONGEST, "address": addresses.LONGEST},
    )


def _again(said: Typed, again: Again) -> Response:
    stamp = _stamp() if again.fresh else request.form.get("stamp", "")
    answer = Response(_page(said, stamp, again), again.status, mimetype="text/html")
    if again.seconds:
        answer.headers["Retry-After"] = str(again.seconds)
    return answer


def _language() -> str:
    """Give the language that is asked for, else the first of the browser's that we know."""
    if asked := request.args.get("lang"):
        return match(asked)
    for tag, quality in request.accept_languages:
        found = match(tag)
        if quality and (found != ENGLISH or tag.lower().startswith(ENGLISH)):
            return found
    return ENGLISH


def _article() -> str:
    """Give the address that is asked for, else the referrer's unless it is a bare origin."""
    asked, came = request.args.get("url", "").strip(), request.referrer or ""
    if _parsed(asked):
        return asked
    page = _parsed(came)
    return came if page and (page.path != "/" or page.query) else ""


def _parsed(text: str) -> addresses.Address | None:
    try:
        return addresses.parse(text)
    except addresses.BadAddress:
        return None


# How a report is taken


def _taken(said: Typed) -> UUID:
    """Take a report and give its id; say what keeps it from being taken. Raises Again."""
    told = strings(_language())
    try:
        return _received(said)
    except Unfit as error:
        raise Again(error.status, told["invalid"], {"": str(error)}, fresh=error.fresh) from None
    except ValidationError as error:
        raise Again(422, told["invalid"], _faults(error)) from None
    except Refused:
        text = _("No site that this service works for has a page at this address.")
        raise Again(403, told["refused"], {"address": text}) from None
    except TooMany as error:
        security_log.limit(error)
        raise Again(429, f"{told['tooMany']} {told['later']}", seconds=error.seconds) from None
    except OperationalError as error:
        log.warning("The database does not answer: %s", error.orig)
        raise Again(503, f"{told['unavailable']} {told['later']}", seconds=_SOON) from None


def _received(said: Typed) -> UUID:
    """Let a report in: first the checks of a form, then those of the API.

    Raises Unfit, ValidationError, Refused, TooMany.
    """
    if _foreign():
        text = _("Another website has sent this form. Please look it over and send it from here.")
        raise Unfit(403, text, fresh=True)
    limits().count("reader", here())
    uid = _unstamped(request.form.get("stamp", ""))
    submission = _submission(uid, said)
    with db.reading.connect() as connection:
        admitted = _located(connection, _admitted(connection, submission))
    limits().count("site", str(admitted.site_id))
    try:
        with db.engine.connect() as connection:
            return reports_api.received(connection, admitted).uid
    except Conflict:
        if _sent_twice(submission):
            return uid
    text = _("You have sent another report with this form. To send this one too, send it again.")
    raise Unfit(409, text, fresh=True)


def _foreign() -> bool:
    """Tell whether a page of another origin has sent the form; old browsers do not say."""
    ours = {current_app.extensions["embed"].origin, request.host_url.rstrip("/")}
    origin = request.headers.get("Origin")
    return origin is not None and origin not in ours


def _signer() -> URLSafeTimedSerializer:
    return sealer(current_app.extensions["settings"].secret, "report-form")


def _stamp() -> str:
    """Make the id of a report to be, signed together with the time that it is now."""
    return str(_signer().dumps(uuid4().hex))


def _unstamped(stamp: str) -> UUID:
    """Give the id in a form's stamp, if people could have had it for so long. Raises Unfit."""
    try:
        uid, since = _signer().loads(stamp, max_age=_LONGEST, return_timestamp=True)
    except BadData:
        text = _("The form was open for too long. Please look it over and send it again.")
        raise Unfit(422, text, fresh=True) from None
    if (now() - since).total_seconds() < _SHORTEST:
        text = _("The form came back faster than people type. Please send it again.")
        raise Unfit(422, text)
    return UUID(hex=uid)


def _submission(uid: UUID, said: Typed) -> Submission:
    """Make the report that a browser would send. Raises ValidationError, Unfit."""
    if request.form.get("website"):
        text = _(
            "A field that people do not see was filled in. It is empty again: send it once more."
        )
        raise Unfit(422, text)
    words = typed.folded(said.words)
    end = len(words)
    return Submission.model_validate(
        {
            "id": uid,
            "url": said.address,
            "quote": {"exact": words},
            "position": {"start": 0, "end": end, "length": end},
            "correction": typed.folded(said.correction),
            "comment": said.comment,
        }
    )


def _faults(error: ValidationError) -> dict[str, str]:
    """Say what is wrong with each field, in a sentence."""
    found: dict[str, str] = {}
    for fault in error.errors(include_url=False, include_input=False):
        found.setdefault(_FIELDS[str(fault["loc"][0])], _fault(fault))
    return found


def _fault(fault: ErrorDetails) -> str:
    field, context = fault["loc"][0], fault.get("ctx", {})
    if "max_length" in context:
        return str(_("This is too long: at most %(most)s characters.", most=context["max_length"]))
    if field == "quote":
        return str(_("Please copy the words with the mistake here."))
    return wording.address(context.get("error") or ValueError(fault["msg"]))


def _admitted(connection: sa.Connection, submission: Submission) -> Admitted:
    """Let the report in by the door of its page's site. Raises Refused.

    The page's origin stands for the header of the API, which there is sent by the page itself.
    """
    door = sites.door(connection, addresses.parse(submission.url).origin)
    if door is None:
        raise Refused("No site admits the origin of the page.")
    return intake.admit(connection, door, submission)


def _located(connection: sa.Connection, admitted: Admitted) -> Admitted:
    """Look the words up in what the article said at our last look, if there was one."""
    article = connection.execute(
        sa.select(Article.id, Article.lang).where(
            Article.site_id == admitted.site_id, Article.address == admitted.address
        )
    ).one_or_none()
    if article is None:
        return admitted
    revision = connection.execute(revisions.newest(article.id)).one_or_none()
    text = revisions.unpack(revision.packed).text if revision else ""
    quote, position = typed.quoted(admitted.submission.quote.exact, text)
    found = {"quote": quote, "position": position, "lang": article.lang}
    return replace(admitted, submission=admitted.submission.model_copy(update=found))


def _sent_twice(submission: Submission) -> bool:
    """Tell whether the report that has this id says the same.

    Its quote can be another, if the article was looked at in between.
    """
    with db.reading.connect() as connection:
        kept = connection.execute(
            sa.select(Report.url, Report.exact, Report.correction, Report.comment).where(
                Report.uid == submission.id
            )
        ).one()
    same = (submission.url, submission.correction, submission.comment)
    words = submission.quote.exact
    return same == (kept.url, kept.correction, kept.comment) and typed.alike(words, kept.exact)
