"""The door of the API: which token is shown, what it opens, and how often."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, g, request

from feedback.accounts import keys
from feedback.accounts.models import Scope, Token
from feedback.db import db
from feedback.web import security_log, traces
from feedback.web.limits import limits
from feedback.web.problems import problem
from feedback.web.security_log import Event

View = Callable[..., Response]


def needs(scope: Scope) -> Callable[[View], View]:
    """Let only a token in that has `scope`; it is then `g.token`. Raises TooMany."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(**values: Any) -> Response:
            g.token = _token()
            if g.token is None:
                return _unknown()
            limits().count("api", str(g.token.id))
            traces.leave(g.token)
            if scope is Scope.DECIDE and not _decides(g.token):
                security_log.note(Event.NOT_ALLOWED, editor=g.token.editor, token=g.token.id)
                return problem(403, "scope", "This token, or its editor, may only read.")
            return view(**values)

        return guarded

    return wrap


def _token() -> Token | None:
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    token = keys.holder(db.session, key.strip()) if kind.lower() == "bearer" and key else None
    return token if token and token.editor.role_at(token.site_id) else None


def _decides(token: Token) -> bool:
    role = token.editor.role_at(token.site_id)
    return token.scope is Scope.DECIDE and role is not None and role.decides


def _unknown() -> Response:
    if "Authorization" in request.headers:
        security_log.note(Event.TOKEN_REFUSED)
    detail = "Send `Authorization: Bearer TOKEN`; see `feedback token create`."
    answer = problem(401, "token", detail)
    answer.headers["WWW-Authenticate"] = 'Bearer realm="feedback"'
    return answer
