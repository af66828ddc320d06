"""Which tests go to one of the two databases by turns, half of them to each (decisions 0083 and 0072)."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

JOURNEYS = "tests/web/"
WORKFLOWS = "tests/integration/workflows/"
LIST = Path(__file__).with_suffix(".txt")
"""Tests of workflows of which every statement is asked on both databases by others; `tools/turns.py` writes it."""


@cache
def listed() -> frozenset[str]:
    """Give the tests of workflows that take turns, as they stand in the list."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(WORKFLOWS + line for line in lines if line and not line.startswith("#"))


def turn_of(nodeid: str, kinds: Sequence[str]) -> list[str]:
    """Give the databases of a test that could run on `kinds`: all of them, or the one whose turn it is.

    The turn hangs on the name alone, so that every worker and every run gives the same.
    """
    if nodeid.startswith(JOURNEYS) or nodeid in listed():
        return [by_name(nodeid, kinds)]
    return list(kinds)


def by_name(nodeid: str, kinds: Sequence[str]) -> str:
    """Say whose turn a test is."""
    return kinds[zlib.crc32(nodeid.encode()) % len(kinds)]
