"""Tables of the documentation, for tests that compute them again."""

from __future__ import annotations

from pathlib import Path


def rows_under(page: Path, heading: str) -> list[dict[str, str]]:
    """Read the first table under a heading: a row each, by the names of its columns."""
    lines = page.read_text(encoding="utf-8").split(f"\n{heading}\n", 1)[1].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")])
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]
