"""`/boer/aanbod/<product>/prijzen`: prices for kinds of customers, and for larger amounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import amounts, context, errors, formatting
from shortchain.blueprints.farm import bp
from shortchain.blueprints.farm.frame import Page, show
from shortchain.blueprints.farm.quick_list import typed_price
from shortchain.blueprints.steps import list_words, step_text
from shortchain.catalogue import list_prices as prices
from shortchain.catalogue import list_pricing, operations
from shortchain.catalogue import products as own
from shortchain.catalogue.list_pricing import Entry
from shortchain.catalogue.products import OwnProduct
from shortchain.enterprises.price_lists import PriceList
from shortchain.kernel import money
from shortchain.kernel.errors import DomainError, Invalid, NotFound
from shortchain.kernel.quantity import SellUnit
from shortchain.workflows import supply

SPARE_ROWS, MOST_ROWS = 3, 24


class TypedRow(NamedTuple):
    """A row of the form as it was typed."""

    price_list: str
    start: str
    price: str


class BadRow(Invalid):
    """A row that can not be read; `fields` names its control."""


@bp.get("/aanbod/<public_id>/prijzen")
def list_prices(public_id: str) -> Page:
    """Show what each kind of customers pays from which amount on, with a form to change it."""
    found = _own(public_id)
    unit = found.terms.sell_unit
    kinds = list(PriceList)
    entries = prices.entries_of(context.session(), product_id=found.id)
    entries.sort(key=lambda one: (kinds.index(one.price_list), one.from_amount))
    return _page(found, [_typed(one, unit) for one in entries])


@bp.post("/aanbod/<public_id>/prijzen")
def set_list_prices(public_id: str) -> Page | Response:
    """Take the whole list over; a row without a price is gone."""
    found = _own(public_id)
    rows = [
        TypedRow(*(request.form.get(f"{name}-{number}", "") for name in ("list", "from", "price")))
        for number in range(MOST_ROWS)
        if f"price-{number}" in request.form
    ]
    try:
        entries = [_entry(row, number, found.terms.sell_unit) for number, row in enumerate(rows) if row.price.strip()]
        supply.set_list_prices(
            context.session(),
            product_public_id=public_id,
            farm_id=context.seat().enterprise_id,
            entries=entries,
            by=context.actor(),
            now=context.now(),
        )
    except NotFound:
        raise
    except DomainError as refusal:
        field = f"f-{refusal.fields[0]}" if refusal.fields else "f-price-0"
        return _page(found, rows, wrong=(field, str(errors.sentence(refusal))))
    flash(_("De prijzen gelden vanaf nu. Wie al bestelde, betaalt de oude."), "good")
    return redirect(url_for("farm.list_prices", public_id=public_id), 303)


def _own(public_id: str) -> OwnProduct:
    return own.own_product(context.session(), farm_id=context.seat().enterprise_id, public_id=public_id)


def _typed(entry: Entry, unit: SellUnit) -> TypedRow:
    start = amounts.typed(entry.from_amount, unit) if entry.from_amount else ""
    if entry.cents is not None:
        return TypedRow(entry.price_list.value, start, typed_price(entry.cents))
    percent = formatting.number((entry.less_bp or 0) / 100, 2).rstrip("0").rstrip(",.")
    return TypedRow(entry.price_list.value, start, f"-{percent} %")


def _entry(row: TypedRow, number: int, unit: SellUnit) -> Entry:
    """Read a row: an amount or nothing, and a price or percents off.

    :raises BadRow: with the control that is wrong
    """
    if row.price_list not in set(PriceList):
        raise BadRow(_("Kies voor wie."), fields=(f"list-{number}",))
    try:
        start = amounts.read(row.start, unit)
    except Invalid as refusal:
        raise BadRow(refusal.message, fields=(f"from-{number}",)) from refusal
    text = row.price.strip()
    try:
        hundredths = money.parse(text.replace("%", "").replace("−", "-").strip().removeprefix("-").strip()).minor
    except Invalid as refusal:
        raise BadRow(
            _("Geef een prijs zoals 1,90, of een korting zoals %(less)s.", less="-10 %"), fields=(f"price-{number}",)
        ) from refusal
    kind = PriceList(row.price_list)
    return Entry(kind, start, less_bp=hundredths) if "%" in text else Entry(kind, start, cents=hundredths)


def _page(found: OwnProduct, rows: Sequence[TypedRow], *, wrong: tuple[str, str] | None = None) -> Page:
    terms = found.terms
    last = operations.last_price(context.session(), product_id=found.id)
    spare = min(SPARE_ROWS, max(0, MOST_ROWS - len(rows))) if not wrong else 0
    return show(
        "list_prices",
        errors=[wrong] if wrong else [],
        found=found,
        price_cents=last,
        rows=[*rows, *[TypedRow("", "", "")] * spare],
        lists=[(one.value, word) for one, word in list_words().items()],
        unit_name=data.sell_units()[terms.sell_unit].name[context.language()],
        preview=_preview(found, last) if last else [],
    )


def _preview(found: OwnProduct, price_cents: int) -> list[tuple[str, str, list[str]]]:
    """Say for each kind what it pays in the end: the price of one, and from which amount on less."""
    terms = found.terms
    measure = (terms.sell_unit, terms.net_amount, terms.net_unit)
    resolved = prices.resolved(context.session(), product_id=found.id, price_cents=price_cents)
    told = []
    for kind, word in list_words().items():
        steps = list_pricing.ladder(price_cents, resolved, [kind])
        told.append((word, formatting.money(steps[0].cents), [step_text(step, *measure) for step in steps[1:]]))
    return told
