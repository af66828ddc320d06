"""The quick list as it stands on the screen: rows, what was typed, and what deserves a second look.

It keeps no state on the server. What was typed travels with the form, so that every button works
without script, and a lost connection loses nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from shortchain import data
from shortchain.blueprints import amounts, errors, formatting
from shortchain.blueprints.components import Photo
from shortchain.blueprints.farm.frame import picture
from shortchain.catalogue import operations, products
from shortchain.catalogue.products import OwnProduct, Terms
from shortchain.kernel import money
from shortchain.kernel.errors import Invalid
from shortchain.kernel.quantity import BY_MEASURE, SellUnit, base_per_unit
from shortchain.stock import harvests
from shortchain.workflows.supply import Row

STEPS = {SellUnit.KG: 5, SellUnit.G100: 10, SellUnit.LITRE: 5}
OFTEN = timedelta(days=21)
"""A product that was listed within this time stands open; the others are one press away."""
NEW = "new."


@dataclass(frozen=True, slots=True)
class Line:
    """One row: a product, or something new from the table (`id` starts with `new.`)."""

    id: str
    name: str
    terms: Terms
    photo: Photo | None
    last: str
    """How much was listed the last time, as typed; empty when never."""
    last_day: date | None
    median_cents: int | None
    amount: str = ""
    price: str = ""
    error: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        return data.sell_units()[self.terms.sell_unit].code.value

    @property
    def step(self) -> int:
        return STEPS.get(self.terms.sell_unit, 5 if self.terms.weight_g <= 2000 else 1)

    @property
    def is_open(self) -> bool:
        return bool(self.amount or self.error or self.id.startswith(NEW))


@dataclass(slots=True)
class QuickList:
    """The whole list with its day and its one-time key."""

    key: str
    day: date
    lines: list[Line] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def filled(self) -> list[Line]:
        return [line for line in self.lines if line.amount.strip() not in ("", "0")]

    @property
    def warned(self) -> list[Line]:
        return [line for line in self.lines if line.warnings]

    @property
    def seen(self) -> str:
        """Give a mark of the warnings, so that other warnings ask again."""
        text = "|".join(f"{line.id}:{line.warnings}" for line in self.warned)
        return hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""


def load(session: Session, *, farm_id: int, municipality: str, today: date, form: MultiDict[str, str]) -> QuickList:
    """Make the list of a farm's products with what the form holds; an empty form gives a fresh list."""
    own = [one for one in products.own_products(session, farm_id=farm_id) if one.is_active]
    last = harvests.last_amounts(session, farm_id=farm_id, today=today)
    prices = operations.prices_of(session, product_ids=[one.id for one in own])
    lines = [_own_line(one, last.get(one.id), prices.get(one.id)) for one in own]
    lines.sort(key=lambda line: (-(line.last_day or date.min).toordinal(), line.name))
    for slug in dict.fromkeys(form.getlist("new")):
        if slug in data.produce():
            lines.insert(0, _new_line(slug, municipality))
    listed = QuickList(key=form.get("key") or secrets.token_urlsafe(9), day=_day(form, today))
    listed.lines = [
        replace(
            line,
            amount=form.get(f"n-{line.id}", "").strip(),
            price=form.get(f"p-{line.id}", line.price).strip(),
        )
        for line in lines
    ]
    return listed


def _day(form: Mapping[str, str], today: date) -> date:
    try:
        return date.fromisoformat(form.get("harvested_on", ""))
    except ValueError:
        return today


def _own_line(one: OwnProduct, last: tuple[date, int] | None, price: tuple[int, int] | None) -> Line:
    unit = one.terms.sell_unit
    return Line(
        id=one.public_id,
        name=formatting.text_in(one.terms.name),
        terms=one.terms,
        photo=picture(one.photo),
        last=amounts.typed(last[1], unit) if last else "",
        last_day=last[0] if last else None,
        median_cents=price[1] if price else None,
        price=typed_price(price[0]) if price else "",
    )


def _new_line(slug: str, municipality: str) -> Line:
    terms = products.starting_from(slug, organic=False, origin_place=municipality)
    return Line(f"{NEW}{slug}", formatting.text_in(terms.name), terms, None, "", None, None)


def typed_price(cents: int) -> str:
    """Write cents as people type them: 240 is `2,40`."""
    return formatting.number(cents / 100, 2)


