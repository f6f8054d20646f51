"""What goes wrong on the way out is told in the language of who reads it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

import feedback
from feedback.delivery import faults
from feedback.outbound import Blocked
from feedback.outbound.targets import target

ROOT = Path(feedback.__file__).parent
#: What is raised with a sentence that people may read.
TOLD = {"BadTarget", "NotTaken"}
#: Faults of ours, which an operator looks for in the log, and what is known once it is complete.
OURS = {
    "no reply calls …",
    "no chat knows letters of the kind …",
    "the letter cannot be read: …",
    "FEEDBACK_MAIL_FROM: …",
    "…; make a new secret for this webhook",
    "this chat needs Apprise, which is not there; …",
}


def raised() -> Iterator[str]:
    """Give the sentences that letters are refused with, … where something is put in."""
    for path in (ROOT / "delivery").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TOLD and node.args:
                text = written(node.args[0])
                if text:
                    yield text


def written(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    return ""


def put(said: str, lang: str, app: Flask) -> str:
    with app.test_request_context(), force_locale(lang):
        return faults.put(said)


def test_whatever_letters_are_refused_with_is_known() -> None:
    known = {said for said in raised() if any(each.values(said) for each in faults.SENTENCES)}
    plain = {said for said in raised() if any(each.text == said for each in faults.SENTENCES)}

    assert len(plain) > 10
    assert set(raised()) - known - plain <= OURS


def test_what_is_particular_is_kept(app: Flask) -> None:
    said = "the mail server's certificate is not trusted: it expired"

    assert put(said, "en", app) == said
    assert put(said, "de", app) == "dem Zertifikat des Mailservers wird nicht vertraut: it expired"


def test_why_an_address_cannot_be_is_told_within(app: Flask) -> None:
    with pytest.raises(Blocked) as refused:
        target("https://paper.example:70000/")

    assert put(str(refused.value), "es", app) == (
        "esta dirección no se puede consultar: su puerto no está entre 1 y 65535"
    )


def test_what_a_far_end_says_stays_as_it_is(app: Flask) -> None:
    gone = "the far end answers 410 Gone: it wants no letters any more\nit names no host"

    assert put("5.1.1 No such user", "fr", app) == "5.1.1 No such user"
    assert put(gone, "fr", app).endswith("ne veut plus de messages\nit names no host")
