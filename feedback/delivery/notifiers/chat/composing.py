"""Composing: what a letter says, as a message; in the language of whoever calls."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from feedback.anchoring import sentence, words
from feedback.delivery.contract import NotTaken, Office, Parcel
from feedback.delivery.models import Happening
from feedback.delivery.notifiers.chat import pressing
from feedback.delivery.notifiers.chat.message import (
    Button,
    Item,
    Line,
    Look,
    Message,
    Run,
    theirs,
    tidy,
)

#: Most characters of what is cut: the words in question, a comment, a title, a name.
WORDS, COMMENT, TITLE, NAME = 300, 200, 120, 60
#: Most comments that are shown.
COMMENTS = 3

_LOOKS = {"keep": Look.STRONG, "delete": Look.STRUCK, "insert": Look.STRONG}


@dataclass(frozen=True, slots=True)
class Desk:
    """What a message leads to."""

    office: Office
    #: Whether presses come back: then buttons decide where they are.
    presses: bool

    def spot(self, spot_id: int) -> str:
        """Give the address of a spot's page."""
        return f"{self.office.base_url}/desk/spots/{spot_id}"


def compose(parcel: Parcel, office: Office, *, presses: bool) -> Message:
    """Make a letter's message. Raises NotTaken for a letter that says nothing that is known."""
    make = _KINDS.get(parcel.kind)
    if make is None:
        raise NotTaken(f"no chat knows letters of the kind {parcel.kind}", permanent=True)
    try:
        return make(parcel, Desk(office, presses))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotTaken(f"the letter cannot be read: {error!r}", permanent=True) from error


def _digest(parcel: Parcel, desk: Desk) -> Message:
    body = parcel.body
    waiting = int(body.get("waiting") or 0)
    counted = ngettext("%(num)s spot waits", "%(num)s spots wait", waiting)
    link = str(body["site"].get("link") or "")
    head = (*_site(body), Run(": "), Run(counted, link=link))
    items = tuple(
        _spot(each["spot"], desk, each, _news(each.get("happened")), number)
        for number, each in enumerate(body["spots"], 1)
    )
    return Message(head, items, int(body.get("more") or 0), link, _rest)


def _event(parcel: Parcel, desk: Desk) -> Message:
    data = parcel.body["data"]
    head = (*_site(data), Run(f": {_news(parcel.kind)}"))
    if parcel.kind == Happening.CHANGED:
        return Message(head, (Item((_article(data["article"]),)),))
    more = {"comments": [data["report"]["comment"]]} if data.get("report") else {}
    item = _spot(data["spot"], desk, more, "", 0)
    said = _decided(data["decision"]) if data.get("decision") else ()
    return Message(head, (Item((*item.lines, *said), item.buttons, item.spot_id),))


def _alarm(parcel: Parcel, _desk: Desk) -> Message:
    body, count = parcel.body, int(parcel.body["count"])
    if body.get("article"):
        said = ngettext(
            "%(num)s report on one page within an hour",
            "%(num)s reports on one page within an hour",
            count,
        )
        lines: tuple[Line, ...] = (_article(body["article"]),)
    else:
        said = ngettext(
            "%(num)s new spot within an hour", "%(num)s new spots within an hour", count
        )
        lines = ()
    buttons = _links((_("Open the queue"), body.get("link")))
    return Message((*_site(body), Run(f": {said}")), (Item(lines, buttons),))


def _notice(parcel: Parcel, _desk: Desk) -> Message:
    body = parcel.body
    off = body.get("what") == "off"
    said = _("letters are switched off") if off else _("a letter could not be delivered")
    head = (*_site(body), Run(f": {said}"))
    name = (theirs(str(body["carrier"]["name"]), NAME, Look.STRONG),)
    why = (theirs(str(body.get("why") or ""), WORDS),)
    return Message(head, (Item((name, why), _links((_("Look at it"), body.get("link")))),))


def _test(parcel: Parcel, _desk: Desk) -> Message:
    said = _("this is a test. Letters arrive here.")
    by = (Run(_("Sent by") + " "), theirs(str(parcel.body.get("by") or ""), NAME))
    return Message((*_site(parcel.body), Run(f": {said}")), (Item((by,)),))


_KINDS: Mapping[str, Callable[[Parcel, Desk], Message]] = {
    **dict.fromkeys(Happening, _event),
    "digest": _digest,
    "alarm": _alarm,
    "notice": _notice,
    "test": _test,
}


def _rest(more: int) -> str:
    return str(ngettext("%(num)s more", "%(num)s more", more))


def _site(body: Mapping[str, Any]) -> Line:
    return (theirs(str(body["site"]["name"]), NAME, Look.STRONG),)


def _news(kind: str | None) -> str:
    """Say what happened."""
    said = {
        Happening.OPENED: _("a reader points at a mistake"),
        Happening.GREW: _("one more reader points at a mistake"),
        Happening.DECIDED: _("a spot was decided"),
        Happening.FIXED: _("a mistake is fixed"),
        Happening.RETURNED: _("a spot waits again"),
        Happening.CHANGED: _("an article was changed"),
    }
    return str(said.get(Happening(kind), "")) if kind in set(Happening) else ""


