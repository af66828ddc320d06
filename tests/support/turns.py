"""Which tests go to one of the two databases by turns, half of them to each (decisions 0083 and 0072)."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

BY_TURNS = ("tests/web/", "tests/integration/workflows/")


def turn_of(nodeid: str, kinds: Sequence[str]) -> list[str]:
    """Give the databases of a test that could run on `kinds`: all of them, or the one whose turn it is.

    The turn hangs on the name alone, so that every worker and every run gives the same.
    """
    if not nodeid.startswith(BY_TURNS):
        return list(kinds)
    return [kinds[zlib.crc32(nodeid.encode()) % len(kinds)]]
