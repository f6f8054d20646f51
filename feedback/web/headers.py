"""Headers that every answer carries.

After OWASP's Secure Headers and Mozilla's HTTP Observatory. A view that needs
another value sets it itself; what is set stays.
"""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask

from feedback.config import Settings

#: For pages of our own. No inline script or style, nothing from elsewhere.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}

_STS = "Strict-Transport-Security"
#: Two years, as browsers' preload lists ask; sent over https only.
STRICT_TRANSPORT_SECURITY = "max-age=63072000; includeSubDomains"


def init_app(app: Flask) -> None:
    """Add the headers to every answer, whoever made it.

    It happens below Flask: there an answer's headers are a plain list, and adding to it is ten
    times as fast as setting each.
    """
    settings: Settings = app.extensions["settings"]
    usual = HEADERS | ({_STS: STRICT_TRANSPORT_SECURITY} if settings.https else {})
    by_name = {name.lower(): (name, value) for name, value in usual.items()}
    inner = app.wsgi_app

    def with_headers(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            said = {name.lower() for name, _ in headers}
            headers += [header for name, header in by_name.items() if name not in said]
            return start_response(status, headers, error)

        return inner(environ, start)

    app.wsgi_app = with_headers  # type: ignore[method-assign]  # as Flask's manual has it
