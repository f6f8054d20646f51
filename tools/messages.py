"""Bring the catalogs of the desk's languages up to date with what the code says.

    python -m tools.messages        # those that exist
    python -m tools.messages it     # and begin one for Italian

Translations are kept, what is new comes without one, what is said no more goes. Nothing is
guessed, and nothing is written of lines and dates: a catalog changes when its words do.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po

from feedback.shipped import shipped
from feedback.web import catalogs

HOUSE = Path(catalogs.__file__).parent.parent
EMBEDDING = HOUSE / "embedding"

KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "nforms": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
    # Why a decision was not applied; looked up when it is shown.
    "NotPossible": None,
    # What goes wrong on the way out; looked up when it is shown.
    "Sentence": None,
    "CannotMove": None,
}
#: What finds faults in a page speaks through these; its messages are looked up when they are shown.
FINDINGS: dict[str, Any] = {**KEYWORDS, "good": None, "note": None, "bad": None}

#: What tools for translators need to know of a catalog.
HEADER = r"""msgid ""
msgstr ""
"Language: {tag}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: {plurals}\n"
"""


def said() -> Catalog:
    """Give all that the code and the pages say, without translations."""
    catalog = Catalog()
    for path in sorted(HOUSE.rglob("*.py")):
        _add(catalog, "python", path, keywords(path))
    for path in sorted(shipped("templates").rglob("*.[ht][tx][mt]*")):
        _add(catalog, "jinja2.ext:babel_extract", path, KEYWORDS)
    return catalog


def keywords(path: Path) -> dict[str, Any]:
    """Say by which functions a module of the code speaks, as Babel has it."""
    return FINDINGS if path.is_relative_to(EMBEDDING) else KEYWORDS


def _add(catalog: Catalog, method: str, path: Path, speaking: dict[str, Any]) -> None:
    with path.open("rb") as file:
        # Comments for translators begin with `Translators:`; a template must be without faults.
        found = extract(method, file, speaking, ("Translators:",), {"silent": "false"}, True)
        for _line, message, comments, context in found:
            catalog.add(message, auto_comments=comments, context=context)


def rendered(tag: str, original: Catalog, known: str = "") -> str:
    """Give the text of a language's catalog, with the translations of the one that is `known`."""
    old = read_po(BytesIO(known.encode()), locale=tag)
    new = Catalog(locale=tag)
    for message in _messages(original):
        had = old.get(message.id, message.context)
        kept = had if had and had.id == message.id else None
        new.add(
            message.id,
            kept.string if kept else None,
            flags=kept.flags if kept else (),
            auto_comments=message.auto_comments,
            user_comments=kept.user_comments if kept else (),
            context=message.context,
        )
    body = BytesIO()
    write_po(body, new, width=100, omit_header=True, sort_output=True)
    header = HEADER.format(tag=tag, plurals=new.plural_forms)
    return f"{header}\n{body.getvalue().decode().strip()}\n"


def _messages(catalog: Catalog) -> Iterator[Any]:
    yield from (message for message in catalog if message.id)


def main(more: list[str]) -> None:
    """Write the catalogs anew, and say what each is short of."""
    original = said()
    for tag in sorted({*catalogs.languages(), *more} - {catalogs.ORIGINAL}):
        path = catalogs.path(tag)
        text = rendered(tag, original, path.read_text("utf-8") if path.is_file() else "")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        missing = sum(not all(_strings(message)) for message in _messages(_read(text, tag)))
        print(f"{tag}: {missing} of {len(original)} messages to translate")  # noqa: T201


def _read(text: str, tag: str) -> Catalog:
    return read_po(BytesIO(text.encode()), locale=tag)


def _strings(message: Any) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


if __name__ == "__main__":
    main(sys.argv[1:])
