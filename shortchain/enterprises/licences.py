"""Driving licences by category, and which of them a vehicle asks. Pure.

Directive 2006/126/EC, article 4: B drives up to 3,500 kg, C1 up to 7,500 kg, C more than that; E adds a heavy trailer. Article 6:
C1 and C are given only to who holds B. A cargo bike asks for none.
"""

from __future__ import annotations

NONE, B, BE, C1, C = "", "B", "BE", "C1", "C"
LICENCES = (NONE, B, BE, C1, C)
_COVERS = {
    NONE: frozenset({NONE}),
    B: frozenset({NONE, B}),
    BE: frozenset({NONE, B, BE}),
    C1: frozenset({NONE, B, C1}),
    C: frozenset({NONE, B, C1, C}),
}


def may_drive(held: str, asked: str) -> bool:
    """Say whether who holds one category may drive what asks for another."""
    return asked in _COVERS[held]
