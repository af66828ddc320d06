"""Terms with dates of the ways to pay: gift cards, and what meal and eco vouchers may pay.

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


@dataclass(frozen=True, slots=True)
class VoucherGoods:
    """From a day on: whether a voucher may pay goods of a category; `only` is '' (all), 'yes' (organic) or 'never'."""

    method: str
    category: str
    only: str
    valid_from: date


@cache
def all_voucher_goods() -> tuple[VoucherGoods, ...]:
    """Give every row."""
    return tuple(
        VoucherGoods(row["method"], row["category"], row["is_organic"], date.fromisoformat(row["valid_from"]))
        for row in _rows("voucher_goods")
    )


def voucher_pays(method: str, *, category: str, is_organic: bool, on: date, said: str = "") -> bool:
    """Say whether a voucher may pay goods; the longest matching code counts: `DRI.ALC` before `DRI` before `*`.

    `said` is what somebody said of the product itself: "no" holds always, "yes" only where the rule leaves room (goods that
    a row calls `never` are never paid so).
    """
    parts = category.split(".")
    keys = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    for key in (*keys, "*"):
        rows = [
            one for one in all_voucher_goods() if (one.method, one.category) == (method, key) and one.valid_from <= on
        ]
        if rows:
            newest = max(rows, key=lambda one: one.valid_from)
            if said and newest.only != "never":
                return said == "yes"
            return newest.only == "" or (newest.only == "yes" and is_organic)
    return False


@cache
def _most_a_day() -> tuple[tuple[str, date, int | None], ...]:
    return tuple(
        (
            row["method"],
            date.fromisoformat(row["valid_from"]),
            int(row["most_a_day_cents"]) if row["most_a_day_cents"] else None,
        )
        for row in _rows("voucher_terms")
    )


def voucher_most_a_day(method: str, on: date) -> int | None:
    """Say how much one customer may pay with a voucher on a day, in cents; None for no limit."""
    rows = [row for row in _most_a_day() if row[0] == method and row[1] <= on]
    return max(rows, key=lambda row: row[1])[2] if rows else 0


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
