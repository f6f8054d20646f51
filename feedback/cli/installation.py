"""The installation that a command works on."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from feedback import create_app, migrations
from feedback.cli import records, soundness
from feedback.config import Misconfigured, Settings, load, unknown
from feedback.db import db

log = logging.getLogger("feedback")


def made(settings: Settings | None = None) -> Flask:
    """Make the application; say what of the environment is no setting. Raises Misconfigured."""
    settings = settings or load()
    logging.getLogger().setLevel(settings.log_level)
    if settings.log_format == "json":
        records.as_json()
    for name in unknown(os.environ):
        log.warning("%s is not a setting of this version; see docs/settings.md", name)
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        text = f"FEEDBACK_HOME: {error.filename}: {error.strerror}; name a folder we may write to"
        raise Misconfigured(text) from None
    return create_app(settings)


def printable(_context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Check a name or an address given on the command line."""
    if not value.strip() or not value.isprintable():
        raise click.BadParameter("must not be blank, nor hold control characters", param=parameter)
    return value.strip()


def brought_up(app: Flask) -> None:
    """Bring an embedded database up to date, if it is sound; of any other, ask that it is."""
    soundness.look(app.extensions["settings"])
    with app.app_context():
        if migrations.current(db.engine):
            return
        if not app.extensions["settings"].embedded:
            raise click.ClickException(
                "the database is not at this version's revision; run `feedback upgrade`"
            )
        migrations.upgrade(db.engine)


@contextmanager
def opened() -> Iterator[Flask]:
    """Open the installation for a command; its database is up to date."""
    app = made()
    brought_up(app)
    with app.app_context():
        yield app
