"""Markup: what a page's HTML says that concerns the embed.

Read in a process of its own, like an article (`articles.reading`): so it imports little, and gives
no more than a page may fairly have.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedback.anchoring import normal
from feedback.articles.encoding import decode
from feedback.embedding.sample import Sample, take

#: How many scripts are told of, attributes of one, things of any other kind.
_SCRIPTS, _ATTRIBUTES, _FEW = 500, 50, 20
#: How long a name and a text may be, in characters.
_NAME, _LONGEST = 50, 2_048
#: Longest policy that is told, in characters.
_POLICY: Final = 16_384

#: What the address of a script like ours ends in, what does not belong to one, and how far it
#: reaches back; the backslashes are those of scripts and JSON.
_EMBED: Final = re.compile(r"/embed\.js\b")
_BESIDE: Final = re.compile(r"[^\w.:\\/%~-]")
_BACK: Final = 300
_MARKED: Final = re.compile(r"\sdata-feedback-([a-z-]{1,40})(?=[\s=>/])")


@dataclass(frozen=True, slots=True)
class Markup:
    """What a page's HTML says. Addresses are absolute, but for those in attributes of scripts."""

    base: str  #: what links are relative to
    scripts: tuple[dict[str, str], ...]  #: the attributes of each script that has some, by name
    named: tuple[str, ...]  #: addresses that end in /embed.js, anywhere in the HTML
    quoted: tuple[str, ...]  #: those that scripts of the page hold, or that it has preloaded
    policies: tuple[str, ...]  #: Content-Security-Policies of <meta>
    canonical: str | None
    lang: str
    captions: tuple[str, ...]  #: of each caption the address that its link leads to
    scopes: int
    ignored: int
    marks: tuple[str, ...]  #: what follows `data-feedback-` in names of attributes
    sample: Sample | None
    length: int  #: of the normal text, in code points

    @classmethod
    def of(cls, fields: dict[str, Any]) -> "Markup":
        """Make it of its fields by name, as JSON gives them back."""
        sample = fields["sample"] and Sample(**fields["sample"])
        lists = {name: tuple(each) for name, each in fields.items() if isinstance(each, list)}
        return cls(**{**fields, **lists, "sample": sample})

    def absolute(self, link: str) -> str:
        """Give the address that a link on this page means; empty for one that means none."""
        try:
            return urljoin(self.base, link.strip())
        except ValueError:
            return ""


def read(body: bytes, charset: str | None, address: str) -> Markup:
    """Read the markup of a page from `address`; `charset` is what HTTP says of its encoding."""
    html = decode(body, charset)
    tree = normal.parse(html)
    text = normal.read(tree)
    base = _base(tree, address)
    scopes, ignored = _all(tree, "[data-feedback-scope]"), _all(tree, "[data-feedback-ignore]")
    return Markup(
        base=base,
        scripts=tuple(islice(_scripts(tree), _SCRIPTS)),
        named=_few(_embeds(html)),
        quoted=_few(_quoted(tree)),
        policies=_few(_policies(tree), _POLICY),
        canonical=_canonical(tree, base),
        lang=_attribute(tree.root, "lang").strip()[:_LONGEST] if tree.root else "",
        captions=_few(_captions(tree, base)),
        scopes=len(scopes),
        ignored=len(ignored),
        marks=_few(_MARKED.findall(html)),
        sample=take(text, _text(scopes), _text(ignored)),
        length=len(text.text),
    )


def _base(tree: LexborHTMLParser, address: str) -> str:
    base = tree.css_first("base[href]")
    return _joined(address, _attribute(base, "href")) or address if base else address


def _scripts(tree: LexborHTMLParser) -> Iterator[dict[str, str]]:
    for node in tree.css("script"):
        given = islice(node.attributes.items(), _ATTRIBUTES)
        attributes = {name[:_NAME]: (text or "")[:_LONGEST] for name, text in given}
        if attributes:
            yield attributes


def _quoted(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("script:not([src])"):
        yield from _embeds(node.text())
    for node in tree.css("link[rel~=preload i][href], link[rel~=modulepreload i][href]"):
        yield from _embeds(_attribute(node, "href"))


def _embeds(text: str) -> Iterator[str]:
    """Give the addresses of scripts like ours in a text."""
    for match in _EMBED.finditer(text):
        before = text[max(0, match.start() - _BACK) : match.start()]
        yield (_BESIDE.split(before)[-1] + match[0]).replace("\\", "")


def _policies(tree: LexborHTMLParser) -> Iterator[str]:
    """Give the policies of <meta>; outside of <head> browsers pass them over."""
    for node in tree.css("head > meta[http-equiv]"):
        if _attribute(node, "http-equiv").strip().lower() == "content-security-policy":
            yield _attribute(node, "content")


def _canonical(tree: LexborHTMLParser, base: str) -> str | None:
    """Give the canonical address as the reader's page does: by the first link, absolute."""
    link = tree.css_first("link[rel~=canonical i]")
    if link is None or link.attributes.get("href") is None:
        return None
    return _joined(base, _attribute(link, "href"))[:_LONGEST]


def _captions(tree: LexborHTMLParser, base: str) -> Iterator[str]:
    for node in tree.css("[data-feedback-caption]"):
        link = node.css_first("a[href]")
        yield _joined(base, _attribute(link, "href")) if link else ""


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return ""


def _all(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    return tree.css(selector)[:_SCRIPTS]


def _text(nodes: list[LexborNode]) -> str:
    """Give the normal text of some elements."""
    html = "".join(f"<div>{node.html}</div>" for node in nodes)
    return normal.read(normal.parse(html)).text if nodes else ""


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""


def _few(texts: Any, longest: int = _LONGEST) -> tuple[str, ...]:
    """Keep the first few that differ, and of each as much as is fair."""
    return tuple(islice(dict.fromkeys(text[:longest] for text in texts), _FEW))
