"""The desk: the queue, a spot's page, and decisions."""

from datetime import UTC, datetime, timedelta

from flask import (
    Blueprint,
    abort,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import to_utc
from werkzeug.wrappers import Response

from feedback.accounts.models import Role
from feedback.db import db, now
from feedback.desk import decisions, queue, watching
from feedback.desk.decisions import AlreadyDecided, NotPossible, Verdict
from feedback.desk.models import Kind
from feedback.reports.models import Spot
from feedback.web import guard, queue_page, spot_page, traces, wording
from feedback.web.forms import DecisionForm
from feedback.web.guard import signed_in
from feedback.web.problems import wants_json

bp = Blueprint("desk", __name__, url_prefix="/desk")


@bp.get("/")
@signed_in
def home() -> Response | str:
    """Go to the queue of the editor's sites, or of the only one."""
    memberships = guard.editor().memberships
    if not memberships:
        return render_template("desk/nowhere.html")
    if len(memberships) > 1:
        return redirect(url_for("desk.all_sites"), 303)
    return redirect(url_for("desk.waiting", site_id=memberships[0].site_id), 303)


@bp.get("/all/")
@signed_in
def all_sites() -> Response | str:
    """Show a page of the queue of all the editor's sites."""
    if not guard.editor().memberships:
        return redirect(url_for("desk.home"), 303)
    return queue_page.of_all()


@bp.get("/sites/<int:site_id>/")
@signed_in
def waiting(site_id: int) -> str:
    """Show a page of a site's queue."""
    return queue_page.of_site(site_id)


@bp.get("/spots/<int:spot_id>")
@signed_in
def spot(spot_id: int) -> str:
    """Show a spot with all that readers and editors said of it."""
    found, role = own(spot_id)
    if role.decides:
        traces.notice(found)
    return spot_page.render(found, role)


@bp.get("/spots/<int:spot_id>/decisions")
@bp.get("/spots/<int:spot_id>/look")
@signed_in
def decided(spot_id: int) -> Response:
    """Lead who reloads a refused decision, or shares its address, to the spot."""
    return redirect(url_for("desk.spot", spot_id=spot_id), 303)


def own(spot_id: int) -> tuple[Spot, Role]:
    """Give a spot of one of the editor's sites and the role there; else nothing is there (404)."""
    sites = [membership.site_id for membership in guard.editor().memberships]
    if spot_id >= 2**63:
        abort(404)
    found = db.session.scalar(queue.whole(spot_id).where(Spot.site_id.in_(sites)))
    if found is None:
        if db.session.scalar(queue.whole(spot_id)) is not None:
            guard.note_refusal()
        abort(404)
    return found, guard.role_at(found.site_id)


@bp.post("/spots/<int:spot_id>/decisions")
@signed_in
def decide(spot_id: int) -> Response:
    """Decide on a spot; of two editors at once one wins and the other is told (409)."""
    found, role = own(spot_id)
    if not role.decides:
        abort(403, _("As a viewer you can read the queue, not decide."))
    form = DecisionForm()
    try:
        verdict = _verdict(found, form)
        decisions.decide(db.session, found, guard.editor(), verdict)
        db.session.commit()
    except AlreadyDecided:
        return _refused(found, role, _meanwhile(found), 409)
    except NotPossible as error:
        return _refused(found, role, wording.refusal(error), 422)
    if wants_json():
        return jsonify(
            done=str(wording.DONE[verdict.kind]), exact=found.exact[:80], spot=_state(found)
        )
    _tell(found, verdict.kind)
    back = url_for("desk.spot", spot_id=verdict.into or found.id)  # to where the reports are
    return redirect(guard.inside(form.back.data, back), 303)


def _state(found: Spot) -> dict[str, object]:
    """Give of a spot what whoever decides on it next must have seen."""
    return {"id": found.id, "version": found.version, "status": found.status.value}


def _verdict(found: Spot, form: DecisionForm) -> Verdict:
    """Read the form. Raises NotPossible."""
    if not form.validate_on_submit() or form.version.data is None:
        raise NotPossible(_("The form is not complete: please reload the page and try again."))
    try:
        kind = Kind(form.kind.data or "")
    except ValueError:
        raise NotPossible(_("There is no such decision.")) from None
    correction = form.correction.data
    if correction is not None:
        correction = correction.replace("\r\n", "\n")  # a text area's way of writing a line's end
    return Verdict(
        kind,
        form.version.data,
        form.reason.data or None,
        form.note.data or "",
        correction,
        into=form.into.data if kind is Kind.MERGE else None,
        reports=_chosen_reports(found, form),
        until=until(form.until.data) if kind is Kind.SNOOZE else None,
    )


#: How long the choices of a snooze's menu are.
SNOOZES = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


def until(text: str | None) -> datetime | None:
    """Read until when a spot is snoozed: one of `SNOOZES`, or a date. Raises NotPossible."""
    if not text:
        return None
    if text in SNOOZES:
        return now() + SNOOZES[text]
    try:
        local: datetime = to_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise NotPossible(_("Choose until when it is snoozed."), field="until") from None
    return local.replace(tzinfo=UTC)


def _chosen_reports(found: Spot, form: DecisionForm) -> tuple[int, ...]:
    chosen = form.reports.data or []
    return tuple(db.session.scalars(queue.numbers(found.id, chosen))) if chosen else ()


@bp.post("/spots/<int:spot_id>/look")
@signed_in
def look(spot_id: int) -> Response:
    """Have a spot's article looked at now."""
    found, role = own(spot_id)
    if not role.decides:
        abort(403, _("As a viewer you can read the queue, not decide."))
    try:
        watching.look_now(db.session, found.article_id, spot_page.delays(), now())
    except watching.Off:
        return _refused(found, role, _("This service does not look at articles."), 409)
    db.session.commit()
    flash(_("The article is being looked at. What it says shows here in a moment."), "look")
    return redirect(url_for("desk.spot", spot_id=found.id), 303)


def _refused(found: Spot, role: Role, why: str, status: int) -> Response:
    db.session.rollback()
    db.session.refresh(found)
    if wants_json():
        return make_response(jsonify(detail=why, spot=_state(found)), status)
    return Response(spot_page.render(found, role, why), status, mimetype="text/html")


def _meanwhile(found: Spot) -> str:
    """Say who decided what meanwhile."""
    db.session.rollback()
    last = db.session.scalar(queue.record(found.id).limit(1))
    if last is None:
        return str(_("The spot has changed meanwhile. Your decision was not applied."))
    told = _(
        "%(who)s decided meanwhile: %(what)s. Your decision was not applied.",
        who=wording.who(last),
        what=wording.DONE[last.kind],
    )
    return str(told)


def _tell(found: Spot, kind: Kind) -> None:
    """Say on the next page what was done, with a way to undo it."""
    flash(
        {  # type: ignore[arg-type]  # any value that JSON takes
            "done": kind.value,
            "exact": found.exact[:80],
            "spot_id": found.id,
            "version": found.version,
        },
        "decision",
    )
