"""A site's carriers: where word goes, for its owners."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from feedback.accounts import acts
from feedback.accounts.acts import Deed
from feedback.accounts.models import Editor, Role
from feedback.db import db, now
from feedback.delivery import carriers, faults, history, notifiers, outbox
from feedback.delivery.contract import BadTarget, Office
from feedback.delivery.models import Carrier, Letter, Means
from feedback.delivery.notifiers import NotInstalled
from feedback.delivery.wishes import Wishes
from feedback.desk.letters import subscriptions
from feedback.desk.letters.events import Site as Told
from feedback.sites import Site
from feedback.web import account_forms, carrier_forms, guard, locales, site_record
from feedback.web.carrier_forms import AddForm, ChangeForm, WishesForm
from feedback.web.guard import signed_in

bp = Blueprint("carriers", __name__, url_prefix="/desk/sites/<int:site_id>/carriers")

#: Most carriers of a site.
MOST = 200
#: Letters on one page.
PAGE = 50
#: How many dead letters one press replays or drops.
BATCH = 100


@bp.get("")
@signed_in
def listed(site_id: int) -> str:
    """Show owners where word of their site goes."""
    guard.owned(site_id)
    return _page(site_id)


@bp.post("")
@signed_in
def add(site_id: int) -> AnyResponse | str:
    """Let word go somewhere; of a webhook show the secret, this once."""
    guard.owned(site_id)
    form = AddForm()
    carrier = _added(site_id, form) if form.validate_on_submit() else None
    if carrier is None:
        return Response(_page(site_id, form), 422)
    note(Deed.CARRIER_ADDED, carrier)
    db.session.commit()
    if carrier.secret:
        return _shown(carrier, secret=carrier.secret)
    flash(_("Word goes to %(place)s from now on.", place=carrier.called))
    return back(carrier)


@bp.get("/<int:carrier_id>")
@signed_in
def show(site_id: int, carrier_id: int) -> str:
    """Show owners how a carrier is, what it hears, and its letters."""
    return _shown(_carrier(site_id, carrier_id))


@bp.get("/<int:carrier_id>/edit")
@signed_in
def ask(site_id: int, carrier_id: int) -> str:
    """Ask owners what a carrier is to hear."""
    carrier = _shared(site_id, carrier_id)
    return _asked(carrier, ChangeForm.showing(carrier.name, Wishes.read(carrier.wishes)))


@bp.post("/<int:carrier_id>/edit")
@signed_in
def change(site_id: int, carrier_id: int) -> AnyResponse:
    """Keep what a carrier is to hear from now on, and where it is if that is another place."""
    carrier, form = _shared(site_id, carrier_id), ChangeForm()
    if not form.validate_on_submit() or not _readdressed(carrier, form):
        return Response(_asked(carrier, form), 422)
    carrier.name = form.name.data or ""
    carrier.wishes = str(form.wishes(Wishes.read(carrier.wishes), carrier.means))
    note(Deed.CARRIER_CHANGED, carrier)
    db.session.commit()
    flash(_("It is kept."))
    return back(carrier)


@bp.post("/<int:carrier_id>/off")
@signed_in
def switch_off(site_id: int, carrier_id: int) -> AnyResponse:
    """Let a carrier hear nothing; its letters wait."""
    carrier = _shared(site_id, carrier_id)
    if carrier.off_at is None:
        carriers.off(carrier, now())
        note(Deed.CARRIER_OFF, carrier)
        db.session.commit()
    flash(_("It is off: nothing goes there."))
    return back(carrier)


@bp.post("/<int:carrier_id>/on")
@signed_in
def switch_on(site_id: int, carrier_id: int) -> AnyResponse:
    """Let a carrier hear again; what waited goes."""
    carrier = _shared(site_id, carrier_id)
    if carrier.off_at is not None:
        carriers.on(db.session, carrier)
        note(Deed.CARRIER_ON, carrier)
        db.session.commit()
    flash(_("It is on: what waited goes now."))
    return back(carrier)


@bp.post("/<int:carrier_id>/rotate")
@signed_in
def rotate(site_id: int, carrier_id: int) -> str:
    """Give a webhook a new secret and show it, this once; the one before is good for a day."""
    carrier = _shared(site_id, carrier_id)
    if carrier.means is not Means.WEBHOOK:
        abort(404)
    secret = carriers.rotate(carrier, now())
    note(Deed.CARRIER_SECRET_CHANGED, carrier)
    db.session.commit()
    return _shown(carrier, secret=secret)


@bp.post("/<int:carrier_id>/test")
@signed_in
def test(site_id: int, carrier_id: int) -> AnyResponse:
    """Write a letter that tries a carrier out; the worker carries it now, rest or no rest."""
    carrier = _shared(site_id, carrier_id)
    if carrier.off_at is not None:
        abort(409, _("It is off. Switch it on first."))
    carrier.rest_until = None
    body = {"site": Told.of(carrier.site).model_dump(), "by": guard.editor().called}
    letter = outbox.write(db.session, carrier, outbox.TEST, body, at=now())
    db.session.commit()
    return back(carrier, test=letter.id)


@bp.post("/<int:carrier_id>/dead")
@signed_in
def settle_dead(site_id: int, carrier_id: int) -> AnyResponse:
    """Replay or drop dead letters, the oldest first, some at a time."""
    carrier = _carrier(site_id, carrier_id)
    if request.form.get("what") == "drop":
        count = history.drop_dead(db.session, carrier.id, now(), BATCH)
        deed, said = Deed.LETTERS_DROPPED, _dropped(count)
    else:
        count = history.replay_dead(db.session, carrier.id, now(), BATCH)
        deed, said = Deed.LETTERS_REPLAYED, _replayed(count)
    if count:
        note(deed, carrier, str(count))
        db.session.commit()
    more = history.dead(db.session, carrier.id, 1)
    flash(f"{said} {_('There are more.')}" if more else said)
    return back(carrier)


@bp.post("/<int:carrier_id>/remove")
@signed_in
def remove(site_id: int, carrier_id: int) -> AnyResponse:
    """Remove a carrier with its letters."""
    carrier = _carrier(site_id, carrier_id)
    note(Deed.CARRIER_REMOVED, carrier)
    called = carrier.called
    carriers.remove(db.session, carrier)
    db.session.commit()
    flash(_("Nothing goes to %(place)s any more.", place=called))
    return redirect(url_for("carriers.listed", site_id=site_id), 303)


@bp.app_context_processor
def _notice() -> dict[str, Any]:
    return {"letters_in_trouble": in_trouble}


def in_trouble(site: Site) -> Sequence[int]:
    """Give an owner the carriers that need a hand, two at the most; others are told of none."""
    if guard.editor().role_at(site.id) is not Role.OWNER:
        return ()
    return db.session.scalars(subscriptions.in_trouble(site.id).limit(2)).all()


def note(deed: Deed, carrier: Carrier, more: str = "") -> None:
    """Put on record what was done to a carrier."""
    subject = " · ".join(part for part in (carrier.means.value, carrier.called, more) if part)
    acts.note(db.session, deed, subject, carrier.site_id, guard.editor())


def back(carrier: Carrier, **more: Any) -> AnyResponse:
    """Go to a carrier's page."""
    more |= {"site_id": carrier.site_id, "carrier_id": carrier.id}
    return redirect(url_for("carriers.show", **more), 303)


