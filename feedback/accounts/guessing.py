"""Guessing: passwords that are tried first, by whoever knows people's habits and this service.

What common passwords, single words and the context leave of a password must itself be one: a
`sunshine2024!`, and a `Paper2026` at the site Paper, are found within the tries that limits allow.
No kind of character is asked for (OWASP ASVS 5.0, 6.2.4, 6.2.5 and 6.2.11; NIST SP 800-63B).
"""

import importlib.util
import re
import runpy
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

#: Shortest password, in characters (NIST SP 800-63B, 5.1.1.2).
SHORTEST = 8
#: What this service is called.
OURS = ("reader", "feedback")
#: Shortest word of the context that counts, in characters: shorter ones are parts of too many.
_WORD = 4
#: Fewest different characters.
_DIFFERENT = 4

_BESIDE = re.compile(r"^\d+|\d+$")


def guessable(password: str, context: Iterable[str] = ()) -> bool:
    """Tell whether a password is among the first that would be tried.

    `context` is what is known to go with it: addresses, names of people and of sites.
    """
    whole = _folded(password)
    plain = "".join(filter(str.isalnum, whole))
    core = _BESIDE.sub("", plain)
    return (
        not _common().isdisjoint({whole, plain})
        or len(set(whole)) < _DIFFERENT
        or (core in _common() and len(plain) - len(core) < SHORTEST)
        or _leans(plain, set(_words(context)))
    )


def _leans(plain: str, words: set[str]) -> bool:
    """Tell whether a password is not much besides the words of its context."""
    left = plain
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    if left == plain:
        return False
    return len(left) < SHORTEST or bool(_common() & {left, _BESIDE.sub("", left)})


def _words(context: Iterable[str]) -> Iterator[str]:
    """Split what goes with a password into words; what belongs together is one too."""
    for text in (*OURS, *context):
        parts = ["".join(filter(str.isalnum, part)) for part in re.split(r"[\W_]+", _folded(text))]
        yield from (word for word in (*parts, "".join(parts)) if len(word) >= _WORD)


def _folded(text: str) -> str:
    """Give a text as those who guess write it: in lower case, without variants of characters."""
    return unicodedata.normalize("NFKC", text).casefold()


@cache
def _common() -> frozenset[str]:
    """Give what is common: 30,000 passwords and as many English words, as zxcvbn ranks them.

    Only that file of the package is run: the package itself keeps thrice as much in memory.
    """
    found = importlib.util.find_spec("zxcvbn")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("zxcvbn is not installed; install what the service needs anew")
    path = Path(found.submodule_search_locations[0]) / "frequency_lists.py"
    lists = runpy.run_path(str(path))["FREQUENCY_LISTS"]
    return frozenset(lists["passwords"]) | frozenset(lists["english_wikipedia"])
