"""Trials: what proves who is asking, a password or a code, with failures counted.

They are counted for the network address, and for the account where somebody
who is half-way in tries: from another address it is still the same account.
"""

from feedback.accounts import passwords, two_factor
from feedback.accounts.models import Editor
from feedback.accounts.two_factor import WrongCode
from feedback.db import db
from feedback.web import security_log
from feedback.web.limits import here, limits
from feedback.web.security_log import Event

_LIMIT = "sign-in"
_CODES = "code"


def passes(editor: Editor, code: str) -> bool:
    """Take an editor's code; tell whether it was right. The caller commits. Raises TooMany.

    A recovery code is too long to be guessed: it lets in on a day with too many wrong codes too.
    """
    _check(editor)
    short = not two_factor.looks_like_recovery(code)
    if short:
        limits().check(_CODES, _account(editor))
    try:
        two_factor.take(db.session, editor, code)
    except WrongCode:
        security_log.note(Event.CODE_FAILED, editor=editor, by="code" if short else "recovery-code")
        _count(editor)
        if short:
            limits().count(_CODES, _account(editor))
        return False
    return True


def knows(editor: Editor, password: str) -> bool:
    """Tell whether this is the editor's password. Raises TooMany.

    It ends the transaction first: checking takes long on purpose, and nothing is locked meanwhile.
    """
    _check(editor)
    db.session.commit()
    if not passwords.fits(editor.password, password):
        security_log.note(Event.PASSWORD_FAILED, editor=editor)
        _count(editor)
        return False
    return True


def _check(editor: Editor) -> None:
    for key in (here(), _account(editor)):
        limits().check(_LIMIT, key)


def _count(editor: Editor) -> None:
    for key in (here(), _account(editor)):
        limits().count(_LIMIT, key)


def _account(editor: Editor) -> str:
    return f"editor {editor.id}"
