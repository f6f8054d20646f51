"""`feedback erase`: a reader's address is deleted wherever it is kept."""

import click

from feedback.cli.installation import opened, printable
from feedback.config import Settings
from feedback.db import db, now
from feedback.desk.letters import erasing
from feedback.worker import retention


@click.command()
@click.argument("email", callback=printable)
def erase(email: str) -> None:
    """Erase a reader's address from all reports and from letters that wait.

    Capitals and small letters are the same. The reports stay, without the address. What a reader
    wrote into a comment is not looked through.
    """
    with opened() as app:
        settings: Settings = app.extensions["settings"]
        db.only_reads()
        addresses = erasing.held(
            db.session, settings.secret, erasing.digest(settings.secret, email)
        )
        db.writes_too()
        erased = erasing.erase(db.session, addresses, now())
        db.session.commit()
        retention.empty_log()
        click.echo(f"{email} was erased from {erased.reports} {_many('report', erased.reports)}.")
        if erased.letters:
            click.echo(f"{erased.letters} {_many('letter', erased.letters)} to it will not go out.")


def _many(thing: str, number: int) -> str:
    return thing if number == 1 else f"{thing}s"


COMMANDS = (erase,)
