"""The `feedback` command: one module for each thing it is about."""

import logging
import sys

import click
from limits.errors import ConfigurationError
from sqlalchemy.exc import DBAPIError

from feedback.accounts.passwords import TooWeak
from feedback.accounts.people import NotAnEmail
from feedback.addresses import BadAddress
from feedback.backup.archive import CannotBackUp, Damaged
from feedback.backup.restoring import CannotRestore
from feedback.cli import (
    backups,
    doctor,
    erasing,
    exporting,
    letters,
    notifiers,
    people,
    rechecks,
    running,
    sites,
)
from feedback.cli.lines import Lines
from feedback.config import Misconfigured
from feedback.delivery.contract import BadTarget
from feedback.delivery.notifiers import NotInstalled
from feedback.delivery.outbox import CannotReplay
from feedback.migrations import CannotMigrate
from feedback.occupancy import Occupied
from feedback.server import CannotListen
from feedback.sites import Taken, Unknown

#: What a command may fail by, for a reason that its user can do something about.
_EXPECTED = (
    BadAddress,
    BadTarget,
    CannotBackUp,
    CannotListen,
    CannotMigrate,
    CannotReplay,
    CannotRestore,
    ConfigurationError,
    Damaged,
    Misconfigured,
    NotAnEmail,
    NotInstalled,
    Occupied,
    Taken,
    TooWeak,
    Unknown,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="reader-feedback", prog_name="feedback")
def feedback() -> None:
    """Typo reports from readers, in the editors' queue."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(handlers=[handler])


for room in (
    running,
    sites,
    people,
    notifiers,
    letters,
    rechecks,
    erasing,
    exporting,
    backups,
    doctor,
):
    for command in room.COMMANDS:
        feedback.add_command(command)


def main() -> None:
    """Run the command; what it cannot do is one line on standard error and a status of 1."""
    try:
        sys.exit(feedback(standalone_mode=False))
    except click.exceptions.Abort:
        _fail("aborted")
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "feedback"
        _fail(f"{error.format_message()} See `{path} --help`.", error.exit_code)
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code)
    except _EXPECTED as error:
        _fail(str(error))
    except DBAPIError as error:
        _fail(f"the database does not answer as it should: {error.orig}; see `feedback doctor`")


def _fail(message: str, status: int = 1) -> None:
    click.echo(f"feedback: {' '.join(message.split())}", err=True)
    sys.exit(status)