def press(listed: QuickList, name: str, *, up: bool) -> None:
    """Count a press on − or + of a row, for a page without script."""
    for place, line in enumerate(listed.lines):
        if name == f"n-{line.id}":
            step = line.step * base_per_unit(line.terms.sell_unit)
            try:
                now = amounts.read(line.amount, line.terms.sell_unit)
            except Invalid:
                return
            after = max(0, now + (step if up else -step))
            listed.lines[place] = replace(line, amount=amounts.typed(after, line.terms.sell_unit) if after else "")


def fill_as_last_time(listed: QuickList) -> None:
    """Fill what is empty with the amount of the last harvest."""
    listed.lines = [replace(line, amount=line.amount or line.last) for line in listed.lines]


def scale(listed: QuickList, tenths: int) -> None:
    """Multiply every amount, in whole pieces or tenths of a kilo or litre."""
    for place, line in enumerate(listed.lines):
        unit = line.terms.sell_unit
        try:
            before = amounts.read(line.amount, unit)
        except Invalid:
            continue
        grain = base_per_unit(unit) // 10 if unit in (SellUnit.KG, SellUnit.LITRE) else 1
        after = before * tenths // 10 // grain * grain
        listed.lines[place] = replace(line, amount=amounts.typed(after, unit) if after else "")


def rows_of(listed: QuickList) -> list[Row]:
    """Read the rows; what can not be read is noted at its row and in `errors`."""
    rows: list[Row] = []
    for place, line in enumerate(listed.lines):
        if line not in listed.filled:
            continue
        try:
            amount = amounts.read(line.amount, line.terms.sell_unit)
            if not amount:
                continue
            cents = money.parse(line.price).minor
        except Invalid as error:
            what = f"f-p-{line.id}" if isinstance(error, money.NotMoney) else f"n-n-{line.id}"
            text = f"{line.name}: {errors.sentence(error)}"
            listed.lines[place] = replace(line, error=errors.sentence(error))
            listed.errors.append((what, text))
            continue
        is_new = line.id.startswith(NEW)
        rows.append(
            Row(
                amount,
                cents,
                product="" if is_new else line.id,
                produce=line.id[len(NEW) :] if is_new else "",
            )
        )
    return rows


def look_twice(listed: QuickList) -> None:
    """Note what is unusual about filled rows: out of season, or a price far from the usual."""
    for place, line in enumerate(listed.lines):
        if line not in listed.filled or line.error:
            continue
        warnings = tuple(_season(line, listed.day) + _price(line))
        listed.lines[place] = replace(line, warnings=warnings)


def _season(line: Line, day: date) -> list[str]:
    produce = line.terms.produce or ""
    if produce not in data.produce() or data.in_season(produce, day.month) != ".":
        return []
    month = formatting.month_name(day.month)
    return [_("In %(month)s is dit meestal niet van hier.", month=month)]


def _price(line: Line) -> list[str]:
    try:
        cents = money.parse(line.price).minor
    except Invalid:
        return []
    if line.median_cents and cents > 3 * line.median_cents:
        return [
            _(
                "%(price)s is meer dan drie keer je gewone prijs van %(usual)s.",
                price=formatting.money(cents),
                usual=formatting.money(line.median_cents),
            )
        ]
    item = data.produce().get(line.terms.produce or "")
    unit = data.UsualUnit(line.terms.sell_unit, line.terms.net_amount, line.terms.net_unit)
    usual = data.price_range(item, unit, organic=line.terms.is_organic) if item else None
    if usual and not usual.low <= cents <= usual.high:
        return [
            _(
                "Meestal kost dit %(low)s tot %(high)s.",
                low=formatting.money(usual.low),
                high=formatting.money(usual.high),
            )
        ]
    return []


def worth_cents(listed: QuickList) -> int:
    """Say what the list is worth when all of it is sold."""
    total = 0
    for line in listed.filled:
        try:
            amount, cents = (
                amounts.read(line.amount, line.terms.sell_unit),
                money.parse(line.price).minor,
            )
        except Invalid:
            continue
        total += money.divide_rounded(amount * cents, base_per_unit(line.terms.sell_unit))
    return total


def weight_g(listed: QuickList) -> int:
    """Say what the list weighs."""
    total = 0
    for line in listed.filled:
        try:
            amount = amounts.read(line.amount, line.terms.sell_unit)
        except Invalid:
            continue
        total += amount * line.terms.weight_g // base_per_unit(line.terms.sell_unit)
    return total


__all__ = [
    "BY_MEASURE",
    "Line",
    "QuickList",
    "fill_as_last_time",
    "load",
    "look_twice",
    "press",
    "rows_of",
    "scale",
    "typed_price",
    "weight_g",
    "worth_cents",
]
