"""What editors do to articles. Each edit is made on the page, whose marks then tell the truth."""

import random
import re
import unicodedata
from collections.abc import Callable
from typing import Final

from evaluation import fixes
from evaluation.fixes import Fix
from evaluation.pages import CLOSE, OPEN, Page, Piece
from feedback.anchoring.normal import PREFORMATTED
from feedback.anchoring.words import words

#: Makes the article as the reader saw it, and as it is now; None where it does not apply.
Edit = Callable[[random.Random, Page], tuple[Page, Page] | None]
#: Changes a page, beside the selection.
Change = Callable[[random.Random, Page], Page]

_WORD: Final = re.compile(r"[^\W\d_]+")
_ADS: Final = (
    "Advertisement",
    "Subscribe now and read the whole story: three months for one euro.",
    "More on this: how it began, who was there, and what comes next.",
)


def fixed(fix: Fix) -> Edit:
    """Make an edit of a fix: it is done in one of the texts that the selection is made of."""

    def edit(chance: random.Random, page: Page) -> tuple[Page, Page] | None:
        for part in chance.sample(page.inside(), len(page.inside())):
            written = page.pieces[part.piece].text
            changed = fix(chance, written[part.start : part.end])
            if changed is not None:
                text = written[: part.start] + changed + written[part.end :]
                return page, page.with_text(part.piece, text)
        return None

    return edit


def doubled(chance: random.Random, page: Page) -> tuple[Page, Page] | None:
    """Double the selected word, as the mistake; the fix takes the selected one out again."""
    inside = page.inside()
    part = inside[0]
    written = page.pieces[part.piece].text
    word = written[part.start : part.end]
    if len(inside) > 1 or not _WORD.fullmatch(word) or not _alone(written, part.start, part.end):
        return None
    before, after = written[: part.start - 1], written[part.end + 1 :]
    twice = chance.choice([f"{word} {OPEN}{word}{CLOSE}", f"{OPEN}{word}{CLOSE} {word}"])
    once = f"{word}{OPEN}{CLOSE}" if twice.startswith(word) else f"{OPEN}{CLOSE}{word}"
    return (
        page.with_text(part.piece, before + twice + after),
        page.with_text(part.piece, before + once + after),
    )


def _alone(text: str, start: int, end: int) -> bool:
    """Tell whether a marked word is one of several in a line, with a space on either side."""
    return text[start - 2 : start - 1] == " " and text[end + 1 : end + 2] == " "


# What else happens to the page


def elsewhere(chance: random.Random, page: Page) -> Page:
    """Change every tenth word, but none beside the selection."""

    def change(text: str) -> str:
        return "".join(
            fixes.letters(chance, word) + chance.choice(["", "s"])
            if word[0].isalpha() and chance.random() < 0.1
            else word
            for word in words(text)
        )

    pieces = [piece if piece.tag else Piece(change(piece.text)) for piece in page.pieces]
    return page.edited([*_kept_around(page, pieces)])


def _kept_around(page: Page, pieces: list[Piece]) -> list[Piece]:
    """Take back what changed in the texts that hold a mark, but for their far ends."""
    first, last = page.inside()[0].piece, page.inside()[-1].piece
    kept = list(pieces)
    kept[first : last + 1] = page.pieces[first : last + 1]
    return kept


def neighbours(chance: random.Random, page: Page) -> Page:
    """Put other words for the one before and the one after the selection, in their texts."""
    inside = page.inside()
    first, last = inside[0], inside[-1]
    found = page
    after = re.search(r"^(\W*\s)([^\W\d_]{2,})", found.pieces[last.piece].text[last.end + 1 :])
    if after:
        at = last.end + 1 + after.start(2)
        found = found.with_text(last.piece, _other(chance, found, last.piece, at, after[2]))
    before = re.search(r"([^\W\d_]{2,})(\s\W*)$", found.pieces[first.piece].text[: first.start - 1])
    if before:
        at = before.start(1)
        found = found.with_text(first.piece, _other(chance, found, first.piece, at, before[1]))
    return found


def _other(chance: random.Random, page: Page, piece: int, at: int, word: str) -> str:
    text = page.pieces[piece].text
    other = chance.choice(_WORD.findall(page.pieces[piece].text))
    other = other if other not in (word, OPEN, CLOSE) else word[::-1]
    return text[:at] + other + text[at + len(word) :]


