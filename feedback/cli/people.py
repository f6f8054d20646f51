"""People and programs on the command line: `feedback editor …`, `feedback token …`."""

import sys

import click

from feedback import sites
from feedback.accounts import acts, keys, people, two_factor
from feedback.accounts.acts import Deed
from feedback.accounts.models import Editor, Role, Scope
from feedback.cli.installation import opened, printable
from feedback.config import Settings
from feedback.db import db
from feedback.desk.letters import subscriptions

#: Who joins by an invitation says an address, and nobody looks whether it is theirs.
_KNOWN = (
    "Mind: whoever made the account of that address, on {at:%Y-%m-%d}, gets in by the password of "
    "then. If that may be somebody else: feedback editor link {email}"
)


def _named(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Check a name that may be left out."""
    return printable(context, parameter, value) if value else ""


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
        before = people.known(db.session, email)
        stranger = before is not None and before.password and not before.role_at(site.id)
        deed = Deed.ROLE_CHANGED if before and before.role_at(site.id) else Deed.JOINED
        found = people.add(db.session, email, site, Role(role))
        acts.note(db.session, deed, f"{found.email} · {role}", site.id, None)
        if password is not None:
            people.choose_password(db.session, found, password)
            acts.note_of(db.session, Deed.PASSWORD_CHANGED, found, None)
        db.session.commit()
        settings: Settings = app.extensions["settings"]
        click.echo(f"{found.email} is {role} of {site.name}.")
        if stranger and password is None:
            click.echo(_KNOWN.format(at=found.created_at, email=found.email))
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
        found = people.named(db.session, email)
        people.disable(db.session, found)
        subscriptions.end(db.session, found.id)
        acts.note_of(db.session, Deed.DISABLED, found, None)
        db.session.commit()
        click.echo(f"{email} is let in no more. To undo: feedback editor add {email} --site NAME")


@editor.command(name="sign-out")
@click.argument("email", required=False)
@click.option("--all", "everybody", is_flag=True, help="All editors, as after a break-in.")
def sign_out(email: str | None, *, everybody: bool) -> None:
    """End an editor's sign-ins in all browsers, or those of all editors."""
    if (email is None) is not everybody:
        raise click.UsageError("name an editor, or say --all")
    with opened():
        everywhere = keys.signed_in_anywhere()
        one = email and people.named(db.session, email)
        for each in [one] if one else db.session.scalars(everywhere).all():
            if keys.end_all(db.session, each):
                acts.note_of(db.session, Deed.SIGN_INS_ENDED, each, None)
        db.session.commit()
        click.echo(f"{email or 'Everybody'} must sign in again.")


@editor.command(name="two-factor")
@click.argument("email")
@click.option("--off", is_flag=True, help="Turn it off, for somebody who lost telephone and codes.")
def two_factor_(email: str, *, off: bool) -> None:
    """Say whether an editor's second factor is on, or turn it off."""
    with opened():
        found = people.named(db.session, email)
        if not found.totp_secret:
            click.echo(f"{found.email} signs in by the password alone.")
        elif off:
            two_factor.turn_off(db.session, found)
            acts.note_of(db.session, Deed.TWO_FACTOR_OFF, found, None)
            db.session.commit()
            click.echo(f"{found.email} signs in by the password alone from now on.")
        else:
            left = two_factor.codes_left(db.session, found)
            click.echo(f"{found.email} signs in by password and code; recovery codes left: {left}")


@click.group()
def token() -> None:
    """Keys for programs."""


@token.command()
@click.argument("email")
@click.option("--site", "site_name", required=True, help="The site's name.")
@click.option("--scope", type=click.Choice([scope.value for scope in Scope]), required=True)
@click.option("--name", callback=_named, help="What it is for.", default="")
@click.option(
    "--days", type=click.IntRange(1, 3650), help="Days that it works; else until revoked."
)
def create(email: str, site_name: str, scope: str, name: str, days: int | None) -> None:
    """Print a token in an editor's name for one site. It is shown this once."""
    with opened():
        site = sites.named(db.session, site_name)
        found = people.named(db.session, email)
        if found.role_at(site.id) is None:
            text = f"{email} has no role at {site_name}; see `feedback editor add --help`"
            raise click.ClickException(text)
        key = keys.make_token(db.session, found, site, Scope(scope), name=name, days=days)
        subject = f"{name or found.email} · {scope}"
        acts.note(db.session, Deed.TOKEN_MADE, subject, site.id, None)
        db.session.commit()
        click.echo(key)


@token.command()
@click.argument("token", metavar="TOKEN")
def revoke(token: str) -> None:
    """Make a token open nothing any more."""
    with opened():
        revoked = keys.revoke(db.session, token)
        if revoked is None:
            raise click.ClickException("this token opens nothing; was it revoked already?")
        subject = f"{revoked.name or revoked.editor.email} · {revoked.scope.value}"
        acts.note(db.session, Deed.TOKEN_REVOKED, subject, revoked.site_id, None)
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
