"""What comes out, read as its receivers read it: has anything become more than text?

Each check gives its faults as lines, none where all is well. What harmless reports look like in
the same outlet is the measure: hostile ones may have no element, attribute, name or header more.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from selectolax.lexbor import LexborHTMLParser, LexborNode

#: Hosts that a link may lead to: ours, and the sites' own.
HOSTS = frozenset({"", "feedback.example", "paper.example", "tribune.example"})
#: Attributes that name an address which a browser asks for, or leads to.
LEADING = frozenset(
    "href src action formaction poster data srcset cite background ping xlink:href manifest".split()
)
#: Attributes by whose values scripts and forms find their way.
NAMING = frozenset("id name form for type method rel target popovertarget http-equiv".split())
#: 111 * 111111: what a template that was evaluated would say.
RECKONED = "12332321", "12333321"
#: What changes the direction of all that follows.
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
#: Elements that are a world of their own, as far as direction goes.
APART = frozenset({"bdi", "title", "option", "textarea", "script"})


def bare(text: str) -> str:
    """What is left of a text whatever an outlet does to spaces, marks and what is invisible."""
    folded = unicodedata.normalize("NFKD", text)
    return "".join(char for char in folded if char.isalnum())


@dataclass(frozen=True)
class Page:
    """A page as a browser reads it, gone through once."""

    html: str
    patterns: frozenset[str]
    faults: tuple[str, ...]
    text: str

    @classmethod
    def read(cls, html: str, hosts: frozenset[str] = HOSTS) -> "Page":
        tree = LexborHTMLParser(html)
        found: set[str] = set()
        faults = [f"reckoned: {each}" for each in RECKONED if each in html]
        turns = BIDI.search(html) is not None
        for node in tree.css("*"):
            attributes = node.attributes
            found.update(_patterns(node.tag or "", attributes))
            faults += _led_off(node.tag or "", attributes, hosts)
            faults += _running(node, attributes) + (_leaking(node) if turns else [])
        body = tree.body
        return cls(html, frozenset(found), tuple(faults), body.text() if body is not None else "")

    def beside(self, known: Set[str]) -> list[str]:
        """Its faults, beside pages of which it may have the patterns in `known`."""
        return [f"{each} is new" for each in sorted(self.patterns - known)] + list(self.faults)


def _patterns(tag: str, attributes: Mapping[str, str | None]) -> Iterator[str]:
    """What an element is made of: its name, its attributes, and what they name."""
    yield f"<{tag}>"
    for name, value in attributes.items():
        named = re.sub(r"[\d.]+", "#", value or "") if name in NAMING else ""
        yield f"<{tag} {name}={named}>" if named else f"<{tag} {name}>"


def _led_off(tag: str, attributes: Mapping[str, str | None], hosts: frozenset[str]) -> list[str]:
    return [
        f"{tag} {name} leads to {value!r}"
        for name, value in attributes.items()
        if name in LEADING and not leads_home(value or "", hosts)
    ]


def _running(node: LexborNode, attributes: Mapping[str, str | None]) -> list[str]:
    """What would run, or be a sheet of its own."""
    faults = [f"{node.tag} has {name}" for name in attributes if name.startswith("on")]
    if node.tag in {"script", "style"} and attributes.get("type") != "application/ld+json":
        faults += [f"a {node.tag} within the page"] if node.text().strip() else []
    return faults


def _leaking(node: LexborNode) -> list[str]:
    """Where a text turns the direction of what stands beside it."""
    own = node.text(deep=False)
    if not BIDI.search(own) or any(_is_apart(each) for each in _up(node)):
        return []
    return [f"direction leaks from {node.tag}: {own[:40]!r}"]


def _is_apart(node: LexborNode) -> bool:
    return node.tag in APART or (node.tag != "html" and "dir" in node.attributes)


def _up(node: LexborNode) -> Iterator[LexborNode]:
    found: LexborNode | None = node
    while found is not None:
        yield found
        found = found.parent


def leads_home(address: str, hosts: frozenset[str] = HOSTS) -> bool:
    """Tell whether an address leads to us or to a site, as a browser understands it."""
    plain = re.sub(r"[\t\r\n]", "", address).strip("".join(map(chr, range(33))))
    if re.match(r"[/\\]{2}", plain):
        plain = "https:" + plain.replace("\\", "/")
    try:
        parts = urlsplit(plain)
    except ValueError:
        return False
    return parts.scheme in {"", "http", "https"} and (parts.hostname or "") in hosts


def feed_faults(data: bytes, known: set[str]) -> list[str]:
    """Read a feed as XML; `known` are the elements that it may have."""
    text = data.decode()
    faults = [
        f"{each} in a feed" for each in ("<!DOCTYPE", "<!ENTITY", "<![CDATA[") if each in text
    ]
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        return [f"no XML: {error}"]
    faults += [f"{each} is new" for each in sorted(elements(root) - known)]
    links = [each.get("href", "") for each in root.iter() if each.tag.endswith("}link")]
    faults += [f"leads to {each}" for each in links if not leads_home(each)]
    kinds = {each.get("type") for each in root.iter() if each.tag.endswith("}content")}
    return faults + [f"content of type {each}" for each in kinds - {"text"}]


def elements(root: ElementTree.Element) -> set[str]:
    """The elements of a feed, each with its attributes."""
    return {f"{each.tag} {' '.join(sorted(each.attrib))}" for each in root.iter()}


def strings(value: Any) -> Iterator[tuple[str, str]]:
    """All strings of a JSON value, each with the name it stands under."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from ((found or name, text) for found, text in strings(each))
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, str):
        yield "", value


