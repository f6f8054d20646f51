"""The badge: how many misspellings were fixed this month, as a picture for any page."""

import base64
import hashlib
import unicodedata

from flask import render_template
from flask_babel import force_locale, get_locale, ngettext

from feedback.web import locales

#: How the badge looks, light and dark. It is named by its hash in the picture's own policy, for a
#: picture that is opened by itself is a page.
STYLE = (
    "rect{fill:#fff;stroke:#c3c8d1}text{fill:#1a1c21}path{stroke:#0e5f27}"
    "@media(prefers-color-scheme:dark){"
    "rect{fill:#1b1e24;stroke:#464d59}text{fill:#eceef2}path{stroke:#96e2ad}}"
)
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'"

#: Pixels besides the words: the tick before them, and the room at both ends.
_BESIDE = 38
#: Widths at 12 pixels, as the sans serifs of most systems have them.
_NARROW = frozenset("ijl.,:;'!|()[]fItr1 -’‘“”·")
_BROAD = frozenset("mwMWшщюжфмШЩЮЖФМ@%—")
_WIDTHS = {"narrow": 3.9, "broad": 9.8, "capital": 8.0, "usual": 6.6, "wide": 12.0}


def drawn(number: int, *, more: bool, lang: str) -> tuple[str, str]:
    """Draw the badge in a language, else in the one that the browser asks for.

    Gives the picture, and the Content-Security-Policy that it needs where it is a page.
    """
    if lang not in locales.LANGUAGES:
        return _picture(number, more), POLICY
    with force_locale(lang):
        return _picture(number, more), POLICY


def _picture(number: int, more: bool) -> str:
    text = ngettext(
        "%(count)s misspelling fixed this month, thanks to readers",
        "%(count)s misspellings fixed this month, thanks to readers",
        number,
        count=f"{number}+" if more else str(number),
    )
    width = measured(text)
    locale = get_locale()
    return render_template(
        "badge.svg", text=text, width=width, whole=width + _BESIDE, locale=locale, style=STYLE
    )


def measured(text: str) -> int:
    """Guess how wide words are, in pixels; the picture then makes them just as wide."""
    return round(sum(_WIDTHS[_kind(letter)] for letter in text))


def _kind(letter: str) -> str:
    if letter in _NARROW or unicodedata.combining(letter):
        return "narrow"
    if letter in _BROAD:
        return "broad"
    if unicodedata.east_asian_width(letter) in "WF":
        return "wide"
    return "capital" if letter.isupper() else "usual"
