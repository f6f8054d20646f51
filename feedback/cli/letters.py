"""Letters on the command line: `feedback letters …`."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback import sites
from feedback.accounts import acts
from feedback.accounts.acts import Deed
from feedback.cli.installation import opened
from feedback.db import db, now
from feedback.delivery import history, outbox
from feedback.delivery.models import Carrier, Letter, Means, State
from feedback.sites import Unknown

#: How many letters are replayed or dropped in one transaction.
_SOME = 100

_NUMBERS = click.argument("numbers", type=int, nargs=-1)
_DEAD = click.option("--dead", is_flag=True, help="All dead letters.")
_SITE = click.option("--site", "site_name", help="Only of this site.")


@click.group()
def letters() -> None:
    """Letters: what waits, what arrived, what is dead."""


def _letters(site_name: str | None, *, dead: bool) -> sa.Select[Letter]:
    """Select letters with their carriers, newest first."""
    query = sa.select(Letter).join(Letter.carrier).order_by(Letter.id.desc())
    if site_name:
        query = query.where(Carrier.site_id == sites.named(db.session, site_name).id)
    if dead:
        query = query.where(Letter.state == State.DEAD)
    return query.options(joinedload(Letter.carrier).joinedload(Carrier.site))


@letters.command(name="list")
@_DEAD
@_SITE
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most.")
def list_(*, dead: bool, site_name: str | None, limit: int) -> None:
    """Show letters, newest first: number, state, when written, site, notifier, kind, tries."""
    with opened():
        found = db.session.scalars(_letters(site_name, dead=dead).limit(limit)).all()
        for one in found:
            at = one.at.isoformat(timespec="seconds")
            columns = (one.state.value, at, one.carrier.site.name, one.carrier.called, one.kind)
            click.echo("\t".join([str(one.id), *columns, str(one.tries)]))
        if not found:
            click.echo("No dead letter." if dead else "No letter yet.", err=True)


@letters.command()
@click.argument("number", type=int)
def show(number: int) -> None:
    """Show a letter: what it says, and what came of each try."""
    with opened():
        found = _numbered(number)
        click.echo(f"{found.kind}, {found.uid}, to {found.carrier.called}: {found.state.value}")
        if found.due_at is not None:
            click.echo(f"due {found.due_at.isoformat(timespec='seconds')}")
        for attempt in found.attempts:
            came = "taken" if attempt.arrived else "not taken"
            code = f" {attempt.status}" if attempt.status else ""
            said = " ".join(history.masked(found.carrier, attempt.said).split())
            at = attempt.at.isoformat(timespec="seconds")
            click.echo(f"{at}  {attempt.took} ms  {came}{code}  {said}".rstrip())
        click.echo(json.dumps(json.loads(found.body), ensure_ascii=False, indent=2))


@letters.command()
@_NUMBERS
@_DEAD
@_SITE
def replay(numbers: Sequence[int], site_name: str | None, *, dead: bool) -> None:
    """Carry letters once more that arrived, were dropped or are dead, under the same ids."""
    with opened():
        if _named(numbers, dead=dead):
            for number in numbers:
                letter = _mine(number)
                outbox.replay(db.session, letter, now())
                _note(Deed.LETTERS_REPLAYED, letter.carrier, f"{letter.kind} {letter.id}")
            db.session.commit()
            done = len(numbers)
        else:
            found = _carriers(site_name).where(Carrier.means != Means.POST)
            done = _each_dead(found, history.replay_dead, Deed.LETTERS_REPLAYED)
        click.echo(f"{_counted(done)} to go again. Next: the worker carries what goes")


@letters.command()
@_NUMBERS
@_DEAD
@_SITE
def drop(numbers: Sequence[int], site_name: str | None, *, dead: bool) -> None:
    """Let letters go nowhere any more that wait or are dead."""
    with opened():
        if _named(numbers, dead=dead):
            for number in numbers:
                letter = _mine(number)
                outbox.drop(letter, now())
                _note(Deed.LETTERS_DROPPED, letter.carrier, f"{letter.kind} {letter.id}")
            db.session.commit()
            done = len(numbers)
        else:
            done = _each_dead(_carriers(site_name), history.drop_dead, Deed.LETTERS_DROPPED)
        click.echo(f"{_counted(done)} will not go out.")


def _named(numbers: Sequence[int], *, dead: bool) -> bool:
    """Tell whether letters are named; else all dead ones are meant."""
    if bool(numbers) == dead:
        raise click.UsageError("Name letters by their numbers, or all dead ones by --dead.")
    return bool(numbers)


def _carriers(site_name: str | None) -> sa.Select[Carrier]:
    query = sa.select(Carrier).order_by(Carrier.id)
    if site_name:
        query = query.where(Carrier.site_id == sites.named(db.session, site_name).id)
    return query


def _each_dead(
    carriers: sa.Select[Carrier],
    do: Callable[[Session, int, datetime, int], int],
    deed: Deed,
) -> int:
    """Do something with all dead letters of carriers, some in a transaction; give how many."""
    total = 0
    for carrier in db.session.scalars(carriers).all():
        count = 0
        while some := do(db.session, carrier.id, now(), _SOME):
            count += some
            db.session.commit()
        if count:
            _note(deed, carrier, str(count))
            db.session.commit()
        total += count
    return total


def _note(deed: Deed, carrier: Carrier, what: str) -> None:
    subject = f"{carrier.means.value} · {carrier.called} · {what}"
    acts.note(db.session, deed, subject, carrier.site_id, None)


def _mine(number: int) -> Letter:
    """Give a letter, locked by its carrier as those do who carry it. Raises Unknown."""
    found = _numbered(number)
    db.session.refresh(found.carrier, with_for_update=True)
    db.session.refresh(found)
    return found


def _numbered(number: int) -> Letter:
    found = db.session.get(Letter, number) if 0 < number < 2**63 else None
    if found is None:
        raise Unknown(f"no letter has the number {number}; see `feedback letters list`")
    return found


def _counted(number: int) -> str:
    return f"{number} letter" if number == 1 else f"{number} letters"


COMMANDS = (letters,)