def inserted(chance: random.Random, page: Page) -> Page:
    """Put new paragraphs in, one of them right beside the selection's."""
    blocks, own = page.blocks(), page.own()
    at = {chance.choice(blocks).start for _ in range(3)}
    at.add(own[0].start if chance.random() < 0.5 else own[-1].stop)
    return _with_paragraphs(page, {place: _prose(chance, page) for place in at})


def advertised(chance: random.Random, page: Page) -> Page:
    """Put advertisements between paragraphs, often right beside the selection's."""
    blocks, own = page.blocks(), page.own()
    beside = {own[0].start, own[-1].stop}
    ads = {block.start: chance.choice(_ADS) for block in blocks if chance.random() < 0.3}
    ads |= {place: chance.choice(_ADS) for place in beside if chance.random() < 0.5}
    inner = {place for block in own for place in range(block.start + 1, block.stop)}
    return _with_paragraphs(page, {at: ad for at, ad in ads.items() if at not in inner})


def _prose(chance: random.Random, page: Page) -> str:
    """Make a paragraph of the page's own words, in another order."""
    found = words(page.text.replace(OPEN, "").replace(CLOSE, ""))
    chance.shuffle(found)
    return "".join(found[: chance.randint(20, 120)]).strip() or "More"


def _with_paragraphs(page: Page, paragraphs: dict[int, str]) -> Page:
    pieces: list[Piece] = []
    for number, piece in enumerate([*page.pieces, Piece("", "end")]):
        if number in paragraphs:
            pieces += [Piece("<div>", "div"), Piece(paragraphs[number]), Piece("</div>", "div")]
        pieces.append(piece)
    return page.edited(pieces[:-1])


def deleted(chance: random.Random, page: Page) -> Page:
    """Take three in ten of the other paragraphs out."""
    own = page.own()
    others = [block for block in page.blocks() if block not in own]
    return _without(page, [block for block in others if chance.random() < 0.3])


def _without(page: Page, blocks: list[range]) -> Page:
    gone = {number for block in blocks for number in block}
    return page.edited([p for n, p in enumerate(page.pieces) if p.tag or n not in gone])


def own_deleted(_chance: random.Random, page: Page) -> Page:
    """Take the paragraph out that the selection is in."""
    return _without(page, page.own())


def moved(chance: random.Random, page: Page) -> Page:
    """Put the selection's paragraph somewhere else."""
    own = page.own()
    taken = range(own[0].start, own[-1].stop)
    others = [block for block in page.blocks() if block not in own]
    if not others:
        return page
    place = chance.choice(others).start
    run = [p for p in page.pieces[taken.start : taken.stop] if not p.tag or len(own) > 1]
    pieces = list(page.pieces)
    for number in taken:
        if not pieces[number].tag:
            pieces[number] = Piece("")
    run = [Piece("<div>", "div"), *run, Piece("</div>", "div")]
    return page.edited([*pieces[:place], *run, *pieces[place:]])


def retagged(chance: random.Random, page: Page) -> Page:
    """Take inline elements away, put others around words, make other blocks of the blocks."""
    pieces: list[Piece] = []
    for piece in page.pieces:
        if piece.tag in ("b", "i", "em", "strong", "span", "a", "u", "font"):
            continue
        if piece.tag in ("div", "section", "article"):
            pieces.append(Piece(piece.text.replace(piece.tag, "main"), "main"))
        elif piece.tag:
            pieces.append(piece)
        else:
            pieces += _emphasized(chance, piece.text)
    return page.edited(pieces)


def _emphasized(chance: random.Random, text: str) -> list[Piece]:
    found: list[Piece] = []
    for word in words(text):
        if word[0].isalpha() and chance.random() < 0.08:
            found += [Piece("<em>", "em"), Piece(word), Piece("</em>", "em")]
        else:
            found.append(Piece(word))
    return found


def respaced(chance: random.Random, page: Page) -> Page:
    """Break the lines of the source elsewhere, and some of the lines that readers see."""
    pieces: list[Piece] = []
    if any(piece.tag in PREFORMATTED for piece in page.pieces):
        return page
    for piece in page.pieces:
        if piece.tag:
            pieces.append(piece)
            continue
        for part in re.split(r"(\s+)", piece.text):
            if part.isspace() and chance.random() < 0.03:
                pieces.append(Piece("<br>", "br"))
            elif part.isspace():
                pieces.append(Piece(chance.choice([" ", "\n", "\t\n ", "\u00a0"])))
            else:
                pieces.append(Piece(part))
    return page.edited(pieces)


