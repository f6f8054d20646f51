"""Carriers: where a site's letters go. They are added, switched off and on, and removed.

A site's people and programs each have a carrier of their own. One more, by `Means.POST`, takes mail
to whom a letter itself names; it is made when the first such letter is written, and hears nothing.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.delivery import notifiers, signing
from feedback.delivery.contract import Office
from feedback.delivery.models import Carrier, Happening, Letter, Means
from feedback.delivery.wishes import Rhythm, Wishes
from feedback.sites import Site, Unknown

#: How long a secret is still good beside the one that replaced it.
BOTH = timedelta(days=1)


def usual(means: Means) -> Wishes:
    """Give what a carrier hears unless somebody says otherwise: programs hear all, one by one."""
    if means is Means.WEBHOOK:
        return Wishes(happenings=tuple(Happening), rhythm=Rhythm.EACH)
    return Wishes()


def add(
    session: Session,
    site: Site,
    means: Means,
    address: str,
    office: Office,
    at: datetime,
    *,
    wishes: Wishes | None = None,
    name: str = "",
) -> Carrier:
    """Let a site's letters go to an address. The caller commits. Raises BadTarget, NotInstalled."""
    carrier = Carrier(
        site_id=site.id,
        means=means,
        name=name,
        address=notifiers.by(means).check(address, office),
        wishes=str(wishes or usual(means)),
        secret=signing.make() if means is Means.WEBHOOK else "",
        created_at=at,
    )
    session.add(carrier)
    session.flush()  # it is known by its id from here on
    return carrier


def readdress(session: Session, carrier: Carrier, address: str, office: Office) -> None:
    """Let a carrier's letters go elsewhere, those that wait too. The caller commits.

    Raises BadTarget, NotInstalled.
    """
    carrier.address = notifiers.by(carrier.means).check(address, office)
    carrier.rest_until = None
    carrier.due_at = _next(session, carrier)


def of(site_id: int) -> sa.Select[Carrier]:
    """Select a site's carriers but for the post, as they came."""
    return (
        sa.select(Carrier)
        .where(Carrier.site_id == site_id, Carrier.means != Means.POST)
        .order_by(Carrier.id)
    )


def hearing() -> sa.Select[Carrier]:
    """Select the carriers that hear of what happens; the caller says of which sites."""
    return (
        sa.select(Carrier)
        .where(Carrier.means != Means.POST, Carrier.off_at.is_(None))
        .order_by(Carrier.id)
    )


def numbered(session: Session, carrier_id: int) -> Carrier:
    """Give the carrier of that id, the post not counted. Raises Unknown."""
    carrier = session.get(Carrier, carrier_id)
    if carrier is None or carrier.means is Means.POST:
        raise Unknown(f"no notifier has the number {carrier_id}; see `feedback notifier list`")
    return carrier


def post_office(session: Session, site_id: int, at: datetime) -> Carrier:
    """Give a site's post, made if need be. The caller commits.

    Of two who make it at once the second waits, by the site's row, and finds what the first made.
    """
    post = sa.select(Carrier).where(Carrier.site_id == site_id, Carrier.means == Means.POST)
    found = session.scalar(post)
    if found is None:
        session.execute(
            sa.select(Site.id).where(Site.id == site_id).with_for_update(key_share=True)
        )
        found = session.scalar(post)
    if found is None:
        found = Carrier(
            site_id=site_id, means=Means.POST, address="", wishes=str(Wishes()), created_at=at
        )
        session.add(found)
        session.flush()  # letters name it by its id
    return found


def off(carrier: Carrier, at: datetime, why: str = "") -> None:
    """Switch a carrier off: it hears nothing, and its letters wait. The caller commits."""
    if carrier.off_at is None:
        carrier.off_at, carrier.off_why = at, why


def on(session: Session, carrier: Carrier) -> None:
    """Switch a carrier on: it hears from now on, and what waited goes. The caller commits."""
    carrier.off_at, carrier.off_why, carrier.rest_until = None, "", None
    carrier.due_at = _next(session, carrier)


def _next(session: Session, carrier: Carrier) -> datetime | None:
    waiting = sa.select(sa.func.min(Letter.due_at)).where(Letter.carrier_id == carrier.id)
    return session.scalar(waiting.where(Letter.due_at.is_not(None)))


def rotate(carrier: Carrier, at: datetime) -> str:
    """Give a carrier a new secret; the one before is good as well for a day. The caller commits."""
    carrier.old_secret, carrier.old_until = carrier.secret, at + BOTH
    carrier.secret = signing.make()
    return carrier.secret


def remove(session: Session, carrier: Carrier) -> None:
    """Remove a carrier with its letters; the database cascades. The caller commits."""
    session.execute(sa.delete(Carrier).where(Carrier.id == carrier.id))
