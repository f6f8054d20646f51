"""The application: a table of contents."""

from flask import Flask

from feedback import web
from feedback.config import Settings, load
from feedback.db import db
from feedback.shipped import shipped


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. Without `settings` they are read from where they are kept."""
    settings = settings or load()
    app = Flask("feedback", static_folder=None, template_folder=str(shipped("templates")))
    app.extensions["settings"] = settings
    db.init_app(app)
    web.init_app(app)
    return app
