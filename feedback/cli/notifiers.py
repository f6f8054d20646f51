"""Notifiers on the command line: `feedback notifier …`."""

import logging

import click
import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from feedback import sites
from feedback.accounts import acts
from feedback.accounts.acts import Deed
from feedback.cli.installation import opened, printable
from feedback.config import Settings
from feedback.db import db, now
from feedback.delivery import carriers, history, outbox
from feedback.delivery.contract import Office
from feedback.delivery.models import Carrier, Happening, Means, State
from feedback.delivery.wishes import Rhythm, Wishes
from feedback.desk.letters.events import Site
from feedback.worker import letters

_MEANS = [means.value for means in Means if means is not Means.POST]


@click.group()
def notifier() -> None:
    """Where a site's letters go: mail, webhooks, chats."""


@notifier.command()
@click.argument("means", type=click.Choice(_MEANS))
@click.argument("address", callback=printable)
@click.option("--site", "site_name", required=True, help="The site's name.")
@click.option("--name", default="", help="What people call it.")
@click.option(
    "--rhythm",
    type=click.Choice([rhythm.value for rhythm in Rhythm]),
    help="How often letters come; else each by itself to a webhook, at once to people.",
)
@click.option(
    "--hear",
    "happenings",
    type=click.Choice([kind.value for kind in Happening]),
    multiple=True,
    help="What it hears of; may be given several times. Else all to a webhook, news to people.",
)
@click.option(
    "--section",
    "sections",
    multiple=True,
    help="Only of articles in this section; may be given several times.",
)
def add(
    means: str,
    address: str,
    site_name: str,
    name: str,
    rhythm: str | None,
    happenings: tuple[str, ...],
    sections: tuple[str, ...],
) -> None:
    """Let a site's letters go to an address; of a webhook, print the secret it is signed with."""
    with opened() as app:
        site, office = sites.named(db.session, site_name), Office.of(app.extensions["settings"])
        usual = carriers.usual(Means(means))
        wishes = Wishes(
            happenings=tuple(Happening(kind) for kind in happenings) or usual.happenings,
            rhythm=Rhythm(rhythm) if rhythm else usual.rhythm,
            sections=sections,
        )
        made = carriers.add(
            db.session, site, Means(means), address, office, now(), wishes=wishes, name=name
        )
        acts.note(db.session, Deed.CARRIER_ADDED, f"{means} · {made.called}", site.id, None)
        db.session.commit()
        click.echo(f"Letters of {site.name} go by {means} to {made.called}: number {made.id}.")
        if made.secret:
            click.echo(f"They are signed with  {made.secret}")
        click.echo(f"Next: try it  feedback notifier test {made.id}")


@notifier.command(name="list")
@click.option("--site", "site_name", help="Only of this site.")
def list_(site_name: str | None) -> None:
    """Show where letters go: number, site, means, place, rhythm, and whether it is off."""
    with opened():
        query = sa.select(Carrier).where(Carrier.means != Means.POST).order_by(Carrier.id)
        if site_name:
            query = query.where(Carrier.site_id == sites.named(db.session, site_name).id)
        found = db.session.scalars(query.options(joinedload(Carrier.site))).all()
        for one in found:
            rhythm = Wishes.read(one.wishes).rhythm.value
            off = f"off: {one.off_why or 'by hand'}" if one.off_at else "on"
            columns = (str(one.id), one.site.name, one.means.value, one.called, rhythm, off)
            click.echo("\t".join(" ".join(column.split()) for column in columns))
        if not found:
            text = "No notifier yet. Next: feedback notifier add --site NAME mail ADDRESS"
            click.echo(text, err=True)


@notifier.command()
@click.argument("number", type=int)
@click.confirmation_option(prompt="This removes the notifier with its letters. Go on?")
def remove(number: int) -> None:
    """Let letters go there no more; those that wait are lost."""
    with opened():
        found = carriers.numbered(db.session, number)
        subject = f"{found.means.value} · {found.called}"
        acts.note(db.session, Deed.CARRIER_REMOVED, subject, found.site_id, None)
        carriers.remove(db.session, found)
        db.session.commit()
        click.echo(f"{subject} is removed.")


@notifier.command()
@click.argument("number", type=int)
def test(number: int) -> None:
    """Send a letter there at once, and say what comes of it."""
    with opened() as app:
        settings: Settings = app.extensions["settings"]
        found = carriers.numbered(db.session, number)
        body = {"site": Site.of(found.site).model_dump(), "by": "feedback notifier test"}
        letter = outbox.write(db.session, found, outbox.TEST, body, at=now())
        logging.getLogger("feedback.letters").setLevel(logging.WARNING)  # what came is said here
        claimed = outbox.seize(db.session, letter, now(), settings.lease_seconds)
        db.session.commit()
        letters.carry(claimed)
        attempt = letter.attempts[-1]
        said = history.masked(found, attempt.said)
        code = f" ({attempt.status})" if attempt.status else ""
        if letter.state is not State.SENT:
            raise click.ClickException(f"{found.called} has not taken it{code}: {said}")
        click.echo(f"{found.called} has taken it in {attempt.took} ms{code}.")


COMMANDS = (notifier,)
