"""`feedback backup` and `feedback restore`: an installation becomes one file, and the other way."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback import migrations
from feedback.backup import archive, parking, restoring, saving
from feedback.backup.archive import Archive, CannotBackUp, Manifest
from feedback.backup.parking import Parked
from feedback.backup.restoring import CannotRestore
from feedback.cli import installation
from feedback.config import Settings, load
from feedback.db import db, now

_FILE = click.argument("file", type=click.Path(path_type=Path))


@click.command()
@_FILE
@click.option("--without-key", is_flag=True, help="Leave the secret key of the home out.")
def backup(file: Path, *, without_key: bool) -> None:
    """Write all that the installation knows to one new FILE, while the service goes on.

    What was committed before it began is in it. So is the secret key, if it is kept in the home:
    keep FILE as safe as the service.
    """
    settings = load()
    _check_there(settings)
    with_key = not without_key and not settings.secret_key.get_secret_value()
    app = installation.made(settings)
    with app.app_context(), saving.snapshot(db.engine) as connection:
        manifest = saving.save(connection, file, settings.secret, with_key=with_key)
    size = file.stat().st_size
    click.echo(f"{file} has {_told(manifest)}; {size:,} bytes.")
    click.echo(f"The secret key is {'' if with_key else 'not '}in it.")
    click.echo(
        f"Next: keep it elsewhere; feedback restore --check {file} tells whether it is whole"
    )


def _check_there(settings: Settings) -> None:
    """See that there is something to back up, before anything is made. Raises CannotBackUp."""
    path = sa.make_url(settings.database).database if settings.embedded else None
    if path and not Path(path).is_file():
        raise CannotBackUp(f"there is no database at {path}; is this the right FEEDBACK_HOME?")
    if not settings.secret_key.get_secret_value() and not (settings.home / _KEPT).is_file():
        text = f"there is no secret key in {settings.home}; name the service's FEEDBACK_HOME"
        raise CannotBackUp(f"{text}, or its FEEDBACK_SECRET_KEY")


#: What the secret key is called in the home.
_KEPT = "secret_key"


@click.command()
@_FILE
@click.option("--check", is_flag=True, help="Only see that FILE is whole; restore nothing.")
@click.option(
    "--send-waiting",
    is_flag=True,
    help="Send what waited to go out when the backup was made: the original sent none of it since.",
)
@click.option(
    "--drill",
    is_flag=True,
    help="A copy to look at beside its original: nothing leaves it, no reader's address is kept.",
)
def restore(file: Path, *, check: bool, send_waiting: bool, drill: bool) -> None:
    """Restore a backup FILE into an empty database: all of it or nothing.

    Letters that waited when it was made may have gone since: they are held as dead letters, to be
    sent again by hand.
    """
    if drill and send_waiting:
        raise click.UsageError("--drill and --send-waiting exclude each other.")
    with archive.reading(file) as backup:
        backup.verify()
        if check:
            click.echo(f"{file} is whole: {_told(backup.manifest)}.")
            return
        settings = load()
        with _keyed(settings, backup):
            parked = _restore(settings, backup, park=not send_waiting, drill=drill)
        _tell(backup.manifest, settings, parked)


def _restore(settings: Settings, backup: Archive, *, park: bool, drill: bool) -> Parked | None:
    app = installation.made(settings)
    undo = timedelta(seconds=settings.undo_seconds)
    with app.app_context(), migrations.alone(db.engine) as connection:
        restoring.load(connection, backup)
        session = Session(connection)
        parked = parking.park(session, backup.manifest.at, now(), undo) if park else None
        if drill:
            parking.silence(session, now())
        session.flush()
        return parked


@contextmanager
def _keyed(settings: Settings, backup: Archive) -> Iterator[None]:
    """Let the home have the backup's secret key; leave nothing there if restoring fails.

    Raises CannotRestore.
    """
    kept = settings.home / _KEPT
    if not backup.key or settings.secret_key.get_secret_value():
        yield
        return
    if kept.exists():
        if kept.read_text("utf-8").strip() != backup.key:
            raise CannotRestore(
                f"{kept} is another secret key than the backup's; move it away, or set "
                "FEEDBACK_SECRET_KEY to the one that is to be used"
            )
        yield
        return
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(backup.key)
    try:
        yield
    except BaseException:
        kept.unlink()
        raise


def _told(manifest: Manifest) -> str:
    """Say what a backup is of."""
    counts = (("site", "site"), ("report", "report"), ("spot", "spot"), ("editor", "editor"))
    said = [_counted(manifest.rows(table), thing) for table, thing in counts]
    return f"{', '.join(said)}, as of {manifest.at} (version {manifest.version})"


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _tell(manifest: Manifest, settings: Settings, parked: Parked | None) -> None:
    click.echo(f"Restored: {_told(manifest)}.")
    if saving.fingerprint(settings.secret) != manifest.key:
        click.echo("The secret key is another one: receipts and links made with the old are dead.")
    if parked and parked.held:
        text = f"{_counted(parked.held, 'letter')} may have arrived and will not go by themselves"
        click.echo(f"{text}: feedback letters list --dead")
    if parked and parked.dropped:
        click.echo(f"{_counted(parked.dropped, 'letter')} to readers and owners will not go.")
    if parked and parked.readers:
        text = f"{_counted(parked.readers, 'report')} may have been answered and will not be again"
        click.echo(f"{text}.")
    click.echo("Next: feedback serve (search finds more and more, as the worker reads the spots)")


COMMANDS = (backup, restore)
