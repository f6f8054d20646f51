"""Locating: in an unchanged text a quote is where it was, and of any text what is said is true."""

from feedback.anchoring import Position, Presence, fragment, locate, normalize
from feedback.anchoring.grouping import CONTEXT
from feedback.anchoring.locate import Sighting, stands
from fuzzing.drawn import Drawn

#: Few words, so that the same ones come again and again.
WORDS = (
    "the", "The", "wrold", "world", "a", "a", "is", "flat", "sea", "captain,", "“captain”", "teh",
    "1", "2.", "—", "мир", "かもめ", "é", "e\u0301", "fi", "\ufb01", "ß", "SS", "👩\u200d👧",
    "x" * 30,
)  # fmt: skip
MOST = 120


def check(data: bytes) -> None:
    """Describe a quote in a text; look for it there, in the text as edited, and in another one."""
    drawn = Drawn(data)
    text = _text(drawn)
    if not text:
        assert locate(text, "x").presence is Presence.UNVERIFIABLE
        return
    start = drawn.number(len(text) - 1)
    end = min(len(text), start + 1 + drawn.number(40))
    exact, prefix = text[start:end], text[max(0, start - CONTEXT) : start]
    suffix = text[end : end + CONTEXT]
    here = Position(start, end, len(text))

    said = locate(text, exact, prefix, suffix, here)
    if said.presence is not Presence.UNVERIFIABLE:
        assert said == Sighting(Presence.STILL, start, end, exact, sure=True), said
    else:
        assert not exact.strip() or not any(map(str.isalnum, text))
    for place in (None, start, {"start": start}):
        _is_true(locate(text, exact, prefix, suffix, place), text, exact)
    link = fragment(text, start, end)
    assert link.isascii(), link
    assert not set(link) & set(" \n<>\"'"), link

    edited = _edited(drawn, text)
    _is_true(locate(edited, exact, prefix, suffix, here), edited, exact)


def _is_true(said: Sighting, text: str, exact: str) -> None:
    """See that what is said of a quote is so in this text."""
    if said.start is None or said.end is None:
        assert (said.start, said.end, said.text) == (None, None, None)
        assert said.presence in {Presence.GONE, Presence.UNVERIFIABLE}
        return
    assert 0 <= said.start <= said.end <= len(text)
    assert said.text == text[said.start : said.end]
    if said.presence is Presence.STILL:
        assert stands(said.text, exact), (said.text, exact)
    if said.presence is Presence.CHANGED:
        assert said.text != exact


def _text(drawn: Drawn) -> str:
    """Draw a normal text."""
    parts = []
    for _ in range(1 + drawn.number(MOST)):
        word = drawn.choice(WORDS) if drawn.number(7) else drawn.text(most=8)
        parts.append(word + ("\n" if drawn.number(9) == 1 else " "))
        if not drawn:
            break
    pre = "".join(parts).replace("&", "&amp;").replace("<", "&lt;")
    return normalize(f"<pre>\n{pre}").text


def _edited(drawn: Drawn, text: str) -> str:
    """Edit a text in some places: take out, put in, put again."""
    for _ in range(drawn.number(4)):
        at = drawn.number(len(text))
        to = min(len(text), at + drawn.number(60))
        text = text[:at] + (drawn.choice(WORDS) + " ") * drawn.number(2) + text[to:]
    pre = text.replace("&", "&amp;").replace("<", "&lt;")
    return normalize(f"<pre>\n{pre}").text
