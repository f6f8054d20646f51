"""The guard: who is signed in, and what of the desk exists for them.

Scope is checked before anything is loaded for an editor: another site's spot
is not forbidden, it is not there.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from feedback.accounts import keys, people
from feedback.accounts.models import Editor, Membership, Role
from feedback.config import Settings
from feedback.db import db
from feedback.web import clients, security_log, traces
from feedback.web.security_log import Event

P = ParamSpec("P")
R = TypeVar("R")

#: Where the browser's session keeps the key of its sign-in.
_KEY = "sign_in"
#: Where it keeps who has given the password and not yet the second factor's code.
_HALF = "half_way"
#: Where it keeps the key of a sign-in that it had before that.
_BEFORE = "before"
#: How long the code may take, in seconds.
_PATIENCE = 300
#: What one may do without a second factor where it is required, besides turning it on.
_WITHOUT = frozenset({"accounts.leave"})
#: What an open page asks by itself; it keeps nobody signed in who went away.
_BY_ITSELF = frozenset({"live"})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is asking: an editor at a browser that is signed in, or anybody."""

    editor: Editor | None = None
    key: str = ""
    #: The id of the sign-in.
    at: int = 0

    @property
    def is_authenticated(self) -> bool:
        """Whether this is an editor."""
        return self.editor is not None


def init_app(app: Flask) -> None:
    """Tell the pages who is asking; only those that want to know read the session for it."""
    app.context_processor(lambda: {"current_user": LocalProxy(visitor)})


def visitor() -> Visitor:
    """Give who is asking; looked up once a request.

    The browser's cookie holds a key, the database holds the sign-in: when that
    is gone, every copy of the cookie is worth nothing.
    """
    if "visitor" not in g:
        key = session.get(_KEY)
        found = keys.signed_in(db.session, key, _settings().idle) if isinstance(key, str) else None
        g.visitor = Visitor(found.editor, key, found.id) if found and key else Visitor()
        if found and request.blueprint not in _BY_ITSELF:
            traces.leave(found)
    return g.visitor  # type: ignore[no-any-return]  # set above


def signed_in(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Let only editors in; send anybody else to the sign-in page.

    Where a second factor is required, who has none is led to turn it on and gets no further.
    """

    @wraps(view)
    def guarded(*args: P.args, **values: P.kwargs) -> R | Response:
        if not visitor().is_authenticated:
            return _ask()
        return to_second_factor() or view(*args, **values)

    return guarded


def to_second_factor() -> Response | None:
    """Give the way to turn the second factor on, for whom it is required of and who has none."""
    lacking = requires_second_factor() and not editor().totp_secret
    if not lacking or request.blueprint == "second_factor" or request.endpoint in _WITHOUT:
        return None
    return redirect(url_for("second_factor.show"), 303)


def requires_second_factor() -> bool:
    """Tell whether all editors of this installation sign in with two factors."""
    return _settings().two_factor == "required"


def _ask() -> Response:
    """Send a stranger to the sign-in page, and back afterwards if this was a page."""
    asked = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", next=asked), 303)


def enter(editor: Editor) -> None:
    """Sign an editor in at this browser, under a fresh session. The caller commits.

    A sign-in that the browser had until now ends: nothing would show its key any more but a copy.
    """
    settings = _settings()
    for held in (session.get(_KEY), session.get(_BEFORE)):
        if isinstance(held, str):
            keys.sign_out(db.session, held)
    session.clear()
    session[_KEY] = keys.sign_in(
        db.session,
        editor,
        settings.sign_in_days,
        agent=request.user_agent.string,
        address=clients.address(request.environ, settings.trusted_proxies),
    )


def half_enter(editor: Editor) -> None:
    """Remember for some minutes that this browser gave an editor's password: the code is missing.

    It is worth nothing once the password is another one.
    """
    before = session.get(_KEY)
    session.clear()
    if before:
        session[_BEFORE] = before  # it ends when the code is given
    session[_HALF] = [editor.id, people.state(editor), int(time.time()) + _PATIENCE]


def half_entered() -> Editor | None:
    """Give the editor whose code is missing at this browser."""
    held = session.get(_HALF)
    if not held or held[2] < time.time():
        return None
    found = db.session.get(Editor, held[0])
    fits = found and not found.disabled_at and people.state(found) == held[1]
    return found if fits else None


def leave() -> None:
    """Sign the editor out at this browser, for good. The caller commits."""
    keys.sign_out(db.session, visitor().key)
    session.clear()


def editor() -> Editor:
    """Give the editor who is signed in; only behind `signed_in`."""
    found = visitor().editor
    return abort(404) if found is None else found


def role_at(site_id: int) -> Role:
    """Give the signed-in editor's role at a site; where there is none, nothing is there (404)."""
    role = editor().role_at(site_id)
    return _nothing() if role is None else role


def membership_at(site_id: int) -> Membership:
    """Give the signed-in editor's part in a site; where there is none, nothing is there (404)."""
    found = next((each for each in editor().memberships if each.site_id == site_id), None)
    return _nothing() if found is None else found


def _nothing() -> NoReturn:
    note_refusal()
    abort(404)


def note_refusal() -> None:
    """Log that whoever is signed in asked for what they have no role for."""
    who = g.get("visitor")
    if who is not None and who.editor is not None:
        security_log.note(Event.NOT_ALLOWED, editor=who.editor)


def owned(site_id: int) -> None:
    """Go on for an owner of a site; its other people are told that they may not (403)."""
    if role_at(site_id) is not Role.OWNER:
        abort(403, _("This page is for the owners of the site."))


def inside(target: str | None, default: str) -> str:
    """Give `target` if it is a path of ours, else `default`: no redirect leads off the site."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    if any(ord(char) <= 32 or ord(char) == 127 or char == "\\" for char in target):
        return default
    return target


def _settings() -> Settings:
    return current_app.extensions["settings"]  # type: ignore[no-any-return]  # ours
