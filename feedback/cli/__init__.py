"""The `feedback` command: one module for each thing it is about."""

import logging
import os
import sys

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from feedback.accounts.passwords import TooWeak
from feedback.accounts.people import NotAnEmail
from feedback.addresses import BadAddress
from feedback.cli import doctor, people, running, sites
from feedback.config import Misconfigured
from feedback.server import CannotListen
from feedback.sites import Taken, Unknown

#: What a command may fail by, for a reason that its user can do something about.
_EXPECTED = (
    BadAddress,
    CannotListen,
    Misconfigured,
    NotAnEmail,
    Taken,
    TooWeak,
    Unknown,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="reader-feedback", prog_name="feedback")
def feedback() -> None:
    """Typo reports from readers, in the editors' queue."""
    logging.basicConfig(
        level=os.environ.get("FEEDBACK_LOG_LEVEL", "INFO"),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )


for room in (running, sites, people, doctor):
    for command in room.COMMANDS:
        feedback.add_command(command)


def main() -> None:
    """Run the command; what it cannot do is one line on standard error and a status of 1."""
    try:
        feedback(standalone_mode=False)
    except click.exceptions.Abort:
        _fail("aborted")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except _EXPECTED as error:
        _fail(str(error))
    except (OperationalError, ProgrammingError) as error:
        _fail(f"the database does not answer as it should: {_line(error)}; see `feedback doctor`")


def _line(error: OperationalError | ProgrammingError) -> str:
    return " ".join(str(error.orig).split())


def _fail(message: str) -> None:
    click.echo(f"feedback: {message}", err=True)
    sys.exit(1)
