"""Soundness: an SQLite file is looked at before anything is written to it."""

import os
import sqlite3
import time
from pathlib import Path
from urllib.parse import quote

import click
import sqlalchemy as sa

from feedback.config import Settings

#: Seconds for which a file is looked at: enough for some 100,000 reports, and nobody waits long.
_LOOK = 0.5


def look(settings: Settings) -> None:
    """Refuse to go on with an SQLite file that is damaged, or that may not be written to.

    It is opened for reading only, and left as it is.

    A large file is looked at as far as the time goes: what is damaged in the rest of it is found
    when it is read. Raises ClickException.
    """
    path = Path(sa.make_url(settings.database).database or "")
    if not settings.embedded or not path.is_file() or not path.stat().st_size:
        return
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        text = f"{path}: this user may not write to it, or not to its folder; change their owner"
        raise click.ClickException(text)
    damage = _damage(path)
    if damage:
        text = f"{path} is damaged ({damage}). Nothing in it was changed; put a backup in its place"
        raise click.ClickException(text)


def _damage(path: Path) -> str:
    """Say what is wrong with a file; empty if nothing was found."""
    until = time.monotonic() + _LOOK
    try:
        file = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
        try:
            file.set_progress_handler(lambda: time.monotonic() > until, 10_000)
            found: str = file.execute("PRAGMA quick_check(1)").fetchone()[0]
        finally:
            file.close()
    except sqlite3.OperationalError:
        return ""  # the time is over, or it cannot be opened, which is said where it is needed
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else found.splitlines()[-1]
