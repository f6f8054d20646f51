"""The reader's side as one module: bound from its sources, and small."""

import re

import pytest

from feedback.shipped import shipped
from feedback.web import binding

FOLDER = shipped("static") / "js" / "reader"
MODULES = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.js")}
#: What a module declares in the scope that all share.
DECLARED = re.compile(
    r"^(?:export )?(?:(?:async )?function|const|let|class) ([\w$]+)", re.MULTILINE
)


def test_modules_come_after_what_they_import() -> None:
    modules = {
        "a": 'import { b } from "./b.js";\nimport { c } from "./c.js";\n',
        "b": 'import { c } from "./c.js";\n',
        "c": "",
    }

    assert binding.order(modules, "a") == ["c", "b", "a"]


def test_the_bound_module_exports_what_its_entry_does() -> None:
    modules = {
        "entry": 'import { two } from "./two.js";\nexport function start() {\n  return two();\n}\n',
        "two": "export function two() {\n  return 2;\n}\n",
    }

    bound = binding.bound(modules, "entry")

    assert bound.startswith("export const{start}=")
    assert "import" not in bound


def test_functions_that_nothing_calls_are_left_out() -> None:
    source = (
        "function used() {\n  return 1;\n}\n"
        "/* idle() is only spoken of */\nfunction idle() {\n  return deeper();\n}\n"
        "function deeper() {\n  return 2;\n}\n"
        "function start() {\n  return used();\n}\n"
    )

    left = binding.used(source, ["start"])

    assert "function used" in left
    assert "function idle" not in left
    assert "function deeper" not in left


def test_no_two_modules_declare_one_name() -> None:
    names = [
        name
        for module in binding.order(MODULES, "reader")
        for name in DECLARED.findall(MODULES[module])
    ]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("module", sorted(MODULES))
def test_nothing_is_taken_apart_from_a_bracket(module: str) -> None:
    """The minifier moves `const { a } = (b)` before what `b` needs; a cast has such brackets."""
    assert not re.search(r"[}\]] = (?:/\*\*.*\*/ )?\(", MODULES[module])


def test_the_dialog_gets_no_words_that_it_never_says() -> None:
    said = binding.exported(
        {"title": "T", "caption": "C", "form": {}, "reasons": {}, "website": ""}
    )

    assert said == 'export default {"title":"T"}'


def test_without_the_minifier_the_sources_are_served_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binding, "find_spec", lambda _name: None)

    assert binding.small("let long = 1; // why\n") == "let long = 1; // why\n"