def decomposed(_chance: random.Random, page: Page) -> Page:
    """Write accents as code points of their own."""
    return page.edited(
        [p if p.tag else Piece(unicodedata.normalize("NFD", p.text)) for p in page.pieces]
    )


def others_fixed(chance: random.Random, page: Page) -> Page:
    """Fix the same words everywhere else."""
    quote = "".join(page.pieces[part.piece].text[part.start : part.end] for part in page.inside())
    fix = fixes.letters(chance, quote)
    pattern = re.compile(rf"(?<!{OPEN}){re.escape(quote)}(?!{CLOSE})")
    return page.edited(
        [p if p.tag else Piece(pattern.sub(lambda _: fix, p.text)) for p in page.pieces]
    )


def quoted_below(_chance: random.Random, page: Page) -> Page:
    """Let a comment below quote the sentence, as it is."""
    text = page.text
    start, end = text.index(OPEN), text.index(CLOSE)
    line = text[text.rfind("\n", 0, max(0, start - 40)) + 1 :].split("\n")[0]
    around = text[max(0, start - 60) : end + 60].replace(OPEN, "").replace(CLOSE, "")
    quote = line.replace(OPEN, "").replace(CLOSE, "") if len(line) < 300 else around
    comment = [
        Piece("<div>", "div"),
        Piece(f"Reader: You write “{quote}” – is that right?"),
        Piece("</div>", "div"),
    ]
    return page.edited([*page.pieces, *comment])


def only(change: Change) -> Edit:
    """Make an edit of a change beside the selection."""
    return lambda chance, page: (page, change(chance, page))


def both(change: Change, edit: Edit, *, change_first: bool = True) -> Edit:
    """Make an edit of a change beside the selection and an edit in it."""

    def made(chance: random.Random, page: Page) -> tuple[Page, Page] | None:
        if change_first:
            found = edit(chance, change(chance, page))
            return found and (page, found[1])
        found = edit(chance, page)
        return found and (found[0], change(chance, found[1]))

    return made


def _rebuilt(chance: random.Random, page: Page) -> Page:
    for change in (elsewhere, inserted, deleted, advertised):
        page = change(chance, page)
    return page


EDITS: Final[dict[str, Edit]] = {
    "unchanged": only(lambda _, page: page),
    "fixed": fixed(fixes.spelling),
    "fixed: another word": fixed(fixes.another_word),
    "fixed: accent, case, marks": fixed(fixes.look),
    "fixed: a word put in": fixed(fixes.word_in),
    "fixed: a word taken out": fixed(fixes.word_out),
    "fixed: written as two": fixed(fixes.split),
    "fixed: doubled word": doubled,
    "fixed, neighbours edited": both(neighbours, fixed(fixes.spelling)),
    "neighbours edited": only(neighbours),
    "edited elsewhere": only(elsewhere),
    "fixed, edited elsewhere": both(elsewhere, fixed(fixes.spelling)),
    "same words fixed elsewhere": only(others_fixed),
    "paragraphs inserted": only(inserted),
    "fixed, paragraphs inserted": both(inserted, fixed(fixes.spelling)),
    "paragraphs deleted": only(deleted),
    "fixed, paragraphs deleted": both(deleted, fixed(fixes.spelling)),
    "paragraph moved": only(moved),
    "fixed, paragraph moved": both(moved, fixed(fixes.spelling)),
    "markup changed": only(retagged),
    "fixed, markup changed": both(retagged, fixed(fixes.spelling), change_first=False),
    "white space changed": only(respaced),
    "accents decomposed": only(decomposed),
    "advertisements": only(advertised),
    "fixed, advertisements": both(advertised, fixed(fixes.spelling)),
    "quoted in a comment": only(quoted_below),
    "fixed, quoted in a comment": both(quoted_below, fixed(fixes.spelling)),
    "all at once": only(_rebuilt),
    "fixed, all at once": both(_rebuilt, fixed(fixes.spelling)),
    "paragraph deleted": only(own_deleted),
    "paragraph deleted, all at once": both(_rebuilt, only(own_deleted)),
}
