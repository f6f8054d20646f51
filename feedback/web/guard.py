"""The guard: who is signed in, and what of the desk exists for them.

Scope is checked before anything is loaded for an editor: another site's spot
is not forbidden, it is not there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, abort, g, redirect, request, session, url_for
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from feedback.accounts import keys
from feedback.accounts.models import Editor, Role
from feedback.db import db

P = ParamSpec("P")
R = TypeVar("R")

#: Where the browser's session keeps the key of its sign-in.
_KEY = "sign_in"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is asking: an editor at a browser that is signed in, or anybody."""

    editor: Editor | None = None
    key: str = ""

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
        found = keys.signed_in(db.session, key) if isinstance(key, str) else None
        g.visitor = Visitor(found, key) if found and key else Visitor()
    return g.visitor  # type: ignore[no-any-return]  # set above


def signed_in(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Let only editors in; send anybody else to the sign-in page."""

    @wraps(view)
    def guarded(*args: P.args, **values: P.kwargs) -> R | Response:
        return view(*args, **values) if visitor().is_authenticated else _ask()

    return guarded


def _ask() -> Response:
    """Send a stranger to the sign-in page, and back afterwards if this was a page."""
    asked = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", next=asked), 303)


def enter(editor: Editor, days: int) -> None:
    """Sign an editor in at this browser, under a fresh session. The caller commits."""
    session.clear()
    session[_KEY] = keys.sign_in(db.session, editor, days)


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
    return abort(404) if role is None else role


def inside(target: str | None, default: str) -> str:
    """Give `target` if it is a path of ours, else `default`: no redirect leads off the site."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    if any(ord(char) <= 32 or ord(char) == 127 or char == "\\" for char in target):
        return default
    return target