def _spot(
    spot: Mapping[str, Any], desk: Desk, more: Mapping[str, Any], news: str, number: int
) -> Item:
    """Tell of a spot; `number` is its place in a digest, so that its buttons can name it."""
    spot_id = int(spot["id"])
    first = Run(f"{number}. " if number else "")
    lines: list[Line] = [(first, *_sentence(spot, more))]
    about = [*_article(spot["article"], str(spot.get("link") or "")), Run(" · "), _readers(spot)]
    if news and more.get("happened") != Happening.OPENED:
        about.append(Run(f" · {news}"))
    lines.append(tuple(about))
    said = [each for each in more.get("comments") or () if each][:COMMENTS]
    lines += [(Run("“"), theirs(str(each), COMMENT), Run("”")) for each in said]
    return Item(tuple(lines), tuple(_buttons(spot, desk, more, spot_id)), spot_id)


def _sentence(spot: Mapping[str, Any], more: Mapping[str, Any]) -> Iterator[Run]:
    """Show what is wrong, in its sentence, and how it becomes what it should be."""
    before, after = _around(spot, more)
    yield theirs(before[-WORDS:], WORDS)
    left, last = WORDS, ""
    for step, text in _pieces(spot, more):
        if left > 0:
            between = " " if (last, step) == ("delete", "insert") else ""
            yield Run(between)
            yield theirs(text, left, _LOOKS.get(step, Look.PLAIN))
        left, last = left - len(text), step
    yield theirs(after, WORDS)


def _around(spot: Mapping[str, Any], more: Mapping[str, Any]) -> tuple[str, str]:
    if "before" in more:
        return str(more["before"]), str(more["after"])
    if spot.get("about"):
        return "", ""
    quote = spot["quote"]
    return sentence.around(quote["prefix"], quote["exact"], quote["suffix"])


def _pieces(spot: Mapping[str, Any], more: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "pieces" in more:
        return [(str(step), str(text)) for step, text in more["pieces"]]
    wrong, right = _faulty(spot), str(spot.get("correction") or "")
    if right in {"", wrong}:
        return [("keep", wrong)]
    if spot.get("about"):
        return [("delete", wrong), ("insert", right)]
    return [(str(each.step), each.text) for each in words.difference(wrong, right)]


def _faulty(spot: Mapping[str, Any]) -> str:
    """Give what is wrong: a link's address, an image's text, or the words themselves."""
    about = spot.get("about")
    if not about:
        return str(spot["quote"]["exact"])
    return str(about["url"] if about["type"] == "link" else about["text"])


def _article(article: Mapping[str, Any], link: str = "") -> Line:
    title = str(article.get("title") or "")
    url = str(article.get("url") or "")
    return (theirs(title.strip() or url, TITLE, link=link or url),)


def _readers(spot: Mapping[str, Any]) -> Run:
    return Run(ngettext("%(num)s reader", "%(num)s readers", int(spot["readers"])))


def _decided(decision: Mapping[str, Any]) -> tuple[Line, ...]:
    """Tell who decided what, and why."""
    said = _KIND_WORDS.get(str(decision["kind"]))
    what = str(said()) if said else str(decision["kind"])
    line = (Run(f"{what}: "), theirs(str(decision.get("by") or ""), NAME))
    note = str(decision.get("note") or "")
    return (line, (Run("“"), theirs(note, COMMENT), Run("”"))) if note else (line,)


def _say(word: str) -> Callable[[], str]:
    """Say a decision as the desk does, when it is asked for."""
    return lambda: str(pgettext("what was decided on a spot", word))


#: The desk's own words: they are in its catalogs.
_KIND_WORDS: Mapping[str, Callable[[], str]] = {
    "accept": _say("Accepted: will be fixed"),
    "fix": _say("Marked as fixed"),
    "reject": _say("Rejected"),
    "reopen": _say("Back in the queue"),
    "merge": _say("Merged into another spot"),
    "split": _say("Split into two spots"),
    "snooze": _say("Snoozed"),
    "wake": _say("Back after its snooze"),
    "undo": _say("Undone"),
}


def _buttons(
    spot: Mapping[str, Any], desk: Desk, more: Mapping[str, Any], spot_id: int
) -> Iterator[Button]:
    """Give the buttons that make sense: those that decide in place, or lead to where one does."""
    actions = more.get("actions") or {}
    if desk.presses and spot.get("status") == "waiting":
        yield from pressing.deciding(desk.office.secret, spot_id, int(spot["version"]))
    else:
        yield from _links(
            (pgettext("button that decides", "Accept"), actions.get("accept")),
            (pgettext("button that decides", "Fixed"), actions.get("fix")),
            (pgettext("button that decides", "Reject"), actions.get("reject")),
        )
    yield opening(desk.spot(spot_id))


def opening(link: str) -> Button:
    """Give the button that leads to a spot's page."""
    return Button(_("Open at the desk"), link)


def _links(*named: tuple[str, object]) -> tuple[Button, ...]:
    return tuple(
        Button(tidy(label, TITLE), str(link))
        for label, link in named
        if Run(label, link=str(link or "")).leads
    )
