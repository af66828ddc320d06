"""From a row of the shop's list to what a ticket says, in the reader's language.

Twenty-four tickets a page are the busiest code of the product: words are looked up once a page, and
what does not change between visitors is made once per offer, price and language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from flask_babel import gettext, ngettext

from shortchain import data
from shortchain.blueprints import amounts, basket_cookie, context, formatting, steps
from shortchain.blueprints.components import Photo, Ticket, Tone
from shortchain.catalogue import list_prices
from shortchain.catalogue.list_prices import ForBuyer
from shortchain.catalogue.reductions import ReferenceKind, standing
from shortchain.kernel.money import Money
from shortchain.kernel.quantity import base_per_unit, unit_price
from shortchain.kernel.window import local_day
from shortchain.ordering import baskets

_ALLERGENS = sorted(data.allergens())
_PICTOGRAMS = {
    "VEG": "carrot",
    "POT": "carrot",
    "FRU": "cherry",
    "EGG": "egg",
    "FIS": "fish",
    "PRE": "soup",
    "MEAL": "soup",
    "PLA": "flower-2",
    "DAI": "milk",
    "BAK": "wheat",
    "GRA": "wheat",
    "MEA": "beef",
}


def pictogram(category: str) -> str:
    """Give the drawing for a category without photo."""
    return _PICTOGRAMS.get(category.partition(".")[0], "sprout")


def allergen_names(mask: int) -> list[str]:
    """Name the allergens of a mask in the reader's language."""
    language = context.language()
    return [data.allergens()[code].name[language] for place, code in enumerate(_ALLERGENS) if mask >> place & 1]


@lru_cache(maxsize=4096)
def _prices(
    language: str, price: int, unit_price: int, per: str, sell_unit: str, net_amount: int | None, net_unit: str | None
) -> tuple[str, str, str]:
    """Write price, content and price per kilo, once where they are the same; `language` is part of the key only."""
    if amounts.is_per_unit(sell_unit, net_amount):
        return formatting.money(price), "", amounts.beside_price(price, sell_unit, net_amount, net_unit)
    per_text = {"kg": "kg", "l": "l"}.get(per) or gettext("stuk")
    return (
        formatting.money(price),
        amounts.content_text(sell_unit, net_amount, net_unit),
        f"{formatting.money(unit_price)}/{per_text}",
    )


@lru_cache(maxsize=512)
def _reduction(language: str, cents: int, was_cents: int, kind: ReferenceKind, until: date, today: date) -> str:
    """Write an announced reduction; `language` is part of the key only."""
    return amounts.reduction_text(standing(cents, was_cents=was_cents, kind=kind, until=until, today=today))


@lru_cache(maxsize=512)
def _tags(language: str, organic: bool, mask: int) -> tuple[tuple[Tone, str], ...]:
    """Write the labels: organic, and what it contains; `language` is part of the key only."""
    tags: list[tuple[Tone, str]] = [("good", gettext("bio"))] if organic else []
    names = allergen_names(mask)
    if names:
        tags.append(("plain", gettext("met %(names)s", names=", ".join(names))))
    return tuple(tags)


@lru_cache(maxsize=4096)
def _way(language: str, metres: int) -> str:
    """Write how far a farm is and how long by bike, at 15 km an hour; `language` is part of the key."""
    bike = gettext("fiets")
    return f"{formatting.kilometres(metres)} · {formatting.minutes(metres * 1.25 / 250)} {bike}"


@lru_cache(maxsize=512)
def _day(language: str, day: date, today: date) -> str:
    """Write a day as people say it; language and today are part of the key only."""
    return formatting.near_day(day)


def way(metres: int) -> str:
    """Write a distance with the minutes by bike: roads are a quarter longer than the straight line."""
    return _way(context.language(), round(metres, -2))


