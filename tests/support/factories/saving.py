"""How factories save, and names that do not repeat."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.orm import Session

Row = TypeVar("Row")

_numbers = itertools.count(1)
_TOGETHER = "tests.saving_together"


def save(session: Session, row: Row) -> Row:
    """Add one row and commit it."""
    session.add(row)
    commit(session)
    return row


def commit(session: Session) -> None:
    """Commit, or only write when more is made `together`."""
    session.flush() if session.info.get(_TOGETHER) else session.commit()


@contextmanager
def together(session: Session) -> Iterator[None]:
    """Let factories make what they make in the block in one commit: a market of twenty rows needs no twenty."""
    session.info[_TOGETHER] = True
    try:
        yield
    finally:
        session.info[_TOGETHER] = False
    session.commit()


def next_number() -> int:
    """Give a number that no other row of this test run has."""
    return next(_numbers)
