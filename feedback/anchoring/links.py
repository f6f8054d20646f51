"""Links that open an article at a spot: `:~:text=`, as "URL Fragment Text Directives" (WICG) says.

A browser looks for `[prefix-,]start[,end][,-suffix]` from the top of the page and takes the first
match. It minds neither case nor marks, lets no term cross a block, and wants prefix or start to
begin, and start, end or suffix to end, at a word bound. Two things it knows are unknown here, and
both are met by asking for more than it does: where its dictionaries cut a text without spaces
(Chinese, Japanese, Thai: there only punctuation is a sure bound), and what a style sheet hides.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Final
from urllib.parse import quote

from feedback.anchoring.normal import NormalText

#: Code points from which on a spot is named by its first and last words alone.
LONGEST: Final = 300
#: Words in a term to begin with, and at most.
WORDS: Final = 3
MOST_WORDS: Final = 150
#: Blocks that a spot is widened to at most, so that it stays in view with the first of them.
MOST_BLOCKS: Final = 8
#: Code points in a term at most: a text without spaces may have no word bound at all.
MOST: Final = 1_000

#: No bound beside these where a word goes on after them (UAX #29: MidLetter, MidNumLet).
_IN_WORDS: Final = "'’‘.:·‧״＇．："
#: The same between digits (MidNum).
_IN_NUMBERS: Final = ",;،٬⁄，；"
#: Thai, Lao, Myanmar, Khmer, Han, kana.
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uf900-\ufaff\uff66-\uff9f"
    "\U0001b000-\U0001b2ff\U00020000-\U0003ffff]"
)

#: Code points from an element's begin to a spot within which its id still leads to the spot's
#: neighbourhood: about a screen of plain text. What lies further off is another part of the page,
#: often a menu that opens when its id is named.
NEAR: Final = 3_000

#: Hiragana, which ends most Japanese words, and what begins them.
_KANA: Final = re.compile("[\u3041-\u309f]")
_OTHER: Final = re.compile("[\\d\u30a0-\u30ff\u3400-\u9fff]")

#: Stands where a browser has words that the text leaves out: no term may reach or touch it.
_UNSAID: Final = "\ud800"
_EDGE: Final = re.compile(f"[\n{_UNSAID}]")

Span = tuple[int, int]


@dataclass(frozen=True)
class _Terms:
    """A directive's terms as spans of the text; an empty span is a term left out."""

    prefix: Span
    start: Span
    end: Span
    suffix: Span

    def directive(self, text: str) -> str:
        prefix, start, end, suffix = (
            _encoded(text[slice(*span)])
            for span in (self.prefix, self.start, self.end, self.suffix)
        )
        marked = (prefix and f"{prefix}-", start, end, suffix and f"-{suffix}")
        return ":~:text=" + ",".join(filter(None, marked))


def place(normal: NormalText, start: int, end: int) -> str:
    """Give what follows `#` in the address of an article to open it at a spot.

    The nearest id at or before the spot comes first: a browser that finds nothing by the directive,
    or knows none, goes there. Either is left out where there is none. The directive is better than
    `fragment` alone can make it: no term crosses a seam, and none touches what is left unsaid.
    """
    return quote(_nearest(normal, start), safe="") + _directive(*_as_shown(normal, start, end))


def _nearest(normal: NormalText, at: int) -> str:
    """Give the name of the last element that begins at or before an offset, and not far from it."""
    begun = bisect_right(normal.ids, at, key=itemgetter(0))
    offset, name = normal.ids[begun - 1] if begun else (0, "")
    return name if at - offset <= NEAR else ""


def fragment(text: str, start: int, end: int) -> str:
    """Give the directive that leads to `text[start:end]`, for use after a URL's `#`.

    `text` is a normal text, offsets count its code points. The spot is widened to whole words and
    told from earlier matches by the words around it, 3 and more; where a whole block's
    text is not enough (a table of equal cells) the link leads to the first that looks the same. A
    spot of no length leads to the word beside it. Empty where the text has no word to lead to.
    """
    return _directive(text, start, end)


def _as_shown(normal: NormalText, start: int, end: int) -> tuple[str, int, int]:
    """Give the text with its seams as block edges and what is unsaid marked, and the spot in it."""
    text, read = normal.text, 0
    pieces: list[str] = []
    added: list[int] = []
    marks = dict.fromkeys(normal.seams, "\n") | dict.fromkeys(normal.unsaid, _UNSAID)
    for at, mark in sorted(marks.items()):
        if 0 < at < len(text):
            gap = text[at - 1].isspace()
            pieces += text[read : at - gap], "\n" if text[at - 1] == "\n" else mark
            added += [] if gap else [at]
            read = at
    shown = "".join((*pieces, text[read:]))
    return shown, start + bisect_right(added, start), end + bisect_left(added, end)


