"""The application: a table of contents."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from feedback import web
from feedback.config import Settings, load
from feedback.db import db
from feedback.shipped import shipped


class Service(Flask):
    """A Flask application of plain functions."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Give the function as it is; Flask would look at each call whether it is async."""
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. Without `settings` they are read from where they are kept."""
    settings = settings or load()
    app = Service("feedback", static_folder=None, template_folder=str(shipped("templates")))
    app.extensions["settings"] = settings
    db.init_app(app)
    web.init_app(app)
    return app
