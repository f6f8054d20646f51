"""How a request reaches us: `GET /doctor` tells it to `feedback doctor`, and to nobody else.

The doctor asks through the address by which people come, and shows that it has our secret key. So
it learns whether it is we who answer there, and what the proxies on the way make of a request.
"""

import time

from flask import Blueprint, Response, abort, current_app, json, request
from itsdangerous import BadData

from feedback.config import Settings
from feedback.db import now
from feedback.sealing import sealer
from feedback.web import clients

bp = Blueprint("reached", __name__)

#: Seconds for which a pass is good, before and after: clocks may differ, which is to be found out.
_GOOD = 3600
_PURPOSE = "doctor"


def a_pass(secret: str) -> str:
    """Make what opens `/doctor`: the value of `Authorization`."""
    return f"Bearer {sealer(secret, _PURPOSE).dumps(int(time.time()))}"


@bp.get("/doctor")
def tell() -> Response:
    """Tell whom the request came from, as we see it."""
    settings: Settings = current_app.extensions["settings"]
    if not _opens(request.headers.get("Authorization", ""), settings.secret):
        abort(404)
    told = {
        "peer": request.environ.get("REMOTE_ADDR", ""),
        "client": clients.address(request.environ, settings.trusted_proxies),
        "forwarded": "HTTP_X_FORWARDED_FOR" in request.environ,
        "at": now().timestamp(),
    }
    return Response(json.dumps(told) + "\n", mimetype="application/json")


def _opens(shown: str, secret: str) -> bool:
    try:
        made = sealer(secret, _PURPOSE).loads(shown.removeprefix("Bearer "))
    except BadData:
        return False
    return isinstance(made, int) and abs(time.time() - made) < _GOOD
