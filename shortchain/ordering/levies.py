"""What the hub, the farms and the providers of an order cycle ask of its orders. Pure.

The field calls them enterprise fees: so much an order, so many percent of the goods, so much a kilo or a
stop. The customer pays them on top, or the farms out of their price. The rules with worked examples are in
docs/money.md. Work has its own price and is not among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shortchain.kernel.money import Money, divide_rounded, split
from shortchain.ordering.pricing import LEVY, Fee


class Basis(StrEnum):
    """What a levy is counted by."""

    ORDER = "order"
    PERCENT = "percent"
    KILO = "kilo"
    STOP = "stop"


class Payer(StrEnum):
    """Who pays a levy: the customer on top of the goods, or each farm out of what its goods cost."""

    CUSTOMER = "customer"
    SELLER = "seller"


@dataclass(frozen=True, slots=True)
class Levy:
    """What one enterprise asks; `rate` is in cents with VAT, for percents in basis points.

    A farm (`of_farm`) asks it of orders with its own goods and counts those alone, everybody else of every order.
    """

    enterprise_id: int
    basis: Basis
    rate: int
    of_farm: bool
    payer: Payer = Payer.CUSTOMER


@dataclass(frozen=True, slots=True)
class Load:
    """Goods of one farm at one VAT rate: cents, and grams."""

    farm_id: int
    cents: int
    grams: int
    vat_rate_bp: int


def charge(levies: Sequence[Levy], loads: Sequence[Load], *, is_home: bool, vat_rate_bp: int) -> list[Fee]:
    """Work out what the customer pays of these levies, each rounded half up to the cent.

    A stop is a stop at somebody's door: who comes to a pick-up point has none. The hub's is a service at
    `vat_rate_bp`; a farm's belongs to its goods and is divided over their rates (domain.md 4.2).
    """
    fees: list[Fee] = []
    for levy in levies:
        if levy.payer is Payer.SELLER:
            continue
        own = [load for load in loads if load.farm_id == levy.enterprise_id] if levy.of_farm else list(loads)
        cents = _amount(levy, own, is_home=is_home)
        if not levy.of_farm:
            fees.append(Fee(LEVY, levy.enterprise_id, cents, vat_rate_bp))
            continue
        rates = sorted({load.vat_rate_bp for load in own})
        weights = [sum(load.cents for load in own if load.vat_rate_bp == rate) for rate in rates]
        for rate, part in zip(rates, _divided(cents, weights), strict=True):
            fees.append(Fee(LEVY, levy.enterprise_id, part, rate))
    return [fee for fee in fees if fee.amount_cents]


@dataclass(frozen=True, slots=True)
class Ceded:
    """What one farm gives to who asks it, out of the `goods_cents` that its goods of an order cost."""

    farm_id: int
    enterprise_id: int
    cents: int
    goods_cents: int


def cede(levies: Sequence[Levy], loads: Sequence[Load], *, is_home: bool) -> list[Ceded]:
    """Work out what farms give out of their price, joined per farm and per who asks it.

    What is counted by goods or kilos is counted per farm and rounded half up; what is asked per order or stop is divided over
    the farms in proportion to their goods, by largest remainder. A farm gives at most half of what its goods cost: what
    comes later in the list is cut first. Nobody gives to oneself.
    """
    goods: dict[int, int] = {}
    grams: dict[int, int] = {}
    for load in loads:
        goods[load.farm_id] = goods.get(load.farm_id, 0) + load.cents
        grams[load.farm_id] = grams.get(load.farm_id, 0) + load.grams
    farms = sorted(goods)
    found: dict[tuple[int, int], int] = {}
    left = {farm: cents // 2 for farm, cents in goods.items()}
    for levy in levies:
        if levy.payer is not Payer.SELLER or not farms:
            continue
        for farm, part in zip(farms, _parts(levy, farms, goods, grams, is_home=is_home), strict=True):
            cents = min(part, left[farm])
            if farm != levy.enterprise_id and cents:
                left[farm] -= cents
                key = (farm, levy.enterprise_id)
                found[key] = found.get(key, 0) + cents
    return [Ceded(farm, party, cents, goods[farm]) for (farm, party), cents in sorted(found.items())]


def _parts(
    levy: Levy, farms: Sequence[int], goods: Mapping[int, int], grams: Mapping[int, int], *, is_home: bool
) -> list[int]:
    """Say what a levy would take of each farm."""
    match levy.basis:
        case Basis.PERCENT:
            return [divide_rounded(goods[farm] * levy.rate, 10_000) for farm in farms]
        case Basis.KILO:
            return [divide_rounded(grams[farm] * levy.rate, 1000) for farm in farms]
        case Basis.STOP if not is_home:
            return [0] * len(farms)
    return _divided(levy.rate, [goods[farm] for farm in farms])


def ceded_of(cents: int, *, goods_cents: int, left_cents: int) -> int:
    """Say what a farm gives of goods that cost less in the end: in proportion, rounded down to the cent."""
    return cents * max(0, left_cents) // goods_cents if goods_cents else 0


def _amount(levy: Levy, own: Sequence[Load], *, is_home: bool) -> int:
    if not own:
        return 0
    match levy.basis:
        case Basis.ORDER:
            return levy.rate
        case Basis.PERCENT:
            return divide_rounded(sum(load.cents for load in own) * levy.rate, 10_000)
        case Basis.KILO:
            return divide_rounded(sum(load.grams for load in own) * levy.rate, 1000)
        case Basis.STOP:
            return levy.rate if is_home else 0


def _divided(cents: int, weights: Sequence[int]) -> list[int]:
    """Divide by largest remainder; goods that cost nothing count alike."""
    if not weights:
        return []
    return [part.minor for part in split(Money(cents), list(weights) if any(weights) else [1] * len(weights))]
