"""Typo reports from readers, in the editors' queue."""

from pathlib import Path

from flask import Flask

from feedback import web
from feedback.config import Settings, load
from feedback.db import db

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. Without `settings` they are read from where they are kept."""
    settings = settings or load()
    app = Flask("feedback", static_folder=None, template_folder=str(shipped("templates")))
    app.extensions["settings"] = settings
    db.init_app(app)
    web.init_app(app)
    return app


def shipped(name: str) -> Path:
    """Find a folder that ships: beside the package in a checkout, inside it once installed."""
    here = Path(__file__).parent
    inside = here / name
    return inside if inside.is_dir() else here.parent / name
