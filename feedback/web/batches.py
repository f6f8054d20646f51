"""Batches: one decision on many spots, its progress, and its one undo."""

from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from feedback.accounts.models import Role
from feedback.db import db, now
from feedback.desk import batches
from feedback.desk.batches import NothingFound, Order
from feedback.desk.decisions import NotPossible
from feedback.desk.models import Batch, Kind
from feedback.desk.queue import BadQuery
from feedback.sites import Site
from feedback.web import guard, wording
from feedback.web.desk import until
from feedback.web.forms import BatchForm
from feedback.web.guard import signed_in
from feedback.web.live import moment
from feedback.web.problems import wants_json

bp = Blueprint("batches", __name__, url_prefix="/desk")


@bp.post("/sites/<int:site_id>/batches")
@signed_in
def begin(site_id: int) -> Response:
    """Decide on many spots: on a few at once, else bit by bit."""
    _deciding(site_id)
    try:
        batch = _begun(site_id, BatchForm())
        batches.proceed(db.session, batch)
        db.session.commit()
    except NothingFound:
        return _refused(site_id, _("Nothing of that is left: others decided on it meanwhile."))
    except BadQuery:
        return _refused(site_id, _("The queue cannot be asked so: please reload the page."))
    except NotPossible as error:
        return _refused(site_id, wording.refusal(error))
    return _answer(batch)


def _begun(site_id: int, form: BatchForm) -> Batch:
    """Read the form and keep the batch. Raises NotPossible, NothingFound."""
    if not form.validate_on_submit():
        raise NotPossible(_("The form is not complete: please reload the page and try again."))
    try:
        kind = Kind(form.kind.data or "")
        shown_at = moment(str(form.shown_at.data)) if form.shown_at.data else now()
    except ValueError:
        raise NotPossible(_("There is no such decision.")) from None
    all_ = form.query.data  # chosen instead of the rows
    ids = [] if all_ is not None else form.spots.data or []
    if len(ids) > batches.CHOSEN:
        raise NotPossible(_("So many are chosen by a query, not one by one."))
    if any(not 0 < each < 2**63 for each in ids) or (not ids and all_ is None):
        raise NothingFound
    order = Order(
        kind,
        form.reason.data or None,
        form.note.data or "",
        until(form.until.data) if kind is Kind.SNOOZE else None,
        batches.head(db.session, site_id, ids) if kind is Kind.MERGE else None,
    )
    about = batches.chosen(ids) if all_ is None else all_
    return batches.begin(db.session, site_id, guard.editor(), order, about, shown_at)


@bp.get("/batches/<int:batch_id>")
@signed_in
def show(batch_id: int) -> Response | str:
    """Show how far a batch is."""
    batch = _own(batch_id)
    if wants_json():
        return jsonify(_state(batch))
    return render_template(
        "desk/batch.html",
        site=db.session.get_one(Site, batch.site_id),
        role=guard.role_at(batch.site_id),
        batch=batch,
        said=_said(batch),
        undone=_undone(batch),
    )


@bp.post("/batches/<int:batch_id>/undo")
@signed_in
def undo(batch_id: int) -> Response:
    """Take a batch back, all that was done of it."""
    batch = _own(batch_id)
    _deciding(batch.site_id)
    try:
        back = batches.take_back(db.session, batch, guard.editor())
        batches.proceed(db.session, back)
        db.session.commit()
    except NotPossible as error:
        return _refused(batch.site_id, wording.refusal(error))
    return _answer(back)


def _deciding(site_id: int) -> Role:
    role = guard.role_at(site_id)
    if not role.decides:
        abort(403, _("As a viewer you can read the queue, not decide."))
    return role


def _own(batch_id: int) -> Batch:
    """Give a batch of one of the editor's sites; else nothing is there (404)."""
    found = db.session.get(Batch, batch_id) if batch_id < 2**63 else None
    if found is None or guard.editor().role_at(found.site_id) is None:
        abort(404)
    return found


def _undone(batch: Batch) -> bool:
    return batch.undoes_id is not None or batches.taken_back(db.session, batch)


def _answer(batch: Batch) -> Response:
    if wants_json():
        return jsonify(_state(batch))
    if batch.ended_at is None:
        return redirect(url_for("batches.show", batch_id=batch.id), 303)
    told: Any = {"said": _said(batch), "batch_id": None if batch.undoes_id else batch.id}
    flash(told, "batch")
    back = BatchForm().back.data
    return redirect(guard.inside(back, url_for("desk.waiting", site_id=batch.site_id)), 303)


def _refused(site_id: int, why: str) -> Response:
    db.session.rollback()
    if wants_json():
        answer = jsonify(detail=why)
        answer.status_code = 422
        return answer
    flash(why)
    back = BatchForm().back.data
    return redirect(guard.inside(back, url_for("desk.waiting", site_id=site_id)), 303)


def _state(batch: Batch) -> dict[str, object]:
    return {
        "batch": batch.id,
        "total": batch.total,
        "done": batch.done,
        "skipped": batch.skipped,
        "ended": batch.ended_at is not None,
        "said": _said(batch),
        "undo": batch.undoes_id is None,
    }


def _said(batch: Batch) -> str:
    """Say what was done: how many spots, and how many could not be."""
    done = ngettext("%(num)s spot", "%(num)s spots", batch.done)
    said = f"{wording.DONE[Order.read(batch.verdict).kind]}: {done}"
    if batch.skipped:
        said += "; " + ngettext(
            "%(num)s had changed meanwhile", "%(num)s had changed meanwhile", batch.skipped
        )
    return said
