"""Loading: is our line in the page, and does a browser run it?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from feedback.embedding.embed import Embed
from feedback.embedding.findings import Finding, bad, good, note
from feedback.embedding.page import Page

#: Types that a browser runs as a classic script (https://mimesniff.spec.whatwg.org/#javascript-mime-type).
_CLASSIC: Final = re.compile(
    r"|(?:text|application)/(?:x-)?(?:java|ecma)script|text/(?:jscript|livescript|javascript1\.[0-5])"
)
#: Types under which optimisers hide a script until the reader does something.
_DELAYED: Final = re.compile(r"lazy|delay|rocket|litespeed|meteor|perfmatters")
#: What Cloudflare's Rocket Loader makes of a type.
_ROCKET_LOADER: Final = re.compile(r"[0-9a-f]{16,}-text/javascript")
#: Where optimisers keep what they have joined.
_JOINED: Final = re.compile(
    r"/cache/(?:min|autoptimize|fvm|asset-cleanup|wp-rocket|litespeed|breeze-minification|js)/"
    r"|/(?:autoptimize|wpfc-minified|litespeed|siteground-optimizer-assets)[/_]|/_static/\?\?",
    re.IGNORECASE,
)
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Line:
    """A script of the page that names our address."""

    attributes: dict[str, str]
    #: The attribute that does, and the address without its query.
    place: str
    address: str

    @property
    def type(self) -> str:
        """What kind of script it says it is."""
        return self.attributes.get("type", "").strip().lower()

    @property
    def runs(self) -> bool:
        """Whether a browser runs it as it stands."""
        classic = self.place == "src" and _CLASSIC.fullmatch(self.type)
        return bool(classic) and "nomodule" not in self.attributes

    @property
    def nonce(self) -> str:
        """What it shows to a Content-Security-Policy."""
        return self.attributes.get("nonce", "")


def lines(page: Page, embed: Embed) -> list[Line]:
    """Give the scripts that name our address, the first that runs first."""
    found = [line for line in _named(page) if embed.is_ours(line.address)]
    return sorted(found, key=lambda line: not line.runs)


def _named(page: Page) -> Iterator[Line]:
    """Give each script with what looks most like an address of ours."""
    for attributes in page.markup.scripts:
        for place, value in sorted(attributes.items(), key=lambda each: each[0] != "src"):
            if "embed.js" in value:
                address = page.markup.absolute(value).partition("?")[0].partition("#")[0]
                if address.endswith("/embed.js"):
                    yield Line(attributes, place, address)
                    break


def examine(page: Page, embed: Embed) -> Iterator[Finding]:
    """Say whether the page loads the script."""
    found = lines(page, embed)
    if not found:
        yield _missing(page, embed)
        return
    if not found[0].runs:
        yield _held(found[0], embed)
        return
    if sum(line.runs for line in found) > 1:
        yield note("The page has the line twice. It opens one dialog all the same; one is enough.")
    yield from _running(page, found[0], embed)


def _running(page: Page, line: Line, embed: Embed) -> Iterator[Finding]:
    yield _whole(line, embed)
    alone = "integrity" in line.attributes and "crossorigin" not in line.attributes
    if alone and page.origin != embed.origin:
        yield bad(
            "A hash needs crossorigin beside it; without, browsers refuse the script. Let the line "
            "be:",
            embed.pinned_line,
        )
    if line.attributes.get("crossorigin", "").lower() == "use-credentials":
        yield bad(
            'With crossorigin="use-credentials" browsers refuse the script. Let the line be:',
            embed.line,
        )
    service = urlsplit(embed.base_url)
    if (
        page.url.startswith("https:")
        and service.scheme == "http"
        and service.hostname not in _LOCAL
    ):
        yield bad(
            "The page is encrypted and the service is not, so browsers block the script. Give the "
            "service an https address:",
            f"FEEDBACK_BASE_URL=https://{service.netloc}",
        )
    if not {"async", "defer"} & line.attributes.keys():
        yield note("The page waits for the script. With async it does not:", embed.line)


def _whole(line: Line, embed: Embed) -> Finding:
    """Say whether the browser gets the file that the line means (https://www.w3.org/TR/SRI/)."""
    integrity = line.attributes.get("integrity", "")
    if not integrity:
        return good("The page loads %(address)s", address=line.address)
    if line.address == embed.address:
        return note(
            "The line names a hash, but this address has another file after each upgrade of the "
            "service, and browsers then refuse it. A hash goes with the version's own address:",
            embed.pinned_line,
        )
    if line.address == embed.pinned and embed.integrity in integrity.split():
        return good(
            "The page loads %(address)s, by its hash. Renew both at each upgrade.",
            address=line.address,
        )
    return bad(
        "The line's hash is not that of the version that runs, so browsers refuse the script. "
        "Renew the line:",
        embed.pinned_line,
    )


def _held(line: Line, embed: Embed) -> Finding:
    """Say what keeps a line that is there from running."""
    if line.type == "module":
        return bad(
            "As a module the script does not know where it came from. Let the line be:", embed.line
        )
    if _ROCKET_LOADER.fullmatch(line.type):
        return note(
            "Cloudflare's Rocket Loader runs the script late, after all others. It leaves alone "
            "what says so:",
            embed.line.replace(" src=", ' data-cfasync="false" src='),
        )
    if _DELAYED.search(line.type):
        return note(
            'An optimiser holds the script back (type="%(type)s") until the reader moves or types, '
            "so captions stay empty until then. Exempt embed.js from it; the line is to stay:",
            embed.line,
            type=line.type,
        )
    if _CLASSIC.fullmatch(line.type):
        attribute = "nomodule" if line.place == "src" else line.place
        return bad(
            "The line is there but does not run, for %(attribute)s: an optimiser or a consent "
            "manager holds it back. Exempt embed.js from it; the line is to stay:",
            embed.line,
            attribute=attribute,
        )
    return bad(
        'The line is there but does not run, for type="%(type)s": so consent managers hold a '
        "script back until the reader agrees. It sets no cookie; if it may run, let the line be:",
        embed.line,
        type=line.type,
    )


def _missing(page: Page, embed: Embed) -> Finding:
    """Say what is there instead of the line."""
    quoted, named = _absolute(page, page.markup.quoted), _absolute(page, page.markup.named)
    if any(map(embed.is_ours, quoted)):
        return note(
            "Another script of the page seems to load ours, which cannot be seen from here: select "
            "a word in the page and press Ctrl+Enter."
        )
    if any(map(embed.is_ours, named)):
        return bad(
            "The script's address stands in the page, but nothing there runs: it is in a comment, "
            "a <noscript>, a <template> or a link. Paste into the head:",
            embed.line,
        )
    others = [line.address for line in _named(page) if line.place == "src"]
    if others:
        return bad(
            "The page loads %(other)s, which is not this service's. Paste into the head:",
            embed.line,
            other=others[0],
        )
    joined = [src for script in page.markup.scripts if _JOINED.search(src := script.get("src", ""))]
    if joined:
        return bad(
            "The page does not load the script. An optimiser joins its scripts (%(joined)s): "
            "exempt embed.js, which has to stay a script of its own. Paste into the head:",
            embed.line,
            joined=joined[0],
        )
    return bad("The page does not load the script. Paste into its head:", embed.line)


def _absolute(page: Page, links: tuple[str, ...]) -> list[str]:
    return [page.markup.absolute(link) for link in links]
