"""What a page says of itself: title, language, author, section, canonical address.

Said in many ways by many programs: JSON-LD, Open Graph (https://ogp.me), `<meta>` by several
conventions, HTML's own elements. The first that says something usable is believed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedback import addresses
from feedback.articles import linked_data

#: Longest that is kept of each, in characters.
LONGEST_TITLE, LONGEST_AUTHOR, LONGEST_SECTION, LONGEST_LANG = 300, 200, 100, 35

#: How many `<meta>` of a page are looked at, and how many authors are named.
_METAS, _AUTHORS = 1_000, 10
#: Longer than a byline is, in characters: such an element holds more than names.
_BYLINE: Final = 80

_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
_CUT: Final = re.compile(r"(?:…|\.\.\.)$")
_BEFORE_SITE: Final = re.compile(r"\s*[|\-–—:·»•]+\s*$")
_LINK: Final = re.compile(r"(?:https?:)?//|@")
_BY: Final = re.compile(r"by:?\s+", re.IGNORECASE)
#: A language tag (RFC 5646), in the spelling of a locale as well.
_LANG: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")

_TITLE_METAS = ("og:title", "parsely-title", "twitter:title")
_AUTHOR_METAS = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "byl",
)
_AUTHOR_ELEMENTS = ("a[rel~=author]", "[itemprop~=author] [itemprop~=name]", "[itemprop~=author]")
_SECTION_METAS = ("article:section", "parsely-section", "section")
_LANG_METAS = ("content-language", "dc.language", "og:locale")


@dataclass(frozen=True, slots=True)
class About:
    """What a page says of itself; empty where it says nothing."""

    title: str
    lang: str
    author: str
    section: str
    canonical: str


def about(tree: LexborHTMLParser, address: str) -> About:
    """Read what a page from `address` says of itself."""
    metas = dict(_metas(tree))
    story = linked_data.story(tree, address)
    return About(
        title=_title(tree, metas, story),
        lang=_lang(tree, metas, story),
        author=_author(tree, metas, story),
        section=_first([story.section, *_said(metas, _SECTION_METAS)], LONGEST_SECTION).strip("/"),
        canonical=_canonical(tree, address),
    )


def _metas(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """Give the names and texts of all `<meta>`, the first of each name last, so that it stays."""
    for node in reversed(tree.css("meta[content]")[:_METAS]):
        attributes = node.attributes
        for key in ("itemprop", "http-equiv", "name", "property"):
            for name in (attributes.get(key) or "").lower().split():
                yield name, attributes.get("content") or ""


def _said(metas: dict[str, str], names: Iterable[str]) -> list[str]:
    return [metas.get(name, "") for name in names]


def _title(tree: LexborHTMLParser, metas: dict[str, str], story: linked_data.Story) -> str:
    """Give the title: one that is not cut short before one that is, without the site's name."""
    said = [
        story.title,
        *_said(metas, _TITLE_METAS),
        _text(tree, "head > title"),
        _text(tree, "h1"),
    ]
    titles = [title for text in said if (title := _clean(text, LONGEST_TITLE))]
    whole = [title for title in titles if not _CUT.search(title)]
    title = next(iter(whole or titles), "")
    site = _clean(metas.get("og:site_name", ""), LONGEST_TITLE)
    before = title.removesuffix(site)
    return _BEFORE_SITE.sub("", before) if site and _BEFORE_SITE.search(before) else title


def _lang(tree: LexborHTMLParser, metas: dict[str, str], story: linked_data.Story) -> str:
    root = tree.root.attributes if tree.root else {}
    said = [root.get("lang"), root.get("xml:lang"), story.lang, *_said(metas, _LANG_METAS)]
    tags = (text.strip() for text in said if text)
    fitting = (tag for tag in tags if len(tag) <= LONGEST_LANG and _LANG.fullmatch(tag))
    return next(fitting, "").replace("_", "-")


def _author(tree: LexborHTMLParser, metas: dict[str, str], story: linked_data.Story) -> str:
    """Give the authors' names; addresses and handles, which some give instead, are none."""
    by_meta = ([text] for text in _said(metas, _AUTHOR_METAS))
    by_element = (_bylines(tree, selector) for selector in _AUTHOR_ELEMENTS)
    for names in (story.authors, *by_meta, *by_element):
        clean = (_BY.sub("", _clean(name, LONGEST_AUTHOR), count=1) for name in names)
        kept = dict.fromkeys(name for name in clean if name and not _LINK.match(name))
        if kept:
            return _clean(", ".join(list(kept)[:_AUTHORS]), LONGEST_AUTHOR)
    return ""


def _bylines(tree: LexborHTMLParser, selector: str) -> list[str]:
    texts = (_clean(node.text(), _BYLINE + 1) for node in tree.css(selector)[:_AUTHORS])
    return [text for text in texts if len(text) <= _BYLINE]


def _canonical(tree: LexborHTMLParser, address: str) -> str:
    """Give the canonical address as the reader's page does: by the first link, absolute."""
    link, base = tree.css_first("link[rel~=canonical i]"), tree.css_first("base[href]")
    try:
        start = urljoin(address, _attribute(base, "href"))
        return addresses.parse(urljoin(start, _attribute(link, "href"))).article if link else ""
    except ValueError:  # BadAddress is one too
        return ""


def _attribute(node: LexborNode | None, name: str) -> str:
    return ((node.attributes.get(name) if node else None) or "").strip()


def _text(tree: LexborHTMLParser, selector: str) -> str:
    node = tree.css_first(selector)
    return node.text(separator=" ") if node else ""


def _first(texts: Iterable[str], longest: int) -> str:
    return next((clean for text in texts if (clean := _clean(text, longest))), "")


def _clean(text: str, longest: int) -> str:
    """Put white space in order, drop what no database keeps, and cut at `longest`."""
    return " ".join(_UNPRINTABLE.sub("", text[: 20 * longest]).split())[:longest].strip()
