"""Which goods meal and eco vouchers may pay."""

from __future__ import annotations

from datetime import date

import pytest

from shortchain import data
from shortchain.data import terms

DAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("method", "category", "is_organic", "may"),
    [
        ("meal_voucher", "VEG.ROOT", False, True),
        ("meal_voucher", "MEAL", True, True),
        ("meal_voucher", "DRI", False, True),
        ("meal_voucher", "DRI.ALC", False, False),
        ("meal_voucher", "PLA", False, False),
        ("meal_voucher", "NON", False, False),
        ("eco_voucher", "VEG.ROOT", False, False),
        ("eco_voucher", "VEG.ROOT", True, True),
        ("eco_voucher", "PLA", False, True),
        ("eco_voucher", "NON", True, False),
    ],
)
def test_pays_what_it_is_for(method: str, category: str, is_organic: bool, may: bool) -> None:
    assert terms.voucher_pays(method, category=category, is_organic=is_organic, on=DAY) is may


def test_pays_nothing_before_the_table_begins() -> None:
    assert not terms.voucher_pays("meal_voucher", category="VEG", is_organic=True, on=date(2025, 12, 31))


def test_a_day_has_a_most_for_meals_and_none_for_eco() -> None:
    assert terms.voucher_most_a_day("meal_voucher", DAY) == 1000
    assert terms.voucher_most_a_day("eco_voucher", DAY) is None
    assert terms.voucher_most_a_day("meal_voucher", date(2025, 12, 31)) == 0


def test_names_categories_that_exist() -> None:
    known = set(data.categories()) | {"*"}
    assert {row.category for row in terms.all_voucher_goods()} <= known