def _directive(text: str, start: int, end: int) -> str:
    spot = _around_unsaid(text, _widen(text, *_clip(text, start, end)))
    if spot[0] == spot[1]:
        return ""
    for wanted in dict.fromkeys((spot, *_wider(text, spot))):
        found = next(filter(_Folded(text, wanted).first_is, _growing(text, wanted)), None)
        if found:
            return found.directive(text)
    return _terms(text, spot, WORDS, beyond=False).directive(text)


def _clip(text: str, start: int, end: int) -> Span:
    """Keep the spot inside the text and off white space; where it is empty take a neighbour."""
    start = min(max(start, 0), len(text))
    spot = text[start : max(start, end)]
    start += len(spot) - len(spot.lstrip())
    end = start + len(spot.strip())
    if start < end or not text:
        return start, end
    after = re.compile(r"\s*(\S)").match(text, start)
    at = after.start(1) if after else len(text[:start].rstrip()) - 1
    return max(at, 0), at + 1


def _widen(text: str, start: int, end: int) -> Span:
    """Move both ends outward to word bounds; not in unspaced text, whose bounds are unknown."""
    while _joined(text, start) and not _UNSPACED.search(text, start - 1, start + 1):
        start -= 1
    while _joined(text, end) and not _UNSPACED.search(text, end - 1, end + 1):
        end += 1
    return start, end


def _around_unsaid(text: str, spot: Span) -> Span:
    """Move the ends of a spot that holds or touches what is unsaid to words that do not touch it.

    A browser then reaches over it from a word before to a word after.
    """
    start, end = spot
    if _UNSAID not in text[max(start - 1, 0) : end + 1]:
        return spot
    if text[start - 1 : start] == _UNSAID or not _length(_words_after(text, start, 1)):
        before = start - (text[start - 1 : start] == _UNSAID)
        start = _words_before(text, before, 1, beyond=True)[0]
    if text[end : end + 1] == _UNSAID or not _length(_words_before(text, end, 1)):
        after = end + (text[end : end + 1] == _UNSAID)
        end = _words_after(text, after, 1, beyond=True)[1]
    return start, end


def _wider(text: str, spot: Span) -> Iterator[Span]:
    """Yield the spot's whole blocks, then some blocks before as well, as long as that is short.

    A footer may repeat a menu line by line: from a line that stands once the way down is clear.
    """
    edge = _EDGE.search(text, spot[1])
    start, end = _floor(text, spot[0]), edge.start() if edge else len(text)
    for _ in range(MOST_BLOCKS):
        if end - start > LONGEST or text[start : start + 1] == _UNSAID:
            break
        yield start, end
        start = _floor(text, max(start - 1, 0))


def _floor(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind(_UNSAID, 0, at)) + 1


def _length(span: Span) -> int:
    return span[1] - span[0]


def _joined(text: str, at: int) -> bool:
    """Tell whether a browser may see one word on both sides of an offset."""
    before, after = text[max(at - 2, 0) : max(at, 0)], text[at : at + 2]
    if not before or not after:
        return False
    if after[0] in _IN_WORDS + _IN_NUMBERS:
        return _holds(after[0], before[-1], after[1:])
    if before[-1] in _IN_WORDS + _IN_NUMBERS:
        return _holds(before[-1], before[:-1], after[0])
    return _is_wordy(before[-1]) and _is_wordy(after[0])


def _holds(mark: str, left: str, right: str) -> bool:
    """Tell whether `mark` holds two characters together; either may be missing."""
    if mark in _IN_NUMBERS:
        return left.isdigit() and right.isdigit()
    return bool(left and right) and _is_wordy(left) and _is_wordy(right)


def _is_wordy(character: str) -> bool:
    """Letters, digits, and what extends them: marks, joiners, the underscore."""
    extends = {"Mn", "Mc", "Me", "Pc", "Cf"}
    if character.isalnum() or character == _UNSAID:
        return True
    return unicodedata.category(character) in extends


def _growing(text: str, spot: Span) -> Iterator[_Terms]:
    """Yield terms of 3 words and more, in the spot's blocks, then into the blocks beside it."""
    last = None
    for beyond in (False, True):
        words = WORDS
        while words <= MOST_WORDS:
            terms = _terms(text, spot, words, beyond=beyond)
            if terms == last:
                break
            yield terms
            last = terms
            words += words // 2


