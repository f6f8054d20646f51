"""For the doctor: what an installation stands on, each part asked for real, and nothing changed."""

import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from feedback.cli import reaching
from feedback.config import Settings
from feedback.db import db, now
from feedback.delivery import smtp
from feedback.delivery.contract import NotTaken, Office
from feedback.delivery.models import Carrier, Letter, State
from feedback.delivery.notifiers.mail import Sender
from feedback.desk.figures import TURN, Figure
from feedback.embedding.findings import Finding, bad, good, note
from feedback.web.limits import Limits

#: A worker adds up figures once a minute, or as often as it said: one that is so late is gone.
_LATE = timedelta(minutes=10)
#: Bytes on the disk below which it is time to make room, and below which nothing may go any more.
_ROOM, _NO_ROOM = 1_000_000_000, 100_000_000


def secret(settings: Settings) -> Iterator[Finding]:
    """See whether there is a key that stays, and that nobody else reads."""
    if settings.secret_key.get_secret_value():
        yield good("The secret key is set.")
        return
    kept = settings.home / "secret_key"
    if kept.stat().st_mode & 0o077:
        yield bad("Others may read the secret key:", f"chmod 600 {kept}")
    elif settings.embedded:
        yield good(f"The secret key is kept in {settings.home}; back it up with the database.")
    else:
        text = f"The secret key is kept in {settings.home}. Processes on other machines need the "
        yield note(text + "same one: give it to all by FEEDBACK_SECRET_KEY_FILE.")


def disk(settings: Settings) -> Iterator[Finding]:
    """See whether there is room where we write."""
    place = settings.home
    if settings.embedded and (file := sa.make_url(settings.database).database):
        place = Path(file.removeprefix("file:")).absolute().parent
    free = shutil.disk_usage(place).free
    said = f"{free / 1e9:.1f} GB are free at {place}"
    if free < _NO_ROOM:
        yield bad(f"{said}: make room, or reports are refused.")
    elif free < _ROOM:
        yield note(f"{said}: make room soon.")
    else:
        yield good(f"{said}.")


def limits(app: Flask) -> Iterator[Finding]:
    """See where limits are counted."""
    settings: Settings = app.extensions["settings"]
    counted: Limits = app.extensions["limits"]
    where = counted.where()
    if where == "shared":
        yield good("Redis or Valkey answers: limits hold for all processes.")
    elif settings.redis_url:
        text = "FEEDBACK_REDIS_URL does not answer, so each process counts limits for itself: "
        yield bad(text + "start Redis or Valkey, or mend the address.")
    elif settings.embedded:
        yield good("Limits are counted in the one process that serves.")
    else:
        text = "Limits are counted in the process, so one `feedback serve` runs and no more; for "
        yield note(text + "several, set FEEDBACK_REDIS_URL.")


def mail(settings: Settings) -> Iterator[Finding]:
    """See whether the mail server lets us in; no mail is sent."""
    office = Office.of(settings)
    if not office.smtp_url:
        yield note("No mail is sent, to editors or readers: set FEEDBACK_SMTP_URL.")
        return
    server = smtp.Server.read(office.smtp_url)
    place = f"{server.host}:{server.port}"
    try:
        encrypted = smtp.knock(
            server, name=Sender.of(office).domain, ca_bundle=office.policy.ca_bundle
        )
    except NotTaken as error:
        yield bad(f"The mail server at {place} does not let us in: {error}. See FEEDBACK_SMTP_URL.")
        return
    if encrypted:
        yield good(f"The mail server at {place} lets us in, encrypted.")
    else:
        yield note(f"The mail server at {place} lets us in, unencrypted: anybody between may read.")


def clock(settings: Settings) -> Iterator[Finding]:
    """See whether the database's machine has our time."""
    if settings.embedded:
        return
    begun = time.time()
    theirs: float = db.session.execute(
        sa.text("SELECT extract(epoch FROM clock_timestamp())::float8")
    ).scalar_one()
    yield from reaching.skewed(theirs - (begun + time.time()) / 2, "the database's machine")


def in_use() -> bool:
    """Tell whether a worker has ever worked here."""
    return db.session.get(Figure, (TURN, "{}")) is not None


def worker(settings: Settings) -> Iterator[Finding]:
    """See whether what is due is being done."""
    start = "feedback serve" if settings.embedded else "feedback worker"
    turn = db.session.get(Figure, (TURN, "{}"))
    if turn is None:
        yield note(f"No worker has worked here yet: {start}")
    elif now() - turn.at > _LATE:
        text = f"No worker has worked since about {turn.at:%Y-%m-%d %H:%M} UTC: no article is "
        yield bad(f"{text}looked at, no letter carried. Start one: {start}")
    else:
        yield good("A worker does what is due.")


def letters() -> Iterator[Finding]:
    """See whether what leaves the house arrives."""
    dead = db.session.scalar(sa.select(sa.func.count(Letter.id)).where(Letter.state == State.DEAD))
    off = db.session.scalars(
        sa.select(Carrier).where(Carrier.off_at.is_not(None), Carrier.off_why != "")
    ).all()
    for carrier in off:
        text = f"{carrier.called} of {carrier.site.name} hears nothing any more; it was switched "
        yield note(f"{text}off as it takes no letters. See the desk's page of it.")
    if dead:
        said = "A letter is dead" if dead == 1 else f"{dead} letters are dead"
        yield note(
            f"{said}: nobody took it for days, or it was refused.", "feedback letters list --dead"
        )
    elif not off:
        yield good("No letter is dead.")
