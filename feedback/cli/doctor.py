"""`feedback doctor`: is this installation well, and what would make it so?"""

import sqlite3
from collections.abc import Iterator

import click
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from feedback import migrations
from feedback.accounts.models import Membership
from feedback.cli import doctor_page, installation
from feedback.cli.findings import Finding, Mark
from feedback.config import Settings
from feedback.db import db
from feedback.sites import Site

#: From these on, SQLite has no WAL-reset bug (https://sqlite.org/wal.html#walresetbug).
_SOUND = ((3, 44, 6), (3, 50, 7), (3, 51, 3))


@click.command()
@click.argument("url", required=False)
def doctor(url: str | None) -> None:
    """Examine the installation, and a page that embeds it: what keeps either from working?

    Exits with 1 when something does.
    """
    app = installation.made()
    with app.app_context():
        findings = list(examine(app))
        if url and all(finding.mark is not Mark.BAD for finding in findings):
            findings += doctor_page.examine(url, app.extensions["settings"])
    for finding in findings:
        click.echo(f"{finding.mark}  {finding.text}")
    if any(finding.mark is Mark.BAD for finding in findings):
        raise click.exceptions.Exit(1)


def examine(app: Flask) -> Iterator[Finding]:
    """Give what there is to say of the installation; needs an application context."""
    settings: Settings = app.extensions["settings"]
    yield from _address(settings)
    if settings.embedded:
        yield from _sqlite()
    try:
        yield from _database(settings)
    except SQLAlchemyError as error:
        line = " ".join(str(getattr(error, "orig", None) or error).split())
        yield Finding(
            Mark.BAD, f"The database does not answer: {line}. Check FEEDBACK_DATABASE_URL."
        )


def _address(settings: Settings) -> Iterator[Finding]:
    if settings.https:
        yield Finding(Mark.GOOD, f"People reach the service at {settings.base_url}.")
    else:
        text = f"People reach the service at {settings.base_url}, unencrypted. Outside of a trial, "
        yield Finding(Mark.NOTE, text + "set FEEDBACK_BASE_URL to its https address.")


def _sqlite() -> Iterator[Finding]:
    found = sqlite3.sqlite_version_info
    sound = found >= _SOUND[-1] or any(found[:2] == s[:2] and found >= s for s in _SOUND)
    if sound:
        yield Finding(Mark.GOOD, f"SQLite {sqlite3.sqlite_version}.")
    else:
        text = f"SQLite {sqlite3.sqlite_version} has a rare bug in resetting its log. "
        yield Finding(
            Mark.NOTE, text + "Python with SQLite 3.51.3 or later is better; keep backups."
        )


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.embedded and not sa.inspect(db.engine).get_table_names():
        yield Finding(Mark.NOTE, "The database is empty yet; feedback serve makes its tables.")
        return
    if not migrations.current(db.engine):
        yield Finding(Mark.BAD, "The database's tables are not this version's: feedback upgrade")
        return
    yield Finding(Mark.GOOD, f"The database answers: {sa.make_url(settings.database)!r}")
    names = db.session.scalars(sa.select(Site.name)).all()
    peopled = db.session.scalar(sa.select(sa.func.count()).select_from(Membership))
    if not names:
        yield Finding(Mark.NOTE, "No site yet: feedback site add NAME --origin URL")
    else:
        yield Finding(Mark.GOOD, f"Sites: {', '.join(names)}.")
    if names and not peopled:
        yield Finding(Mark.NOTE, "No editor yet: feedback editor add EMAIL --site NAME")


COMMANDS = (doctor,)
