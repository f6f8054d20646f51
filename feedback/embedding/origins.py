"""Origins: who admits the page, and the address that its reports are filed under."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from feedback import addresses
from feedback.embedding.findings import Finding, bad, good, note
from feedback.embedding.page import Page


@dataclass(frozen=True, slots=True)
class Admission:
    """Who admits what."""

    #: The name of the site that admits an origin, by the origin.
    sites: Mapping[str, str]
    #: The site whose owner is asking, for whom no other's pages are examined; empty: all are.
    asking: str = ""

    def by(self, origin: str) -> str | None:
        """Name the site that admits an origin, if one does."""
        return self.sites.get(origin)

    def like(self, origin: str) -> str | None:
        """Give an origin that is admitted and differs by its scheme or by `www.` alone."""
        return next((other for other in _like(origin) if other in self.sites), None)

    def command(self, origin: str, site: str | None = None) -> str:
        """Give the command that admits an origin."""
        name = site or self.asking
        return f"feedback site add {shlex.quote(name) if name else 'NAME'} --origin {origin}"


def _like(origin: str) -> Iterator[str]:
    scheme, _, authority = origin.partition("://")
    bare = authority.removeprefix("www.")
    for other in (scheme, "https", "http"):
        for host in (authority, bare, f"www.{bare}"):
            if (other, host) != (scheme, authority):
                yield f"{other}://{host}"


def admitted(origin: str, admission: Admission) -> Finding:
    """Say which site admits an origin, or how one would."""
    name, other = admission.by(origin), admission.like(origin)
    if name is not None:
        return good("The site '%(site)s' admits %(origin)s.", site=name, origin=origin)
    if other is not None:
        site = admission.sites[other]
        line = admission.command(origin, site)
        return bad(
            "The site '%(site)s' admits %(other)s, but not %(origin)s, which is another origin to "
            "browsers. On the server:",
            line,
            site=site,
            other=other,
            origin=origin,
        )
    if admission.asking:
        return bad(
            "The site '%(site)s' does not admit %(origin)s, so no report from there is taken. On "
            "the server:",
            admission.command(origin),
            site=admission.asking,
            origin=origin,
        )
    return bad(
        "No site admits %(origin)s, so no report from there is taken. On the server:",
        admission.command(origin),
        origin=origin,
    )


def examine(page: Page, admission: Admission) -> Iterator[Finding]:
    """Say who admits the page, and where its reports go."""
    yield admitted(page.origin, admission)
    yield _filed(page, admission)


def _filed(page: Page, admission: Admission) -> Finding:
    """Say which address reports are filed under, as `reports.intake.admit` decides it."""
    own = addresses.parse(page.url)
    name, canonical = admission.by(own.origin), page.markup.canonical
    values = {"own": own.article, "canonical": canonical or ""}
    if canonical is None:
        return note(
            "The page names no canonical address; reports are filed under %(own)s",
            f'<link rel="canonical" href="{own.article}">',
            **values,
        )
    try:
        address = addresses.parse(canonical)
    except addresses.BadAddress as error:
        line = f'<link rel="canonical" href="{own.article}">'
        return note(
            "The canonical address '%(canonical)s' %(why)s; reports are filed under %(own)s. It "
            "should be:",
            line,
            why=str(error),
            **values,
        )
    if address.origin != own.origin and (name is None or admission.by(address.origin) != name):
        return note(
            "The canonical address %(canonical)s is not one of the site's, so reports are filed "
            "under %(own)s. If it is, on the server:",
            admission.command(address.origin, name),
            **values,
        )
    if address.article == f"{address.origin}/" != own.article:
        return bad(
            "The canonical address is that of the front page, %(canonical)s: the reports of all "
            "articles that say so are filed as one's. Each should name its own:",
            f'<link rel="canonical" href="{own.article}">',
            **values,
        )
    return good("Reports are filed under %(address)s", address=address.article)
