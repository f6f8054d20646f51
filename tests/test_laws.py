"""The laws of the house, held over its source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedback.config import PREFIX, Settings

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "feedback"
MODULES = sorted(HOUSE.rglob("*.py"))

#: Where a transaction may be ended: the edges, and what opens transactions for them.
COMMITTING = ("web/", "cli/", "demo/", "migrations/", "worker/", "db.py")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def name(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


def committed(source: ast.AST) -> Iterator[int]:
    """The lines in which something is committed."""
    for node in ast.walk(source):
        if isinstance(node, ast.Attribute) and node.attr == "commit":
            yield node.lineno


def imported(source: ast.AST) -> Iterator[str]:
    for node in ast.walk(source):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def sizes() -> Iterator[tuple[str, int]]:
    """How many lines each function has."""
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name(path)}: {node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_only_the_edges_commit() -> None:
    found = [
        f"{name(path)}:{line}"
        for path in MODULES
        if not name(path).startswith(COMMITTING)
        for line in committed(tree(path))
    ]

    assert found == []


def test_a_commit_is_seen_where_there_is_one() -> None:
    assert list(committed(tree(HOUSE / "worker" / "__init__.py")))


def test_no_function_is_longer_than_fifty_lines() -> None:
    assert [place for place, size in sizes() if size > 50] == []


def test_nearly_all_functions_are_within_thirty_lines() -> None:
    all_sizes = [size for _, size in sizes()]

    assert sum(size <= 30 for size in all_sizes) >= 0.97 * len(all_sizes)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_is_within_four_hundred_lines_and_says_what_it_is_for(path: Path) -> None:
    source = path.read_text("utf-8")

    assert len(source.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("path", sorted((HOUSE / "migrations" / "versions").glob("*.py")), ids=name)
def test_a_migration_imports_no_model(path: Path) -> None:
    ours = [module for module in imported(tree(path)) if module.startswith("feedback")]

    assert ours == []


def documented() -> dict[str, tuple[str, str]]:
    """Each setting in the documentation: its default and its meaning."""
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", text, re.MULTILINE)
    return {setting: (default, meaning) for setting, default, meaning in rows}


def test_the_documentation_names_every_setting_and_no_other() -> None:
    assert list(documented()) == [PREFIX + field.upper() for field in Settings.model_fields]


@pytest.mark.parametrize("field", Settings.model_fields)
def test_the_documentation_says_what_the_code_says_of_a_setting(field: str) -> None:
    described = Settings.model_fields[field]
    default = described.get_default(call_default_factory=True)
    if isinstance(default, list):
        default = ",".join(f"{each:g}" for each in default)

    stated, meaning = documented()[PREFIX + field.upper()]

    assert meaning == described.description
    assert field == "home" or stated == (f"`{default}`" if str(default) else "none")
