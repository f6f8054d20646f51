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

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale

FOLDER = Path(__file__).parent.parent / "locale"

#: The language in which everything is written, and which needs no catalog.
ORIGINAL = "en"


def path(tag: str) -> Path:
    """Say where the catalog of a language is; `tag` is written as gettext has it: `pt_BR`."""
    return FOLDER / tag / "LC_MESSAGES" / "messages.po"


def languages() -> tuple[str, ...]:
    """Give the languages that the desk speaks: the original one, and those that have a catalog."""
    return (ORIGINAL, *sorted(file.parts[-3] for file in FOLDER.glob("*/LC_MESSAGES/messages.po")))


class Catalogs(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """The catalogs, by the language of the request."""

    def get_translations(self) -> NullTranslations:
        """Give the words in the language of the request; English where it has no catalog."""
        locale = get_locale()
        return NullTranslations() if locale is None else _read(path(str(locale)))


@cache
def _read(catalog: Path) -> NullTranslations:
    if not catalog.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with catalog.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return Translations(compiled)
