"""The sentence around a quote, cut from its context for people to read."""

import re
from collections.abc import Iterator

#: Context this long, in code points, was cut off; shorter context is all there is.
_CUT = 60
#: How far a cut looks for white space, in code points.
_WORD = 24
_ELLIPSIS = "…"

_CLOSING = r"\"'»”’›)\]"
_OPENING = r"\"'«„“‘‹(\[¿¡—–\-"
#: Where a sentence may end: at a full stop before white space, at the full stop of a script that
#: puts none after it, at a block's edge. The first group of each ends with the sentence.
_END = re.compile(
    rf"([.!?…]+[{_CLOSING}]*)(?:[^\S\n]+|(?=\n)|$)"
    r"|([。！？｡]+[」』”’）〉》]*)[^\S\n]*"
    rf"|([।॥؟۔።]+[{_CLOSING}]*)[^\S\n]*"
    r"|()\n"
)
_OPENED = re.compile(rf"[{_OPENING}\s]*")
_LAST_WORD = re.compile(r"([^\W\d_]+|\d+)$")

#: What is followed by a full stop without an end, in small letters; single letters are besides.
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st sr jr gen col capt sgt rev hon gov sen rep mt vs etc al cf ca approx dept"
    " est fig inc ltd co corp no nos vol pp ed eds jan feb mar apr jun jul aug sep sept oct nov dec"
    " bzw usw evtl ggf inkl exkl vgl sog nr str hr fr hl geb gest bd jh mio mrd tel abs art ff zb"
    " mme mlle mgr av bd env chap srta sra dña ud uds pág núm"
    " гг вв тыс млн млрд руб коп ул пр просп стр рис табл напр им проф акад доц обл"
    " см ср др пр тт пп рр св вул буд грн".split()
)


def around(prefix: str, exact: str, suffix: str) -> tuple[str, str]:
    """Give what stands before and after a quote in its sentence, within its block.

    Where the context ends before the sentence does, the cut is at a word and
    an ellipsis says so. `exact` itself may run over several sentences.
    """
    text, end = prefix + exact + suffix, len(prefix) + len(exact)
    ends = list(_ends(text))
    first = max((resume for _, resume in ends if resume <= len(prefix)), default=None)
    last = min((stop for stop, _ in ends if stop >= end), default=None)
    before = _tail(prefix) if first is None else prefix[first:]
    after = _head(suffix) if last is None else text[end:last]
    return before, after


def _ends(text: str) -> Iterator[tuple[int, int]]:
    """Give where sentences stop and where the next ones begin."""
    for found in _END.finditer(text):
        if found[1] is None or _closes(text, found):
            yield max(found.end(n) for n in (1, 2, 3, 4)), found.end()


def _closes(text: str, found: re.Match[str]) -> bool:
    """Tell whether a full stop before a space ends a sentence, by the words beside it."""
    opened = _OPENED.match(text, found.end())
    following = text[opened.end() : opened.end() + 1] if opened else ""
    if following.islower():
        return False
    if found[1] != ".":
        return True
    word = _LAST_WORD.search(text, 0, found.start())
    return word is None or not _abbreviates(word[0])


def _abbreviates(word: str) -> bool:
    """Tell whether a full stop after `word` may be part of it: an initial, a title, an ordinal."""
    if word.isdigit():
        return len(word) <= 2
    return word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.lower() != word.upper())


def _tail(prefix: str) -> str:
    """Cut the beginning of a prefix, which may be half a word."""
    if len(prefix) < _CUT:
        return prefix
    cut = prefix.find(" ", 0, _WORD)
    return _ELLIPSIS + (prefix[cut:] if cut >= 0 else prefix)


def _head(suffix: str) -> str:
    """Cut the end of a suffix, which may be half a word."""
    if len(suffix) < _CUT:
        return suffix
    cut = suffix.rfind(" ", len(suffix) - _WORD)
    return (suffix[: cut + 1] if cut >= 0 else suffix) + _ELLIPSIS
