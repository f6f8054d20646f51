"""People and programs on the command line: `feedback editor …`, `feedback token …`."""

import sys

import click

from feedback import sites
from feedback.accounts import keys, people
from feedback.accounts.models import Editor, Role, Scope
from feedback.cli.installation import opened, printable
from feedback.config import Settings
from feedback.db import db


@click.group()
def editor() -> None:
    """People who work the queue."""


@editor.command()
@click.argument("email", callback=printable)
@click.option("--site", "site_name", required=True, help="The site's name.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.EDITOR.value,
    show_default=True,
    help="What the editor may do there.",
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(email: str, site_name: str, role: str, *, password_stdin: bool) -> None:
    """Give somebody a role at a site; without a password, print a link to choose one."""
    password = _password() if password_stdin else None
    with opened() as app:
        site = sites.named(db.session, site_name)
        found = people.add(db.session, email, site, Role(role))
        if password is not None:
            people.choose_password(db.session, found, password)
        db.session.commit()
        settings: Settings = app.extensions["settings"]
        click.echo(f"{found.email} is {role} of {site.name}.")
        if found.password is None:
            click.echo(f"Next: send this link, to choose a password  {_link(settings, found)}")
        else:
            click.echo(f"Next: sign in at  {settings.base_url}/sign-in")


@editor.command()
@click.argument("email")
def link(email: str) -> None:
    """Print a link by which an editor chooses a new password; it works once, for a week."""
    with opened() as app:
        click.echo(_link(app.extensions["settings"], people.named(db.session, email)))


@editor.command()
@click.argument("email")
def disable(email: str) -> None:
    """Let an editor in no more; what was decided stays on record."""
    with opened():
        people.disable(db.session, people.named(db.session, email))
        db.session.commit()
        click.echo(f"{email} is let in no more. To undo: feedback editor add {email} --site NAME")


@click.group()
def token() -> None:
    """Keys for programs."""


@token.command()
@click.argument("email")
@click.option("--site", "site_name", required=True, help="The site's name.")
@click.option("--scope", type=click.Choice([scope.value for scope in Scope]), required=True)
def create(email: str, site_name: str, scope: str) -> None:
    """Print a token in an editor's name for one site. It is shown this once."""
    with opened():
        site = sites.named(db.session, site_name)
        found = people.named(db.session, email)
        if found.role_at(site.id) is None:
            text = f"{email} has no role at {site_name}; see `feedback editor add --help`"
            raise click.ClickException(text)
        key = keys.make_token(db.session, found, site, Scope(scope))
        db.session.commit()
        click.echo(key)


@token.command()
@click.argument("token", metavar="TOKEN")
def revoke(token: str) -> None:
    """Make a token open nothing any more."""
    with opened():
        if not keys.revoke(db.session, token):
            raise click.ClickException("this token opens nothing; was it revoked already?")
        db.session.commit()
        click.echo("The token is revoked.")


def _password() -> str:
    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise click.ClickException("the password is not text in UTF-8") from None


def _link(settings: Settings, found: Editor) -> str:
    return f"{settings.base_url}/welcome/{people.invitation(settings.secret, found)}"


COMMANDS = (editor, token)
