"""Amounts, contents and comparable prices of food, in the reader's language."""

from __future__ import annotations

import re

from flask import Flask
from flask_babel import gettext

from shortchain import data
from shortchain.blueprints import context, formatting
from shortchain.catalogue.reductions import Reduction, ReferenceKind
from shortchain.kernel.money import Money
from shortchain.kernel.quantity import (
    BY_MEASURE,
    NotAQuantity,
    SellUnit,
    Unit,
    base_per_unit,
    parse,
    unit_price,
)

_PLAIN = re.compile(r"\s*(\d{1,6}(?:[.,]\d{1,3})?)\s*(g|kg|ml|l|cl)?\s*", re.I)


def amount_text(amount: int, sell_unit: SellUnit | str) -> str:
    """Write an amount of base units: `500 g`, `1,5 kg`, `2 bussels`, `3 stuks`."""
    unit = SellUnit(sell_unit)
    if unit is SellUnit.LITRE:
        return litres(amount)
    if unit in BY_MEASURE:
        return formatting.weight(amount)
    names = data.sell_units()[unit]
    word = (names.name if amount == 1 else names.plural)[context.language()]
    return f"{amount}{formatting.NBSP}{word}"


def litres(millilitres: int) -> str:
    """Write a volume: `500 ml`, `1,5 l`."""
    if millilitres < 1000:
        return f"{millilitres}{formatting.NBSP}ml"
    return formatting.number(millilitres / 1000, 3).rstrip("0").rstrip(",.") + f"{formatting.NBSP}l"


def content_text(
    sell_unit: SellUnit | str, net_amount: int | None, net_unit: Unit | str | None, is_weighed: bool = False
) -> str:
    """Write what one sell unit holds: `bakje van 250 g`, `per kg`; of weighed goods the most."""
    unit = SellUnit(sell_unit)
    name = data.sell_units()[unit].name[context.language()]
    if unit in BY_MEASURE:
        return str(gettext("per %(unit)s", unit=name))
    if net_amount and net_unit:
        held = litres(net_amount) if Unit(net_unit) is Unit.MILLILITRE else formatting.weight(net_amount)
        if is_weighed:
            return str(gettext("%(unit)s van hoogstens %(content)s", unit=name, content=held))
        return str(gettext("%(unit)s van %(content)s", unit=name, content=held))
    return name


def weighed_text(weight_g: int, max_weight_g: int) -> str:
    """Say what goods that are paid by weight weigh: the estimate and the most, as the customer must know both."""
    about, most = formatting.weight(weight_g), formatting.weight(max_weight_g)
    return str(gettext("ongeveer %(about)s, hoogstens %(most)s", about=about, most=most))


def unit_price_text(
    price_cents: int, sell_unit: SellUnit | str, net_amount: int | None, net_unit: Unit | str | None
) -> str:
    """Write the price per kilo, litre or piece that must stand beside every price."""
    found = unit_price(
        Money(price_cents),
        sell_unit=SellUnit(sell_unit),
        net_amount=net_amount,
        net_unit=Unit(net_unit) if net_unit else None,
    )
    per = {"kg": "kg", "l": "l", "piece": gettext("stuk")}[found.per]
    return f"{formatting.money(found.price)}/{per}"


def beside_price(
    price_cents: int,
    sell_unit: SellUnit | str,
    net_amount: int | None,
    net_unit: Unit | str | None,
    is_weighed: bool = False,
) -> str:
    """Write what stands beside a price: what it is for, and per kilo, litre or piece unless the price is just that.

    That one price then does is article 3(1) of directive 98/6/EC.
    """
    if is_per_unit(sell_unit, net_amount):
        return str(gettext("per %(unit)s", unit=data.sell_units()[SellUnit(sell_unit)].name[context.language()]))
    content = content_text(sell_unit, net_amount, net_unit, is_weighed)
    return f"{content} · {unit_price_text(price_cents, sell_unit, net_amount, net_unit)}"


