"""Who an enterprise is, in one line: for lists that name several."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise


@dataclass(frozen=True, slots=True)
class Card:
    """An enterprise as others name it; `public_id` is its name in addresses."""

    public_id: str
    name: str
    municipality: str


def cards_of(session: Session, *, ids: Iterable[int]) -> dict[int, Card]:
    """Read the cards of some enterprises; one query."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = session.execute(
        select(Enterprise.id, Enterprise.public_id, Enterprise.name, Enterprise.municipality).where(
            Enterprise.id.in_(wanted)
        )
    )
    return {row[0]: Card(row[1], row[2], row[3]) for row in rows}