def _terms(text: str, spot: Span, words: int, *, beyond: bool) -> _Terms:
    start, end = spot
    prefix = _words_before(text, start, words, beyond=beyond)
    suffix = _words_after(text, end, words, beyond=beyond)
    if end - start > LONGEST or _EDGE.search(text, start, end):
        head = _words_after(text[:end], start, words)
        tail = _words_before(text[start:], end - start, words)
        first, last = head, (tail[0] + start, tail[1] + start)
        if first[0] < first[1] < last[0] < last[1]:
            return _Terms(prefix, first, last, suffix)
    return _Terms(prefix, spot, (end, end), suffix)


def _words_before(text: str, at: int, words: int, *, beyond: bool = False) -> Span:
    """Give the span of some words up to `at`, all in one block: the one before if `beyond`.

    Words that touch what is unsaid are left out.
    """
    floor = _floor(text, at)
    if beyond and at and floor == at and text[at - 1] == "\n":
        return _words_before(text, at - 1, words)
    end = floor + len(text[floor:at].rstrip())
    start = end
    while start > max(floor, end - MOST) and words:
        start -= 1
        words -= _begins_word(text, start)
    if start == floor and text[start - 1 : start] == _UNSAID:
        start = next(filter(lambda bound: _parts(text, bound), range(start, end)), end)
        start += len(text[start:end]) - len(text[start:end].lstrip())
    return start, end


def _words_after(text: str, at: int, words: int, *, beyond: bool = False) -> Span:
    """Give the span of some words from `at` on, all in one block: the one after if `beyond`.

    Words that touch what is unsaid are left out.
    """
    edge = _EDGE.search(text, at)
    ceiling = edge.start() if edge else len(text)
    if beyond and ceiling == at and text[at : at + 1] == "\n":
        return _words_after(text, at + 1, words)
    start = at + len(text[at:ceiling]) - len(text[at:ceiling].lstrip())
    end = start
    while end < min(ceiling, start + MOST) and words:
        end += 1
        words -= _ends_word(text, end)
    if end == ceiling and text[end : end + 1] == _UNSAID:
        end = next(filter(lambda bound: _parts(text, bound), range(end, start, -1)), start)
        end = start + len(text[start:end].rstrip())
    return start, end


def _parts(text: str, at: int) -> bool:
    """Tell whether words part at an offset: for sure, or, in Japanese, most likely."""
    return not _joined(text, at) or bool(_KANA.match(text, at - 1) and _OTHER.match(text, at))


def _begins_word(text: str, at: int) -> bool:
    return _is_wordy(text[at]) and not _joined(text, at)


def _ends_word(text: str, at: int) -> bool:
    return _is_wordy(text[at - 1]) and not _joined(text, at)


class _Folded:
    """A text as the loosest browser compares it: no case, no marks, one kind of space."""

    def __init__(self, text: str, spot: Span) -> None:
        self.text = text
        before, within, after = text[: spot[0]], text[slice(*spot)], text[spot[1] :]
        self.start = len(_fold(before))
        self.end = self.start + len(_fold(within))
        self.folded = _fold(before) + _fold(within) + _fold(after)

    def first_is(self, terms: _Terms) -> bool:
        """Tell whether the terms' first match is the spot, even counting parts of words."""
        prefix, start, end, suffix = (
            re.escape(_fold(self.text[slice(*span)]))
            for span in (terms.prefix, terms.start, terms.end, terms.suffix)
        )
        rest = f".*?{end}" if end else ""
        match = re.search(f"{prefix} ?({start}{rest}) ?{suffix}", self.folded, re.DOTALL)
        return match is not None and match.span(1) == (self.start, self.end)


class _Folds(dict[int, str]):
    """What each code point is compared as, worked out when first met."""

    def __missing__(self, code: int) -> str:
        loose = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", chr(code)).casefold())
        self[code] = "".join(c for c in loose if not unicodedata.category(c).startswith("M"))
        return self[code]


_FOLDS: Final = _Folds(
    {ord("\n"): " "} | dict.fromkeys(map(ord, "‘’‚‹›"), "'") | dict.fromkeys(map(ord, "“”„«»"), '"')
)


def _fold(text: str) -> str:
    return text.translate(_FOLDS)


def _encoded(term: str) -> str:
    """Percent-encode all that a URL or the directive's own syntax would read otherwise."""
    return quote(term.replace(_UNSAID, ""), safe="").replace("-", "%2D")
