"""The reference tables: complete, consistent and sane."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from shortchain import data
from shortchain.enterprises.models import EnterpriseKind, PriceForm
from shortchain.kernel.quantity import SellUnit, Unit

ALL = list(data.produce().values())
GROWN = [item for item in ALL if not item.is_made]
TODAY = date(2026, 11, 23)


def slugs(item: data.Produce) -> str:
    return item.slug


def test_knows_the_crops_of_the_season_calendar_and_what_farms_make() -> None:
    assert len(GROWN) == 73
    assert len(ALL) - len(GROWN) >= 35


@pytest.mark.parametrize("item", GROWN, ids=slugs)
def test_gives_every_crop_twelve_season_letters_and_some_month_to_sell_it(
    item: data.Produce,
) -> None:
    assert len(item.season) == 12
    assert set(item.season) <= set(data.SEASON_LETTERS)
    assert set(item.season) & set("HGSF")


@pytest.mark.parametrize("item", ALL, ids=slugs)
def test_names_everything_in_three_languages(item: data.Produce) -> None:
    for text in (item.name, item.plural, item.ingredients):
        if text is not None:
            assert all(word.strip() == word and word for word in text.as_dict().values())


@pytest.mark.parametrize("item", ALL, ids=slugs)
def test_uses_known_codes_only(item: data.Produce) -> None:
    assert item.category in data.categories()
    assert item.storage_class in data.storage_classes()
    assert item.allergens <= set(data.allergens())
    assert item.process_service is None or item.process_service in data.services_of("process")


@pytest.mark.parametrize("item", ALL, ids=slugs)
def test_prices_every_usual_unit_between_20_cents_and_150_euro(item: data.Produce) -> None:
    for unit in item.units:
        for organic in (False, True):
            prices = data.price_range(item, unit, organic=organic)
            if prices is not None:
                assert 20 <= prices.low < prices.high <= 15_000


@pytest.mark.parametrize("item", [i for i in ALL if i.organic], ids=slugs)
def test_never_prices_organic_below_conventional(item: data.Produce) -> None:
    assert item.organic is not None
    assert item.organic.low >= item.conventional.low
    assert item.organic.high >= item.conventional.high


@pytest.mark.parametrize("item", ALL, ids=slugs)
def test_weighs_every_usual_unit_at_least_its_content(item: data.Produce) -> None:
    for unit in item.units:
        weight = data.weight_of(item, unit)
        assert 5 <= weight <= 20_000
        if unit.net_unit is Unit.GRAM:
            assert weight >= (unit.net_amount or 0)


@pytest.mark.parametrize("item", [i for i in ALL if i.ingredients], ids=slugs)
def test_emphasises_an_allergen_in_a_recipe_of_several_ingredients(item: data.Produce) -> None:
    assert item.ingredients is not None
    for text in item.ingredients.as_dict().values():
        if item.process_service and item.allergens:
            assert text.count("**") == 2 * len(item.allergens)
        assert text.count("**") % 2 == 0


def test_lists_every_parent_category_before_its_branches() -> None:
    seen: set[str] = set()
    for category in data.categories().values():
        assert category.parent is None or category.parent in seen
        seen.add(category.code)


def test_has_the_fourteen_allergens_of_the_regulation() -> None:
    assert sorted(data.allergens()) == sorted(
        ["AW", "AC", "AE", "AF", "AP", "AY", "AM", "AN", "BC", "BM", "AS", "AU", "NL", "UM"]
    )


def test_names_every_sell_unit_and_every_kind_of_enterprise() -> None:
    assert set(data.sell_units()) == set(SellUnit)
    assert set(data.enterprise_kinds()) == {kind.value for kind in EnterpriseKind}


def test_prices_services_in_forms_that_a_capability_can_have() -> None:
    forms = {form.value for form in PriceForm}
    for service in data.services().values():
        assert set(service.price_forms) <= forms
        assert service.stage in {"process", "pack", "deliver", "other"}
    assert {"WASH", "CUT", "COOK"} <= data.services_of("process")
    assert {"DELIVER_BIKE", "DELIVER_VAN"} <= data.services_of("deliver")


def test_starts_celery_as_an_allergen_and_a_carrot_as_free_of_all() -> None:
    assert data.allergen_defaults("knolselder")["BC"] == "contains"
    assert set(data.allergen_defaults("wortel").values()) == {"free"}


def test_leaves_the_allergens_of_soup_for_the_maker_to_answer() -> None:
    answers = data.allergen_defaults("pompoensoep")
    assert answers["BC"] == "contains"
    assert answers["AM"] == "unknown"


@pytest.mark.parametrize(
    ("slug", "month", "letter"),
    [
        ("asperge", 5, "H"),
        ("asperge", 11, "."),
        ("appel", 12, "S"),
        ("tomaat", 3, "G"),
        ("witloof", 1, "F"),
        ("honing", 7, "A"),
    ],
)
def test_knows_the_season(slug: str, month: int, letter: str) -> None:
    assert data.in_season(slug, month) == letter


@pytest.mark.parametrize("month", [0, 13, -1])
def test_refuses_a_month_that_does_not_exist(month: int) -> None:
    with pytest.raises(IndexError):
        data.in_season("appel", month)


@pytest.mark.parametrize(
    ("category", "rate"),
    [
        ("VEG.LEAF", 600),
        ("FRU", 600),
        ("DRI", 600),
        ("DRI.ALC", 2100),
        ("NON", 2100),
        ("MEAL.CUT", 600),
        ("PLA", 600),
    ],
)
def test_takes_the_vat_rate_of_the_longest_matching_category(category: str, rate: int) -> None:
    assert data.vat_rate(category, TODAY) == rate


def test_knows_the_vat_of_services_and_of_the_platform() -> None:
    assert data.service_vat_rate("PACK_WEIGH", TODAY) == 2100
    assert data.service_vat_rate("FIELD", TODAY) == 600
    assert data.service_vat_rate("PACK_WEIGH", TODAY, social_purpose=True) == 600
    assert data.platform_vat_rate(TODAY) == 2100


def test_has_no_vat_rate_before_the_table_begins() -> None:
    with pytest.raises(data.NoRate):
        data.vat_rate("VEG", date(1990, 1, 1))


def test_has_one_vat_rate_at_a_time() -> None:
    rates = sorted(data.vat_rates(), key=lambda rate: (rate.applies_to, rate.valid_from))
    for one, next_one in pairwise(rates):
        if one.applies_to == next_one.applies_to:
            assert one.valid_to is not None and one.valid_to <= next_one.valid_from


def test_finds_words_people_use() -> None:
    words = data.produce()["ui"].words
    assert {"ajuin", "uien", "oignon", "onions"} <= set(words)
    assert "patat" in data.produce()["aardappel"].words
