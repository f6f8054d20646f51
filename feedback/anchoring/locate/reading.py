"""What stands in a quote's slot: between the words before it and the words after it.

`places` says about where the quote started; here the two ends are read. The simple way comes
first: where the context is unharmed next to the quote, it ends and begins the slot. Else the words
of the whole passage are laid on those of the text, and what lies between the matches is cut so that
the pieces are most alike.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from rapidfuzz.distance import Levenshtein

from feedback.anchoring.locate.loose import fold, loose, stands, tokens
from feedback.anchoring.locate.passage import Passage

#: How much context, in code points, shows by itself where a slot ends.
_TAIL: Final = 12
#: How much longer than the quote a slot is looked for, and how far off a place may be.
_SLACK: Final = 64
#: The same where the quote goes over blocks, and a block may have been put in between.
_BLOCKS: Final = 512
#: Words of a changed stretch that are cut in all ways; a longer one is cut by the character.
_WORDS: Final = 24
#: How much more than the passage has there is looked at where nothing matches on one side.
_BEYOND: Final = 24

#: Lines that a slot may have more than its quote for the best of them to be chosen.
_LINES: Final = 12
#: What touches the end of a gap, and its beginning.
_GLUED_BEFORE: Final = re.compile(r"\S+$")
_GLUED_AFTER: Final = re.compile(r"\S+")
_LINE: Final = re.compile("[^\n]+")

Span = tuple[int, int]


def slots(text: str, passage: Passage, start: int, *, lay: bool) -> Iterator[Span]:
    """Yield what may be the slot near a place; `start` is where the quote would start.

    `lay` says whether it is worth the time to lay the words where the simple way finds nothing.
    """
    start = min(max(0, start), len(text))
    found = set(_between(text, passage, start))
    if not found and lay:
        found |= {_laid(text, each, start) for each in (passage, passage.alone)}
    for slot in sorted(found):
        yield _narrowed(text, passage, *_in_its_lines(text, passage, *_trimmed(text, *slot)))


def _in_its_lines(text: str, passage: Passage, start: int, end: int) -> Span:
    """Leave lines out that were put in beside the quote: those that make it less like it."""
    lines = [start + found.start() for found in _LINE.finditer(text[start:end])]
    most = passage.exact.count("\n") + 1
    if not most < len(lines) <= _LINES or stands(text[start:end], passage.exact):
        return start, end
    ends = [line - 1 for line in lines[1:]] + [end]
    spans = [(start, end)]
    for count in range(most, len(lines)):
        spans += zip(lines, ends[count - 1 :], strict=False)
    return max(spans, key=lambda span: _ends_alike(text[slice(*span)], passage))


def _ends_alike(slot: str, passage: Passage) -> tuple[float, float]:
    """Say how like the quote's the first and the last line of a slot are, then how like all is.

    What was put in between two blocks of a quote stands inside the slot.
    """
    ours, theirs = passage.folded.split("\n"), fold(slot).split("\n")
    if len(ours) == 1:
        return passage.likeness(slot), 0.0
    ends = sum(Levenshtein.normalized_similarity(ours[n], theirs[n]) for n in (0, -1))
    return ends, passage.likeness(slot)


def _narrowed(text: str, passage: Passage, start: int, end: int) -> Span:
    """Leave words out that were put in beside the quote, where all of it stands in the slot."""
    exact, (opened, closed) = passage.exact, passage.cut
    if not len(exact) < end - start:
        return start, end
    before, after = "^" if opened else r"(?:(?<=\s)|^)", "$" if closed else r"(?=\s|$)"
    found = re.search(before + re.escape(exact) + after, text[start:end])
    return (start + found.start(), start + found.end()) if found else (start, end)


def _between(text: str, passage: Passage, start: int) -> Iterator[Span]:
    """Read the slot from the ends of the context on both sides, if they stand there."""
    tail, head = loose(passage.prefix[-_TAIL:]), loose(passage.suffix[:_TAIL])
    size = len(passage.exact)
    reach = 2 * size + max(_SLACK, _BLOCKS * ("\n" in passage.exact))
    low = max(0, start - len(tail) - _SLACK)
    folded = loose(text[low : start + size + reach + len(head)])
    at = start - low
    if folded[max(0, at - len(tail)) : at] == tail and tail:
        # The white space before the quote may be the one after it: the quote was taken out.
        end = _nearest(folded, head, at + size, max(0, at - 1), at + reach) if head else -1
        if end >= 0:
            yield low + min(at, end), low + max(at, end)
    end = at + size
    if folded[end : end + len(head)] == head and head:
        begin = _nearest(folded, tail, at - len(tail), max(0, end - reach), end + 1) if tail else -1
        if begin >= 0:
            begin += len(tail)
            yield low + min(begin, end), low + max(begin, end)


def _nearest(text: str, piece: str, at: int, low: int, high: int) -> int:
    """Find the place of a piece between two bounds that is nearest to `at`; -1 if there is none."""
    after = text.find(piece, max(low, at), high + len(piece))
    before = text.rfind(piece, low, max(low, at) + len(piece))
    found = [place for place in (before, after) if place >= 0]
    return min(found, key=lambda place: abs(place - at), default=-1)


def _laid(text: str, passage: Passage, start: int) -> Span:
    """Lay the passage on the text around a place, word by word, and read the slot."""
    slack = max(_SLACK, len(passage.exact) // 2, _BLOCKS * ("\n" in passage.exact))
    low = max(0, start - len(passage.prefix) - slack)
    window = text[low : max(0, start) + len(passage.exact) + len(passage.suffix) + slack]
    first, last = _Laid(passage, window).slot()
    return low + first, low + last


class _Laid:
    """A passage laid on a window of the text: which word of one is which word of the other."""

    def __init__(self, passage: Passage, window: str) -> None:
        self.passage, self.window = passage, window
        self.ours, self.theirs = passage.tokens, tokens(window)
        self.start = len(passage.prefix)
        self.end = self.start + len(passage.exact)
        found = Levenshtein.opcodes(passage.keys, [word for _, _, word in self.theirs])
        self.pairs = {
            run.a + n: run.b + n for run in found.as_matching_blocks() for n in range(run.size)
        }
        self._untwin()
        #: Matched words, with guards before the first and after the last.
        self.matched = [-1, *sorted(self.pairs), len(self.ours)]
        self.pairs[-1], self.pairs[len(self.ours)] = -1, len(self.theirs)

    def slot(self) -> Span:
        """Give the slot in the window."""
        within = self._in_one_word()
        if within:
            return within
        opening, closing = self._gap(self.start), self._gap(self.end)
        if opening == closing:
            return self._cut(opening, self.start, self.end)
        first, _ = self._cut(opening, self.start, len(self.passage.text))
        _, last = self._cut(closing, 0, self.end)
        return first, max(first, last)

    def _in_one_word(self) -> Span | None:
        """Read a quote inside of a word whose other letters were changed, up to the quote.

        The letter is still there, but what the reader saw is not: all that differs is the slot.
        """
        found = [n for n, (a, b, _) in enumerate(self.ours) if a <= self.start and self.end <= b]
        if not found or self.ours[found[0]][:2] == (self.start, self.end):
            return None
        before, after = self.pairs.get(found[0] - 1), self.pairs.get(found[0] + 1)
        if found[0] in self.pairs or before is None or after != before + 2:
            return None
        (low, high, _), (first, last, _) = self.ours[found[0]], self.theirs[before + 1]
        ours, theirs = self.passage.text[low:high], self.window[first:last]
        left = _common(ours, theirs)
        right = _common(ours[left:][::-1], theirs[left:][::-1])
        start, end = self.start - low, self.end - low
        if left > end or len(ours) - right < start:
            return None
        start, end = min(start, left), max(end - len(ours), -right) + len(theirs)
        return first + start, first + max(start, end)

    def _untwin(self) -> None:
        """Of a doubled word whose one half is gone, the quote is the half that went."""
        quote = self._inner(self.start, self.end)
        if any(n not in self.pairs for n in quote) or not quote:
            return
        for twin in (
            range(quote.start - len(quote), quote.start),
            range(quote.stop, quote.stop + len(quote)),
        ):
            if twin.start < 0 or twin.stop > len(self.ours):
                continue
            like = [self.ours[n][2] for n in twin] == [self.ours[n][2] for n in quote]
            if like and not any(n in self.pairs for n in twin):
                for ours, other in zip(quote, twin, strict=True):
                    self.pairs[other] = self.pairs.pop(ours)
                return

    def _inner(self, start: int, end: int) -> range:
        """Give the words that lie wholly between two offsets of the passage."""
        first = bisect_left(self.ours, start, key=lambda word: word[0])
        last = first
        while last < len(self.ours) and self.ours[last][1] <= end:
            last += 1
        return range(first, last)

    def _gap(self, at: int) -> tuple[int, int]:
        """Give the matched words around an offset of the passage; twice one that it cuts."""
        n = bisect_left(self.matched, at, lo=1, hi=len(self.matched) - 1, key=self._end)
        word = self.matched[n]
        if word < len(self.ours) and self.ours[word][0] < at < self.ours[word][1]:
            return word, word
        if word < len(self.ours) and self.ours[word][1] == at:
            return word, self.matched[n + 1]
        return self.matched[n - 1], word

    def _end(self, word: int) -> int:
        return self.ours[word][1]

    def _cut(self, gap: tuple[int, int], start: int, end: int) -> Span:
        """Cut what stands in a gap; offsets of the passage become offsets of the window."""
        (low, high), (first, last) = self._stretches(*gap)
        start, end = max(low, start), min(high, end)
        ours, theirs = self.passage.text[low:high], self.window[first:last]
        cut = _cut(ours, theirs, start - low, max(start, end) - low)
        return first + cut[0], first + cut[1]

    def _stretches(self, left: int, right: int) -> tuple[Span, Span]:
        """Give what lies between two matched words in the passage, and in the window."""
        if left == right:
            return self.ours[left][:2], self.theirs[self.pairs[left]][:2]
        low = self.ours[left][1] if left >= 0 else 0
        high = self.ours[right][0] if right < len(self.ours) else len(self.passage.text)
        first = self.theirs[self.pairs[left]][1] if left >= 0 else 0
        last = self.theirs[self.pairs[right]][0] if right < len(self.ours) else len(self.window)
        most = high - low + _BEYOND
        if left < 0:
            first = max(first, last - most)
        elif right == len(self.ours):
            last = min(last, first + most)
        return (low, high), (first, last)


def _common(one: str, other: str) -> int:
    """Count the characters that two texts begin with."""
    shorter = min(len(one), len(other))
    return next((n for n in range(shorter) if one[n] != other[n]), shorter)


def _cut(ours: str, theirs: str, start: int, end: int) -> Span:
    """Cut `theirs` in three, so that the pieces are most like those that `ours` is cut in."""
    starts = _cuts(ours, theirs, start, (ours[:start], ours[start:end]))
    ends = _cuts(ours, theirs, end, (ours[start:end], ours[end:]), after=True)
    cuts = [(a, b) for a in starts for b in ends if a <= b] or [(starts[0], starts[0])]
    if len(cuts) == 1:
        return cuts[0]
    pieces = loose(ours[:start]), loose(ours[start:end]), loose(ours[end:])
    folded = loose(theirs)

    def unlike(cut: Span) -> int:
        parts = folded[: cut[0]], folded[slice(*cut)], folded[cut[1] :]
        return sum(map(_distance, pieces, parts))

    return min(cuts, key=unlike)


def _distance(one: str, other: str) -> int:
    return Levenshtein.distance(one.strip(), other.strip())


def _cuts(
    ours: str, theirs: str, at: int, parts: tuple[str, str], *, after: bool = False
) -> list[int]:
    """Give where `theirs` may be cut, so that it is cut as `ours` is at `at` into `parts`."""
    quote, other = (part.strip() for part in (parts if after else reversed(parts)))
    if not ours.strip() and not quote:
        return [_beside(ours, theirs, after=after)]
    if not quote or not other:
        return [len(theirs) if bool(quote) == after else 0]
    words = tokens(theirs)
    for first, last, _ in tokens(ours):
        if words and first < at < last:
            return [_cut_in_word(ours[first:last], theirs, at - first, after=after)]
    if len(words) > _WORDS:
        return [_mapped(loose(ours), loose(theirs), at, after=after)]
    if after:
        return [0, *(last for _, last, _ in words)]
    return [*(first for first, _, _ in words), len(theirs)]


def _beside(ours: str, theirs: str, *, after: bool) -> int:
    """Say how far into a gap beside the unharmed quote its slot reaches.

    What was put in without a space between is the quote's own: a letter of an unspaced script, or
    anything where there was no gap at all.
    """
    put_in = _GLUED_AFTER.match(theirs) if after else _GLUED_BEFORE.search(theirs)
    glued = put_in[0] if put_in else ""
    if (ours and not (glued[:1] if after else glued[-1:]).isalnum()) or (
        not ours and glued != theirs
    ):
        glued = ""
    return len(glued) if after else len(theirs) - len(glued)


def _cut_in_word(word: str, theirs: str, at: int, *, after: bool) -> int:
    """Give where `theirs` is cut if a word of ours is cut inside: in the word most like it."""
    words = [theirs[first:last] for first, last, _ in tokens(theirs)]
    like = max(words, key=lambda each: Levenshtein.normalized_similarity(word, each))
    start = next(a for a, b, _ in tokens(theirs) if theirs[a:b] == like)
    return start + _mapped(loose(word), loose(like), at, after=after)


def _mapped(ours: str, theirs: str, at: int, *, after: bool) -> int:
    """Say which offset of `theirs` an offset of `ours` is, by the character; new ones go inside."""
    codes = Levenshtein.opcodes(ours, theirs)
    for code in reversed(codes) if after else codes:
        low, high = code.src_start, code.src_end
        if code.tag == "equal" and (low <= at < high if after else low < at <= high):
            return code.dest_start + at - low
    for code in codes:
        if code.src_start <= at <= code.src_end:
            return min(code.dest_end, code.dest_start + at - code.src_start)
    return len(theirs)


def _trimmed(text: str, start: int, end: int) -> Span:
    """Keep a slot inside the text and take white space off both its ends."""
    start, end = min(start, len(text)), min(end, len(text))
    found = text[start:end]
    start += len(found) - len(found.lstrip())
    return start, start + len(found.strip())
