"""The language and the time zone of our pages, and how they say things."""

from datetime import datetime

from flask import Flask, request
from flask_babel import Babel, format_datetime, format_timedelta

from feedback.db import now

#: Languages of the desk.
LANGUAGES = ("en",)


def init_app(app: Flask) -> None:
    """Choose each request's language and give the templates their words for times."""
    Babel(app, locale_selector=_choose)
    app.jinja_env.filters["ago"] = ago
    app.jinja_env.filters["moment"] = format_datetime


def _choose() -> str:
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def ago(at: datetime) -> str:
    """Say how long ago, in one unit: `3 hours ago`."""
    return str(format_timedelta(at - now(), add_direction=True, threshold=1.1))
