"""Subscriptions: mail to an editor about a site, as long as the editor belongs to it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.accounts.models import Editor
from feedback.delivery import carriers, history
from feedback.delivery.contract import Office
from feedback.delivery.models import Carrier, Means
from feedback.delivery.wishes import Wishes
from feedback.desk.models import Subscription
from feedback.sites import Site


def of(session: Session, editor: Editor) -> Mapping[int, Carrier]:
    """Give an editor's own carriers, by the site's id."""
    own = sa.select(Subscription).where(Subscription.editor_id == editor.id)
    found = session.scalars(own.options(joinedload(Subscription.carrier)))
    return {each.carrier.site_id: each.carrier for each in found}


def whose(session: Session, carrier_ids: Iterable[int]) -> Mapping[int, Editor]:
    """Give whose own carriers these are, by the carrier's id; those of nobody are left out."""
    some = sa.select(Subscription).where(Subscription.carrier_id.in_(list(carrier_ids)))
    found = session.scalars(some.options(joinedload(Subscription.editor)))
    return {each.carrier_id: each.editor for each in found}


def keep(
    session: Session, editor: Editor, site: Site, wishes: Wishes, office: Office, at: datetime
) -> Carrier:
    """Let an editor have mail about a site, or let it be as wished from now on, and on.

    The editor's row is locked, so that of two who do so at once one adds it. The caller commits.
    Raises BadTarget, NotInstalled.
    """
    session.execute(sa.select(Editor.id).where(Editor.id == editor.id).with_for_update())
    held = of(session, editor).get(site.id)
    if held is None:
        made = carriers.add(session, site, Means.MAIL, editor.email, office, at, wishes=wishes)
        session.add(Subscription(carrier_id=made.id, editor_id=editor.id))
        return made
    held.wishes = str(wishes)
    if held.address != editor.email:
        carriers.readdress(session, held, editor.email, office)
    if held.off_at is not None:
        carriers.on(session, held)
    return held


def in_trouble(site_id: int) -> sa.Select[int]:
    """Select a site's carriers that need an owner's hand; an editor's own is the editor's."""
    own = sa.select(Subscription.carrier_id).where(Subscription.carrier_id == Carrier.id)
    return history.in_trouble(site_id).where(~own.exists())


def speak(session: Session, editor: Editor) -> None:
    """Let an editor's mail come in the editor's zone, and language if one is chosen."""
    for carrier in of(session, editor).values():
        wishes = Wishes.read(carrier.wishes)
        lang = editor.language or wishes.lang
        carrier.wishes = str(replace(wishes, zone=editor.zone or "UTC", lang=lang))


def end(session: Session, editor_id: int, site_id: int | None = None) -> bool:
    """Let an editor have no more mail about a site, or about any; tell whether there was some.

    What waits to be sent is gone with it. The caller commits.
    """
    own = sa.select(Subscription.carrier_id).where(Subscription.editor_id == editor_id)
    mine = sa.delete(Carrier).where(Carrier.id.in_(own))
    if site_id is not None:
        mine = mine.where(Carrier.site_id == site_id)
    gone = session.execute(mine.returning(Carrier.id).execution_options(synchronize_session=False))
    return bool(gone.all())
