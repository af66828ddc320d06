"""How factories save, and names that do not repeat."""

from __future__ import annotations

import itertools
from typing import TypeVar

from sqlalchemy.orm import Session

Row = TypeVar("Row")

_numbers = itertools.count(1)


def save(session: Session, row: Row) -> Row:
    """Add one row and commit it."""
    session.add(row)
    session.commit()
    return row


def next_number() -> int:
    """Give a number that no other row of this test run has."""
    return next(_numbers)