def is_per_unit(sell_unit: SellUnit | str, net_amount: int | None) -> bool:
    """Say whether a price is itself the price per kilo, litre or piece."""
    unit = SellUnit(sell_unit)
    return base_per_unit(unit) == 1000 if unit in BY_MEASURE else not net_amount


def reduction_text(reduction: Reduction | None) -> str:
    """Write an announced reduction with what it is compared with; empty when there is none."""
    if reduction is None:
        return ""
    was = formatting.money(reduction.was_cents)
    percent = f"{reduction.percent}{formatting.NBSP}%"
    if reduction.kind is ReferenceKind.LAST:
        return str(gettext("Kort houdbaar: −%(percent)s, vorige prijs %(was)s", percent=percent, was=was))
    return str(gettext("−%(percent)s, laagste prijs in 30 dagen %(was)s", percent=percent, was=was))


def unit_text(amount: int, sell_unit: SellUnit | str) -> str:
    """Name the unit that stands behind a typed amount: `kg`, `liter`, `bussels`."""
    names = data.sell_units()[SellUnit(sell_unit)]
    if SellUnit(sell_unit) is SellUnit.G100:
        return "× 100 g"
    return (names.name if amount == base_per_unit(SellUnit(sell_unit)) else names.plural)[context.language()]


def typed(amount: int, sell_unit: SellUnit | str) -> str:
    """Write an amount as people type it in a field: 1500 g of a kilo product is `1,5`."""
    per = base_per_unit(SellUnit(sell_unit))
    if per == 1:
        return str(amount)
    return formatting.number(amount / per, 3).rstrip("0").rstrip(",.")


def read(text: str, sell_unit: SellUnit) -> int:
    """Read what people type as base units: `1,5` of a kilo product, but also `500 g`; 0 and empty are none.

    :raises NotAQuantity: for anything else
    """
    if not text.strip() or text.strip() in ("0", "0,0", "0.0"):
        return 0
    found = _PLAIN.fullmatch(text) if text.isascii() else None
    if found is None:
        raise NotAQuantity
    word = (found[2] or "").lower()
    if word in ("g", "ml", "cl") and sell_unit in BY_MEASURE:
        factor = 10 if word == "cl" else 1
        if not found[1].isdigit():
            raise NotAQuantity
        return int(found[1]) * factor
    if word and sell_unit not in BY_MEASURE:
        raise NotAQuantity
    if word in ("kg", "l"):
        thousandths = parse(found[1], sell_unit=SellUnit.KG)
        return thousandths.amount
    return parse(found[1], sell_unit=sell_unit).amount


def step_texts(step: int, least: int, most: int | None, sell_unit: SellUnit) -> dict[str, str]:
    """Give the measures of a stepper, as the field shows them."""
    return {
        "step": typed(step, sell_unit),
        "min": typed(least, sell_unit),
        "max": typed(most, sell_unit) if most is not None else "",
    }


def rule_text(step: int, least: int, most: int | None, sell_unit: SellUnit) -> str:
    """Say which amounts the farm sells; empty when one of everything will do."""
    parts = []
    if step == 1 and least == 1 and most is None:
        return ""
    if least > step or least > 1:
        parts.append(gettext("vanaf %(least)s", least=amount_text(least, sell_unit)))
    if step > 1:
        parts.append(gettext("per %(step)s", step=amount_text(step, sell_unit)))
    if most is not None:
        parts.append(gettext("hoogstens %(most)s", most=amount_text(most, sell_unit)))
    return ", ".join(parts)


def register(app: Flask) -> None:
    """Hand the filters to the templates."""
    for function in (amount_text, litres, reduction_text, typed, unit_text):
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.globals.update(
        beside_price=beside_price,
        content_text=content_text,
        unit_price_text=unit_price_text,
        weighed_text=weighed_text,
        rule_text=rule_text,
        step_texts=step_texts,
    )


__all__ = [
    "amount_text",
    "beside_price",
    "content_text",
    "is_per_unit",
    "litres",
    "read",
    "reduction_text",
    "register",
    "rule_text",
    "step_texts",
    "typed",
    "unit_price_text",
    "unit_text",
    "weighed_text",
]
