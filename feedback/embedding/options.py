"""Options: what a site has set on the line and in the page, and what is misspelt."""

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Final

from feedback.embedding.embed import Embed
from feedback.embedding.findings import Finding, bad, good, note
from feedback.embedding.loading import lines
from feedback.embedding.page import Page

#: The options of the line, without `data-`, and the values that each may have; none: any.
OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "button": ("touch", "always", "never"),
    "kinds": ("typo", "fact", "link", "other"),
    "email": ("true", "false"),
    "lang": (),
}
#: What may be marked in the page, without `data-feedback-`.
MARKS: Final = ("scope", "ignore", "caption", "corrections")


def examine(page: Page, embed: Embed) -> Iterator[Finding]:
    """Say what is set, and name what is misspelt with what is most like it."""
    found = lines(page, embed)
    attributes = found[0].attributes if found else {}
    given = {name[5:]: text for name, text in attributes.items() if name.startswith("data-")}
    faults = [*_unknown(given), *_mistaken(given)]
    yield from faults
    set_ = [f'data-{name}="{text}"' for name, text in given.items() if name in OPTIONS]
    if set_ and not faults:
        yield good("The line's options are understood: %(options)s", options=" ".join(set_))
    yield from _marks(page)


def _unknown(given: dict[str, str]) -> Iterator[Finding]:
    for name, text in given.items():
        near = _nearest(name, OPTIONS)
        if name not in OPTIONS and near:
            yield bad(
                "The script knows no option data-%(name)s; most like it is data-%(near)s:",
                f'data-{near}="{text}"',
                name=name,
                near=near,
            )


def _mistaken(given: dict[str, str]) -> Iterator[Finding]:
    for name, known in OPTIONS.items():
        words = re.findall(r"[^\s,]+", given.get(name, ""))
        right = [word if word in known else _nearest(word.lower(), known) for word in words]
        if name in given and known and (not words or words != right):
            yield bad(
                'data-%(name)s="%(text)s" is not understood; what it may say: %(known)s.',
                f'data-{name}="{" ".join(filter(None, right)) or known[0]}"',
                name=name,
                text=given[name],
                known=", ".join(known),
            )


def _marks(page: Page) -> Iterator[Finding]:
    markup = page.markup
    for mark in markup.marks:
        near = _nearest(mark, MARKS)
        if mark not in MARKS and near:
            yield note(
                "data-feedback-%(mark)s means nothing here; most like it is this:",
                f"data-feedback-{near}",
                mark=mark,
            )
    if markup.scopes:
        yield good(
            "Only what stands in data-feedback-scope (found: %(count)s) can be reported.",
            count=str(markup.scopes),
        )
    if markup.ignored:
        yield good(
            "What stands in data-feedback-ignore (found: %(count)s) cannot be reported.",
            count=str(markup.ignored),
        )


def _nearest(word: str, known: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(word, [*known], n=1)), "")


def caption(page: Page, embed: Embed) -> Iterator[Finding]:
    """Say whether readers are told how to report, those without scripts too."""
    links = [link.partition("?")[0] for link in page.markup.captions]
    line = embed.caption(page.markup.lang)
    if not links:
        yield note("The page does not tell readers how to report. Where it should, paste:", line)
    elif embed.form not in links:
        yield note(
            "The caption has no link to the form for readers without scripts. Let it be:", line
        )
    else:
        yield good("A caption tells readers how to report, those without scripts too.")
