"""What a price depends on, in words: whose it is, from how much on it is lower, and what it is without VAT."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from flask import Flask
from flask_babel import gettext

from shortchain import data
from shortchain.blueprints import amounts, context, formatting
from shortchain.catalogue import list_pricing
from shortchain.catalogue.list_pricing import Step
from shortchain.enterprises.price_lists import BUSINESS, PriceList
from shortchain.kernel.money import Money, vat_in
from shortchain.kernel.quantity import BY_MEASURE, SellUnit, Unit
from shortchain.ordering.basket_rows import BasketRow


def list_words() -> dict[PriceList, str]:
    """Name the kinds of customers."""
    return {
        PriceList.CONSUMER: gettext("iedereen"),
        PriceList.MEMBER: gettext("leden"),
        PriceList.SHOP: gettext("winkels"),
        PriceList.CANTEEN: gettext("grootkeukens"),
    }


def list_word(name: str) -> str:
    """Name one kind of customers: `leden`."""
    return list_words()[PriceList(name)]


def whose_text(step: Step, *, rate_bp: int) -> str:
    """Say that a price is that of the reader's kind, for an enterprise with the price without VAT; else nothing.

    `rate_bp` is 0 where the seller charges none.
    """
    words = {
        PriceList.MEMBER: gettext("ledenprijs"),
        PriceList.SHOP: gettext("prijs voor winkels"),
        PriceList.CANTEEN: gettext("prijs voor grootkeukens"),
    }
    text = str(words.get(step.price_list, ""))
    if step.price_list in BUSINESS and rate_bp:
        net = step.cents - vat_in(Money(step.cents), rate_bp).minor
        text += ", " + gettext("%(amount)s zonder btw", amount=formatting.money(net))
    return text


def of_consumers(price_cents: int, steps_text: str) -> tuple[Step, ...]:
    """Read the steps that everybody sees out of a row of the shop's list."""
    return list_pricing.ladder(price_cents, list_pricing.from_text(steps_text))


def first_text(
    steps: Sequence[Step], sell_unit: SellUnit | str, net_amount: int | None, net_unit: Unit | str | None
) -> str:
    """Write the first amount from which it costs less; nothing when the amount makes no difference."""
    return step_text(steps[1], sell_unit, net_amount, net_unit) if len(steps) > 1 else ""


def step_text(step: Step, sell_unit: SellUnit | str, net_amount: int | None, net_unit: Unit | str | None) -> str:
    """Write a price from an amount on, with the price per kilo where that is another: `vanaf 5 kg € 1,90/kg`."""
    price = amounts.unit_price_text(step.cents, sell_unit, net_amount, net_unit)
    if SellUnit(sell_unit) not in BY_MEASURE and net_amount:
        price = f"{formatting.money(step.cents)} ({price})"
    return str(
        gettext("vanaf %(amount)s %(price)s", amount=amounts.amount_text(step.from_amount, sell_unit), price=price)
    )


def step_hint(row: BasketRow) -> str:
    """Say how much more of a line would make all of it cheaper; nothing when nothing does."""
    step = row.next_step
    if step is None:
        return ""
    more = amounts.amount_text(step.from_amount - row.amount, row.sell_unit)
    price = amounts.unit_price_text(step.cents, row.sell_unit, row.net_amount, row.net_unit)
    return str(gettext("Neem nog %(more)s: dan kost alles %(price)s.", more=more, price=price))


def without_vat(rows: Iterable[BasketRow], on: date) -> int | None:
    """Add up goods without VAT, for who buys as an enterprise; None for everybody else.

    VAT is taken per seller and rate on the sum, as on the documents.
    """
    if not any(price_list in BUSINESS for _by, price_list in context.grants()):
        return None
    sums: dict[tuple[int, int], int] = {}
    for row in rows:
        if row.is_open and not row.is_short:
            key = (row.farm_id, data.vat_rate(row.category, on) if row.has_vat else 0)
            sums[key] = sums.get(key, 0) + row.total_cents
    return sum(cents - vat_in(Money(cents), rate).minor for (_farm, rate), cents in sums.items())


def register(app: Flask) -> None:
    """Hand the words to the templates."""
    app.jinja_env.filters["step_hint"] = step_hint
    app.jinja_env.globals.update(step_text=step_text, list_word=list_word)
