"""Examining a page: fetched as an article is, read apart, asked one thing after another."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from feedback import addresses
from feedback.articles import looking, reading, robots
from feedback.articles.failures import failed_with
from feedback.embedding import content_policy, language, loading, markup, options, origins
from feedback.embedding.content_policy import Asked
from feedback.embedding.embed import Embed
from feedback.embedding.findings import Finding, Mark, bad, good, note
from feedback.embedding.markup import Markup
from feedback.embedding.origins import Admission
from feedback.embedding.page import Page
from feedback.embedding.sample import Sample
from feedback.outbound import Answer, OutboundError, Policy, fetch

#: With fewer characters than this a page says nothing before its scripts have run.
_LITTLE = 200


@dataclass(frozen=True, slots=True)
class Examined:
    """What there is to say of a page."""

    findings: tuple[Finding, ...]
    #: The address that answered; empty where none did.
    url: str = ""
    #: What a selection in the middle of it would be sent as, and the language it says it is in.
    sample: Sample | None = None
    lang: str = ""

    @property
    def works(self) -> bool:
        """Whether nothing keeps readers from reporting."""
        return all(finding.mark is not Mark.BAD for finding in self.findings)


def examine(
    address: str, embed: Embed, admission: Admission, *, policy: Policy, now: datetime
) -> Examined:
    """Say of the page at `address` what keeps its readers from reporting.

    1. If a site's owner is asking, only what the site admits is fetched, and shown.
    2. The page is fetched under `policy`, and read in a process of its own.
    3. Its host's robots.txt is fetched: it is for looks, which nobody asks for one by one.

    Nothing may be open meanwhile: this takes as long as two fetches and a reading may take.
    """
    if admission.asking and (stranger := _stranger(address, admission)):
        return Examined((stranger,))
    try:
        answer = fetch(address, policy=policy, headers={"Accept": looking.ACCEPT})
        read = _read(answer, now)
    except OutboundError as error:
        return Examined((bad("The page cannot be fetched: %(why)s.", why=str(error)),))
    if isinstance(read, Finding):
        return Examined((read,), answer.url)
    page = Page.of(answer, read)
    if admission.asking and (stranger := _stranger(page.url, admission)):
        return Examined((_answered(answer), stranger), page.url)
    findings = [_answered(answer), *_findings(page, embed, admission), *_robots(page, policy, now)]
    read = page.markup
    return Examined((*findings, _sampled(page)), page.url, read.sample, read.lang)


def _stranger(address: str, admission: Admission) -> Finding | None:
    """Say why a page is not the site's; None if it is."""
    try:
        origin = addresses.parse(address).origin
    except addresses.BadAddress as error:
        return bad("The address %(why)s.", why=str(error))
    return None if admission.by(origin) else origins.admitted(origin, admission)


def _read(answer: Answer, now: datetime) -> Markup | Finding:
    """Read what a server has answered; a finding if that is no page."""
    kind, charset = looking.content_type(answer)
    failed = failed_with(answer, now)
    if failed is not None:
        return bad(
            "%(url)s is no page that readers see: %(why)s.", url=answer.url, why=failed.detail
        )
    if kind not in looking.HTML:
        return bad("%(url)s is no page but %(kind)s.", url=answer.url, kind=kind[:100])
    try:
        addresses.parse(answer.url)
        return reading.apart(markup.__name__, Markup.of, answer.body, charset, answer.url)
    except addresses.BadAddress as error:
        return bad("It leads to an address that %(why)s.", why=str(error))
    except reading.Unreadable as error:
        return bad("The page cannot be read: %(why)s.", why=str(error))


def _answered(answer: Answer) -> Finding:
    if not answer.redirects:
        return good("The page answers: %(url)s", url=answer.url)
    return note("The address leads on; the page that answers is %(url)s", url=answer.url)


def _findings(page: Page, embed: Embed, admission: Admission) -> Iterator[Finding]:
    """Give what can be told from the page alone."""
    yield from loading.examine(page, embed)
    yield from policies(page, embed)
    yield from origins.examine(page, admission)
    yield from options.examine(page, embed)
    yield from language.examine(page, embed)
    yield from options.caption(page, embed)


def policies(page: Page, embed: Embed) -> Iterator[Finding]:
    """Say whether the page's headers leave the script room to work."""
    found = loading.lines(page, embed)
    asked = Asked(page.origin, embed.base_url, found[0].nonce if found else "")
    blocked = [
        finding
        for stated in page.policies
        for finding in content_policy.examine(
            content_policy.parse(stated.text), asked, stated.place
        )
    ]
    yield from blocked
    if page.policies and not blocked:
        yield good("The page's Content-Security-Policy lets the script work.")
    if page.isolated:
        yield good(
            "The page takes only what may be taken (Cross-Origin-Embedder-Policy: require-corp); "
            "the script says that it may."
        )


def _robots(page: Page, policy: Policy, now: datetime) -> Iterator[Finding]:
    """Say whether the site's robots.txt keeps the service's own looks away."""
    answer = robots.fetch_robots(page.origin, policy=policy, now=now)
    if answer.robots is None:
        yield note(
            "While its robots.txt cannot be had (%(why)s) the article is not looked at.",
            why=answer.detail,
        )
    elif not answer.robots.allows(page.url):
        yield note(
            "Its robots.txt asks us not to read the page, so what became of reported words cannot "
            "be seen. Let it say besides:",
            f"User-agent: {robots.AGENT}\nAllow: /",
        )


def _sampled(page: Page) -> Finding:
    """Say whether what readers select would be found again."""
    sample = page.markup.sample
    if sample is None or page.markup.length < _LITTLE:
        return note(
            "The page has hardly any text before its scripts run (%(length)s characters). Readers "
            "can report, but what became of their words cannot be checked.",
            length=str(page.markup.length),
        )
    if sample.again:
        return good("A word from the middle of the longest paragraph is found again by itself.")
    return note(
        "A word from the middle of the longest paragraph is not found again by itself "
        "(%(presence)s): the page may say the same twice.",
        presence=sample.presence,
    )
