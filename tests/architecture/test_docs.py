"""The documents keep up with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shortchain.config import Settings
from tools import states

ROOT = Path(__file__).resolve().parents[2]


def test_draws_every_state_table_as_it_is() -> None:
    page = (ROOT / "docs" / "states.md").read_text(encoding="utf-8")
    assert page == states.document(), "run: python tools/states.py"


def test_names_every_table_in_the_glossary() -> None:
    import shortchain.app  # noqa: F401 - so that every model is known
    from shortchain.database import db

    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", glossary))
    missing = sorted(set(db.metadata.tables) - named)
    assert not missing, f"add to docs/glossary.md: {missing}"


def test_explains_every_setting() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    missing = [name.upper() for name in Settings.model_fields if f"`{name.upper()}`" not in page]
    assert not missing, f"explain in docs/operations.md: {missing}"


def test_gives_a_reason_for_every_dependency() -> None:
    reasons = (ROOT / "docs" / "decisions" / "0002-libraries.md").read_text(encoding="utf-8")
    named = {name.strip() for row in re.findall(r"^\| ([^|]+) \|", reasons, re.M) for name in row.split(",")}
    wanted = re.findall(r"^([A-Za-z0-9._-]+(?:\[\w+\])?)==", (ROOT / "requirements.txt").read_text(), re.M)
    assert not sorted(set(wanted) - named)


@pytest.mark.parametrize("path", sorted(ROOT.glob("docs/**/*.md")), ids=lambda path: path.name)
def test_links_only_to_files_that_exist(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_numbers_the_decisions_without_a_double() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md")]
    assert len(numbers) == len(set(numbers))
