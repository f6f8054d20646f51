"""Views: queries of the queue that an editor keeps under names."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import Editor
from feedback.desk.models import SavedView
from feedback.desk.queue import Query

#: How many views an editor keeps for a site.
MOST = 9


class TooMany(Exception):
    """An editor keeps as many views of a site as there is room for."""


def of(editor_id: int, site_id: int) -> sa.Select[SavedView]:
    """Select an editor's views of a site, oldest first."""
    mine = (SavedView.editor_id == editor_id) & (SavedView.site_id == site_id)
    return sa.select(SavedView).where(mine).order_by(SavedView.id).limit(MOST)


def keep(session: Session, editor: Editor, query: Query, name: str) -> SavedView:
    """Keep a query under a name, in place of one that has it. The caller commits.

    Raises TooMany.
    """
    mine = session.scalars(of(editor.id, query.site_id)).all()
    found = next((view for view in mine if view.name == name), None)
    if found is None:
        if len(mine) >= MOST:
            raise TooMany
        found = SavedView(editor_id=editor.id, site_id=query.site_id, name=name)
        session.add(found)
    found.query = query.address()
    session.flush()
    return found