def office() -> Office:
    """Give what this installation sends with."""
    return Office.of(current_app.extensions["settings"])


def here() -> dict[str, Any]:
    """Give the zone and language of who is signed in."""
    tag = guard.editor().language or str(get_locale()).replace("_", "-")
    return {
        "zone": guard.editor().zone or "UTC",
        "lang": tag if tag in locales.LANGUAGES else Wishes().lang,
    }


def _carrier(site_id: int, carrier_id: int) -> Carrier:
    """Give a carrier of a site to its owner, locked where it may change; the post is none."""
    guard.owned(site_id)
    locked = request.method == "POST"
    found = (
        db.session.get(Carrier, carrier_id, with_for_update=locked) if carrier_id < 2**63 else None
    )
    if found is None or found.site_id != site_id or found.means is Means.POST:
        abort(404)
    return found


def _shared(site_id: int, carrier_id: int) -> Carrier:
    """Give a carrier that is the site's; an editor's own is changed by nobody else (403)."""
    carrier = _carrier(site_id, carrier_id)
    if _whose(carrier) is not None:
        abort(403, _("This mail is an editor’s own, who changes it on the profile page."))
    return carrier


def _whose(carrier: Carrier) -> Editor | None:
    return subscriptions.whose(db.session, [carrier.id]).get(carrier.id)


def _added(site_id: int, form: AddForm) -> Carrier | None:
    """Add a carrier; None where it cannot be, and the form says why."""
    site, ours, address = db.session.get_one(Site, site_id), office(), str(form.address.data)
    if len(db.session.scalars(carriers.of(site_id).limit(MOST)).all()) == MOST:
        form.address.errors = [_("There is room for %(most)s. Remove one first.", most=MOST)]
        return None
    means = Means(form.means.data) if form.means.data else _guessed(address, ours)
    wishes = form.wishes(replace(carriers.usual(means), **here()), means)
    if means is Means.WEBHOOK:
        wishes = replace(wishes, rhythm=carriers.usual(means).rhythm)
    name = form.name.data or ""
    try:
        return carriers.add(db.session, site, means, address, ours, now(), wishes=wishes, name=name)
    except (BadTarget, NotInstalled) as error:
        form.address.errors = [told(error)]
        return None


