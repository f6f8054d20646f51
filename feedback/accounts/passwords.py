"""Passwords: Argon2id, checked in the same time whether or not the account exists."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Shortest password, in characters (NIST SP 800-63B, 5.1.1.2).
SHORTEST = 8
#: Longest password, in characters, so that hashing one costs no more than it should.
LONGEST = 256

# 19 MiB, two passes, one lane: OWASP's least, kept small since sign-ins share the service's memory.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class TooWeak(ValueError):
    """A password that is too short or too long; the message says what is asked."""


def hashed(password: str) -> str:
    """Give the Argon2id hash in PHC form. Raises TooWeak."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise TooWeak(f"A password has {SHORTEST} to {LONGEST} characters.")
    return _hasher.hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Tell whether `password` is the one that was kept; False, as slowly, where none was."""
    try:
        _hasher.verify(kept or _nobody(), password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


@cache
def _nobody() -> str:
    return _hasher.hash("the password of an account that does not exist")
