"""Reference tables: what grows here and when, allergens, services, cold classes, VAT, words.

Everything is read once from the CSV files beside this module and kept as frozen values; sources and
standing of each table are in `SOURCES.md`. This is data *about* the field. What people enter lives in
the database and names these rows by their code.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

from shortchain.data.shapes import (
    LANGUAGES,
    MADE,
    Allergen,
    Category,
    EnterpriseKindName,
    Postcode,
    PriceRange,
    Produce,
    SellUnitName,
    Service,
    StorageClass,
    Text,
    UsualUnit,
    VatRate,
    Vehicle,
)
from shortchain.kernel.money import divide_rounded
from shortchain.kernel.quantity import BY_MEASURE, SellUnit, Unit

__all__ = [
    "LANGUAGES",
    "MADE",
    "SEASON_LETTERS",
    "Allergen",
    "Category",
    "EnterpriseKindName",
    "NoRate",
    "Postcode",
    "PriceRange",
    "Produce",
    "SellUnitName",
    "Service",
    "StorageClass",
    "Text",
    "UsualUnit",
    "VatRate",
    "Vehicle",
    "allergen_defaults",
    "allergens",
    "categories",
    "enterprise_kinds",
    "in_season",
    "platform_vat_rate",
    "postcodes",
    "price_range",
    "produce",
    "sell_units",
    "service_vat_rate",
    "services",
    "services_of",
    "storage_classes",
    "vat_rate",
    "vat_rates",
    "vehicles",
    "weight_of",
]

FOLDER = Path(__file__).parent
SEASON_LETTERS = "HGSF."


class NoRate(LookupError):
    """No VAT rate is known for this on that day: a gap in the table, not a zero rate."""


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _text(row: Mapping[str, str], before: str = "", after: str = "") -> Text:
    return Text(*(row[f"{before}{language}{after}"] for language in LANGUAGES))


def _list(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _whole(cell: str) -> int | None:
    return int(cell) if cell else None


def _unit(cell: str) -> UsualUnit:
    """Read `kg`, `tray:250` (grams) or `bottle:500ml`."""
    word, _, content = cell.partition(":")
    if not content:
        return UsualUnit(SellUnit(word))
    is_fluid = content.endswith("ml")
    unit = Unit.MILLILITRE if is_fluid else Unit.GRAM
    return UsualUnit(SellUnit(word), int(content.removesuffix("ml")), unit)


def _range(low: str, high: str) -> PriceRange | None:
    return PriceRange(int(low), int(high)) if low else None


def _produce(row: Mapping[str, str], *, made: bool) -> Produce:
    conventional = _range(row["conv_low"], row["conv_high"])
    if conventional is None:
        raise ValueError(f"{row['slug']} has no price")
    return Produce(
        slug=row["slug"],
        category=row["category"],
        name=_text(row),
        plural=_text(row, after="_plural"),
        synonyms=_list(row["synonyms"]),
        season=MADE if made else row["season"],
        units=tuple(_unit(cell) for cell in _list(row["units"])),
        weight_g=int(row["weight_g" if made else "piece_g"]),
        per=_unit(row["priced_per"]),
        conventional=conventional,
        organic=_range(row["bio_low"], row["bio_high"]),
        storage_class=row["storage"],
        selling_days=int(row["days"]),
        allergens=frozenset(_list(row["allergens"])),
        process_service=(row["process"] or None) if made else None,
        ingredients=_text(row, "ingredients_") if made and row["ingredients_nl"] else None,
    )


@cache
def produce() -> Mapping[str, Produce]:
    """Give everything a farm can offer by slug: first what grows, then what is made."""
    grown = [_produce(row, made=False) for row in _rows("produce")]
    made = [_produce(row, made=True) for row in _rows("goods")]
    return MappingProxyType({item.slug: item for item in (*grown, *made)})


@cache
def categories() -> Mapping[str, Category]:
    """Give the category tree by code, a parent before its branches."""
    return MappingProxyType({r["code"]: Category(r["code"], _text(r)) for r in _rows("categories")})


@cache
def allergens() -> Mapping[str, Allergen]:
    """Give the fourteen allergens by GS1 code."""
    rows = _rows("allergens")
    return MappingProxyType({r["code"]: Allergen(r["code"], _text(r), _text(r, "full_")) for r in rows})


@cache
def services() -> Mapping[str, Service]:
    """Give the services by code."""
    return MappingProxyType(
        {
            r["code"]: Service(
                r["code"],
                r["stage"],
                _text(r),
                _list(r["price_forms"]),
                _list(r["evidence"]),
                r["capacity_unit"],
            )
            for r in _rows("services")
        }
    )


@cache
def postcodes() -> Mapping[str, Postcode]:
    """Give the postcodes of Belgium with the middle of each, by code; of towns that share one, the first."""
    made: dict[str, Postcode] = {}
    for r in _rows("postcodes"):
        name = r["municipality_nl"] if r["is_main"] == "1" else r["place"]
        made.setdefault(r["postcode"], Postcode(r["postcode"], name, float(r["lat"]), float(r["lon"])))
    return MappingProxyType(made)


def services_of(stage: str) -> frozenset[str]:
    """Give the codes of the services of one stage: 'process', 'pack', 'deliver' or 'other'."""
    return frozenset(code for code, service in services().items() if service.stage == stage)


@cache
def storage_classes() -> Mapping[str, StorageClass]:
    """Give the temperature classes by code, from ambient to hot."""
    return MappingProxyType(
        {
            r["code"]: StorageClass(r["code"], _whole(r["max_c"]), _whole(r["min_c"]), _text(r))
            for r in _rows("storage_classes")
        }
    )


@cache
def enterprise_kinds() -> Mapping[str, EnterpriseKindName]:
    """Give the names of the kinds of enterprise by code."""
    rows = _rows("enterprise_kinds")
    return MappingProxyType({r["code"]: EnterpriseKindName(r["code"], _text(r), _text(r, "help_")) for r in rows})


@cache
def sell_units() -> Mapping[SellUnit, SellUnitName]:
    """Give the words for the sell units."""
    return MappingProxyType(
        {
            SellUnit(r["code"]): SellUnitName(SellUnit(r["code"]), _text(r), _text(r, after="_plural"), r["unece"])
            for r in _rows("sell_units")
        }
    )


@cache
def vehicles() -> Mapping[str, Vehicle]:
    """Give the planning defaults per kind of vehicle."""
    return MappingProxyType(
        {
            r["code"]: Vehicle(
                r["code"],
                _text(r),
                int(r["payload_kg"]),
                int(r["volume_l"]),
                int(r["crates"]),
                int(r["urban_kmh"]),
                int(r["rural_kmh"]),
                _whole(r["range_km"]),
                r["is_cooled"] == "1",
                int(r["co2_g_km"]),
                r["licence"],
            )
            for r in _rows("vehicles")
        }
    )


def grams_per_litre(category: str) -> int:
    """Give how dense goods of a category lie in a crate; a branch without a figure is as its parent."""
    known = _densities()
    while category and category not in known:
        category = category.rpartition(".")[0]
    return known[category]


@cache
def _densities() -> Mapping[str, int]:
    return MappingProxyType({r["category"]: int(r["g_per_l"]) for r in _rows("volumes")})


@cache
def vat_rates() -> tuple[VatRate, ...]:
    """Give every VAT rate with its dates."""
    return tuple(
        VatRate(
            r["applies_to"],
            date.fromisoformat(r["valid_from"]),
            date.fromisoformat(r["valid_to"]) if r["valid_to"] else None,
            int(r["rate_bp"]),
            r["source"],
        )
        for r in _rows("vat_rates")
    )


def vat_rate(category: str, on: date) -> int:
    """Give the VAT rate of a category of goods on a day, in basis points (600 = 6 %).

    The longest matching code counts: `DRI.ALC` before `DRI` before `*`.

    :raises NoRate: when the table has no rate for that day
    """
    parts = category.split(".")
    keys = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    return _rate_of((*keys, "*"), on)


def service_vat_rate(service: str, on: date, *, social_purpose: bool = False) -> int:
    """Give the VAT rate of a service on a day, in basis points.

    `social_purpose` says that the provider is recognised under heading XXXV of Royal Decree no. 20;
    without that recognition the normal rate of the service counts.

    :raises NoRate: when the table has no rate for that day
    """
    social = ("service:social",) if social_purpose else ()
    return _rate_of((*social, f"service:{service}", "service"), on)


def platform_vat_rate(on: date) -> int:
    """Give the VAT rate of the platform's fee on a day, in basis points.

    :raises NoRate: when the table has no rate for that day
    """
    return _rate_of(("fee:platform",), on)


@lru_cache(maxsize=4096)
def _rate_of(keys: tuple[str, ...], on: date) -> int:
    for key in keys:
        for rate in vat_rates():
            started = rate.applies_to == key and rate.valid_from <= on
            if started and (rate.valid_to is None or on < rate.valid_to):
                return rate.rate_bp
    raise NoRate(f"no VAT rate for {keys[0]} on {on}")


def in_season(slug: str, month: int) -> str:
    """Give the season letter of something in a month (1 to 12): H, G, S, F, '.' or A.

    :raises KeyError: for an unknown slug
    :raises IndexError: for a month that does not exist
    """
    if not 1 <= month <= 12:
        raise IndexError(f"there is no month {month}")
    return produce()[slug].season[month - 1]


def weight_of(item: Produce, unit: UsualUnit) -> int:
    """Say what one sell unit weighs for transport, in grams.

    One kg or litre weighs 1000 g, 100 g weighs 100 g; a package with fixed content weighs at least
    that content.
    """
    if unit.sell_unit in BY_MEASURE:
        return BY_MEASURE[unit.sell_unit][1]
    if unit.net_amount:
        return max(unit.net_amount, item.weight_g if unit == item.units[0] else unit.net_amount)
    return item.weight_g


def price_range(item: Produce, unit: UsualUnit, *, organic: bool) -> PriceRange | None:
    """Give the usual price of one `unit`, scaled by weight from the unit that the table prices.

    None when nobody sells it that way (there are no organic greenhouse grapes in the table). A small
    package costs the weight's share: a warning threshold, not advice.
    """
    given = item.organic if organic else item.conventional
    if given is None or unit == item.per:
        return given
    share, whole = _content(item, unit), _content(item, item.per)
    return PriceRange(divide_rounded(given.low * share, whole), divide_rounded(given.high * share, whole))


def _content(item: Produce, unit: UsualUnit) -> int:
    if unit.net_amount:
        return unit.net_amount
    return BY_MEASURE.get(unit.sell_unit, (Unit.GRAM, item.weight_g))[1]


def allergen_defaults(slug: str) -> dict[str, str]:
    """Give the starting answer for each of the fourteen allergens: 'contains', 'free' or 'unknown'.

    What grows contains what it is and is free of the rest. What is made starts as unknown: the maker
    must say it, and can not publish before.
    """
    item = produce()[slug]
    other = "unknown" if item.ingredients or item.process_service else "free"
    return {code: "contains" if code in item.allergens else other for code in allergens()}
