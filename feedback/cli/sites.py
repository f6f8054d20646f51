"""Sites on the command line: `feedback site …`."""

import click
import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from feedback import sites
from feedback.accounts import acts
from feedback.accounts.acts import Deed
from feedback.cli.installation import opened, printable
from feedback.db import db
from feedback.sites import Site


@click.group()
def site() -> None:
    """Publications and the origins they admit."""


@site.command()
@click.argument("name", callback=printable)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    required=True,
    help="Scheme, host and port whose pages may report; may be given several times.",
)
def add(name: str, origins: tuple[str, ...]) -> None:
    """Make a site, or add origins to it."""
    with opened() as app:
        held = sites.admitted(db.session)
        made = sites.add(db.session, name, origins)
        db.session.flush()  # a new site needs an id to be named by
        for origin in made.origins:
            if origin.origin not in held:
                acts.note(db.session, Deed.ORIGIN_ADMITTED, origin.origin, made.id, None)
        db.session.commit()
        click.echo(f"{made.name} admits {', '.join(origin.origin for origin in made.origins)}")
        script = f"{app.extensions['settings'].base_url}/embed.js"
        click.echo(f'Next: paste into its pages  <script async src="{script}"></script>')
        click.echo(f"      and let an editor in  feedback editor add EMAIL --site '{made.name}'")


@site.command(name="list")
def list_() -> None:
    """Show all sites and what they admit."""
    with opened():
        found = db.session.scalars(
            sa.select(Site).order_by(Site.name).options(selectinload(Site.origins))
        ).all()
        for one in found:
            click.echo("\t".join([one.name, *(origin.origin for origin in one.origins)]))
        if not found:
            click.echo("No site yet. Next: feedback site add NAME --origin URL", err=True)


@site.command()
@click.argument("name")
@click.confirmation_option(prompt="This removes the site with all its reports. Go on?")
def remove(name: str) -> None:
    """Remove a site with all its articles, reports and decisions."""
    with opened():
        sites.remove(db.session, sites.named(db.session, name))
        db.session.commit()
        click.echo(f"{name} is removed.")


COMMANDS = (site,)
