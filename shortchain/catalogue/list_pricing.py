"""Which price counts for whom and from how much on. Pure; the rules with worked examples are in docs/money.md.

One rule decides: a buyer pays the lowest of the prices that apply, which are the offer's own, and every step of
the consumers' and of their own lists that the amount reaches. So a list is a favour and never a fine, more is
never dearer by the kilo, and a price that a farm lowers for everybody is lower for its best customers too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shortchain.enterprises.price_lists import PriceList
from shortchain.kernel.errors import N_, Invalid
from shortchain.kernel.money import divide_rounded

MOST_STEPS = 4
"""Amounts from which a list has another price, beside its price from the first on."""
MOST_LESS_BP = 9_000
"""Nobody gives more than ninety percent off."""


class BadListPrice(Invalid):
    """A price of a list that can not be; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a farm says: for a list and from an amount on (base units; 0 is from the first), a price or so much less.

    `cents` is per sell unit with VAT; `less_bp` counts basis points off the offer's price, whatever that is.
    """

    price_list: PriceList
    from_amount: int
    cents: int | None = None
    less_bp: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A price in cents per sell unit from an amount on, and of which list it is."""

    from_amount: int
    cents: int
    price_list: PriceList


def check(entries: Sequence[Entry], *, price_cents: int, least: int) -> None:
    """Hold what a farm says of one product against the rules; `price_cents` is what it costs now.

    :raises BadListPrice: for a list twice from the same amount, a step within the least that is sold, a price that is
        not lower than what it is to be lower than, or more steps than anybody reads
    """
    for price_list in PriceList:
        own = sorted((one for one in entries if one.price_list is price_list), key=lambda one: one.from_amount)
        if len({one.from_amount for one in own}) < len(own):
            raise BadListPrice(N_("Een lijst heeft voor elke hoeveelheid één prijs."))
        if sum(1 for one in own if one.from_amount) > MOST_STEPS:
            raise BadListPrice(N_("Een lijst heeft hoogstens 4 hoeveelheden."))
        last = price_cents
        for one in own:
            if one.from_amount == 0 and price_list is PriceList.CONSUMER:
                raise BadListPrice(N_("De prijs voor iedereen staat bij het product zelf."))
            if 0 < one.from_amount <= least:
                raise BadListPrice(N_("Een prijs voor veel begint boven het minste dat je verkoopt."))
            if one.less_bp is not None and not 0 < one.less_bp <= MOST_LESS_BP:
                raise BadListPrice(N_("Geef hoogstens 90 procent korting."))
            cents = _cents(one, price_cents)
            if not 0 < cents < last:
                raise BadListPrice(N_("Elke prijs is lager dan de gewone, en lager dan die voor minder."))
            last = cents


def _cents(entry: Entry, price_cents: int) -> int:
    if entry.cents is not None:
        return entry.cents
    return max(1, divide_rounded(price_cents * (10_000 - (entry.less_bp or 0)), 10_000))


def resolve(price_cents: int, entries: Iterable[Entry]) -> dict[str, list[list[int]]]:
    """Work out the prices of every list of an offer: [from amount, cents] by list, percents of its price now.

    What is not lower than the offer's price is left out: it can never count.
    """
    found: dict[str, list[list[int]]] = {}
    for one in sorted(entries, key=lambda entry: (entry.price_list.value, entry.from_amount)):
        cents = _cents(one, price_cents)
        if cents < price_cents:
            found.setdefault(one.price_list.value, []).append([one.from_amount, cents])
    return found


def ladder(
    price_cents: int, prices: Mapping[str, Sequence[Sequence[int]]], lists: Iterable[PriceList] = ()
) -> tuple[Step, ...]:
    """Give what an offer costs a buyer of these lists, from which amount on; each step is lower than the one before.

    `prices` are those of `resolve`. The first step begins at nothing, so every amount has one.
    """
    steps = [Step(0, price_cents, PriceList.CONSUMER)]
    if not prices:
        return tuple(steps)
    asked = [
        Step(from_amount, cents, price_list)
        for price_list in (PriceList.CONSUMER, *sorted(set(lists) - {PriceList.CONSUMER}))
        for from_amount, cents in prices.get(price_list.value, ())
    ]
    for step in sorted(asked, key=lambda one: (one.from_amount, one.cents)):
        if step.cents >= steps[-1].cents:
            continue
        if step.from_amount == steps[-1].from_amount:
            steps[-1] = step
        else:
            steps.append(step)
    return tuple(steps)


def step_at(steps: Sequence[Step], amount: int) -> Step:
    """Give the step that counts for an amount in base units."""
    return next(step for step in reversed(steps) if step.from_amount <= amount)


def step_after(steps: Sequence[Step], amount: int) -> Step | None:
    """Give the next lower price that a larger amount would have, if there is one."""
    return next((step for step in steps if step.from_amount > amount), None)


def kept(steps: Sequence[Step]) -> list[list[int]]:
    """Write steps down as an order line keeps them; nothing when the amount makes no difference."""
    return [[step.from_amount, step.cents] for step in steps] if len(steps) > 1 else []


def as_text(prices: Mapping[str, Any]) -> str:
    """Write the consumers' steps down for the shop's list: `5000:190 10000:180`; those of nobody else."""
    return " ".join(f"{start}:{cents}" for start, cents in prices.get(PriceList.CONSUMER.value, ()))


def from_text(text: str) -> dict[str, list[list[int]]]:
    """Read what `as_text` wrote."""
    steps = [[int(part) for part in step.split(":")] for step in text.split()]
    return {PriceList.CONSUMER.value: steps} if steps else {}
