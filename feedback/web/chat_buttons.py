"""The page where a site's owners let buttons in a chat decide where they are.

For Telegram a secret is made and given to the bot; for Slack the app's signing secret is pasted.
"""

import re
import secrets

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
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from feedback.accounts import acts
from feedback.accounts.acts import Deed
from feedback.config import Settings
from feedback.db import db
from feedback.delivery import faults, notifiers
from feedback.delivery.contract import NotTaken, Office
from feedback.delivery.models import Carrier, Means
from feedback.delivery.notifiers.chat import Chat
from feedback.delivery.notifiers.chat.slack import Slack
from feedback.delivery.notifiers.chat.telegram import Telegram
from feedback.web import guard
from feedback.web.guard import signed_in
from feedback.web.limits import limits

bp = Blueprint(
    "chat_buttons", __name__, url_prefix="/desk/sites/<int:site_id>/carriers/<int:carrier_id>"
)

#: What Slack calls the signing secret.
_SIGNING = re.compile(r"[0-9A-Za-z]{16,128}")


@bp.get("/buttons")
@signed_in
def show(site_id: int, carrier_id: int) -> str:
    """Show owners whether buttons decide in the chat, and what is to be done for it."""
    return _page(*_own(site_id, carrier_id))


@bp.post("/buttons")
@signed_in
def turn_on(site_id: int, carrier_id: int) -> AnyResponse:
    """Keep the secret of what comes in; a bot is told where to send it."""
    carrier, service = _own(site_id, carrier_id)
    secret = secrets.token_urlsafe(32)
    if isinstance(service, Slack):
        secret = request.form.get("secret", "").strip()
        if not _SIGNING.fullmatch(secret):
            wrong = _("The signing secret is 32 letters and digits, under Basic Information.")
            return Response(_page(carrier, service, wrong), 422)
    else:
        why = _connect(service, carrier, _address(service, carrier), secret)
        if why:
            return Response(_page(carrier, service, why), 422)
    carrier.secret = secret
    _note(Deed.CHAT_BUTTONS_ON, carrier, service)
    db.session.commit()
    flash(_("Buttons decide in the chat now, in messages from here on."))
    return _back(carrier)


@bp.post("/buttons/off")
@signed_in
def turn_off(site_id: int, carrier_id: int) -> AnyResponse:
    """Forget the secret: nothing that comes in is heard any more."""
    carrier, service = _own(site_id, carrier_id)
    if isinstance(service, Telegram) and carrier.secret:
        _connect(service, carrier, "", "")  # if it is not told, what it sends is not heard
    carrier.secret = ""
    _note(Deed.CHAT_BUTTONS_OFF, carrier, service)
    db.session.commit()
    flash(_("Buttons in the chat lead to the desk now."))
    return _back(carrier)


@bp.app_template_test("pressable")
def pressable(carrier: Carrier) -> bool:
    """Tell whether buttons can decide where a carrier's letters go."""
    return _service(carrier) is not None


def _service(carrier: Carrier) -> Slack | Telegram | None:
    chat = notifiers.by(Means.CHAT) if carrier.means is Means.CHAT else None
    return chat.pressable(carrier.address, _office()) if isinstance(chat, Chat) else None


def _own(site_id: int, carrier_id: int) -> tuple[Carrier, Slack | Telegram]:
    """Give an owner's chat with buttons; else nothing is there (404)."""
    guard.owned(site_id)
    carrier = db.session.get(Carrier, carrier_id) if carrier_id < 2**63 else None
    if carrier is None or carrier.site_id != site_id:
        abort(404)
    service = _service(carrier)
    return (carrier, service) if service else abort(404)


def _note(deed: Deed, carrier: Carrier, service: Slack | Telegram) -> None:
    acts.note(db.session, deed, carrier.name or named(service), carrier.site_id, guard.editor())


def _connect(service: Telegram, carrier: Carrier, url: str, secret: str) -> str:
    """Tell a bot where to send what is pressed; why that was not possible, if so."""
    limits().count("check", str(guard.editor().id))
    address = carrier.address
    db.session.commit()  # nothing is locked while Telegram is spoken to
    try:
        service.connect(address, url, secret, _office())
    except NotTaken as error:
        return faults.put(error.said)
    return ""


def named(service: Slack | Telegram) -> str:
    """Give what people call a service."""
    return type(service).__name__


def _address(service: Slack | Telegram, carrier: Carrier) -> str:
    endpoint = f"chat_hooks.{named(service).lower()}"
    return _office().base_url + url_for(endpoint, carrier_id=carrier.id)


def _office() -> Office:
    settings: Settings = current_app.extensions["settings"]
    return Office.of(settings)


def _back(carrier: Carrier) -> AnyResponse:
    place = url_for("chat_buttons.show", site_id=carrier.site_id, carrier_id=carrier.id)
    return redirect(place, 303)


def _page(carrier: Carrier, service: Slack | Telegram, wrong: str = "") -> str:
    return render_template(
        "sites/chat_buttons.html",
        site=carrier.site,
        carrier=carrier,
        service=named(service),
        address=_address(service, carrier),
        wrong=wrong,
    )
