"""Soundness: an SQLite file is looked at before anything is written to it."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import click
import sqlalchemy as sa

from feedback.config import Settings

#: Seconds for which a file is looked at: enough for some 100,000 reports, and nobody waits long.
_LOOK = 0.5
#: Seconds after which the look is ended from outside, where a process cannot set itself an end.
_END = 5.0
#: What looks at the file that it is given, for so many seconds, and says what is wrong, or `ok`. A
#: file that cannot be opened is for those who need it to say.
_CHECK = """
import signal, sqlite3, sys
if hasattr(signal, "setitimer"):
    signal.setitimer(signal.ITIMER_REAL, float(sys.argv[2]))
try:
    file = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    print(file.execute("PRAGMA quick_check(1)").fetchone()[0])
except sqlite3.OperationalError:
    print("ok")
except sqlite3.DatabaseError as error:
    print(error)
"""


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
    """Say what is wrong with a file; empty if nothing was found in time.

    SQLite looks at a table and at an index without a break, for minutes if that is large, and
    hears nobody meanwhile. So a process of its own looks, and is ended when the time is over.
    """
    command = [sys.executable, "-I", "-S", "-c", _CHECK, quote(str(path)), str(_LOOK)]
    try:
        done = subprocess.run(  # noqa: S603 -- fixed words, and the file that is ours
            command, capture_output=True, check=False, timeout=_END
        )
    except subprocess.TimeoutExpired:
        return ""
    found = done.stdout.decode(errors="replace").split("\n")
    return "" if "ok" in found else next(reversed([line for line in found if line]), "")
