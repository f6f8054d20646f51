"""`feedback doctor`: is this installation well, does a page work, and what would make it so?"""

import json
import sqlite3
from collections.abc import Generator, Iterator

import click
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from feedback import migrations, sites
from feedback.accounts.models import Membership
from feedback.articles import looking
from feedback.cli import checkup, installation, reaching
from feedback.config import Settings
from feedback.db import db, now
from feedback.embedding import examining
from feedback.embedding.examining import Examined
from feedback.embedding.findings import Finding, Mark
from feedback.embedding.origins import Admission
from feedback.embedding.sample import Sample
from feedback.sites import Site

#: From these on, SQLite has no WAL-reset bug (https://sqlite.org/wal.html#walresetbug).
_SOUND = ((3, 44, 6), (3, 50, 7), (3, 51, 3))

#: What stands below a finding begins where its text does, and a little further.
_INDENT = " " * 8


@click.command()
@click.argument("url", required=False)
def doctor(url: str | None) -> None:
    """Examine the installation, and a page that embeds it: what keeps either from working?

    Exits with 1 when something does.
    """
    app = installation.made()
    with app.app_context():
        findings = list(examine(app))
        found = Examined(tuple(findings))
        _tell(found)
        if url and found.works:
            found = _page(url, app)
            _tell(found)
    if not found.works:
        raise click.exceptions.Exit(1)


def _page(url: str, app: Flask) -> Examined:
    """Examine a page of any site."""
    admission = Admission(sites.admitted(db.session))
    db.session.commit()
    policy = looking.policy(app.extensions["settings"])
    return examining.examine(url, app.extensions["embed"], admission, policy=policy, now=now())


def _tell(found: Examined) -> None:
    """Print a line for each finding, with what is to be pasted at its end."""
    for finding in found.findings:
        lead, *lines = f"{finding.mark:4}  {finding.text}", *finding.line.splitlines()
        _print("  ".join([lead, *lines]) if len(lines) < 2 else lead)
        for line in lines if len(lines) > 1 else []:
            _print(_INDENT + line)
    if found.sample is not None:
        _show(found.sample, found.url)


def _show(sample: Sample, url: str) -> None:
    """Print what a selection would be sent as, texts as JSON has them."""
    shown = {
        "exact": json.dumps(sample.exact, ensure_ascii=False),
        "prefix": json.dumps(sample.prefix, ensure_ascii=False),
        "suffix": json.dumps(sample.suffix, ensure_ascii=False),
        "position": f"{sample.start} to {sample.end} of {sample.length}",
        "link": f"{url}#{sample.fragment}",
    }
    for name, text in shown.items():
        _print(f"{_INDENT}{name:8}  {text}")


def _print(line: str) -> None:
    """Print a line; what a page wrote does not speak to the terminal."""
    click.echo("".join(char if char.isprintable() else "\ufffd" for char in line))


def examine(app: Flask) -> Iterator[Finding]:
    """Give what there is to say of the installation; needs an application context."""
    settings: Settings = app.extensions["settings"]
    yield from _address(settings)
    yield from checkup.secret(settings)
    yield from checkup.disk(settings)
    if settings.embedded:
        yield from _sqlite()
    in_use = False
    try:
        if (yield from _database(settings)):
            in_use = checkup.in_use()
            yield from _work(settings)
    except SQLAlchemyError as error:
        line = " ".join(str(getattr(error, "orig", None) or error).split())
        yield Finding(
            Mark.BAD, f"The database does not answer: {line}. Check FEEDBACK_DATABASE_URL."
        )
    yield from checkup.limits(app)
    yield from checkup.mail(settings)
    yield from reaching.examine(settings, in_use=in_use)


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


def _database(settings: Settings) -> Generator[Finding, None, bool]:
    """Look at the database; tell whether it is one that this version can work with."""
    if settings.embedded and not sa.inspect(db.engine).get_table_names():
        yield Finding(Mark.NOTE, "The database is empty yet; feedback serve makes its tables.")
        return False
    if not migrations.current(db.engine):
        yield Finding(Mark.BAD, "The database's tables are not this version's: feedback upgrade")
        return False
    yield Finding(Mark.GOOD, f"The database answers: {sa.make_url(settings.database)!r}")
    return True


def _work(settings: Settings) -> Iterator[Finding]:
    """Look at what is in the database."""
    yield from checkup.clock(settings)
    names = db.session.scalars(sa.select(Site.name)).all()
    peopled = db.session.scalar(sa.select(sa.func.count()).select_from(Membership))
    if not names:
        yield Finding(Mark.NOTE, "No site yet: feedback site add NAME --origin URL")
    else:
        yield Finding(Mark.GOOD, f"Sites: {', '.join(names)}.")
    if names and not peopled:
        yield Finding(Mark.NOTE, "No editor yet: feedback editor add EMAIL --site NAME")
    yield from checkup.worker(settings)
    yield from checkup.letters()
    db.session.commit()


COMMANDS = (doctor,)
