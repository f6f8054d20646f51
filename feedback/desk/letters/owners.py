"""Owners are told when a carrier was switched off, or a letter to it is dead: by mail."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import Editor, Membership, Role
from feedback.delivery import carriers, history, outbox
from feedback.delivery.contract import Office
from feedback.delivery.models import Means
from feedback.delivery.outbox import Settled
from feedback.desk.letters.events import Site
from feedback.desk.models import Alarm

#: The kind of these letters.
NOTICE = "notice"
#: What `Alarm.about` is for them: no article's id.
ABOUT = -1
#: Not again of the same carrier for so long.
REST = timedelta(days=1)


def tell(session: Session, settled: Settled, why: str, office: Office, at: datetime) -> None:
    """Write to a site's owners if a letter is dead or its carrier was switched off by that.

    Only where mail is sent, and of one carrier once a day; its row is locked. Of the post nobody
    is told: that would be by the post. The caller commits.
    """
    carrier = settled.carrier
    matters = (settled.dead or settled.off) and carrier.means is not Means.POST
    if not matters or not office.smtp_url or not _first_today(session, carrier.id, at):
        return
    post = carriers.post_office(session, carrier.site_id, at)
    body = {
        "site": Site.of(carrier.site).model_dump(),
        "carrier": {"name": carrier.called, "means": carrier.means.value},
        "what": "off" if settled.off else "dead",
        "why": history.masked(carrier, why),
        "link": f"{office.base_url}/desk/sites/{carrier.site_id}/carriers/{carrier.id}",
    }
    for address, lang in session.execute(_owners(carrier.site_id)):
        outbox.write(session, post, NOTICE, {**body, "lang": lang}, at=at, address=address)


def _first_today(session: Session, carrier_id: int, at: datetime) -> bool:
    """Remember that a carrier's owners are told; tell whether they were not within a day."""
    alarm = session.get(Alarm, (carrier_id, ABOUT))
    if alarm is not None and alarm.at > at - REST:
        return False
    session.merge(Alarm(carrier_id=carrier_id, about=ABOUT, at=at))
    return True


def _owners(site_id: int) -> sa.Select[str, str]:
    """Select the owners' addresses and languages, empty where none was chosen."""
    return (
        sa.select(Editor.email, Editor.language)
        .join(Membership, Membership.editor_id == Editor.id)
        .where(Membership.site_id == site_id, Membership.role == Role.OWNER)
        .where(Editor.disabled_at.is_(None))
        .order_by(Editor.id)
    )
