"""The language and the time zone of our pages, and how they say things."""

from datetime import datetime, tzinfo
from functools import lru_cache

from babel import Locale, dates
from flask import Flask, has_request_context, request
from flask_babel import Babel, format_timedelta, get_locale, get_timezone

from feedback.accounts.models import Editor
from feedback.db import now
from feedback.web import catalogs, guard

#: Languages of the desk.
LANGUAGES = catalogs.languages()

#: Rooms whose pages speak to readers: nobody asks who is signed in there.
_READERS = frozenset({"reports_api", "report_form", "receipts", "erasing", "corrections"})


def init_app(app: Flask) -> None:
    """Choose each request's language and zone and give the templates their words for times."""
    babel = Babel(app, locale_selector=_choose, timezone_selector=_zone)
    babel.domain_instance = catalogs.Catalogs()
    app.jinja_env.globals["_"] = catalogs.say
    app.jinja_env.filters["ago"] = ago
    app.jinja_env.filters["moment"] = moment


def named(tag: str) -> str:
    """Give a language's own name."""
    return Locale.parse(tag).get_display_name() or tag


def _choose() -> str:
    """Choose the editor's language, else the browser's; English where nobody asks."""
    if not has_request_context():
        return catalogs.ORIGINAL
    editor = _editor()
    if editor and editor.language in LANGUAGES:
        return editor.language
    return _asked_for()


def _asked_for() -> str:
    """Give the language that the browser would have first, by RFC 4647's lookup (3.4)."""
    spoken = {tag.lower().replace("_", "-"): tag for tag in LANGUAGES}
    for asked, quality in request.accept_languages:
        left = asked.lower() if quality else ""
        while left:
            if left in spoken:
                return spoken[left]
            left = left.rpartition("-")[0]
    return catalogs.ORIGINAL


def _zone() -> str | None:
    """Choose the editor's time zone, else UTC."""
    editor = _editor()
    return (editor.zone or None) if editor else None


def _editor() -> Editor | None:
    """Give the editor to whom this page speaks."""
    if not has_request_context() or request.path.startswith("/api/"):
        return None
    return None if request.blueprint in _READERS else guard.visitor().editor


def ago(at: datetime) -> str:
    """Say how long ago, in one unit: `3 hours ago`."""
    return str(format_timedelta(at - now(), add_direction=True, threshold=1.1))


def moment(at: datetime, length: str) -> str:
    """Say when: in the language and the zone of the page, `short`, `medium`, `long` or `full`."""
    return _moment(at, length, get_timezone(), get_locale())


@lru_cache(maxsize=1000)
def _moment(at: datetime, length: str, zone: tzinfo, locale: Locale) -> str:
    """Say it once: a queue is looked at again and again, and mostly has the same rows."""
    return dates.format_datetime(at, length, zone, locale)
