"""The desk's words in other languages: in `feedback/locale/xx/LC_MESSAGES/messages.po` for each.

These catalogs are all there is: the service reads them as translators write them. Compiled ones
beside them would have to be made for every checkout and every wheel, and could be older than
what they were made of; kept in git they would be noise in each change. To read a catalog takes
some hundredths of a second, once, when somebody first asks for its language; so a start costs
nothing, and neither does a language that nobody reads.
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

FOLDER = Path(__file__).parent.parent / "locale"

_CATALOG = Path("LC_MESSAGES", "messages.po")

#: The language in which everything is written, and which needs no catalog.
ORIGINAL = "en"


def path(tag: str) -> Path:
    """Say where the catalog of a language is; `tag` is written as gettext has it: `pt_BR`."""
    return FOLDER / tag / _CATALOG


def languages() -> tuple[str, ...]:
    """Give the languages that the desk speaks: the original one, and those that have a catalog."""
    return (ORIGINAL, *sorted(file.parts[-3] for file in FOLDER.glob("*/LC_MESSAGES/messages.po")))


class Catalogs(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """The catalogs, by the language of the request."""

    def get_translations(self) -> NullTranslations:
        """Give the words in the language of the request; English where it has no catalog."""
        locale = get_locale()
        return _ORIGINAL if locale is None else _spoken(FOLDER, locale)


@pass_eval_context
def say(context: EvalContext, message: str, **values: Any) -> str:
    """Say a template's message in the language of the request: what `_()` does there.

    As Jinja's own does, it takes what it says for markup, and escapes what is put into it. A page
    says the same few words row by row: those are kept.
    """
    locale = get_locale()
    if context.autoescape and not values and locale is not None:
        return _plain(FOLDER, locale, message)
    said: str = Catalogs().get_translations().gettext(message)
    if context.autoescape:
        said = Markup(said)  # noqa: S704 -- ours, and its translators'
    return said % values


@cache
def _plain(folder: Path, locale: Locale, message: str) -> Markup:
    return Markup(_spoken(folder, locale).gettext(message)) % {}  # noqa: S704 -- as in `say`


#: What says everything as it is written.
_ORIGINAL = NullTranslations()


@cache
def _spoken(folder: Path, locale: Locale) -> NullTranslations:
    """Find a language's catalog: a page asks for a thousand words, each time by the locale."""
    return _read(folder / str(locale) / _CATALOG)


@cache
def _read(catalog: Path) -> NullTranslations:
    if not catalog.is_file():
        return _ORIGINAL
    compiled = BytesIO()
    with catalog.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return Translations(compiled)
