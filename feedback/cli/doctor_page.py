"""`feedback doctor URL`: can readers of this page report, and what keeps them from it?

`fetched` goes out, `admitting` asks the database; all else is pure.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import version
from urllib.parse import urljoin

import sqlalchemy as sa
from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedback import addresses, outbound
from feedback.anchoring.normal import decode, parse
from feedback.cli import content_policy
from feedback.cli.findings import Finding, Mark
from feedback.config import Settings
from feedback.db import db
from feedback.sites import Origin, Site

#: Gives the name of the site that admits an origin, None where none does.
Admitting = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came: where from, how, what its HTML says."""

    url: str
    status: int
    type: str
    policies: tuple[str, ...]
    tree: LexborHTMLParser

    @property
    def origin(self) -> str:
        """The origin that a browser sends for this page."""
        return addresses.parse(self.url).origin

    def absolute(self, link: str) -> str:
        """Give the address that a link on this page means."""
        base = self.tree.css_first("base[href]")
        return urljoin(urljoin(self.url, _attribute(base, "href") if base else ""), link.strip())


def fetched(url: str, settings: Settings) -> Page:
    """Fetch a page as the service would. Raises OutboundError."""
    policy = outbound.Policy(
        user_agent=outbound.user_agent(version("reader-feedback"), settings.base_url),
        allow=frozenset(settings.fetch_allow),
    )
    answer = outbound.fetch(url, policy=policy, headers={"Accept": "text/html"})
    kind = Message()
    kind["Content-Type"] = answer.headers.get("content-type", "text/html")
    tree = parse(decode(answer.body, kind.get_content_charset()))
    metas = (
        _attribute(meta, "content")
        for meta in tree.css("meta[http-equiv]")
        if _attribute(meta, "http-equiv").lower() == "content-security-policy"
    )
    header = answer.headers.get("content-security-policy", "")
    policies = tuple(text for text in (*header.split(","), *metas) if text.strip())
    return Page(answer.url, answer.status, kind.get_content_type(), policies, tree)


def admitting(origin: str) -> str | None:
    """Give the name of the site that admits an origin."""
    return db.session.scalar(sa.select(Site.name).join(Site.origins).where(Origin.origin == origin))


def examine(url: str, settings: Settings, admitted: Admitting = admitting) -> Iterator[Finding]:
    """Give what there is to say of a page; needs an application context."""
    try:
        page = fetched(url, settings)
    except outbound.OutboundError as error:
        yield Finding(Mark.BAD, f"The page cannot be fetched: {error}.")
        return
    if page.status != 200 or "html" not in page.type:
        text = f"{page.url} answers {page.status} with {page.type}; give a page that readers see."
        yield Finding(Mark.BAD, text)
        return
    yield Finding(Mark.GOOD, f"The page answers: {page.url}")
    yield from script(page, settings.base_url)
    yield from origins(page, admitted)
    yield from policies(page, settings.base_url)


def script(page: Page, base_url: str) -> Iterator[Finding]:
    """Look for the embed's script in the page."""
    wanted = f"{base_url}/embed.js"
    line = f'<script async src="{wanted}"></script>'
    found = _embed(page, wanted)
    if found is None:
        others = [link for link in _scripts(page) if link.endswith("/embed.js")]
        beside = f" It loads {others[0]}: is that FEEDBACK_BASE_URL?" if others else ""
        yield Finding(Mark.BAD, f"The page does not load the script; paste  {line}{beside}")
    elif _attribute(found, "type").strip().lower() == "module":
        yield Finding(Mark.BAD, f"The script must not be a module; paste  {line}")
    else:
        yield Finding(Mark.GOOD, f"The page loads {wanted}")


def origins(page: Page, admitted: Admitting) -> Iterator[Finding]:
    """Tell which site admits the page and its canonical address."""
    name = admitted(page.origin)
    if name is None:
        text = f"No site admits {page.origin}: feedback site add NAME --origin {page.origin}"
        yield Finding(Mark.BAD, text)
    else:
        yield Finding(Mark.GOOD, f"The site {name!r} admits {page.origin}.")
    link = page.tree.css_first("link[rel~=canonical i][href]")
    if link is None:
        yield Finding(Mark.NOTE, "The page names no canonical address; its own counts.")
        return
    canonical = page.absolute(_attribute(link, "href"))
    try:
        origin = addresses.parse(canonical).origin
    except addresses.BadAddress as error:
        yield Finding(Mark.NOTE, f"The canonical address {canonical!r} {error}; its own counts.")
        return
    if name is not None and admitted(origin) == name:
        yield Finding(Mark.GOOD, f"Reports go to the canonical address {canonical}")
    else:
        text = f"The canonical address {canonical} is not one of the site's, so the page's own"
        yield Finding(Mark.NOTE, f"{text} counts: feedback site add NAME --origin {origin}")


def policies(page: Page, base_url: str) -> Iterator[Finding]:
    """Tell whether the page's content security policies leave the script room to work."""
    found = _embed(page, f"{base_url}/embed.js")
    nonce = _attribute(found, "nonce") if found else ""
    blocked = False
    for text in page.policies:
        policy = content_policy.parse(text)
        for remedy in content_policy.remedies(policy, page.origin, base_url, nonce):
            blocked = True
            yield Finding(Mark.BAD, f"The page's Content-Security-Policy {remedy}")
    if page.policies and not blocked:
        yield Finding(Mark.GOOD, "The page's Content-Security-Policy lets the script work.")


def _embed(page: Page, wanted: str) -> LexborNode | None:
    nodes = page.tree.css("script[src]")
    return next((n for n in nodes if _plain(page, n) == wanted), None)


def _scripts(page: Page) -> list[str]:
    return [_plain(page, node) for node in page.tree.css("script[src]")]


def _plain(page: Page, node: LexborNode) -> str:
    """Give the address of a script without its query."""
    return page.absolute(_attribute(node, "src")).partition("?")[0]


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""
