"""Writes files for spreadsheets, in which no text can act as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

ACTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, also after white space."""


def safe(value: str | int) -> str | int:
    """Give a value that a spreadsheet only shows: a text that could be a formula gets an apostrophe before it.

    Numbers stay numbers, also below zero.
    """
    if isinstance(value, str) and (value.startswith(ACTS) or value.lstrip().startswith(ACTS)):
        return f"'{value}"
    return value


def write(path: Path, head: Sequence[str], rows: Iterable[Sequence[str | int]]) -> int:
    """Write a CSV file (UTF-8, comma, RFC 4180) that appears whole or not at all; returns how many rows."""
    count = 0
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            sheet = csv.writer(file)
            sheet.writerow(head)
            for row in rows:
                sheet.writerow([safe(value) for value in row])
                count += 1
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count
