"""The guard: who is signed in, and what of the desk exists for them.

Scope is checked before anything is loaded for an editor: another site's spot
is not forbidden, it is not there.
"""

from dataclasses import dataclass
from typing import cast

from flask import Flask, abort, redirect, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from feedback.accounts import keys
from feedback.accounts.models import Editor, Role
from feedback.db import db


@dataclass(frozen=True, slots=True)
class Visitor:
    """An editor at a browser that is signed in, as Flask-Login wants one.

    The id that the cookie carries is the sign-in's own key, so that signing
    out ends it for every copy of the cookie.
    """

    editor: Editor
    key: str
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """Give what the cookie carries."""
        return self.key


def init_app(app: Flask) -> None:
    """Set up Flask-Login."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_load)
    manager.unauthorized_handler(_ask)


def _load(key: str) -> Visitor | None:
    editor = keys.signed_in(db.session, key)
    return Visitor(editor, key) if editor else None


def _ask() -> Response:
    """Send a stranger to the sign-in page, and back afterwards if this was a page."""
    asked = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", next=asked), 303)


def enter(editor: Editor, days: int) -> None:
    """Sign an editor in at this browser, under a fresh session. The caller commits."""
    session.clear()
    login_user(Visitor(editor, keys.sign_in(db.session, editor, days)))


def leave() -> None:
    """Sign the editor out at this browser, for good. The caller commits."""
    keys.sign_out(db.session, visitor().key)
    logout_user()
    session.clear()


def visitor() -> Visitor:
    """Give who is signed in; only behind `login_required`."""
    return cast("Visitor", current_user)


def editor() -> Editor:
    """Give the editor who is signed in; only behind `login_required`."""
    return visitor().editor


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
