"""Rules of the house that a reader would otherwise have to remember."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = sorted((ROOT / "shortchain").rglob("*.py"))
EVERYTHING = OURS + sorted(
    path for folder in ("stripe_stand_in", "tools", "tests", "bench") for path in (ROOT / folder).rglob("*.py")
)
WEB = ("app.py", "composition.py", "logs.py", "tasks.py", "wsgi.py")
MAY_READ_THE_CLOCK = ("blueprints", "cli", "gateways")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_keeps_every_import_contract() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([str(lint), "--no-logo"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:]


@pytest.mark.parametrize("path", EVERYTHING, ids=name_of)
def test_keeps_files_within_400_lines(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= 400, f"{name_of(path)} has {lines} lines; split it by kind of work"


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_keeps_functions_on_a_screen(path: Path) -> None:
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1}"
        for node in functions(path)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > 60
    ]
    assert not long


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_explains_public_functions(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) or not tree.body, "a module says what it is for"
    silent = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and _worth_a_word(node)
    ]
    assert not silent


def _worth_a_word(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Let enums and tiny classes speak for themselves; every public function has a docstring."""
    return isinstance(node, ast.FunctionDef) or any(isinstance(part, ast.FunctionDef) for part in node.body)


COMMITS = {"transaction.py", "kept_plans.py"}
"""The one place that commits, and the driver's own words for it below SQLAlchemy."""


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_hides_no_text_from_the_translators(path: Path) -> None:
    """A text inside an f-string is one token to who collects texts: it stays Dutch in every language."""
    words = {"gettext", "ngettext", "lazy_gettext", "N_", "_", "_l"}
    hidden = [
        ast.unparse(call)
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in words
    ]
    assert not hidden


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_commits_in_one_place_only(path: Path) -> None:
    commits = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
        and not node.args
    ]
    assert not commits or path.name in COMMITS, f"{name_of(path)} commits at line {commits}"


def is_domain(path: Path) -> bool:
    """Say whether a module decides or writes; only the edge of the program may read the clock."""
    parts = path.relative_to(ROOT / "shortchain").parts
    return parts[0] not in MAY_READ_THE_CLOCK and path.name not in WEB


@pytest.mark.parametrize("path", [path for path in OURS if is_domain(path)], ids=name_of)
def test_reads_no_clock_in_the_domain(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for call in ("datetime.now(", "datetime.utcnow(", "date.today(", "time.time("):
        assert call not in text, f"{name_of(path)} reads the clock"


def test_has_no_folder_for_everything() -> None:
    names = {part for path in OURS for part in (*path.parts, path.stem)}
    assert not names & {"utils", "util", "helpers", "misc", "common"}


def test_names_no_registry_host() -> None:
    done = subprocess.run(
        ["git", "grep", "-nIE", r"(pypi\.org|registry\.npmjs|deb\.debian|pythonhosted)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    lines = [line for line in done.stdout.splitlines() if "test_code.py" not in line]
    assert not lines
