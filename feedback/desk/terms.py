"""Terms: what a text is found by, and what a search asks for. Pure.

Both databases are given terms that are made here, and none of them has its own idea of what a word
is: so both find the same. A term has only letters, digits and such marks as belong to them.

A search finds what has all that it asks for: words, words that begin so (`wor*`), phrases in
quotation marks. What it ends with may be half typed: the last word that is in no phrase finds
what begins so. What people write as one and we cut (`don't`, `世界`) is found as a phrase.

Words that are common alone can be rare side by side, so a phrase is also found by its pairs: no
database need go through all that has its words. A pair is a term and the beginning of the next,
so that a half typed word makes one, too.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from feedback.anchoring.words import words

#: Stands between two texts of one document, so that no phrase goes across; no search asks for it.
#: It is a private character, that no text's term has.
GAP = "\uf8ff"
#: Longest term; what is longer is cut.
LONGEST = 60
#: How many terms of a document are kept. PostgreSQL counts places up to 16,383 ...
MOST = 16_000
#: ... and up to 255 of one term.
MOST_OF_ONE = 250
#: How many terms a search can ask for.
MOST_ASKED = 32
#: How many letters of a pair's second term count.
_HEAD = 3

#: Marks that make no other letter: accents, the points of Hebrew and Arabic. Vowel signs, viramas
#: and tones of other scripts have other classes, and stay.
_ACCENTS = frozenset({*range(10, 37), 202, *range(214, 241)})
#: Quotation marks of all sorts count as one.
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_ASKED = re.compile(r'"([^"]*)"|([^\s"]+)')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that stand one after another; of the last one perhaps only the beginning."""

    terms: tuple[str, ...]
    prefix: bool = False

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What stands side by side in every text that has the phrase."""
        whole = self.terms
        if self.prefix and len(_head(whole[-1], cut=True)) == 0:
            whole = whole[:-1]
        return pairs(whole)


def document(texts: Iterable[str]) -> list[str]:
    """Give the terms of what is searched as one, in their order; what is said twice counts once."""
    found: list[str] = []
    counts: Counter[str] = Counter()
    for text in dict.fromkeys(texts):
        for term in terms(text):
            counts[term] += 1
            found.append(term if counts[term] <= MOST_OF_ONE else GAP)
        if found and found[-1] != GAP:
            found.append(GAP)
        if len(found) >= MOST:
            break
    return found[:MOST]


def asked(query: str) -> list[Phrase]:
    """Read what is typed into a search: all of these must be found. Empty if it asks for nothing.

    What is beyond `MOST_ASKED` terms is left out.
    """
    found: list[Phrase] = []
    left, last = MOST_ASKED, None
    for piece in _ASKED.finditer(query.translate(_QUOTES)):
        quoted, word = piece.groups()
        its = tuple(terms(word if quoted is None else quoted)[:left])
        left -= len(its)
        if not its:
            continue
        if quoted is None:
            last = len(found)
        found.append(Phrase(its, quoted is None and word.endswith("*")))
    if last is not None:
        found[last] = replace(found[last], prefix=True)
    return found


def terms(text: str) -> list[str]:
    """Cut a text into terms: runs of letters and digits; where words have no spaces, each letter.

    Case, accents and the ways to write one letter make no difference.
    """
    found: list[str] = []
    for word in words(_folded(text)):
        run = "".join(part if _belongs(part) else " " for part in word)
        found += [term[:LONGEST] for term in run.split()]
    return found


def pairs(document: Iterable[str]) -> list[tuple[str, str]]:
    """Give the pairs of a document's terms, each once."""
    beside = ((a, _head(b)) for a, b in pairwise(document) if GAP not in (a, b))
    return list(dict.fromkeys(beside))


def _head(term: str, *, cut: bool = False) -> str:
    """Give what a pair has of its second term. `cut`: empty where more letters might change it."""
    if _alone(term[0]):
        return term[0]
    return "" if cut and len(term) < _HEAD else term[:_HEAD]


@cache
def _alone(letter: str) -> bool:
    """Tell whether a letter is of a script in which each is a word."""
    return len(words(f"{letter}a")) > 1


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    parts = unicodedata.normalize("NFKD", plain)
    bare = (part for part in parts if not _falls(part))
    return unicodedata.normalize("NFC", "".join(bare))


def _falls(part: str) -> bool:
    """Tell whether a code point makes no difference: an accent, or a sign that is not seen."""
    return unicodedata.category(part) == "Cf" or unicodedata.combining(part) in _ACCENTS


def _belongs(part: str) -> bool:
    return unicodedata.category(part)[0] in "LNM"
