"""Isso (https://isso-comments.de), to compare with: what a comment costs in a service like it.

It is installed for the run into an environment of its own. It runs as it comes, with three settings
changed: the site that it serves, no limit on comments (ours is off too), and nobody told of them.
The server is Waitress, as ours is, with as many threads.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import servers
from bench.bodies import ORIGIN
from bench.servers import Running
from feedback.server import THREADS

VERSION = "0.14.0"

_UV = Path(sys.executable).with_name("uv")
_SETTINGS = """[general]
dbpath = {database}
host = {origin}
notify =
[guard]
enabled = false
"""
#: Run by Isso's own Python: serves it, and says that it is there.
_SERVE = """
import sys, waitress
from isso import config, make_app

conf = config.load(config.default_file(), sys.argv[1])
isso = make_app(conf, threading=True)

def app(environ, start_response):
    if environ["PATH_INFO"] == "/healthz":
        start_response("200 OK", [("Content-Length", "3")])
        return [b"ok\\n"]
    return isso(environ, start_response)

waitress.serve(app, listen=sys.argv[3], threads=int(sys.argv[2]), _quiet=True)
"""


class Absent(Exception):
    """Isso cannot be had here; the message says why."""


@contextmanager
def serving(home: Path) -> Iterator[Running]:
    """Run Isso with its data in `home`. Raises Absent."""
    home.mkdir(parents=True)
    python = _installed(home / "environment")
    settings, file = home / "isso.cfg", home / "feedback.sqlite3"
    settings.write_text(_SETTINGS.format(database=file, origin=ORIGIN))
    command = [str(python), "-c", _SERVE, str(settings), str(THREADS)]
    environ = servers.surroundings(home, servers.sqlite(home))
    with servers.serving(environ, command, "/new") as running:
        yield running


def _installed(folder: Path) -> Path:
    """Make an environment with Isso; give its Python."""
    python = folder / "bin" / "python"
    packages = [f"isso=={VERSION}", "waitress"]
    for command in (
        ["venv", "--quiet", "--python", sys.executable, str(folder)],
        ["pip", "install", "--quiet", "--python", str(python), *packages],
    ):
        try:
            subprocess.run([str(_UV), *command], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            raise Absent(f"Isso {VERSION} cannot be installed") from None
    return python
