"""`feedback export`: spots and reports for other programs, as they are in one moment."""

import errno
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback import sites
from feedback.backup import saving
from feedback.cli.exports import FORMS, Wholes
from feedback.cli.installation import opened, printable
from feedback.db import db
from feedback.desk.queue import BadQuery, Query
from feedback.reports.models import Spot
from feedback.sites import Site
from feedback.web import api


def _named(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Check a name that may be left out."""
    return None if value is None else printable(context, parameter, value)


def _since(
    _context: click.Context, parameter: click.Parameter, value: str | None
) -> datetime | None:
    """Read a day or a time as the API does."""
    try:
        return Query.read(0, {"since": value or ""}).since
    except BadQuery:
        text = f"{value!r} is no time; write 2026-11-24 or 2026-11-24T00:36:02Z."
        raise click.BadParameter(text, param=parameter) from None


@click.command()
@click.option("--site", "site_name", callback=_named, help="The site's name; else all sites.")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMS)),
    default="csv",
    show_default=True,
    help="A table with a row for each report; or for each spot a line of JSON, as the API has it "
    "or as a W3C Web Annotation.",
)
@click.option("--since", callback=_since, help="Only spots reported last from this day or time on.")
@click.option("--output", type=click.Path(path_type=Path), help="A new file; else standard output.")
@click.option("--with-addresses", is_flag=True, help="With the e-mail addresses of readers.")
def export(
    site_name: str | None,
    form: str,
    since: datetime | None,
    output: Path | None,
    *,
    with_addresses: bool,
) -> None:
    """Write spots and their reports for other programs, while the service goes on.

    All that is written was so in one moment. The addresses of readers are left out unless they are
    asked for.
    """
    if with_addresses and form == "annotations":
        raise click.UsageError("--with-addresses is for csv and json: annotations name nobody.")
    with (
        _standard() if output is None else _file(output) as out,
        opened() as app,
        saving.snapshot(db.engine) as connection,
    ):
        session = Session(connection)
        wholes = Wholes(session, _asked(session, site_name, since))
        base = f"{app.extensions['settings'].base_url}{api.bp.url_prefix}/spots"
        for piece in FORMS[form](wholes, base, with_addresses):
            out.write(piece.encode())
    if output is not None:
        counts = f"{_counted(wholes.spots, 'spot')} and {_counted(wholes.reports, 'report')}"
        click.echo(f"{output} has {counts}.")
        click.echo("Next: keep it from strangers, for it has what readers wrote")


def _asked(session: Session, site_name: str | None, since: datetime | None) -> sa.Select[Spot]:
    """Select the spots that are asked for. Raises Unknown."""
    spots = sa.select(Spot)
    if site_name is not None:
        spots = spots.where(Spot.site_id == sites.named(session, site_name).id)
    elif session.scalar(sa.select(sa.func.min(Site.id))) is None:
        raise sites.Unknown("there is no site; is this the right FEEDBACK_HOME?")
    return spots if since is None else spots.where(Spot.last_at >= since)


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


@contextmanager
def _standard() -> Iterator[IO[bytes]]:
    """Write to standard output; say nothing where whoever reads it has seen enough."""
    out = sys.stdout.buffer
    try:
        yield out
        out.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left goes there
        if error.errno == errno.EPIPE:
            raise click.exceptions.Exit(1) from None
        text = f"standard output: {error.strerror}; write to where there is room"
        raise click.ClickException(text) from None


@contextmanager
def _file(path: Path) -> Iterator[IO[bytes]]:
    """Write a new file, for its owner's eyes only.

    A file under another name is written, and is on the disk for sure. It gets its name by a link,
    which replaces nothing.
    """
    if path.exists():
        raise _there(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        path.hardlink_to(part)
    except FileExistsError:
        raise _there(path) from None
    except OSError as error:
        text = f"{path}: {error.strerror}; name a file where there is room and a right"
        raise click.ClickException(text) from None
    finally:
        part.unlink(missing_ok=True)


def _there(path: Path) -> click.ClickException:
    return click.ClickException(f"{path} is there already; name another file, or remove it")


COMMANDS = (export,)
