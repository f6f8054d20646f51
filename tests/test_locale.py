"""The desk's languages: all that is said can be found, and each catalog is whole and true to it."""

import ast
import gettext
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale, format_date, format_number, ngettext
from flask_babel import gettext as _
from jinja2 import nodes
from selectolax.lexbor import LexborHTMLParser

from feedback import addresses
from feedback.accounts.models import Membership, Role
from feedback.db import db, now
from feedback.web import catalogs, locales, wording
from tests.makers import a_spot, newsroom, signed_in
from tools import messages

BASE = "https://feedback.example"
OTHERS = [tag for tag in catalogs.languages() if tag != catalogs.ORIGINAL]

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%.|\{\w*\}")
MARKUP = re.compile(r"</?\w[^<>]*>|&#?\w+;|https?://\S+")
END = re.compile(r"[.…:?!]?$")

#: What stands on pages and is not ours: names, addresses, what readers sent.
THEIRS = {
    "Paper",
    "ed@paper.example",
    "https://paper.example/news/captain",
    "The end of the",
    "The end of the wrold",
    "wrold",
    "“wrold”",
    "world",
}


def read(tag: str) -> Catalog:
    return parsed(catalogs.path(tag).read_text("utf-8"), tag)


def parsed(text: str, tag: str) -> Catalog:
    return read_po(BytesIO(text.encode()), locale=tag)


def ids(message: Any) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def forms(message: Any) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def faults(catalog: Catalog) -> Iterator[str]:
    """What of a catalog is missing or not like the original."""
    alone = serving_one(catalog)
    for message in catalog:
        if not message.id:
            continue
        expected = catalog.num_plurals if message.pluralizable else 1
        if len(forms(message)) != expected or not all(forms(message)):
            yield f"{message.id}: not translated"
        elif message.fuzzy:
            yield f"{message.id}: marked as fuzzy"
        else:
            for index, form in enumerate(forms(message)):
                likes = ids(message) if index in alone else ids(message)[-1:]
                yield from (f"{message.id}: {fault}" for fault in unlike(likes, form))


def serving_one(catalog: Catalog) -> set[int]:
    """The plural forms that serve the number 1 alone, and may leave it out."""
    index: Callable[[int], int] = gettext.c2py(catalog.plural_expr)  # type: ignore[attr-defined]
    served = [(index(number), number) for number in range(1000)]
    return {form for form, number in served if number == 1} - {
        form for form, number in served if number != 1
    }


def unlike(originals: tuple[str, ...], form: str) -> Iterator[str]:
    """How a translation differs from each of what it may be like, and should not."""
    original = originals[-1]
    if sorted(PLACEHOLDER.findall(form)) not in [
        sorted(PLACEHOLDER.findall(each)) for each in originals
    ]:
        yield "other placeholders"
    if sorted(MARKUP.findall(form)) != sorted(MARKUP.findall(original)):
        yield "other markup"
    if form != form.strip() or "  " in form:
        yield "space to spare"
    if END.findall(form)[0] != END.findall(original)[0]:
        yield "ends otherwise"
    if re.search(r"[\"'`]|\.\.\.", MARKUP.sub("", form)) and not re.search("[\"'=]", original):
        yield "quotes and apostrophes are not typographic"
    if form in originals and len(form.split()) > 3:
        yield "is left in English"


def a_catalog(tag: str, pairs: dict[Any, Any], original: Catalog | None = None) -> str:
    """The text of a catalog with these translations; without `original` nothing else is said."""
    if original is None:
        original = Catalog()
        for said in pairs:
            original.add(said)
    made = parsed(messages.rendered(tag, original), tag)
    for message in made:
        message.string = pairs.get(message.id, message.string)
    text = BytesIO()
    messages.write_po(text, made, sort_output=True)
    return messages.rendered(tag, original, text.getvalue().decode())


@pytest.fixture(scope="module")
def original() -> Catalog:
    return messages.said()


