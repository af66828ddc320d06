"""What the hub and the farms of an order cycle ask on top of the goods. Pure.

The field calls them enterprise fees: so much an order, so many percent of the goods, so much a kilo or a
stop. The rules with a worked example are in docs/money.md. Work has its own price and is not among them.
"""

from __future__ import annotations

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class Levy:
    """What one enterprise asks; `rate` is in cents with VAT, for percents in basis points.

    A farm (`of_farm`) asks it of orders with its own goods and counts those alone, the hub of every order.
    """

    enterprise_id: int
    basis: Basis
    rate: int
    of_farm: bool


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
