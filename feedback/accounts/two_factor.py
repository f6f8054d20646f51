"""The second factor: codes that a telephone tells (TOTP, RFC 6238), and what helps who lost it."""

import hmac
import secrets
from datetime import datetime

import pyotp
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.keys import digest
from feedback.accounts.models import Editor, RecoveryCode
from feedback.db import now

#: How many recovery codes an editor gets.
CODES = 10
#: How far a telephone's clock may be off, in steps of half a minute.
SLACK = 1

#: Letters and digits that nobody takes for each other: 24 of them are 118 bits, for which a plain
#: hash is enough (OWASP ASVS 5.0, 6.5.2: from 112 on).
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LETTERS = 24
#: How long codes are, and were.
_LENGTHS = frozenset({16, _LETTERS})


class WrongCode(Exception):
    """A code that is not the one of now, or was used."""


def fresh_secret() -> str:
    """Give a secret to share with a telephone, in base 32."""
    return pyotp.random_base32()


def address(editor: Editor, secret: str, issuer: str) -> str:
    """Give the `otpauth:` address that a telephone's app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=editor.email, issuer_name=issuer)


def turn_on(session: Session, editor: Editor, secret: str, code: str) -> list[str]:
    """Ask an editor for codes from now on; give the recovery codes, this once.

    The caller commits. Raises WrongCode: then the telephone does not have the secret.
    """
    step = _step(secret, _plain(code), now())
    if step is None:
        raise WrongCode
    editor.totp_secret = secret
    editor.totp_step = step
    return fresh_codes(session, editor)


def fresh_codes(session: Session, editor: Editor) -> list[str]:
    """Give an editor new recovery codes, this once; older ones let nobody in.

    The caller commits.
    """
    _forget_codes(session, editor)
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS)) for _ in range(CODES)]
    session.add_all(RecoveryCode(editor_id=editor.id, digest=digest(code)) for code in codes)
    return ["-".join(code[at : at + 4] for at in range(0, _LETTERS, 4)) for code in codes]


def turn_off(session: Session, editor: Editor) -> None:
    """Ask an editor for codes no more. The caller commits."""
    editor.totp_secret = editor.totp_step = None
    _forget_codes(session, editor)


def _forget_codes(session: Session, editor: Editor) -> None:
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.editor_id == editor.id))


def take(session: Session, editor: Editor, code: str) -> None:
    """Take a code of the telephone's, or a recovery code. Each is taken once.

    Of two who show the same code at once one is let in: the row is claimed by a
    conditional update. The caller commits. Raises WrongCode.
    """
    code = _plain(code)
    taken = _take_step(session, editor, code) or _take_recovery(session, editor, code)
    if not taken:
        raise WrongCode


def looks_like_recovery(code: str) -> bool:
    """Tell whether this is as long as a recovery code, however it is typed."""
    return len(_plain(code)) in _LENGTHS


def codes_left(session: Session, editor: Editor) -> int:
    """Count the recovery codes that were not used."""
    left = sa.select(sa.func.count()).where(
        RecoveryCode.editor_id == editor.id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(left) or 0


def _take_step(session: Session, editor: Editor, code: str) -> bool:
    step = _step(editor.totp_secret, code, now()) if editor.totp_secret else None
    if step is None:
        return False
    fresh = sa.or_(Editor.totp_step.is_(None), Editor.totp_step < step)
    taken = session.execute(
        sa.update(Editor)
        .where(Editor.id == editor.id, Editor.totp_secret == editor.totp_secret, fresh)
        .values(totp_step=step)
        .returning(Editor.id)
    )
    return taken.one_or_none() is not None


def _take_recovery(session: Session, editor: Editor, code: str) -> bool:
    if len(code) not in _LENGTHS:
        return False
    taken = session.execute(
        sa.update(RecoveryCode)
        .where(RecoveryCode.editor_id == editor.id, RecoveryCode.digest == digest(code))
        .where(RecoveryCode.used_at.is_(None))
        .values(used_at=now())
        .returning(RecoveryCode.id)
    )
    return taken.one_or_none() is not None


def _step(secret: str, code: str, at: datetime) -> int | None:
    """Give the time step that a code is of, None if it is of none near `at`."""
    otp = pyotp.TOTP(secret)
    here = otp.timecode(at)
    fits = [
        step
        for step in range(here - SLACK, here + SLACK + 1)
        if hmac.compare_digest(otp.generate_otp(step).encode(), code.encode("utf-8", "replace"))
    ]
    return fits[0] if fits else None


def _plain(code: str) -> str:
    """Drop what people and apps put between the letters."""
    return "".join(char for char in code.lower() if not char.isspace() and char != "-")