def _guessed(address: str, ours: Office) -> Means:
    """Tell by its address what a carrier is: mail, a chat that is known, else a webhook."""
    scheme, mark, _rest = address.partition("://")
    if not mark:
        return Means.MAIL
    if scheme.lower() not in {"http", "https"}:
        return Means.CHAT
    try:
        notifiers.by(Means.CHAT).check(address, ours)
    except (BadTarget, NotInstalled):
        return Means.WEBHOOK
    return Means.CHAT


def _readdressed(carrier: Carrier, form: ChangeForm) -> bool:
    """Put another address in a carrier's place if one was given; False where it cannot be."""
    address = form.address.data
    if not address or address == carrier.address:
        return True
    try:
        carriers.readdress(db.session, carrier, address, office())
    except (BadTarget, NotInstalled) as error:
        form.address.errors = [told(error)]
        return False
    return True


def told(error: Exception) -> str:
    """Say why an address cannot be, as a sentence, in the language of the request."""
    said = faults.put(str(error))
    return said[:1].upper() + said[1:] + ("" if said.endswith((".", "!", "?")) else ".")


def _replayed(count: int) -> str:
    return str(ngettext("One letter goes again.", "%(num)s letters go again.", count))


def _dropped(count: int) -> str:
    return str(ngettext("One letter is dropped.", "%(num)s letters are dropped.", count))


def _page(site_id: int, form: AddForm | None = None) -> str:
    rows = db.session.scalars(carriers.of(site_id).limit(MOST)).all()
    ids = [carrier.id for carrier in rows]
    return render_template(
        "sites/carriers.html",
        site=db.session.get_one(Site, site_id),
        carriers=rows,
        tallies=history.tallies(db.session, ids),
        whose=subscriptions.whose(db.session, ids),
        form=form or AddForm(None, **here()),
        **_choices(None),
    )


def _shown(carrier: Carrier, secret: str = "") -> str:
    dead = request.args.get("state") == "dead"
    page = history.letters(db.session, carrier.id, site_record.place(), PAGE, dead=dead)
    wishes = Wishes.read(carrier.wishes)
    return render_template(
        "sites/carrier.html",
        site=carrier.site,
        carrier=carrier,
        whose=_whose(carrier),
        tally=history.tallies(db.session, [carrier.id])[carrier.id],
        page=page,
        tries=history.last_tries(db.session, page.rows),
        tested=_tested(carrier),
        dead=dead,
        kept={"carrier_id": carrier.id} | ({"state": "dead"} if dead else {}),
        secret=secret,
        wishes=wishes,
        language=locales.named(wishes.lang),
        buttons=_buttons(carrier),
        **_words(),
    )


def _tested(carrier: Carrier) -> Letter | None:
    """Give the letter that a test has just written."""
    test_id = site_record.number("test", 1)
    found = db.session.get(Letter, test_id) if test_id else None
    fits = found and found.carrier_id == carrier.id and found.kind == outbox.TEST
    return found if fits else None


def _buttons(carrier: Carrier) -> str:
    """Give the page about buttons that decide, where a carrier's chat can have some."""
    if carrier.means is not Means.CHAT:
        return ""
    chat = notifiers.by(Means.CHAT)
    pressable = getattr(chat, "pressable", None)
    if pressable is None or pressable(carrier.address, office()) is None:
        return ""
    return url_for("chat_buttons.show", site_id=carrier.site_id, carrier_id=carrier.id)


def _asked(carrier: Carrier, form: WishesForm) -> str:
    return render_template(
        "sites/carrier_edit.html",
        site=carrier.site,
        carrier=carrier,
        form=form,
        **_choices(carrier),
    )


def _choices(carrier: Carrier | None) -> dict[str, Any]:
    """Give what the fields of wishes let one choose from."""
    means = carrier.means if carrier else None
    held = Wishes.read(carrier.wishes).rhythm if carrier else None
    return {
        "happenings": carrier_forms.happenings(means),
        "rhythms": carrier_forms.rhythms(means, held),
        "zones": account_forms.zones(),
        "languages": [(tag, locales.named(tag)) for tag in locales.LANGUAGES],
        **_words(),
    }


def _words() -> dict[str, Any]:
    return {
        "mails": bool(office().smtp_url),
        "most": history.MOST,
        "masked": history.masked,
        "now": now(),
    }
