"""Content Security Policy: would a page's policy let our script load and send?

After https://www.w3.org/TR/CSP3/ sections 6.7.2 (matching) and 6.8.3 (fallbacks),
as far as a script of another origin needs it. Pure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from feedback.embedding.findings import Finding, bad

#: A policy: each directive's sources, by its name.
Policy = dict[str, list[str]]

#: Where each directive is looked for in turn, and a sample of what we need of it.
_LOADING = ("script-src-elem", "script-src", "default-src")
_LOADED = ("/embed.js", "/static/0/js/reader/a.js")
_SENDING = ("connect-src", "default-src")
_SENT = ("/api/v1/reports",)
#: What a sandbox must leave the page: scripts, and an origin to report from.
_SANDBOX = ("allow-scripts", "allow-same-origin")
_PORTS = {"http": 80, "https": 443}
_ONLY_SCRIPTS = re.compile(r"(?i)'(?:nonce-|sha\d|unsafe-|strict-dynamic|report-sample|wasm-)")
_SOURCE = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[a-z0-9_.-]+|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}|\*))?(?P<path>/[^?#]*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page wants of its policies: to load our script and to send to us."""

    page_origin: str
    base_url: str
    #: That the script shows; what it loads shows the same.
    nonce: str = ""


def parse(text: str) -> Policy:
    """Read a policy; of a directive that stands twice the first counts."""
    policy: Policy = {}
    for directive in text.split(";"):
        name, *sources = directive.split() or [""]
        if name:
            policy.setdefault(name.lower(), sources)
    return policy


def examine(policy: Policy, asked: Asked, place: str = "header") -> Iterator[Finding]:
    """Say what a policy blocks of ours, and the directive that would let it through.

    `place` is where the policy stands: in one of `<meta>` browsers pass a sandbox over.
    """
    if place == "header":
        yield from _boxed(policy)
    yield from _loading(policy, asked, place)
    yield from _sending(policy, asked, place)


def _boxed(policy: Policy) -> Iterator[Finding]:
    left = [token.lower() for token in policy.get("sandbox", _SANDBOX)]
    missing = [token for token in _SANDBOX if token not in left]
    if missing:
        yield bad(
            "The Content-Security-Policy (header) puts the page into a sandbox without "
            "%(missing)s. Let it say:",
            " ".join(["sandbox", *left, *missing]),
            missing=", ".join(missing),
        )


def _loading(policy: Policy, asked: Asked, place: str) -> Iterator[Finding]:
    name, sources = _found(policy, _LOADING)
    if name is None or (asked.nonce and f"'nonce-{asked.nonce}'" in sources):
        return
    if "'strict-dynamic'" in map(str.lower, sources):
        yield bad(
            "The Content-Security-Policy (%(place)s) asks for a nonce in %(name)s. Give our line "
            "the one that your scripts have, new in each answer:",
            f'<script async nonce="…" src="{asked.base_url}/embed.js"></script>',
            place=place,
            name=name,
        )
    elif not _all_listed(sources, _LOADED, asked):
        yield bad(
            "The Content-Security-Policy (%(place)s) blocks the script by %(name)s. Let it say:",
            _widened("script-src" if name == "default-src" else name, sources, asked.base_url),
            place=place,
            name=name,
        )


def _sending(policy: Policy, asked: Asked, place: str) -> Iterator[Finding]:
    name, sources = _found(policy, _SENDING)
    if name is not None and not _all_listed(sources, _SENT, asked):
        yield bad(
            "The Content-Security-Policy (%(place)s) blocks sending by %(name)s. Let it say:",
            _widened("connect-src", sources, asked.base_url),
            place=place,
            name=name,
        )


def _found(policy: Policy, names: tuple[str, ...]) -> tuple[str | None, list[str]]:
    """Give the directive that counts, and its sources."""
    name = next((name for name in names if name in policy), None)
    return name, policy[name] if name else []


def _widened(name: str, sources: list[str], base_url: str) -> str:
    """Spell a directive that admits us besides; nonces and hashes mean scripts only."""
    parts = urlsplit(base_url)
    kept = [source for source in sources if source.lower() != "'none'"]
    if name == "connect-src":
        kept = [source for source in kept if not _ONLY_SCRIPTS.match(source)]
    return " ".join([name, *kept, f"{parts.scheme}://{parts.netloc}"])


def _all_listed(sources: list[str], paths: tuple[str, ...], asked: Asked) -> bool:
    return all(_listed(sources, asked.base_url + path, asked.page_origin) for path in paths)


def _listed(sources: list[str], url: str, page_origin: str) -> bool:
    return any(_matches(source, url, page_origin) for source in sources)


def _matches(source: str, url: str, page_origin: str) -> bool:
    """Tell whether a source expression admits an address (CSP3, 6.7.2.8)."""
    address, page = urlsplit(url), urlsplit(page_origin)
    if source.lower() == "'self'":
        return f"{address.scheme}://{address.netloc}" == page_origin
    if source == "*":
        return True
    if source.endswith(":"):
        return _scheme_fits(source[:-1], address.scheme)
    found = _SOURCE.fullmatch(source)
    if found is None or not _scheme_fits(found["scheme"] or page.scheme, address.scheme):
        return False
    port = address.port or _PORTS[address.scheme]
    return (
        _host_fits(found["host"].lower(), _host(address.netloc))
        and _port_fits(found["port"], port, address.scheme)
        and _path_fits(found["path"], address.path)
    )


def _host(netloc: str) -> str:
    return re.sub(r":[0-9]+$", "", netloc).lower()


def _scheme_fits(allowed: str, scheme: str) -> bool:
    return allowed.lower() == scheme or (allowed.lower() == "http" and scheme == "https")


def _host_fits(allowed: str, host: str) -> bool:
    if allowed.startswith("*"):
        return host.endswith(allowed[1:])
    return host == allowed


def _port_fits(allowed: str | None, port: int, scheme: str) -> bool:
    if allowed is None:
        return port == _PORTS[scheme]
    return allowed == "*" or int(allowed) == port or (allowed == "80" and port == 443)


def _path_fits(allowed: str | None, path: str) -> bool:
    if allowed in {None, "", "/"}:
        return True
    return path.startswith(str(allowed)) if str(allowed).endswith("/") else path == allowed
