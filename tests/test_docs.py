"""The docs are true where a machine can tell: links lead somewhere, commands and targets exist."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from feedback.cli import feedback

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
#: The languages of code that a shell runs; code without a language is such.
SHELLS = frozenset({"", "sh", "shell", "console", "bash"})

_LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_TARGET = re.compile(r"^([\w-]+):", re.MULTILINE)
_TEST = re.compile(r"`(test_\w+)`")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    """A page without its code."""
    return _INLINE.sub("", _FENCE.sub("", page.read_text("utf-8")))


def links(page: Path) -> Iterator[str]:
    """The links of a page that stay in this project."""
    for found in _LINK.finditer(prose(page)):
        link = found[1] or found[2]
        if not re.match(r"[a-z]+:", link):
            yield link


def anchors(page: Path) -> set[str]:
    """What a link may name behind a `#`: the headings, as forges spell them."""
    headings = _HEADING.findall(_FENCE.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def said(page: Path) -> Iterator[str]:
    """Each line of shell code and each piece of code inside a sentence."""
    text = page.read_text("utf-8")
    for _, language, code in _FENCE.findall(text):
        if language in SHELLS:
            yield from code.replace("\\\n", " ").splitlines()
    yield from _INLINE.findall(_FENCE.sub("", text))


def words(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return line.split()


def runs(page: Path, program: str) -> Iterator[list[str]]:
    """What follows the name of a program where it is run, up to the end of the command."""
    for line in said(page):
        for part in re.split(r"&&|\|\|?|;", line):
            command = words(part.strip())
            while command and (re.match(r"\w+=", command[0]) or command[0] in {"sudo", "-u"}):
                command = command[2:] if command[0] == "-u" else command[1:]
            if command and Path(command[0]).name == program:
                yield command[1:]


def missing(command: list[str]) -> str | None:
    """What of a `feedback` command does not exist; None where all does."""
    here: click.Command = feedback
    for word in command:
        if isinstance(here, click.Group) and not word.startswith("-"):
            if word not in here.commands:
                return word
            here = here.commands[word]
        elif word.startswith("--") and word.split("=")[0] not in options(here):
            return word
    return None


def options(command: click.Command) -> set[str]:
    given = {option for parameter in command.params for option in parameter.opts}
    other = {option for parameter in command.params for option in parameter.secondary_opts}
    return given | other | {"--help", "--version"}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.is_file() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_that_are_named_exist(page: Path) -> None:
    faults = [(command, missing(command)) for command in runs(page, "feedback")]

    assert [fault for fault in faults if fault[1]] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_make_targets_that_are_named_exist(page: Path) -> None:
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
    named = {word for command in runs(page, "make") for word in command if "=" not in word}

    assert named - targets == set()


def test_tests_that_are_named_exist() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    exist = {test for source in sources for test in re.findall(r"def (test_\w+)", source)}
    named = {test for page in PAGES for test in _TEST.findall(page.read_text("utf-8"))}

    assert named
    assert named - exist == set()


def test_every_picture_is_shown_and_small() -> None:
    shown = {link for page in PAGES for link in links(page) if link.endswith(".png")}
    pictures = list((ROOT / "docs" / "pictures").glob("*.png"))

    assert {path.name for path in pictures} == {Path(link).name for link in shown}
    assert max(path.stat().st_size for path in pictures) < 200_000
    assert sum(path.stat().st_size for path in pictures) < 2_000_000


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    written = {path.name for path in folder.glob("[0-9]*.md")}

    assert written == set(links(folder / "README.md"))


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("site add Paper --origin https://paper.example", None),
        ("serve --no-worker", None),
        ("site sell Paper", "sell"),
        ("site add Paper --colour blue", "--colour"),
    ],
)
def test_a_command_that_does_not_exist_is_seen(command: str, fault: str | None) -> None:
    assert missing(command.split()) == fault
