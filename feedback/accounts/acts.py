"""The record of administration: what was done to a site's people, keys and rules, and by whom."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback import pages
from feedback.accounts.models import Act, Editor
from feedback.db import now
from feedback.pages import Page, Place, Seen


class Deed(StrEnum):
    """What can be done."""

    INVITED = "invited"
    INVITATION_REVOKED = "invitation-revoked"
    JOINED = "joined"
    ROLE_CHANGED = "role-changed"
    REMOVED = "removed"
    DISABLED = "disabled"
    TOKEN_MADE = "token-made"  # noqa: S105 -- a name, no secret
    TOKEN_REVOKED = "token-revoked"  # noqa: S105
    PASSWORD_CHANGED = "password-changed"  # noqa: S105
    TWO_FACTOR_ON = "two-factor-on"
    TWO_FACTOR_OFF = "two-factor-off"
    RECOVERY_CODES = "recovery-codes"
    SIGN_INS_ENDED = "sign-ins-ended"
    ORIGIN_ADMITTED = "origin-admitted"
    CORRECTIONS_ON = "corrections-on"
    CORRECTIONS_OFF = "corrections-off"
    FEED_MADE = "feed-made"
    FEED_REMOVED = "feed-removed"
    CARRIER_ADDED = "carrier-added"
    CARRIER_CHANGED = "carrier-changed"
    CARRIER_OFF = "carrier-off"
    CARRIER_ON = "carrier-on"
    CARRIER_SECRET_CHANGED = "carrier-secret-changed"  # noqa: S105
    CARRIER_REMOVED = "carrier-removed"
    LETTERS_REPLAYED = "letters-replayed"
    LETTERS_DROPPED = "letters-dropped"
    CHAT_LINKED = "chat-linked"
    CHAT_UNLINKED = "chat-unlinked"
    CHAT_BUTTONS_ON = "chat-buttons-on"
    CHAT_BUTTONS_OFF = "chat-buttons-off"
    HOOK_SECRET_MADE = "hook-secret-made"  # noqa: S105
    HOOK_SECRET_CHANGED = "hook-secret-changed"  # noqa: S105
    HOOK_SECRET_REMOVED = "hook-secret-removed"  # noqa: S105


def note(
    session: Session, kind: Deed, subject: str, site_id: int | None, editor: Editor | None
) -> None:
    """Put an act on record: whom or what it was done to, and who did it.

    `editor` is None for the command line. The caller commits.
    """
    session.add(
        Act(
            kind=kind,
            subject=subject,
            site_id=site_id,
            editor_id=editor.id if editor else None,
            at=now(),
        )
    )


def note_of(session: Session, kind: Deed, whom: Editor, editor: Editor | None) -> None:
    """Put on record what concerns an editor alone: each of the editor's sites is told.

    Where there is none, it stands on record without a site. The caller commits.
    """
    site_ids: list[int | None] = [each.site_id for each in whom.memberships]
    for site_id in site_ids or [None]:
        note(session, kind, whom.email, site_id, editor)


def noted(
    session: Session, site_id: int, place: Place | None, limit: int, **which: Any
) -> Page[Act]:
    """Give a page of a site's acts with who did them; `which` of them is as `chosen` takes it."""

    def look(at: Place | None, most: int) -> Seen[Act]:
        return pages.cut(list(session.scalars(_from(at, chosen(site_id, **which), most))), most)

    return pages.page(look, place, limit)


def chosen(site_id: int, kind: Deed | None = None, editor_id: int | None = None) -> sa.Select[Act]:
    """Select a site's acts of a kind, by somebody. `editor_id` 0 is the command line."""
    acts = sa.select(Act).where(Act.site_id == site_id).options(joinedload(Act.editor))
    if kind is not None:
        acts = acts.where(Act.kind == kind)
    if editor_id is not None:
        acts = acts.where(Act.editor_id == editor_id if editor_id else Act.editor_id.is_(None))
    return acts


def _from(place: Place | None, acts: sa.Select[Act], most: int) -> sa.Select[Act]:
    """Select acts from a place on, and one more than `most`."""
    if place is None:
        return acts.order_by(Act.id.desc()).limit(most + 1)
    if place.newer:
        return acts.where(Act.id > place.id).order_by(Act.id).limit(most + 1)
    return acts.where(Act.id < place.id).order_by(Act.id.desc()).limit(most + 1)
