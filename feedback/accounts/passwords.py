"""Passwords: Argon2id, checked in the same time whether or not the account exists."""

from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from feedback.accounts import guessing

#: Shortest password, in characters.
SHORTEST = guessing.SHORTEST
#: Longest password, in characters, so that hashing one costs no more than it should.
LONGEST = 256

# 19 MiB, two passes, one lane: OWASP's least, kept small since sign-ins share the service's memory.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class TooWeak(ValueError):
    """A password that is too short, too long or too common; the message says what is asked."""


class Guessable(TooWeak):
    """A password that would be tried among the first."""


def chosen(password: str, context: Iterable[str]) -> str:
    """Give the hash of a password that somebody chooses. Raises TooWeak.

    `context` is what others know of whose it is: address, name, sites.
    """
    if SHORTEST <= len(password) <= LONGEST and guessing.guessable(password, context):
        raise Guessable(
            "This password is easy to guess. Choose a longer one: several words that do not belong "
            "together."
        )
    return hashed(password)


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
