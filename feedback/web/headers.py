"""Headers that every answer carries.

After OWASP's Secure Headers and Mozilla's HTTP Observatory. A view that needs
another value sets it itself; what is set stays.
"""

from flask import Flask, Response, current_app

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

#: Two years, as browsers' preload lists ask; sent over https only.
STRICT_TRANSPORT_SECURITY = "max-age=63072000; includeSubDomains"


def init_app(app: Flask) -> None:
    """Add the headers to every answer, errors included."""
    app.after_request(add)


def add(response: Response) -> Response:
    """Set each header that the view has not set."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    settings: Settings = current_app.extensions["settings"]
    if settings.https:
        response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT_SECURITY)
    return response
