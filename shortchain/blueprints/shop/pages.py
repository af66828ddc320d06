"""`/p/<slug>` and `/boer/<slug>`: one product, one farm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import render_template, request
from flask_babel import gettext

from shortchain import data
from shortchain.blueprints import amounts, context, formatting, price_parts, steps
from shortchain.blueprints.components import Crumb, Photo, Pin, Share
from shortchain.blueprints.shop import bp, drawn, place, tickets
from shortchain.catalogue import browse, open_cycles, shelf
from shortchain.catalogue.browse import ProductPage
from shortchain.catalogue.open_cycles import OpenCycle
from shortchain.catalogue.shelf import Wish
from shortchain.kernel.geo import distance_m
from shortchain.kernel.quantity import BY_MEASURE, base_per_unit
from shortchain.kernel.window import local_day
from shortchain.ordering import cycle_fees
from shortchain.ordering.levies import Levy
from shortchain.stock import availability
from shortchain.stock.availability import LotForSale

MOST_ON_FARM_PAGE = 48


@bp.get("/p/<slug>")
def product(slug: str) -> str:
    """Show one product with everything that a buyer must know beforehand."""
    session, now = context.session(), context.now()
    near = place.point(place.asked())
    today = local_day(now)
    cycle = open_cycles.remembered_cycle(session, near=near, now=now)
    stamp, lots = _for_sale(slug, cycle, today)
    if cycle is None or not cycle.holds(stamp[-2:]):
        cycle = open_cycles.open_cycle(session, near=near, now=now)
        stamp, lots = _for_sale(slug, cycle, today)
    cycle_id = cycle.id if cycle else None
    facts = (
        request.full_path,
        context.language(),
        today,
        cycle_id,
        cycle and (cycle.closes_at, cycle.mark),
        near,
        stamp[:-2],
        tuple(lots),
    )
    if cycle is not None and (page := drawn.find(facts)) is not None:
        return page
    found = _look(slug, cycle, today)
    levies = cycle_fees.of_open(session, cycle_id=cycle.id) if cycle is not None and cycle.has_fees else []
    left = sum(lot.left for lot in lots)
    return drawn.keep(
        facts,
        render_template(
            "shop/product.html",
            p=found,
            lots=lots,
            left=left,
            cycle=cycle,
            can_buy=found.offer is not None and left >= found.least,
            photo=Photo(f"/media/{found.photo}", formatting.text_in(found.photo_alt)) if found.photo else None,
            pictogram=tickets.pictogram(found.category),
            shares=_shares(found, levies, today),
            per_order_cents=price_parts.depends_on_the_order(levies),
            whose=_whose(found, today),
            way=tickets.way(distance_m(near, found.farm.point)) if near else "",
            measures=amounts.step_texts(found.step, found.least, found.most, found.sell_unit),
            contains=_allergens(found, "contains"),
            may_contain=_allergens(found, "may_contain"),
            free_from=_allergens(found, "free_from"),
            storage=data.storage_classes()[found.storage_class].name[context.language()],
            crumbs=[
                Crumb(gettext("Winkel"), "/winkel"),
                Crumb(
                    data.categories()[found.category].name[context.language()].capitalize(),
                    f"/winkel?categorie={found.category}",
                ),
                Crumb(formatting.text_in(found.name)),
            ],
            season=tickets.season_text(found.produce, today.month) if found.produce else "",
            opens_at=open_cycles.next_opening(session, now=now) if cycle is None else None,
        ),
    )


def _look(slug: str, cycle: OpenCycle | None, today: date) -> ProductPage:
    """Read the product at the prices of who looks."""
    return browse.product_page(
        context.session(),
        slug=slug,
        cycle_id=cycle.id if cycle else None,
        today=today,
        hub_id=cycle.hub_id if cycle else 0,
        grants=context.grants(),
    )


def _for_sale(slug: str, cycle: OpenCycle | None, today: date) -> tuple[tuple[Any, ...], list[LotForSale]]:
    return availability.product_for_sale(
        context.session(),
        slug=slug,
        cycle_id=cycle.id if cycle else None,
        today=today,
        day=open_cycles.keeps_until(cycle) if cycle else today,
    )


def _allergens(found: ProductPage, answer: str) -> list[str]:
    language = context.language()
    return [
        data.allergens()[code].full[language]
        for code, given in sorted(found.allergens.items())
        if given == answer and code in data.allergens()
    ]


def _shares(found: ProductPage, levies: Sequence[Levy], today: date) -> list[Share]:
    """Divide the price: what the farm gets, what it gives to others of the cycle, what keeps the platform running."""
    if found.price_cents is None:
        return []
    rate = data.vat_rate(found.category, today) if found.has_vat else 0
    grams = base_per_unit(found.sell_unit) if found.sell_unit in BY_MEASURE else found.weight_g
    return price_parts.of_product(found.farm.name, found.farm.id, found.price_cents, grams, rate, levies)


def _whose(found: ProductPage, today: date) -> str:
    """Say whose price it is when it is not everybody's."""
    if not found.steps:
        return ""
    return steps.whose_text(found.steps[0], rate_bp=data.vat_rate(found.category, today) if found.has_vat else 0)


@bp.get("/boer/<slug>")
def farm(slug: str) -> str:
    """Show a farm: its people, place, certificates, calendar and what it sells now."""
    session, now = context.session(), context.now()
    near = place.point(place.asked())
    today = local_day(now)
    found, organic = browse.farm_page(session, slug=slug, today=today)
    cycle = open_cycles.open_cycle(session, near=near, now=now)
    made, gate = [], []
    if cycle is not None:
        gate = browse.gate_windows(session, cycle_id=cycle.id, farm_id=found.id)
        kept = shelf.look(session, cycle_id=cycle.id, number=cycle.number, today=today)
        shown = shelf.show(session, kept, wish=Wish(farm_id=found.id), offset=0, limit=MOST_ON_FARM_PAGE)
        made = tickets.make(
            availability.tickets(
                session, offer_ids=shown.offer_ids, language=context.language(), day=open_cycles.keeps_until(cycle)
            )
        )
    return render_template(
        "shop/farm.html",
        farm=found,
        organic=organic,
        gate=gate,
        tickets_shown=made,
        cycle=cycle,
        photo=Photo(f"/media/{found.photo}", found.name) if found.photo else None,
        way=tickets.way(distance_m(near, found.point)) if near else "",
        pins=[Pin("farm", found.name, found.point.lat, found.point.lon, facts=[found.address])],
        you=(near.lat, near.lon) if near else None,
        tiles=context.settings().tile_url,
        calendar=_calendar(browse.produce_of(session, farm_id=found.id)),
        this_month=today.month,
        months=[formatting.month_name(number) for number in range(1, 13)],
        opens_at=open_cycles.next_opening(session, now=now) if cycle is None else None,
    )


def _calendar(slugs: list[str]) -> list[tuple[str, str]]:
    """Give name and season letters of what grows, by name."""
    language = context.language()
    items = [data.produce()[slug] for slug in slugs if slug in data.produce()]
    return sorted((item.plural[language], item.season) for item in items if not item.is_made)
