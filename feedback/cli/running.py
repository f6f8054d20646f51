"""Running the service: demo, serve, worker, upgrade."""

import logging
import re

import click

from feedback import demo as demonstration
from feedback import migrations, occupancy, server
from feedback.cli import installation
from feedback.config import Settings, load
from feedback.db import db

log = logging.getLogger("feedback")

_BIND = re.compile(r"(?P<host>\*|\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+):(?P<port>[1-9][0-9]{0,4})")
#: Where a service is found that listens everywhere.
_HERE = {"0.0.0.0": "127.0.0.1", "*": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104


def _bind(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    found = _BIND.fullmatch(value)
    if found is None or int(found["port"]) > 65535:
        raise click.BadParameter(f"{value!r} is not HOST:PORT, as in 127.0.0.1:8000.")
    return value


BIND = click.option(
    "--bind",
    default="127.0.0.1:8000",
    show_default=True,
    callback=_bind,
    help="HOST:PORT to listen on.",
)


@click.command()
@BIND
@click.option(
    "--worker/--no-worker",
    "with_worker",
    default=None,
    help="Do background work in this process too; by default with SQLite.",
)
def serve(bind: str, *, with_worker: bool | None) -> None:
    """Answer readers and editors."""
    settings = _reachable(bind)
    app = installation.made(settings)
    listening = server.Server(app, bind)
    with occupancy.held(settings):
        installation.brought_up(app)
        app.extensions["assets"].pinned()  # read and made small before the first reader asks
        log.info("Serving on http://%s", bind)
        server.serve(
            app, listening, with_worker=settings.embedded if with_worker is None else with_worker
        )


@click.command()
def worker() -> None:
    """Do what is due in the background, until stopped."""
    app = installation.made()
    installation.brought_up(app)
    server.work(app)


@click.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database to this version's revision."""
    app = installation.made()
    with app.app_context():
        migrations.upgrade(db.engine, revision)
    click.echo("The database is up to date. Next: feedback serve")


@click.command()
@BIND
def demo(bind: str) -> None:
    """Try it: a demo article, an editor and a queue, served here."""
    app = installation.made(demonstration.settings(_reachable(bind)))
    logging.getLogger().setLevel(logging.WARNING)
    demonstration.init_app(app)
    listening = server.Server(app, bind)
    with occupancy.held(app.extensions["settings"]):
        installation.brought_up(app)
        with app.app_context():
            access = demonstration.prepare(app)
        click.echo(f"Article   {access.article}")
        click.echo(f"Mend it   {access.mend}")
        click.echo(f"Desk      {access.desk}")
        click.echo(f"Sign in   {access.email}  password: {access.password}")
        server.serve(app, listening, with_worker=True)


def _reachable(bind: str) -> Settings:
    """Read the settings; unless they say otherwise, people reach the service where it listens."""
    settings = load()
    if "base_url" in settings.model_fields_set:
        return settings
    host, _, port = bind.rpartition(":")
    return load(base_url=f"http://{_HERE.get(host, host)}:{port}")


COMMANDS = (demo, serve, worker, upgrade)
