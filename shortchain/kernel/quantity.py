"""Quantities in grams, millilitres or pieces, and the price per kilo, litre or piece."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from shortchain.kernel.errors import N_, Invalid
from shortchain.kernel.money import Money, divide_rounded


class NotAQuantity(Invalid):
    """The text or number is not a quantity of this unit."""

    message = N_("Schrijf de hoeveelheid als een getal, bijvoorbeeld 1,5.")


class Unit(StrEnum):
    """The three base units that stock and lines are counted in."""

    GRAM = "g"
    MILLILITRE = "ml"
    PIECE = "piece"


class SellUnit(StrEnum):
    """How a product is sold: the word on the price ticket."""

    KG = "kg"
    G100 = "g100"
    LITRE = "litre"
    PIECE = "piece"
    BUNCH = "bunch"
    HEAD = "head"
    TRAY = "tray"
    BAG = "bag"
    NET = "net"
    BOTTLE = "bottle"
    JAR = "jar"
    BOX = "box"
    CRATE = "crate"


BY_MEASURE = {
    SellUnit.KG: (Unit.GRAM, 1000),
    SellUnit.G100: (Unit.GRAM, 100),
    SellUnit.LITRE: (Unit.MILLILITRE, 1000),
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A whole number of base units."""

    amount: int
    unit: Unit

    def __add__(self, other: Quantity) -> Quantity:
        if other.unit != self.unit:
            raise ValueError(f"cannot add {other.unit} to {self.unit}")
        return Quantity(self.amount + other.amount, self.unit)


def base_unit(sell_unit: SellUnit) -> Unit:
    """Say in which base unit stock of this sell unit is counted (pieces unless weighed)."""
    return BY_MEASURE.get(sell_unit, (Unit.PIECE, 1))[0]


def base_per_unit(sell_unit: SellUnit) -> int:
    """Say how many base units one priced unit holds: 1000 for kg and litre, 100 for 100 g, else 1."""
    return BY_MEASURE.get(sell_unit, (Unit.PIECE, 1))[1]


def line_total(price: Money, *, sell_unit: SellUnit, amount: int) -> Money:
    """Price `amount` base units at `price` per sell unit, rounded to the cent."""
    return Money(divide_rounded(price.minor * amount, base_per_unit(sell_unit)), price.currency)


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """A price per kilo, litre or piece (Royal Decree of 30 June 1996 on price indication)."""

    price: Money
    per: str  # "kg", "l" or "piece"


def unit_price(price: Money, *, sell_unit: SellUnit, net_amount: int | None, net_unit: Unit | None) -> UnitPrice:
    """Compute the comparable price.

    `net_amount` and `net_unit` are the fixed content of one sell unit (250 g in a tray), if any.
    """
    if sell_unit in BY_MEASURE:
        unit, base = BY_MEASURE[sell_unit]
        net_amount, net_unit = base, unit
    if net_amount and net_unit in (Unit.GRAM, Unit.MILLILITRE):
        per = "kg" if net_unit is Unit.GRAM else "l"
        return UnitPrice(Money(divide_rounded(price.minor * 1000, net_amount), price.currency), per)
    return UnitPrice(price, "piece")


_NUMBER = re.compile(r"(\d{1,6})(?:[.,](\d{1,3}))?")


def parse(text: str, *, sell_unit: SellUnit) -> Quantity:
    """Read a number of sell units as people type it (`1,5` kg → 1500 g).

    :raises NotAQuantity: for anything that is not a positive whole number of base units
    """
    found = _NUMBER.fullmatch(text.strip()) if text.isascii() else None
    if found is None:
        raise NotAQuantity()
    thousandths = int(found[1]) * 1000 + int((found[2] or "").ljust(3, "0"))
    amount, rest = divmod(thousandths * base_per_unit(sell_unit), 1000)
    if rest or amount <= 0:
        raise NotAQuantity()
    return Quantity(amount, base_unit(sell_unit))