def bought() -> Mapping[int, tuple[int, str]]:
    """Say what lies in this browser's basket: offer id → (amount, ready to read); no query without one."""
    public_id = basket_cookie.current()
    if public_id is None:
        return {}
    return {
        offer_id: (amount, amounts.amount_text(amount, sell_unit))
        for offer_id, amount, sell_unit in baskets.amounts(context.session(), public_id=public_id)
    }


def make(rows: Sequence[Any], *, distances: Mapping[int, int] | None = None) -> list[Ticket]:
    """Make the tickets of the rows of `stock.availability.tickets`."""
    language, today = context.language(), local_day(context.now())
    held = bought()
    ids = [row[0] for row in rows]
    own = list_prices.for_buyer(context.session(), offer_ids=ids, grants=context.grants(), day=today)
    days: dict[date | None, str] = {None: ""}
    gone = gettext("Op, volgende oogst vrij")
    made = []
    for row in rows:
        offer_id, public_id, slug, name, farm_id, farm_name, category, price_cents, unit_cents, per = row[:10]
        sell_unit, net_amount, net_unit, mask, organic_until, photo, was_cents, was_kind, was_until = row[10:19]
        steps_text, left, harvested = row[19:22]
        measure = (sell_unit, net_amount, net_unit)
        whose = ""
        more = _more(language, price_cents, steps_text, *measure) if steps_text else ""
        if offer_id in own:
            ordinary = price_cents
            price_cents, unit_cents, whose, more = _own_price(own[offer_id], category, today, *measure)
            was_cents = was_cents if price_cents == ordinary else None
        price, content, unit_text = _prices(language, price_cents, unit_cents, per, *measure)
        if harvested not in days:
            days[harvested] = _day(language, harvested, today)
        units = (left or 0) // base_per_unit(sell_unit)
        metres = distances.get(farm_id) if distances else None
        made.append(
            Ticket(
                id=public_id,
                url=f"/p/{slug}",
                name=name,
                farm=farm_name,
                harvest=days[harvested],
                distance=_way(language, round(metres, -2)) if metres is not None else "",
                price=price,
                content=content,
                unit_price=unit_text,
                photo=Photo(f"/media/{photo}") if photo else None,
                pictogram=pictogram(category),
                tags=_tags(language, organic_until is not None and organic_until >= today, mask),
                left=units,
                in_basket=held[offer_id][1] if offer_id in held else "",
                sold_out="" if left and left > 0 else gone,
                reduction=_reduction(language, price_cents, was_cents, was_kind, was_until, today) if was_cents else "",
                whose=whose,
                more=more,
            )
        )
    return made


@lru_cache(maxsize=2048)
def _more(
    language: str, price: int, steps_text: str, sell_unit: str, net_amount: int | None, net_unit: str | None
) -> str:
    """Write from how much on everybody pays less; `language` is part of the key only."""
    return steps.first_text(steps.of_consumers(price, steps_text), sell_unit, net_amount, net_unit)


def _own_price(
    own: ForBuyer, category: str, today: date, sell_unit: Any, net_amount: int | None, net_unit: Any
) -> tuple[int, int, str, str]:
    """Give price, price per kilo, whose it is and from when on less, for a buyer with lists of their own."""
    first = own.steps[0]
    per_unit = unit_price(Money(first.cents), sell_unit=sell_unit, net_amount=net_amount, net_unit=net_unit)
    return (
        first.cents,
        per_unit.price.minor,
        steps.whose_text(first, rate_bp=data.vat_rate(category, today) if own.has_vat else 0),
        steps.first_text(own.steps, sell_unit, net_amount, net_unit),
    )


def season_text(slug: str, month: int) -> str:
    """Say how something is available in a month."""
    words: dict[str, str] = {
        "H": gettext("van het veld"),
        "G": gettext("uit de serre"),
        "S": gettext("uit bewaring"),
        "F": gettext("binnen geteeld"),
        "A": gettext("het hele jaar"),
    }
    return words.get(data.in_season(slug, month), "")


def farms_text(count: int) -> str:
    """Count farms in words."""
    return str(ngettext("%(num)s boer", "%(num)s boeren", count))
