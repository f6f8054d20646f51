"""Chat users: who an editor is in a chat, so that a button pressed there is the editor's decision.

A link between the two begins in the chat, by a press, and is confirmed by the editor at the desk.
It holds at one site: whoever owns another could say anything of who pressed there.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from feedback.accounts.models import Editor
from feedback.desk.models import ChatUser

#: Longest name that is kept, in characters.
NAME = 100


def service(name: str, site_id: int, workspace: str = "") -> str:
    """Give what a service is called here: with its workspace, and the site that hears of it."""
    return f"{name}:{workspace}:{site_id}"


def editor(session: Session, service: str, user: str) -> Editor | None:
    """Give the editor who somebody in a chat is."""
    found = sa.select(Editor).join(ChatUser, ChatUser.editor_id == Editor.id)
    found = found.where(ChatUser.service == service, ChatUser.user == user)
    return session.scalar(found.where(Editor.disabled_at.is_(None)))


def link(
    session: Session, service: str, user: str, name: str, editor: Editor, at: datetime
) -> None:
    """Let somebody in a chat be an editor, and nobody else. The caller commits."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    kept = {"name": name[:NAME], "editor_id": editor.id, "at": at}
    new = insert(ChatUser).values(service=service, user=user, **kept)
    session.execute(new.on_conflict_do_update(index_elements=["service", "user"], set_=kept))


def of(editor: Editor) -> sa.Select[ChatUser]:
    """Select who an editor is in chats."""
    return sa.select(ChatUser).where(ChatUser.editor_id == editor.id).order_by(ChatUser.id)


def unlink(session: Session, editor: Editor, number: int) -> bool:
    """Let an editor be nobody in a chat; tell whether that was so. The caller commits."""
    gone = sa.delete(ChatUser).where(ChatUser.id == number, ChatUser.editor_id == editor.id)
    return session.scalar(gone.returning(ChatUser.id)) is not None