def read_mail(data: bytes) -> EmailMessage:
    found = message_from_bytes(data, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def mail_faults(data: bytes, known: Set[str], headers: Iterable[str]) -> list[str]:
    """Read a mail as a program for mail does."""
    mail = read_mail(data)
    faults = [] if mail.keys() == list(headers) else [f"headers: {mail.keys()}"]
    faults += [f"{name}: {mail[name].defects}" for name in mail if mail[name].defects]
    faults += [f"{mail.defects}"] if mail.defects else []
    kinds = [part.get_content_type() for part in mail.walk()]
    if kinds != ["multipart/alternative", "text/plain", "text/html"]:
        return [*faults, f"parts: {kinds}"]
    plain, html = (part.get_content() for part in mail.iter_parts())
    faults += _alive(f"{plain} {html}")
    return faults + Page.read(_unstyled(html)).beside(known)


def _alive(text: str) -> list[str]:
    """Where an address of somebody else's stands so that a program makes a link of it."""
    others = re.sub(r"https://(feedback|paper)\.example[^\s\"'<>]*", "", text)
    return [f"alive: {each}" for each in re.findall(r".{0,30}evil\.example", others)]


def mail_patterns(data: bytes) -> Set[str]:
    """All patterns of a mail's page."""
    _, html = (part.get_content() for part in read_mail(data).iter_parts())
    return Page.read(_unstyled(html)).patterns


def _unstyled(html: str) -> str:
    """A mail's page without its one sheet, which is ours."""
    return re.sub("<style>[^<]*</style>", "", html, count=1)


def chat_faults(said: Mapping[str, Any]) -> list[str]:
    """Read what a chat is sent; how each reads its own is tested in `test_chat`."""
    faults = [f"{name} leads to {text}" for name, text in strings(said) if _leads_off(name, text)]
    whole = json.dumps(said, ensure_ascii=False)
    faults += _alive(whole)
    faults += [f"reckoned: {each}" for each in RECKONED if each in whole]
    faults += ["turns the direction"] if BIDI.search(whole) else []
    faults += ["a control character"] if re.search("[\x00-\x09\x0b-\x1f]", whole) else []
    return faults + [f"{name}: {text}" for name, text in strings(said) if not _inert(name, text)]


def _leads_off(name: str, text: str) -> bool:
    return name in {"url", "href", "image_url", "avatar_url"} and not leads_home(text)


#: What each service's own marks may be, by the name they stand under.
TYPES = frozenset(
    "text link plain_text mrkdwn rich_text rich_text_section section actions button context header "
    "divider message AdaptiveCard RichTextBlock TextRun TextBlock Action.OpenUrl ActionSet "
    "Container rich_text_quote rich_text_list primary danger".split()
)


def _inert(name: str, text: str) -> bool:
    """Tell whether a string is of a type that we send, and mentions nobody."""
    if name == "type":
        return text in TYPES
    return not re.search("@(everyone|here|room|channel)", text)
