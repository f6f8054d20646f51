"""Notifiers on the command line: `feedback notifier …`."""

import logging
from typing import TypedDict, Unpack

import click
import pytz
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
from feedback.web import locales
from feedback.worker import letters

_MEANS = [means.value for means in Means if means is not Means.POST]
#: An hour of the clock.
HOUR = click.IntRange(0, 23)


def _zone(_context: click.Context, _option: click.Parameter, name: str | None) -> str | None:
    """Read the name of a time zone."""
    if name is not None and name not in pytz.common_timezones_set:
        raise click.BadParameter(f"{name} is no time zone; write one such as Europe/Kyiv or UTC.")
    return name


class _Chosen(TypedDict):
    """What a notifier is to hear, and when, as it was written."""

    rhythm: str | None
    happenings: tuple[str, ...]
    sections: tuple[str, ...]
    hour: int | None
    zone: str | None
    language: str | None
    #: From this hour to that.
    quiet: tuple[int, int] | None


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
@click.option("--hour", type=HOUR, help="When once a day: at this hour of the zone, else at 8.")
@click.option("--zone", callback=_zone, help="Time zone of hours, such as Europe/Kyiv; else UTC.")
@click.option(
    "--language", type=click.Choice(locales.LANGUAGES), help="What letters speak; else English."
)
@click.option(
    "--quiet",
    type=(HOUR, HOUR),
    metavar="FROM UNTIL",
    help="Hours of the zone between which nothing comes, such as 22 7.",
)
def add(means: str, address: str, site_name: str, name: str, **chosen: Unpack[_Chosen]) -> None:
    """Let a site's letters go to an address; of a webhook, print the secret it is signed with."""
    with opened() as app:
        site, office = sites.named(db.session, site_name), Office.of(app.extensions["settings"])
        wishes = _wishes(carriers.usual(Means(means)), chosen)
        made = carriers.add(
            db.session, site, Means(means), address, office, now(), wishes=wishes, name=name
        )
        acts.note(db.session, Deed.CARRIER_ADDED, f"{means} · {made.called}", site.id, None)
        db.session.commit()
        click.echo(f"Letters of {site.name} go by {means} to {made.called}: number {made.id}.")
        if made.secret:
            click.echo(f"They are signed with  {made.secret}")
        click.echo(f"Next: try it  feedback notifier test {made.id}")


def _wishes(usual: Wishes, chosen: _Chosen) -> Wishes:
    """Give the usual wishes with what was chosen in their place."""
    rhythm = Rhythm(chosen["rhythm"]) if chosen["rhythm"] else usual.rhythm
    if chosen["hour"] is not None and rhythm is not Rhythm.DAILY:
        raise click.UsageError("--hour is for --rhythm daily; give both, or neither.")
    quiet = chosen["quiet"] or (usual.quiet_from, usual.quiet_to)
    return Wishes(
        happenings=tuple(map(Happening, chosen["happenings"])) or usual.happenings,
        rhythm=rhythm,
        sections=chosen["sections"],
        hour=usual.hour if chosen["hour"] is None else chosen["hour"],
        zone=chosen["zone"] or usual.zone,
        lang=chosen["language"] or usual.lang,
        quiet_from=quiet[0],
        quiet_to=quiet[1],
    )


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
