"""The browser's session: Flask's signed cookie, for those who have one."""

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin


class Sessions(SecureCookieSessionInterface):
    """Flask's own, which costs nothing where there is no cookie and nobody asks for a session.

    A reader's report comes without one, and to make what signs cookies takes longer than to find
    out whose report it is.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the session from the cookie; an empty one without."""
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie if the session was changed; nothing if nobody has touched it."""
        if session.accessed or session.modified:
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    """Have the application's sessions be of this kind."""
    app.session_interface = Sessions()
