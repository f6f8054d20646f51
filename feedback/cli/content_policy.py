"""Content Security Policy: would a page's policy let our script load and send?

After https://www.w3.org/TR/CSP3/ sections 6.7.2 (matching) and 6.8.3 (fallbacks),
as far as a script of another origin needs it. Pure.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

#: A policy: each directive's sources, by its name.
Policy = dict[str, list[str]]

#: Where each directive is looked for in turn, and a sample of what we need of it.
_NEEDED = {
    ("script-src-elem", "script-src", "default-src"): ("/embed.js", "/static/0/js/reader/a.js"),
    ("connect-src", "default-src"): ("/api/v1/reports",),
}
_PORTS = {"http": 80, "https": 443}
_SOURCE = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[a-z0-9_.-]+|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]+|\*))?(?P<path>/[^?#]*)?",
    re.IGNORECASE,
)


def parse(text: str) -> Policy:
    """Read a policy; of a directive that stands twice the first counts."""
    policy: Policy = {}
    for directive in text.split(";"):
        name, *sources = directive.split() or [""]
        if name:
            policy.setdefault(name.lower(), sources)
    return policy


def remedies(policy: Policy, page_origin: str, base_url: str, nonce: str = "") -> Iterator[str]:
    """Say what a policy blocks of ours, and the directive that would let it through."""
    for names, paths in _NEEDED.items():
        name = next((name for name in names if name in policy), None)
        if name is None:
            continue
        sources, loads = policy[name], names[0].startswith("script")
        if loads and "'strict-dynamic'" in map(str.lower, sources):
            if not nonce or f"'nonce-{nonce}'" not in sources:
                yield f"asks for a nonce ({name}): give our script the one that others have"
        elif not all(_listed(sources, base_url + path, page_origin) for path in paths):
            what = "the script" if loads else "sending"
            asked = names[-2] if name == "default-src" else name
            yield f"blocks {what} ({name}); let it say  {_widened(asked, sources, base_url)}"


def _widened(name: str, sources: list[str], base_url: str) -> str:
    """Spell a directive that admits us besides."""
    parts = urlsplit(base_url)
    kept = [source for source in sources if source.lower() != "'none'"]
    return " ".join([name, *kept, f"{parts.scheme}://{parts.netloc}"])


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
