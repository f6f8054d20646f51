"""Words: the difference between what a text says and what it should say."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

#: A word, a run of white space, or one mark. Marks and joiners belong to their word.
_TOKEN = re.compile(
    r"[^\W_](?:[\w\u0300-\u036f\u200c\u200d'’-]*[^\W_])?[\u0300-\u036f]*|\s+|.", re.DOTALL
)

#: Texts of more words than this are compared as wholes: the time grows with the square.
_MOST_WORDS = 800


class Step(StrEnum):
    """What becomes of a piece of text."""

    KEEP = "keep"
    DELETE = "delete"
    INSERT = "insert"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text and what becomes of it."""

    step: Step
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """The code points from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


def words(text: str) -> list[str]:
    """Cut a text into words, white space and marks; together they are the text."""
    return _TOKEN.findall(text)


def difference(before: str, after: str) -> list[Piece]:
    """Give the pieces that lead from `before` to `after`, whole words at a time."""
    olds, news = words(before), words(after)
    pieces: list[Piece] = []
    for tag, a, b, c, d in _opcodes(olds, news):
        if tag == "equal":
            pieces.append(Piece(Step.KEEP, "".join(olds[a:b])))
            continue
        if a < b:
            pieces.append(Piece(Step.DELETE, "".join(olds[a:b])))
        if c < d:
            pieces.append(Piece(Step.INSERT, "".join(news[c:d])))
    return pieces


def changed(before: str, after: str) -> Change | None:
    """Give the one stretch of `before`, in whole words, outside of which `after` is the same.

    None where the texts are equal.
    """
    olds, news = words(before), words(after)
    differing = [code for code in _opcodes(olds, news) if code[0] != "equal"]
    if not differing:
        return None
    first, last = differing[0], differing[-1]
    start = len("".join(olds[: first[1]]))
    return Change(
        start=start,
        end=start + len("".join(olds[first[1] : last[2]])),
        text="".join(news[first[3] : last[4]]),
    )


def _opcodes(olds: list[str], news: list[str]) -> list[tuple[str, int, int, int, int]]:
    if max(len(olds), len(news)) > _MOST_WORDS:
        same = olds == news
        return [("equal" if same else "replace", 0, len(olds), 0, len(news))]
    matcher = SequenceMatcher(None, olds, news, autojunk=False)
    return [tuple(code) for code in matcher.get_opcodes()]  # type: ignore[misc]  # 5-tuples
