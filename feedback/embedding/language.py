"""Language: what the page says of its own, and what the dialog will speak."""

import difflib
from collections.abc import Iterator

from babel import Locale

from feedback.embedding.embed import Embed
from feedback.embedding.findings import Finding, good, note
from feedback.embedding.loading import lines
from feedback.embedding.page import Page


def examine(page: Page, embed: Embed) -> Iterator[Finding]:
    """Say which language the dialog will speak, and why."""
    found = lines(page, embed)
    asked = found[0].attributes.get("data-lang") if found else None
    tag = page.markup.lang if asked is None else asked.strip()
    spoken = embed.match(tag)
    values = {"tag": tag, "spoken": _named(spoken)}
    if asked is None and not tag:
        yield note(
            "The page does not say its language; the dialog speaks %(spoken)s. Begin with:",
            f'<html lang="{spoken}">',
            **values,
        )
    elif _same(tag, spoken):
        where = f'<html lang="{tag}">' if asked is None else f'data-lang="{tag}"'
        yield good("By %(where)s the dialog speaks %(spoken)s.", where=where, **values)
    elif asked is None:
        yield note(
            "The dialog does not speak %(tag)s, the page's language; it speaks %(spoken)s.",
            **values,
        )
    else:
        near = difflib.get_close_matches(tag.lower(), embed.leads, n=1, cutoff=0.5)
        yield note(
            'data-lang="%(tag)s" is no language of the dialog; it speaks %(spoken)s. It may be:',
            f'data-lang="{next(iter(near), spoken)}"',
            **values,
        )


def _same(tag: str, spoken: str) -> bool:
    """Tell whether a tag means the language that was found for it, not one instead of it."""
    return spoken != "en" or tag.lower().replace("_", "-").partition("-")[0] == "en"


def _named(tag: str) -> str:
    """Give the language's own name."""
    return f"{Locale.parse(tag, sep='-').get_display_name()} ({tag})"
