"""Writes files for spreadsheets, in which no text can act as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from shortchain.kernel.spreadsheet import harmless


def write(path: Path, head: Sequence[str], rows: Iterable[Sequence[str | int]]) -> int:
    """Write a CSV file (UTF-8, comma, RFC 4180) that appears whole or not at all; returns how many rows."""
    count = 0
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            sheet = csv.writer(file)
            sheet.writerow([harmless(name) for name in head])
            for row in rows:
                sheet.writerow([harmless(value) if isinstance(value, str) else value for value in row])
                count += 1
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count