@pytest.fixture
def speaking(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Let the desk speak a language besides English, by what is given."""
    monkeypatch.setattr(catalogs, "FOLDER", tmp_path / "locale")

    def speak(tag: str, pairs: dict[Any, Any], original: Catalog | None = None) -> None:
        path = catalogs.path(tag)
        path.parent.mkdir(parents=True)
        path.write_text(a_catalog(tag, pairs, original), "utf-8")
        monkeypatch.setattr(locales, "LANGUAGES", catalogs.languages())

    return speak


def test_the_catalogs_have_what_is_said_now(original: Catalog) -> None:
    stale = [
        tag
        for tag in OTHERS
        if (text := catalogs.path(tag).read_text("utf-8")) != messages.rendered(tag, original, text)
    ]

    assert stale == [], "Bring them up to date: make messages"


def test_every_catalog_is_whole_and_like_the_original() -> None:
    assert [f"{tag}: {fault}" for tag in OTHERS for fault in faults(read(tag))] == []


@pytest.mark.parametrize(
    ("said", "translated", "fault"),
    [
        ("Sign in", "", "not translated"),
        ("Queue of %(site)s", "Liste von %(seite)s", "other placeholders"),
        ("{num} selected", "ausgewählt", "other placeholders"),
        ("Type <kbd>?</kbd>", "Tippen Sie <b>?</b>", "other markup"),
        ("Sign in", " Anmelden", "space to spare"),
        ("Nothing waits", "Nichts wartet.", "ends otherwise"),
        ("It is a name", 'Es ist ein "Name"', "quotes and apostrophes are not typographic"),
        ("Everything was decided today", "Everything was decided today", "is left in English"),
        (("%(num)s spot", "%(num)s spots"), ("%(num)s Stelle", ""), "not translated"),
        (("%(num)s spot", "%(num)s spots"), ("%(num)s Stelle", "Stellen"), "other placeholders"),
    ],
)
def test_a_bad_translation_is_seen(said: Any, translated: Any, fault: str) -> None:
    catalog = parsed(a_catalog("de", {said: translated}), "de")

    assert list(faults(catalog)) == [f"{said}: {fault}"]


@pytest.mark.parametrize(
    ("tag", "translated", "found"),
    [
        ("de", ("Einer ist übrig.", "%(num)s sind übrig."), 0),
        ("uk", ("Залишився %(num)s.", "Залишилося %(num)s.", "Залишилося %(num)s."), 0),
        ("uk", ("Залишився один.", "Залишилося %(num)s.", "Залишилося %(num)s."), 1),  # 21 too
        ("fr", ("Il en reste un.", "Il en reste %(num)s."), 1),  # 0 too
    ],
)
def test_only_a_form_for_one_number_may_leave_it_out(
    tag: str, translated: tuple[str, ...], found: int
) -> None:
    said = ("One is left.", "%(num)s are left.")

    assert len(list(faults(parsed(a_catalog(tag, {said: translated}), tag)))) == found


def test_what_is_translated_is_kept_and_what_is_said_no_more_goes() -> None:
    before = a_catalog("de", {"Sign in": "Anmelden", "Knock": "Anklopfen"})
    original = Catalog()
    for said in ("Sign in", "Sign out"):
        original.add(said)

    after = parsed(messages.rendered("de", original, before), "de")

    assert {message.id: message.string for message in after if message.id} == {
        "Sign in": "Anmelden",
        "Sign out": "",
    }
    assert not after.obsolete


@pytest.mark.parametrize(
    "said",
    [
        "Newest",  # lazily, in Python
        ("%(num)s spot", "%(num)s spots"),
        "Skip to the content",  # in a template
        ("%(num)s reader", "%(num)s readers"),
        "Reports are filed under %(address)s",  # by what checks a page
    ],
)
def test_what_is_said_is_found(original: Catalog, said: Any) -> None:
    found = original.get(said)

    assert found is not None
    assert found.id == said


def test_what_code_says_is_a_literal() -> None:
    varying = {
        f"{path.name}: {ast.unparse(call.args[0])}"
        for path in messages.HOUSE.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in (messages.keywords(path))
        and not isinstance(call.args[0], ast.Constant | ast.Call)  # a call has translated it
    }

    # Literals where they were found, and where they were refused.
    assert varying == {
        "checks.py: finding.message",
        "faults.py: sentence.text",
        "wording.py: error.message",
        "wording.py: singular",
    }


def test_what_pages_say_is_a_literal(app: Flask) -> None:
    jinja = app.jinja_env
    varying = [
        (name, call.lineno)
        for name in jinja.list_templates(extensions=["html"])
        for call in jinja.parse(Path(str(app.template_folder), name).read_text("utf-8")).find_all(
            nodes.Call
        )
        if isinstance(call.node, nodes.Name)
        and call.node.name in messages.KEYWORDS
        and not isinstance(call.args[0], nodes.Const)
    ]

    assert varying == []


def test_a_page_is_served_in_the_language_of_the_browser(
    make_app: Any, speaking: Callable[..., None]
) -> None:
    speaking("de", {"Sign in to Feedback": "Bei Feedback anmelden"})
    client = make_app().test_client()

    def page(languages: str) -> str:
        accepted = {"Accept-Language": languages}
        return str(client.get("/sign-in", base_url=BASE, headers=accepted).text)

    assert "Bei Feedback anmelden" in page("de-AT, en;q=0.5")
    assert '<html lang="de" dir="ltr"' in page("de-AT, en;q=0.5")
    assert "Sign in to Feedback" in page("en, de;q=0.5")
    assert '<html lang="en" dir="ltr"' in page("cy")


def test_the_queue_counts_and_tells_the_time_in_the_editors_language(
    make_app: Any, speaking: Callable[..., None]
) -> None:
    speaking("uk", {("%(num)s reader", "%(num)s readers"): ("%(num)s читач",) * 3})
    app = make_app()
    with newsroom(app) as (site, editor):
        a_spot(site)
        editor.language = "uk"
        db.session.commit()
        site_id = site.id

    page = signed_in(app).get(f"/desk/sites/{site_id}/", base_url=BASE).text

    assert '<html lang="uk" dir="ltr"' in page
    assert "1 читач" in page
    assert "тому" in page


@pytest.mark.parametrize(
    "path",
    [
        "/desk/sites/{site}/",
        "/desk/spots/{spot}",
        "/desk/sites/{site}/reasons",
        "/desk/sites/{site}/check",
        "/desk/sites/{site}/members",
        "/desk/sites/{site}/tokens",
        "/desk/sites/{site}/record",
        "/desk/sites/{site}/record/decisions",
        "/desk/profile/two-factor",
        "/desk/no-such-page",
    ],
)
def test_a_page_says_nothing_that_cannot_be_translated(
    make_app: Any, speaking: Callable[..., None], original: Catalog, path: str
) -> None:
    speaking("de", {message.id: marked(message) for message in original if message.id}, original)
    app = make_app()
    with newsroom(app) as (site, editor):
        spot = a_spot(site)
        db.session.execute(sa.update(Membership).values(role=Role.OWNER))
        editor.language = "de"
        db.session.commit()
        path = path.format(site=site.id, spot=spot.id)

    page = signed_in(app).get(path, base_url=BASE).text

    assert "«" in page
    assert unmarked(page) <= THEIRS


def marked(message: Any) -> Any:
    """A translation that shows that it is one."""
    return (f"«{message.id[1]}»",) * 2 if message.pluralizable else f"«{message.id}»"


def unmarked(page: str) -> set[str]:
    """The lines of a page that are no translation, but for code and for when something was."""
    tree = LexborHTMLParser(page)
    for node in tree.css("head, script, code, pre, time, kbd"):
        node.decompose()
    text, marks = tree.root.text(separator="\n"), 1
    while marks:
        text, marks = re.subn(r"«[^«»]*»", "", text)
    return {line.strip() for line in text.splitlines() if re.search(r"[A-Za-z]{2}", line)}


def test_numbers_dates_and_plurals_follow_the_language(
    make_app: Any, speaking: Callable[..., None]
) -> None:
    said = ("%(num)s spot", "%(num)s spots")
    speaking("uk", {said: ("%(num)s місце", "%(num)s місця", "%(num)s місць")})
    app = make_app()
    with app.app_context(), force_locale("uk"):
        counted = [ngettext(*said, number) for number in (1, 2, 5, 11, 21)]
        ago = locales.ago(now() - timedelta(hours=3))
        date, number = format_date(now().replace(month=3, day=5)), format_number(12345)

    assert counted == ["1 місце", "2 місця", "5 місць", "11 місць", "21 місце"]
    assert ago == "3 години тому"
    assert date.startswith("5 бер.")
    assert number == "12\u00a0345"


def test_outside_a_request_english_is_spoken(app: Flask) -> None:
    with app.app_context():
        assert _("Waiting") == "Waiting"


def test_a_language_is_offered_once_it_has_a_catalog(speaking: Callable[..., None]) -> None:
    before = catalogs.languages()

    speaking("pt_BR", {"Waiting": "À espera"})

    assert "pt_BR" not in before
    assert catalogs.languages() == ("en", *sorted({*before[1:], "pt_BR"}))
    assert locales.named("pt_BR") == "português (Brasil)"


@pytest.mark.parametrize(
    "text",
    [
        "https://paper.example/" + "x" * addresses.LONGEST,
        "https://paper.example/" + "ü" * 700,
        "https://paper.example/a b",
        "https://paper.example:port/",
        "paper.example",
        "https://",
        "https://" + "a." * 200 + "example/",
        "https://[::z]/",
        "https://1.2.3.999/",
        "https://-a-.example/",
    ],
    ids=lambda text: text[:24],
)
def test_each_way_an_address_can_be_wrong_has_a_sentence(text: str) -> None:
    with pytest.raises(addresses.BadAddress) as raised:
        addresses.parse(text)

    assert str(raised.value) in wording.ADDRESSES
