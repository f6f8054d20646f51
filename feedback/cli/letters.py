"""Letters on the command line: `feedback letters …`."""

import json
from collections.abc import Callable, Sequence

import click
import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from feedback import sites
from feedback.cli.installation import opened
from feedback.db import db, now
from feedback.delivery import outbox
from feedback.delivery.models import Carrier, Letter, State
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
            said = " ".join(attempt.said.split())
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
        done = _each(numbers, site_name, lambda one: outbox.replay(db.session, one, now()), dead)
        click.echo(f"{_counted(done)} go again. Next: the worker carries them")


@letters.command()
@_NUMBERS
@_DEAD
@_SITE
def drop(numbers: Sequence[int], site_name: str | None, *, dead: bool) -> None:
    """Let letters go nowhere any more that wait or are dead."""
    with opened():
        done = _each(numbers, site_name, lambda one: outbox.drop(one, now()), dead)
        click.echo(f"{_counted(done)} will not go out.")


def _each(
    numbers: Sequence[int], site_name: str | None, do: Callable[[Letter], None], dead: bool
) -> int:
    """Do something with the letters that are named, or with all dead ones; give how many."""
    if bool(numbers) == dead:
        raise click.UsageError("Name letters by their numbers, or all dead ones by --dead.")
    if numbers:
        for number in numbers:
            do(_numbered(number))
        db.session.commit()
        return len(numbers)
    return _each_dead(site_name, do)


def _each_dead(site_name: str | None, do: Callable[[Letter], None]) -> int:
    """Do something with all dead letters, some in a transaction; what cannot be done is left."""
    done, last = 0, 2**63 - 1
    while some := db.session.scalars(
        _letters(site_name, dead=True).where(Letter.id < last).limit(_SOME)
    ).all():
        for one in some:
            last = one.id
            try:
                do(one)
            except outbox.CannotReplay:
                continue
            done += 1
        db.session.commit()
    return done


def _numbered(number: int) -> Letter:
    found = db.session.get(Letter, number) if 0 < number < 2**63 else None
    if found is None:
        raise Unknown(f"no letter has the number {number}; see `feedback letters list`")
    return found


def _counted(number: int) -> str:
    return f"{number} letter" if number == 1 else f"{number} letters"


COMMANDS = (letters,)
