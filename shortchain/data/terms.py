"""Terms with dates of the ways to pay: how long a gift card is good, and between which amounts it is sold.

Each table lies beside this module; the newest row that began by the day counts.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class GiftCardTerms:
    """From a day on: for how many months a card is good, and the least and the most that it is sold for, in cents."""

    valid_from: date
    months: int
    least_cents: int
    most_cents: int


@cache
def all_gift_card_terms() -> tuple[GiftCardTerms, ...]:
    """Give every row, the oldest first."""
    found = [
        GiftCardTerms(
            date.fromisoformat(row["valid_from"]), int(row["months"]), int(row["least_cents"]), int(row["most_cents"])
        )
        for row in _rows("gift_card_terms")
    ]
    return tuple(sorted(found, key=lambda one: one.valid_from))


def gift_card_terms(on: date) -> GiftCardTerms:
    """Give the terms of gift cards that are sold on a day; before the first row the first counts."""
    rows = all_gift_card_terms()
    return next((one for one in reversed(rows) if one.valid_from <= on), rows[0])


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
