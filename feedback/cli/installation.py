"""The installation that a command works on."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from feedback import create_app, migrations
from feedback.config import Settings, load, unknown
from feedback.db import db

log = logging.getLogger("feedback")


def made(settings: Settings | None = None) -> Flask:
    """Make the application; say what of the environment is no setting."""
    for name in unknown(os.environ):
        log.warning("%s is not a setting of this version; see docs/settings.md", name)
    settings = settings or load()
    if settings.embedded:
        settings.home.mkdir(parents=True, exist_ok=True)
    return create_app(settings)


def brought_up(app: Flask) -> None:
    """Bring an embedded database up to date; of any other, ask that it is."""
    with app.app_context():
        if app.extensions["settings"].embedded:
            migrations.upgrade(db.engine)
        elif not migrations.current(db.engine):
            raise click.ClickException(
                "the database is not at this version's revision; run `feedback upgrade`"
            )


@contextmanager
def opened() -> Iterator[Flask]:
    """Open the installation for a command; its database is up to date."""
    app = made()
    brought_up(app)
    with app.app_context():
        yield app
